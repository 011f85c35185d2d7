"""Counts by hour as pages show them: bars by environment and release, and sparklines. Pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from attrs import define, field

from logcenter_sdk.contract.issue import StatsBucket

SPARKLINE_DAYS: Final = 14

Count = tuple[str, str, int]
"""An environment, a release, and how often."""
Sparkline = tuple[int, ...]
"""How often something happened on each of several days, oldest first."""


@define
class Bars:
    """What happened in one hour or day."""

    environments: dict[str, int] = field(factory=dict)
    versions: dict[str, int] = field(factory=dict)

    def add(self, counts: Iterable[Count]) -> None:
        """Count what some reports stand for, of which there may be ten thousands; they may have named no release."""
        environments, versions = self.environments, self.versions
        for environment, version, count in counts:
            environments[environment] = environments.get(environment, 0) + count
            if version:
                versions[version] = versions.get(version, 0) + count

    def to_bucket(self, start: datetime) -> StatsBucket:
        """Return it as the API answers it."""
        total = sum(self.environments.values())
        return StatsBucket(start=start, count=total, environments=self.environments, versions=self.versions)


def to_sparklines(issue_ids: Sequence[int], days: int, counts: Iterable[tuple[int, int, int]]) -> dict[int, Sparkline]:
    """Return the sparkline of each issue, from its id, how many days ago it was, and how often."""
    found = {issue_id: [0] * days for issue_id in issue_ids}
    for issue_id, days_ago, count in counts:
        if 0 <= days_ago < days:
            found[issue_id][days - 1 - days_ago] += count
    return {issue_id: tuple(line) for issue_id, line in found.items()}
