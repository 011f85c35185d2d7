"""Forms that pages of the dashboard send: what was typed, and the routes that take it."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qs

from attrs import frozen
from litestar import Request, Response
from litestar.di import NamedDependency
from litestar.exceptions import ClientException
from litestar.params import SkipValidation

from logcenter_collector.domain.people import PeopleRefusedError
from logcenter_sdk.contract.limits import SHORT_CHARACTERS, cut_characters
from logcenter_sdk.contract.storable import storable_text

FIELDS: Final = 2_000


@frozen
class Form:
    """What was typed into a form."""

    values: Mapping[str, list[str]]

    def text(self, name: str) -> str:
        """Return what was typed into a field, as it can be stored; empty where nothing was."""
        return storable_text(self.secret(name)).strip()

    def short(self, name: str) -> str:
        """Return it cut to what a short text may have."""
        return cut_characters(self.text(name), SHORT_CHARACTERS)

    def secret(self, name: str) -> str:
        """Return it exactly as it was typed, as passwords and tokens are."""
        return self.values.get(name, [""])[-1]

    def several(self, name: str) -> frozenset[str]:
        """Return every value of a field."""
        return frozenset(storable_text(value) for value in self.values.get(name, []))

    def chosen(self, *names: str) -> Mapping[str, frozenset[str]]:
        """Return every value of some fields."""
        return {name: self.several(name) for name in names}

    def new_password(self, name: str = "password") -> str:
        """Return a new password that was typed twice. Raises PeopleRefusedError."""
        if self.secret(name) != self.secret("again"):
            raise PeopleRefusedError("passwords_differ", "again")
        return self.secret(name)

    @property
    def shown(self) -> Mapping[str, str]:
        """What is shown again after a refusal: everything but passwords and tokens."""
        return {name: self.text(name) for name in self.values if name not in SECRET_FIELDS}


SECRET_FIELDS: Final = frozenset({"password", "again", "old", "token", "s"})
InjectedForm = NamedDependency[SkipValidation[Form]]


async def read_form(request: Request[Any, Any, Any]) -> Form:
    """Return the form of a request. Raises ClientException.

    Not by Litestar's own parser: it keeps the last thousand bodies, and so passwords, in memory.
    """
    body = await request.body()
    try:
        return Form(parse_qs(body.decode(), keep_blank_values=True, max_num_fields=FIELDS))
    except ValueError:
        raise ClientException("this is no form") from None


def shown_once(page: Response[str]) -> Response[str]:
    """Return a page that holds a new secret: no cache keeps it."""
    page.headers["Cache-Control"] = "no-store"
    return page
