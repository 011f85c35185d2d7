"""Write a batch of reports: fold it by issue first, then one statement for each table, in one transaction.

Several collectors may do this on one database. They take rows in the same order (issues by id, everything else by its
key) and in the same order of tables, so they cannot wait for each other in a circle. What two of them begin at the same
time, an issue or an event id, one of them loses: ``LostRaceError``; the transaction is rolled back and run again.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from logcenter_collector.domain.sample import KEPT_OCCURRENCES
from logcenter_collector.store import rows, statements
from logcenter_collector.store.alarms.raising import raise_for_batch
from logcenter_collector.store.alarms.rules import Rulebook
from logcenter_collector.store.base import Arrival
from logcenter_collector.store.bulk import Bulk
from logcenter_collector.store.events import Events
from logcenter_collector.store.keeping import choose_kept, write_kept
from logcenter_collector.store.overview.counting import count_days
from logcenter_collector.store.search.queue import ranges_of
from logcenter_collector.store.seeing import see_with
from logcenter_collector.store.tables import microseconds
from logcenter_collector.store.tally import Key, Tally
from logcenter_sdk.contract.limits import OTHER
from logcenter_sdk.contract.outcome import Answer, Outcome

_HOUR: Final = 3_600_000_000


def record(  # noqa: PLR0913 - what it brings, and what it is to follow
    bulk: Bulk,
    arrivals: Sequence[Arrival],
    events: Events,
    rulebook: Rulebook,
    *,
    careful: bool,
    limit: int = KEPT_OCCURRENCES,
) -> list[Answer]:
    """Write the arrivals and return their answers in the same order; keep ``limit`` occurrences of an issue.

    The bulk's ``check`` may find that a race was lost: then the transaction has to be run again, with ``careful``.
    """
    tallies = _load(bulk, arrivals)
    seen_at = _event_keys(arrivals)
    replays = _replays(bulk, events.known(bulk, seen_at, careful=careful), tallies)
    folded, noted = _fold(arrivals, tallies, replays)
    touched = _with_ids(bulk, [tally for tally in tallies.values() if tally.latest])
    _write_projects(bulk, touched)
    see_with(bulk, touched)
    choose_kept(bulk, touched, limit)
    _write_issues(bulk, touched)
    write_kept(bulk, touched)
    _write_buckets(bulk, touched)
    count_days(bulk, touched)
    events.add(
        bulk,
        [(key, tally.issue_id, seen_at[key]) for key, tally in noted.items() if key not in replays],
        [(key, tally.issue_id, seen_at[key]) for key, tally in noted.items() if key in replays],
    )
    raise_for_batch(bulk, rulebook, touched)
    return [Answer(outcome, tally.issue_id, tally.status) for tally, outcome in folded]


def _event_keys(arrivals: Iterable[Arrival]) -> dict[bytes, int]:
    """Return the event ids of a batch and when each was last seen in it."""
    return {
        arrival.event_key: microseconds(arrival.arrived_at) for arrival in arrivals if arrival.event_key is not None
    }


def _load(bulk: Bulk, arrivals: Sequence[Arrival]) -> dict[Key, Tally]:
    """Return the issue of each fingerprint, known or not, in the order of arrival."""
    keys = [(arrival.raw.project_id, arrival.fingerprint) for arrival in arrivals]
    tallies = {key: Tally(key) for key in keys}
    for row in bulk.read(statements.ISSUE_OF_FINGERPRINT, sorted(tallies)):
        tallies[row[0], row[1]].begin(rows.to_known(row[2:]))
    fixed = [known for tally in tallies.values() if (known := tally.known) and known.state.fixed_in]
    builds = rows.to_builds(bulk.read(statements.BUILDS_BEFORE_FIX, [(known.issue_id, True) for known in fixed]))
    for tally in tallies.values():
        if tally.known and tally.known.state.fixed_in:
            tally.known.add_builds_before_fix(builds[tally.known.issue_id])
            tally.begin(tally.known)
    return tallies


def _replays(bulk: Bulk, issue_of: Mapping[bytes, int], tallies: Mapping[Key, Tally]) -> dict[bytes, Tally]:
    """Return the issue of each event id that was counted already."""
    by_id = {tally.issue_id: tally for tally in tallies.values() if tally.known}
    others = sorted(set(issue_of.values()) - by_id.keys())
    for row in bulk.read(statements.ISSUE_OF_ID, [(issue_id,) for issue_id in others]):
        by_id[row[0]] = Tally(("", ""), rows.to_known(row[1:]))
    return {key: by_id[issue_id] for key, issue_id in issue_of.items() if issue_id in by_id}


def _fold(
    arrivals: Iterable[Arrival], tallies: Mapping[Key, Tally], replays: Mapping[bytes, Tally]
) -> tuple[list[tuple[Tally, Outcome]], dict[bytes, Tally]]:
    """Count each arrival, but a retry: that was counted already, whatever became of its issue.

    Returns what became of each, and the issue of each event id.
    """
    folded: list[tuple[Tally, Outcome]] = []
    noted: dict[bytes, Tally] = {}
    for arrival in arrivals:
        key = arrival.event_key
        if key is None:
            tally = tallies[arrival.raw.project_id, arrival.fingerprint]
            folded.append((tally, tally.take(arrival)))
            continue
        known = replays.get(key) or noted.get(key)
        tally = known or tallies[arrival.raw.project_id, arrival.fingerprint]
        folded.append((tally, Outcome.DEDUPLICATED if known else tally.take(arrival)))
        noted[key] = tally
    return folded, noted


def _with_ids(bulk: Bulk, touched: list[Tally]) -> list[Tally]:
    """Give the new issues ids, and return all in the order of ids, which is the order in which they are written."""
    new = [tally for tally in touched if tally.known is None]
    for tally, issue_id in zip(new, bulk.take_ids(len(new)) if new else (), strict=True):
        tally.new_id = issue_id
    return sorted(touched, key=lambda tally: tally.issue_id)


def _write_projects(bulk: Bulk, touched: Iterable[Tally]) -> None:
    """Create the projects that are new, and fill in repositories where a project has none."""
    repo_urls: dict[str, str | None] = {}
    now = 0
    for tally in touched:
        project_id = tally.key[0]
        now = max(now, microseconds(tally.last.arrived_at))
        repo_urls[project_id] = repo_urls.get(project_id) or tally.repo_url
    known: dict[str, str | None] = dict(
        bulk.read(statements.KNOWN_PROJECT, [(project_id,) for project_id in sorted(repo_urls)])
    )
    new = sorted(repo_urls.keys() - known.keys())
    bulk.write(statements.ADD_PROJECTS, [(project_id, repo_urls[project_id], now, now) for project_id in new])
    empty = [project_id for project_id in sorted(known) if repo_urls[project_id] and not known[project_id]]
    bulk.write(statements.FILL_REPOSITORIES, [(repo_urls[project_id], now, project_id) for project_id in empty])


def _write_issues(bulk: Bulk, touched: Sequence[Tally]) -> None:
    new = [tally for tally in touched if tally.known is None]
    known = [tally for tally in touched if tally.known is not None]
    bulk.write(
        statements.BEGIN_ISSUES,
        [
            (*rows.of_identity(tally), *rows.of_latest(tally), *rows.of_counts(tally), *rows.of_place(tally))
            for tally in new
        ],
    )
    _write_fingerprints(bulk, new)
    bulk.write(
        statements.COUNT_ISSUES,
        [(*rows.of_latest(tally), *rows.of_counts(tally), tally.issue_id) for tally in known],
    )
    moved = [tally for tally in known if rows.has_moved(tally)]
    bulk.write(statements.PLACE_ISSUES, [(*rows.of_place(tally), tally.issue_id) for tally in moved])
    changes = [rows.of_change(tally.issue_id, change) for tally in known for change in tally.changes]
    bulk.write(statements.ADD_HISTORY, changes)
    bulk.write(statements.UNMUTE, [(tally.issue_id,) for tally in known if tally.changes])  # regressions
    stale = ranges_of(tally.issue_id for tally in touched if rows.is_new_to_search(tally))
    bulk.write(statements.QUEUE_FOR_SEARCH, stale)


def _write_fingerprints(bulk: Bulk, new: Sequence[Tally]) -> None:
    prints = sorted((*tally.key, tally.issue_id, 0) for tally in new)
    bulk.write_all(statements.ADD_FINGERPRINTS, prints)


def _write_buckets(bulk: Bulk, touched: Iterable[Tally]) -> None:
    """Count in the hour that each report names, under its environment and its release or under "other"."""
    counts: Counter[tuple[int, int, str, str]] = Counter()
    for tally in touched:
        for (hour, environment, release), count in tally.buckets.items():
            name = OTHER if environment in tally.fallen_out else environment
            version = OTHER if release in tally.fallen_releases else release or ""
            counts[tally.issue_id, hour * _HOUR, name, version] += count
    bulk.write(statements.COUNT_BUCKETS, [(*key, counts[key]) for key in sorted(counts)])
