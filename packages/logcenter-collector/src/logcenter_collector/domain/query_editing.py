"""Edits of what stands in the search box, as chips and quick filters make them. What they do not touch stays. Pure.

They work on the text and not on what it means: ``since:7d`` stays seven days.
"""

from collections.abc import Iterable

from attrs import frozen

from logcenter_collector.domain.query_language import Term, quoted, terms_of

PROPERTY_KEYS = ("is", "with")


@frozen
class Chip:
    """A part of the search that is shown by itself, and the search without it."""

    term: Term
    rest: str


def chips(text: str) -> tuple[Chip, ...]:
    """Return the parts of a search; its order is shown elsewhere."""
    terms = tuple(terms_of(text))
    return tuple(
        Chip(term, _joined(other for other in terms if other is not term)) for term in terms if term.key != "sort"
    )


def chosen(text: str, key: str) -> frozenset[str]:
    """Return which values of a filter are asked for, in lower case."""
    return frozenset(value.lower() for term in terms_of(text) if _asks(term, key) for value in term.values)


def toggled(text: str, key: str, value: str) -> str:
    """Return the search with one more alternative of a filter, or without it where it was one."""
    terms = tuple(terms_of(text))
    values = [each for term in terms if _asks(term, key) for each in term.values]
    kept = [each for each in values if each.lower() != value.lower()]
    wanted = kept if len(kept) < len(values) else [*values, value]
    return _joined((term for term in terms if not _asks(term, key)), _written(key, wanted))


def without(text: str, key: str) -> str:
    """Return the search without a filter."""
    return _joined(term for term in terms_of(text) if term.key != key)


def set_once(text: str, key: str, value: str) -> str:
    """Return the search with this as the one value of a filter; without it where it was that already."""
    more = "" if chosen(text, key) == {value.lower()} else _written(key, [value])
    return f"{without(text, key)} {more}".strip()


def with_property(text: str, key: str, name: str) -> str:
    """Return the search with ``is:name`` or ``with:name`` in place of whatever it says of it; without where it did."""
    cleared = text
    for each in PROPERTY_KEYS:
        if name in chosen(cleared, each):
            cleared = toggled(cleared, each, name)
    return cleared if name in chosen(text, key) else toggled(cleared, key, name)


def _asks(term: Term, key: str) -> bool:
    return term.key == key and not term.excludes


def _written(key: str, values: list[str]) -> str:
    return f"{key}:{','.join(quoted(value) for value in values)}" if values else ""


def _joined(terms: Iterable[Term], more: str = "") -> str:
    return " ".join([*(term.written for term in terms), *([more] if more else [])])
