"""The scrubbing rules of each project, made ready once and again whenever they were changed."""

from attrs import define, field

from logcenter_collector.domain.credentials import DoorRecord
from logcenter_collector.domain.scrubbing import Scrubber, scrubber_of

Rules = tuple[tuple[str, ...], tuple[str, ...]]


@define
class Scrubbers:
    """Makes scrubbers. Several threads may ask at once: at worst two make the same."""

    _made: dict[str, tuple[Rules, Scrubber]] = field(factory=dict)

    def of(self, project_id: str, door: DoorRecord) -> Scrubber | None:
        """Return what follows a project's rules; None where it has none."""
        if not door.scrub_names and not door.scrub_patterns:
            return None
        rules = (door.scrub_names, door.scrub_patterns)
        made = self._made.get(project_id)
        if made is None or made[0] != rules:
            made = self._made[project_id] = (rules, scrubber_of(*rules))
        return made[1]
