"""The language of the search box: words, "quoted texts", key:value and -exclusions; docs/reference/search.md. Pure."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from attrs import define, evolve, field, frozen

from logcenter_collector.domain.issue_query import NOBODY, Filters, IssueQuery, Sort
from logcenter_sdk.contract.instants import format_instant, parse_instant
from logcenter_sdk.contract.report import Level, Source
from logcenter_sdk.contract.status import Status
from logcenter_sdk.contract.storable import storable_text
from logcenter_sdk.contract.teamwork import NOBODY as NOBODY_WRITTEN

TEXTS: Final = 20
"""So many texts one query may name: each of them is looked up by itself."""

FIELDS: Final[Mapping[str, str]] = {
    "project": "project_id",
    "status": "status",
    "source": "source",
    "level": "level",
    "env": "environment",
    "release": "version",
    "assignee": "assignee",
}
"""The filters that take several values and can be excluded, and their fields of ``Filters``."""
ALIASES: Final[Mapping[str, str]] = {"environment": "env", "version": "release"}
CHOICES: Final[Mapping[str, type[StrEnum]]] = {"status": Status, "source": Source, "level": Level}
PROPERTIES: Final = ("muted", "regressed", "registration")
"""What an issue is (``is:``), is not (``-is:``), or may be and may not be (``with:``)."""
TIMES: Final[Mapping[str, str]] = {"since": "since", "until": "until", "first": "first_since"}
KEYS: Final = (*FIELDS, "is", "with", *TIMES, "sort")

UNITS: Final = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_AGO: Final = re.compile(r"([0-9]{1,6})([mhdw])", re.IGNORECASE)
_TIMES_RIGHT: Final = ("7d", "24h", "2026-02-20", "2026-02-20T10:30:00Z")

_QUOTED: Final = r'"(?:\\["\\]|[^"])*"?'
_VALUE: Final = rf'(?:{_QUOTED}|[^\s",][^\s,]*)'
_FILTER: Final = re.compile(rf"(-?)([A-Za-z_]{{2,}}):({_VALUE}?(?:,{_VALUE}?)*)")
_TEXT: Final = re.compile(rf"(-?)({_QUOTED}|\S+)")
_VALUES: Final = re.compile(_VALUE)
_PLAIN: Final = re.compile(r'[^\s",:\\-][^\s",:\\]*')
"""What needs no quotes."""


class Why(StrEnum):
    """What is wrong about a term."""

    UNKNOWN_FILTER = "unknown_filter"
    UNKNOWN_VALUE = "unknown_value"
    NO_VALUE = "no_value"
    ONCE = "once"
    NO_EXCLUSION = "no_exclusion"
    TOO_MANY_TEXTS = "too_many_texts"


_MESSAGES: Final[Mapping[Why, str]] = {
    Why.UNKNOWN_FILTER: '{term}: there is no such filter; there are {right}. To search for it as text, write "{term}"',
    Why.UNKNOWN_VALUE: "{term}: no such value; right are {right}",
    Why.NO_VALUE: "{term}: a value is missing, such as {right}",
    Why.ONCE: "{term}: takes one value and can be said once",
    Why.NO_EXCLUSION: "{term}: cannot be excluded; only {right} can",
    Why.TOO_MANY_TEXTS: "{term}: there are more than {right} texts",
}


@frozen
class Wrong:
    """A term that is not understood, and what would be right."""

    term: str
    why: Why
    right: tuple[str, ...] = ()

    @property
    def message(self) -> str:
        """What is wrong, in English."""
        return _MESSAGES[self.why].format(term=self.term, right=", ".join(self.right))


class WrongQueryError(ValueError):
    """A query has terms that are not understood: all of them are named."""

    def __init__(self, wrong: tuple[Wrong, ...]) -> None:
        super().__init__("; ".join(each.message for each in wrong))
        self.wrong = wrong


@frozen
class Term:
    """A part of a query; ``key`` is empty for a text."""

    written: str
    excludes: bool
    key: str
    values: tuple[str, ...]


def parse(text: str, now: datetime, base: IssueQuery | None = None) -> IssueQuery:
    """Return what a text asks for; what it does not say is as in ``base``. Raises WrongQueryError."""
    reader = _Reader(now)
    for term in terms_of(storable_text(text)):
        reader.read(term)
    if reader.wrong:
        raise WrongQueryError(tuple(reader.wrong))
    return reader.query(base or IssueQuery())


def write(query: IssueQuery, base: IssueQuery | None = None) -> str:
    """Return a text that ``parse`` understands as the query, with the same ``base``."""
    base = base or IssueQuery()
    return " ".join(
        [
            *_written_filters("", query),
            *_written_filters("-", query.without),
            *(_written_property(name, query) for name in PROPERTIES if getattr(query, name) != getattr(base, name)),
            *(f"{key}:{format_instant(at)}" for key, name in TIMES.items() if (at := getattr(query, name))),
            *([f"sort:{query.sort}"] if query.sort is not base.sort else []),
        ]
    )


def terms_of(text: str) -> Iterator[Term]:
    """Yield the parts of a text. What only looks like a filter, as an error's "KeyError: x" does, is text."""
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        found = _FILTER.match(text, at)
        if found is None or not _is_filter(found[2], found[3]):
            found = _TEXT.match(text, at)
            assert found is not None
            yield _text_term(found[0], found[1], found[2])
        else:
            key = found[2].lower()
            yield Term(found[0], bool(found[1]), ALIASES.get(key, key), tuple(_unquoted(found[3])))
        at = found.end()


