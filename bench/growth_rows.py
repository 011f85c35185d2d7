"""The rows of many issues as a year of use would have left them, the same ones every time."""

import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import blake2b, md5
from typing import Any, Final

from attrs import define, field, frozen

from growth_texts import Text, draw_text
from logcenter_collector.domain.sample import Role
from logcenter_collector.store.rows import pack
from logcenter_collector.store.tables import microseconds
from logcenter_sdk.contract.status import Status

UNTIL: Final = datetime(2026, 11, 1, tzinfo=UTC)
"""When the year ends."""
BUSIEST: Final = 1
"""The issue that occurred a million times, everywhere."""
PROJECTS: Final = ("shop", "pay", "search", "mail", "stock", "ship", "auth", "app", "site", "jobs", "report", "sync")
LEGACY: Final = "legacy"
"""The project that went quiet in the middle of the year."""

_SECOND: Final = 1_000_000
_HOUR: Final = 3_600 * _SECOND
_DAY: Final = 24 * _HOUR
_YEAR: Final = 365 * _DAY
_RELEASES: Final = 2_000
_OPEN: Final = [status for status in Status if status is not Status.DEPLOYED]
_OPEN_WEIGHTS: Final = [50 if status is Status.NEW else 6 for status in _OPEN]
_BUSY_TIMES: Final = 1_000_000
_SEEN: Final = 50

Row = tuple[Any, ...]
Rows = dict[str, list[Row]]

_OFTEN: Final = 0.5
"""The share of issues with a count of a heavy tail; the others have few occurrences."""

COLUMNS: Final = {
    "projects": ("project_id", "created_at", "updated_at"),
    "issues": (
        "id", "project_id", "source", "registration", "level", "environment", "version", "commit_hash", "error_type",
        "error_message", "file_path", "line_number", "latest_arrived_at", "latest_timestamp",
        "latest_occurrences", "latest_body", "status", "occurrence_count", "regression_count", "first_seen",
        "last_seen", "last_seen_second", "sample_interval_seconds", "sampled_at",
    ),
    "fingerprints": ("project_id", "fingerprint", "issue_id", "position"),
    "seen_with": ("issue_id", "kind", "value", "last_arrived_at", "before_fix"),
    "buckets": ("issue_id", "hour", "environment", "version", "count"),
    "stack_traces": ("issue_id", "hash", "lines"),
    "occurrences": (
        "issue_id", "number", "role", "pinned", "arrived_at", "timestamp", "environment", "version", "commit_hash",
        "level", "occurrences", "stack_hash", "body",
    ),
    "history": ("issue_id", "from_status", "to_status", "at", "override", "regression"),
    "daily_counts": (
        "day", "project_id", "source", "shard", "occurrences", "new_issues", "regressions", "last_report",
    ),
    "event_ids": ("key", "issue_id", "seen_at"),
    "assignments": ("issue_id", "assignee", "assigned_at"),
    "mutes": ("issue_id", "until", "muted_at"),
    "search_queue": ("first_issue_id", "last_issue_id"),
}  # fmt: skip


@frozen
class Life:
    """What is drawn of an issue."""

    number: int
    project: str
    source: str
    level: str
    status: Status
    first_seen: int
    last_seen: int
    count: int
    environments: list[str]
    versions: list[str]
    text: Text


