"""What an issue is indexed by, as numbers below 2**44: its grams, its attributes, its places in lists. Pure."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from hashlib import blake2b
from typing import Any, Final

from logcenter_collector.domain.issue_query import Sort
from logcenter_collector.store.search.grams import grams_of
from logcenter_collector.store.search.places import INDEXED, place_in
from logcenter_sdk.contract.report import Level
from logcenter_sdk.contract.status import Status

TERM_BITS: Final = 44
_KIND: Final = TERM_BITS - 2
_NARROW, _WIDE, _SINGLE, _NAMED = (kind << _KIND for kind in range(4))


@lru_cache(maxsize=32_768)
def of_gram(gram: str) -> int:
    """Return the term of a gram."""
    codes = [ord(character) for character in gram]
    if len(codes) == 1:
        return _SINGLE | codes[0]
    if len(codes) == 2:  # noqa: PLR2004 - two wide ones
        return _WIDE | codes[0] << 21 | codes[1]
    return _NARROW | codes[0] << 28 | codes[1] << 14 | codes[2]


def beginning_with(pair: str) -> range:
    """Return the terms of all grams of an alphabet that begin with two characters."""
    first = of_gram(f"{pair}\0")
    return range(first, first + (1 << 14))


@lru_cache(maxsize=4_096)
def of_attribute(name: str, value: str) -> int:
    """Return the term of an attribute; of two that share one, a list finds and drops the other's issues.

    Where one of them is left out, so are the other's: that two share one is as likely as 1 to 4,000,000,000,000.
    """
    digest = blake2b(f"{name}={value}".encode(), digest_size=8).digest()
    return _NAMED | int.from_bytes(digest, "big") >> (64 - _KIND)


ATTRIBUTES: Final = ("project_id", "source", "status", "level")
"""The columns of an issue that lists filter by."""
TEXTS: Final = ("error_type", "error_message", "file_path")
"""The columns of an issue that a text is searched in."""
SEEN_WITH: Final = ("environment", "version")
"""The kinds of what an issue was seen with that lists filter by."""
REGRESSED: Final = of_attribute("regression_count", "> 0")
"""The term of issues that were reopened by a report; it stays for ever, as the count does."""


def of_place(sort: Sort, place: int) -> int:
    """Return the term of a place."""
    return of_attribute(sort.value, str(place))


EXCLUSIVE: Final = frozenset(
    of_attribute(name, value) for name, values in (("status", Status), ("level", Level)) for value in values
)
"""Of these an issue has one of each kind at a time."""


def terms_of(row: Mapping[str, Any] | None, seen_with: Iterable[tuple[str, str]]) -> set[int]:
    """Return the terms of an issue: of its row, and of kinds and values that it was seen with."""
    if row is None:
        return set()
    found = {of_gram(gram) for name in TEXTS for gram in grams_of(row[name] or "")}
    found.update(of_attribute(name, row[name]) for name in ATTRIBUTES)
    found.update(of_attribute(kind, value) for kind, value in seen_with if kind in SEEN_WITH)
    found.update(of_place(sort, place_in(sort, row[sort])) for sort in INDEXED)
    if row["regression_count"]:
        found.add(REGRESSED)
    return found
