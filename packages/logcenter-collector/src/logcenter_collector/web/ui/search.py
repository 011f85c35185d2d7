"""What the URL of the inbox asks for: a search in the language of its box, and a place in the list."""

from datetime import datetime
from typing import Final
from urllib.parse import urlencode

from attrs import evolve, frozen
from litestar.datastructures import MultiDict

from logcenter_collector.domain.issue_query import IssueQuery
from logcenter_collector.domain.overview import OPEN
from logcenter_collector.domain.query_language import parse, quoted
from logcenter_sdk.contract.storable import storable_text
from logcenter_sdk.contract.teamwork import QUERY_CHARACTERS

BASE: Final = IssueQuery(muted=False)
"""What the inbox shows of an empty search: what is muted keeps quiet."""
OPEN_ISSUES: Final = f"status:{','.join(OPEN)}"
"""The search for what waits for somebody."""
SHORT: Final = ("project", "status", "source", "level")
"""Parameters that other pages link with: each is a filter of the same name."""


@frozen
class Place:
    """Which list, and where in it."""

    text: str = ""
    cursor: str | None = None

    def query(self, now: datetime) -> IssueQuery:
        """Return what is asked for. Raises WrongQueryError."""
        return evolve(parse(self.text, now, BASE), cursor=self.cursor)

    def url(self, path: str = "/", **more: str | None) -> str:
        """Return the address of the place, with further parameters."""
        named = {"q": self.text, "cursor": self.cursor, **more}
        query = urlencode({name: value for name, value in named.items() if value})
        return f"{path}?{query}" if query else path


def open_issues_of(project_id: str) -> str:
    """Return the address of the list of a project's open issues: the same that its number of them counts."""
    return Place(f"project:{quoted(project_id)} {OPEN_ISSUES} with:muted").url()


def place_in(params: MultiDict[str]) -> Place:
    """Return what the parameters of a URL ask for."""
    return Place(search_in(params)[:QUERY_CHARACTERS], params.get("cursor") or None)


def search_in(params: MultiDict[str]) -> str:
    """Return the search, with what other parameters say written as it would be in the box."""
    said = [storable_text(params.get("q", "")).strip()]
    for name in SHORT:
        values = [storable_text(value) for value in params.getall(name, []) if value]
        said += [f"{name}:{','.join(quoted(value) for value in values)}"] if values else []
    return " ".join(part for part in [*said, "with:registration" if params.get("registrations") else ""] if part)