@define
class Year:
    """The issues of a year."""

    issues: int
    until: datetime = UNTIL
    """When it ends."""
    chance: random.Random = field(factory=lambda: random.Random(7))
    traces: list[tuple[bytes, list[str]]] = field(init=False)
    end: int = field(init=False)
    days: Counter[tuple[int, str, str]] = field(factory=Counter)
    """Occurrences by day, project and source."""

    def __attrs_post_init__(self) -> None:
        """Make some stack traces: what is in them does not matter here."""
        self.end = microseconds(self.until)
        lines = [
            [f'  File "shop/{number}_{line}.py", line {line}, in f' for line in range(20)] for number in range(200)
        ]
        self.traces = [(blake2b(repr(trace).encode(), digest_size=16).digest(), trace) for trace in lines]

    def parts(self, size: int = 10_000) -> Iterator[Rows]:
        """Yield the rows of ``size`` issues after those of another."""
        yield {"projects": [(name, self.end - _YEAR, self.end) for name in sorted((*PROJECTS, LEGACY))]}
        for begin in range(1, self.issues + 1, size):
            rows: Rows = {table: [] for table in COLUMNS}
            for number in range(begin, min(begin + size, self.issues + 1)):
                self._add(rows, self._busiest() if number == BUSIEST else self._draw(number))
            yield rows
        counted = [(*key, 0, count, 0, 0, (key[0] + 1) * _DAY - 1) for key, count in sorted(self.days.items())]
        yield {"daily_counts": counted}

    def _draw(self, number: int) -> Life:
        chance = self.chance
        part = number / self.issues
        first = self.end - _YEAR + int((_YEAR - _DAY) * part)
        last = self._last(first)
        source = chance.choices(("runtime", "cicd", "deployment"), (90, 8, 2))[0]
        legacy = part < 0.5 and chance.random() < 0.2  # noqa: PLR2004 - the first half of the year
        is_deployed = chance.random() < min(3 * (self.end - last) / _YEAR, 0.9)
        return Life(
            number,
            LEGACY if legacy else PROJECTS[min(int(chance.expovariate(0.5)), len(PROJECTS) - 1)],
            source,
            chance.choices(("ERROR", "WARNING", "CRITICAL"), (80, 17, 3))[0],
            Status.DEPLOYED if is_deployed else chance.choices(_OPEN, _OPEN_WEIGHTS)[0],
            first,
            last,
            max(10, min(int(10 * chance.paretovariate(0.9)), 10**6))
            if chance.random() < _OFTEN
            else chance.randint(1, 10),
            self._environments(source),
            list({self._release(first), self._release(last)}),
            draw_text(chance, number),
        )

    def _last(self, first: int) -> int:
        kind = self.chance.random()
        later = (
            _DAY if kind < 0.6 else 30 * _DAY if kind < 0.85 else self.end - first  # noqa: PLR2004 - most are soon quiet
        )
        return min(first + int(self.chance.random() * later), self.end - self.chance.randrange(_DAY))

    def _environments(self, source: str) -> list[str]:
        if source == "cicd":
            return [f"branch-{self.chance.randrange(5_000)}"]
        named = [
            name
            for name, part in (("production", 0.8), ("staging", 0.3), ("development", 0.05))
            if self.chance.random() < part
        ]
        return named or ["production"]

    def _release(self, at: int) -> str:
        """Return the release of that time: one of many small ones, or the one of the month."""
        part = (at - self.end + _YEAR) / _YEAR
        if self.chance.random() < 0.5:  # noqa: PLR2004 - half of all
            return f"month-{int(part * 12):02}"
        return f"1.{int(part * _RELEASES)}.0"

    def _busiest(self) -> Life:
        environments = [f"region-{number:02}" for number in range(_SEEN)]
        versions = [f"1.{_RELEASES - number}.0" for number in range(_SEEN)]
        text = draw_text(self.chance, BUSIEST)
        begin, end = self.end - _YEAR, self.end - _HOUR
        return Life(
            BUSIEST, "shop", "runtime", "CRITICAL", Status.NEW, begin, end, _BUSY_TIMES, environments, versions, text
        )  # fmt: skip

    def _add(self, rows: Rows, life: Life) -> None:
        stack_hash, trace = self.traces[life.number % len(self.traces)]
        commit = f"{life.number:012x}"
        details = self._details(life)
        latest = pack({**details, "stack_trace": trace}) if life.count > 1 else None
        rows["issues"].append((
            life.number, life.project, life.source, False, life.level, life.environments[0], life.versions[0], commit,
            life.text.type, life.text.message, life.text.file_path, life.number % 1_000, life.last_seen,
            life.last_seen, 1, latest, life.status.value, life.count, int(life.number % 40 == 0), life.first_seen,
            life.last_seen, life.last_seen // _SECOND, 60, life.first_seen,
        ))  # fmt: skip
        if life.number % 20 == 0:
            rows["assignments"].append((life.number, f"person-{life.number // 20 % 20}", life.last_seen))
        if life.number % 25 == 0 or (life.number % 3 and life.last_seen > self.end - _DAY):  # noise is what people mute
            rows["mutes"].append((life.number, self.end + 1_000 * _YEAR, life.last_seen))
        name = f"{life.project}|{life.number}".encode()
        rows["fingerprints"].append((life.project, md5(name, usedforsecurity=False).hexdigest(), life.number, 0))
        for kind, values in (("environment", life.environments), ("version", life.versions), ("commit_hash", [commit])):
            rows["seen_with"] += [(life.number, kind, value, life.last_seen, False) for value in values]
        buckets = list(self._buckets(life))
        rows["buckets"] += buckets
        for _, hour, _, _, count in buckets:
            self.days[hour // _DAY, life.project, life.source] += count
        rows["stack_traces"].append((life.number, stack_hash, pack(trace)))
        rows["occurrences"] += self._occurrences(life, commit, stack_hash, pack(details))
        if life.status is not Status.NEW:
            rows["history"].append((life.number, "NEW", life.status.value, life.last_seen, True, False))
        key = blake2b(name, digest_size=16).digest()
        rows["event_ids"].append((key, life.number, life.last_seen))

    def _details(self, life: Life) -> dict[str, Any]:
        context = {"request_id": f"{life.number:016x}", "user_id": life.number * 31 % 10**6, "url": "/api/cart"}
        error = {"type": life.text.type, "message": life.text.message, "file_path": life.text.file_path}
        return {**error, "context": context, "sdk": {"name": "logcenter-sdk", "version": "0.1.0"}}

    def _buckets(self, life: Life) -> Iterator[Row]:
        """Yield ten hours with counts; of the busiest issue every hour of the last month in every environment."""
        first, last = life.first_seen // _HOUR, life.last_seen // _HOUR
        if life.number == BUSIEST:
            for hour in range(last - 30 * 24, last + 1):
                for environment in life.environments:
                    yield life.number, hour * _HOUR, environment, life.versions[0], 7
            return
        step = max((last - first) // 10, 1)
        for number in range(10):
            yield life.number, (first + number * step) * _HOUR, life.environments[0], life.versions[0], 1 + number

    def _occurrences(self, life: Life, commit: str, stack_hash: bytes, body: bytes) -> Iterator[Row]:
        """Yield the first occurrence; of the busiest issue a full sample."""
        numbers = range(1, life.count, life.count // 99) if life.number == BUSIEST else (1,)
        for number in numbers:
            at = life.first_seen + (life.last_seen - life.first_seen) * number // life.count
            role = Role.FIRST if number == 1 else Role.SPREAD
            yield (
                life.number, number, role.value, number == 1, at, at, life.environments[0], life.versions[0], commit,
                life.level, 1, stack_hash, body,
            )  # fmt: skip
