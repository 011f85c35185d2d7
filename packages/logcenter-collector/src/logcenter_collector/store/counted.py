"""Counts by hour as pages show them: bars by environment and release, and sparklines. Pure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from attrs import define, field

from logcenter_sdk.contract.issue import StatsBucket

SPARKLINE_DAYS: Final = 14

Sparkline = tuple[int, ...]
"""How often something happened on each of several days, oldest first."""


@define
class Bars:
    """What happened in one hour or day."""

    environments: Counter[str] = field(factory=Counter)
    versions: Counter[str] = field(factory=Counter)

    def add(self, environment: str, version: str, count: int) -> None:
        """Count what a report with an environment and a release stands for; it may have named no release."""
        self.environments[environment] += count
        if version:
            self.versions[version] += count

    def to_bucket(self, start: datetime) -> StatsBucket:
        """Return it as the API answers it."""
        return StatsBucket(
            start=start,
            count=self.environments.total(),
            environments=dict(self.environments),
            versions=dict(self.versions),
        )


def to_sparklines(issue_ids: Sequence[int], days: int, counts: Iterable[tuple[int, int, int]]) -> dict[int, Sparkline]:
    """Return the sparkline of each issue, from its id, how many days ago it was, and how often."""
    found = {issue_id: [0] * days for issue_id in issue_ids}
    for issue_id, days_ago, count in counts:
        if 0 <= days_ago < days:
            found[issue_id][days - 1 - days_ago] += count
    return {issue_id: tuple(line) for issue_id, line in found.items()}
