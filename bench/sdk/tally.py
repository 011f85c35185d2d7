"""Lost, double: what was captured, held against what arrived. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping

from attrs import frozen

from arrivals import Arrival


@frozen
class Tally:
    """Counts in errors, not in requests."""

    captured: int
    delivered: int
    """Errors that arrived, each once."""
    lost: int
    double: int
    """Errors that a collector counts again, as no event id says that it has them already."""
    resent: int
    """Events that came again under the same id; a collector counts them once."""
    strangers: int
    """Reports of errors that nobody captured: what failed in the SDK itself, or because of it."""


def tally(captured: Mapping[str, int], arrivals: Iterable[Arrival]) -> Tally:
    """Hold what arrived against the errors of each kind that were captured.

    A number that comes twice is double. What is folded comes under the number of one error, so there the sum of each
    kind decides.
    """
    distinct, resent = once(arrivals)
    events = [event for event in distinct if event.number is not None]
    again = Counter((event.kind, event.number) for event in events)
    repeats: Counter[str] = Counter()
    for (kind, _number), times in again.items():
        repeats[kind] += times - 1
    arrived: Counter[str] = Counter()
    for event in events:
        arrived[event.kind] += event.occurrences
    single = {kind: arrived[kind] - repeats[kind] for kind in captured.keys() | arrived.keys()}
    excess = sum(max(count - captured.get(kind, 0), 0) for kind, count in single.items())
    lost = sum(max(count - single[kind], 0) for kind, count in captured.items())
    total = sum(captured.values())
    return Tally(total, total - lost, lost, repeats.total() + excess, resent, len(distinct) - len(events))


def once(arrivals: Iterable[Arrival]) -> tuple[list[Arrival], int]:
    """Return the events without those whose id came before, and how many those are."""
    seen: set[str] = set()
    events, resent = [], 0
    for arrival in arrivals:
        if arrival.event_id is not None and arrival.event_id in seen:
            resent += 1
            continue
        if arrival.event_id is not None:
            seen.add(arrival.event_id)
        events.append(arrival)
    return events, resent


def dropped(stats: Mapping[str, object]) -> int:
    """Return the sum of what an SDK says it dropped: a number, or numbers by reason."""
    found = stats.get("dropped", 0)
    reasons = found.values() if isinstance(found, Mapping) else [found]
    return sum(int(str(count)) for count in reasons)
