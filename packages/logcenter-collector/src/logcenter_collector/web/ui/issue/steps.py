"""Going from one kept occurrence to the next."""

from collections.abc import Sequence

from attrs import frozen

from logcenter_collector.store.kept_line import KeptLine


@frozen(kw_only=True)
class Steps:
    """Where one may go from an occurrence; None where there is nothing that way."""

    position: int
    """Which of the kept ones it is, the first being 1."""
    of: int
    first: int | None
    previous: int | None
    next: int | None
    last: int | None


def steps_from(kept: Sequence[KeptLine], occurrence_id: int) -> Steps | None:
    """Return the steps from one of the kept occurrences, which are newest first; None where it is none of them."""
    ids = [line.id for line in reversed(kept)]
    if occurrence_id not in ids:
        return None
    at, end = ids.index(occurrence_id), len(ids) - 1
    return Steps(
        position=at + 1,
        of=len(ids),
        first=ids[0] if at > 0 else None,
        previous=ids[at - 1] if at > 0 else None,
        next=ids[at + 1] if at < end else None,
        last=ids[end] if at < end else None,
    )