def _is_filter(key: str, values: str) -> bool:
    is_known = key.lower() in KEYS or key.lower() in ALIASES
    return is_known or (key.islower() and bool(values) and not values.startswith("//"))


def _text_term(written: str, minus: str, text: str) -> Term:
    if text.startswith('"'):
        return Term(written, bool(minus), "", tuple(_unquoted(text)))
    return Term(written, bool(minus), "", (text,))


def _unquoted(values: str) -> Iterator[str]:
    """Yield the values of a list, but empty ones. In quotes, a backslash stands before a quote and itself."""
    for value in _VALUES.findall(values):
        inner = value
        if value.startswith('"'):
            closed = re.fullmatch(r'"((?:\\["\\]|[^"])*)"?', value)
            inner = re.sub(r'\\(["\\])', r"\1", closed[1] if closed else value)
        if inner:
            yield inner


@define
class _Reader:
    """Takes the terms of a query one by one."""

    now: datetime
    wrong: list[Wrong] = field(factory=list)
    wanted: dict[str, list[str]] = field(factory=dict)
    without: dict[str, list[str]] = field(factory=dict)
    _single: dict[str, Any] = field(factory=dict)

    def read(self, term: Term) -> None:
        if term.key and term.key not in KEYS:
            self._refuse(term, Why.UNKNOWN_FILTER, *KEYS)
        elif term.key and not term.values:
            self._refuse(term, Why.NO_VALUE, f"{term.key}:{_example(term.key)}")
        elif term.key in FIELDS or not term.key:
            self._filter(term)
        elif term.key == "is":
            self._property(term, PROPERTIES, not term.excludes)
        elif term.excludes:
            self._refuse(term, Why.NO_EXCLUSION, *FIELDS, "is")
        elif term.key == "with":
            self._property(term, PROPERTIES, None)
        elif len(term.values) > 1:
            self._refuse(term, Why.ONCE)
        else:
            self._one_value(term)

    def _refuse(self, term: Term, why: Why, *right: str) -> None:
        self.wrong.append(Wrong(term.written, why, right))

    def _filter(self, term: Term) -> None:
        values = (self.without if term.excludes else self.wanted).setdefault(FIELDS.get(term.key, "texts"), [])
        for value in term.values:
            known = _known(term.key, value)
            if known is None:
                self._refuse(term, Why.UNKNOWN_VALUE, *CHOICES[term.key])
            elif known not in values:
                values.append(known)
        if not term.key and len(values) == TEXTS + 1:
            self._refuse(term, Why.TOO_MANY_TEXTS, str(TEXTS))

    def _property(self, term: Term, known: tuple[str, ...], value: bool | None) -> None:
        for name in term.values:
            if name.lower() not in known:
                self._refuse(term, Why.UNKNOWN_VALUE, *known)
            else:
                self._once(term, name.lower(), value)

    def _one_value(self, term: Term) -> None:
        [value] = term.values
        read = next((sort for sort in Sort if sort == value.lower()), None) if term.key == "sort" else self._time(value)
        if read is None:
            self._refuse(term, Why.UNKNOWN_VALUE, *(Sort if term.key == "sort" else _TIMES_RIGHT))
        else:
            self._once(term, TIMES.get(term.key, term.key), read)

    def _once(self, term: Term, name: str, value: object) -> None:
        if self._single.setdefault(name, value) != value:
            self._refuse(term, Why.ONCE)

    def _time(self, text: str) -> datetime | None:
        try:
            if ago := _AGO.fullmatch(text):
                return self.now - timedelta(**{UNITS[ago[2].lower()]: int(ago[1])})
            return parse_instant(text)
        except (ValueError, OverflowError):
            return None

    def query(self, base: IssueQuery) -> IssueQuery:
        wanted: dict[str, Any] = {name: tuple(values) for name, values in self.wanted.items() if values}
        without: dict[str, Any] = {name: tuple(values) for name, values in self.without.items() if values}
        return evolve(base, asked_at=self.now, **wanted, **self._single, without=evolve(base.without, **without))


def _known(key: str, value: str) -> str | None:
    """Return a value as the filter knows it; None where it knows only others."""
    if key == "assignee" and value.lower() == NOBODY_WRITTEN:
        return NOBODY
    if key not in CHOICES:
        return value
    return next((choice for choice in CHOICES[key] if choice.lower() == value.lower()), None)


def _example(key: str) -> str:
    if key in TIMES:
        return _TIMES_RIGHT[0]
    examples = {"is": PROPERTIES[0], "with": PROPERTIES[-1], "sort": Sort.FIRST_SEEN}
    return examples.get(key) or next(iter(CHOICES.get(key, ())), "…")


def _written_filters(minus: str, filters: Filters) -> Iterator[str]:
    for key, name in FIELDS.items():
        if values := getattr(filters, name):
            yield f"{minus}{key}:{','.join(NOBODY_WRITTEN if value == NOBODY else quoted(value) for value in values)}"
    yield from (minus + quoted(text) for text in filters.texts)


def _written_property(name: str, query: IssueQuery) -> str:
    value = getattr(query, name)
    return f"with:{name}" if value is None else f"{'' if value else '-'}is:{name}"


def quoted(text: str) -> str:
    """Return a value as it is written, in quotes where they are needed."""
    if _PLAIN.fullmatch(text):
        return text
    escaped = text.replace("\\", r"\\").replace('"', r"\"")
    return f'"{escaped}"'
