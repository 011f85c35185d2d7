"""How much was brought on a day: what is added up in memory until somebody writes it."""

from collections import Counter
from typing import NamedTuple

from attrs import define, field


class Slot(NamedTuple):
    """What is counted for itself: a project's reports of one day, or those that one of its keys brought."""

    project_id: str
    key_id: int
    """0: the project's."""
    day: int
    """As ``date.toordinal`` counts."""


@define
class Amounts:
    """Reports by slot."""

    accepted: Counter[Slot] = field(factory=Counter)
    refused: Counter[Slot] = field(factory=Counter)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was brought."""
        return not self.accepted and not self.refused

    def add(self, more: "Amounts") -> None:
        """Add others."""
        self.accepted.update(more.accepted)
        self.refused.update(more.refused)

    def slots(self) -> list[Slot]:
        """Return every slot with something in it, in the one order in which all collectors write them."""
        found = {*self.accepted, *self.refused}
        return sorted(found, key=lambda slot: (slot.day, slot.project_id, slot.key_id))
