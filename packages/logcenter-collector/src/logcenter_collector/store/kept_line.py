"""What a list says of a kept occurrence."""

from datetime import datetime

from attrs import frozen

from logcenter_sdk.contract.issue import Occurrence
from logcenter_sdk.contract.report import Level


@frozen(kw_only=True)
class KeptLine:
    """What a list says of a kept occurrence: all but its body, which is many times as large."""

    id: int
    timestamp: datetime
    level: Level
    environment: str
    version: str | None
    commit_hash: str | None
    occurrences: int
    regression: bool


def line_of(occurrence: Occurrence) -> KeptLine:
    """Return what a list says of an occurrence."""
    return KeptLine(
        id=occurrence.id,
        timestamp=occurrence.timestamp,
        level=occurrence.level,
        environment=occurrence.environment,
        version=occurrence.version,
        commit_hash=occurrence.commit_hash,
        occurrences=occurrence.occurrences,
        regression=occurrence.regression,
    )
