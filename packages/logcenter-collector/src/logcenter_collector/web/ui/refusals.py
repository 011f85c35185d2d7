"""Why something was not done, as a page says it."""

from collections.abc import Mapping
from typing import Final

from attrs import field, frozen
from litestar import Response

from logcenter_collector.access.passwords import PasswordsBusyError
from logcenter_collector.access.throttle import TooManyAttemptsError
from logcenter_collector.domain.people import PeopleRefusedError

_STATUS: Final = {"wrong_password": 403, "wrong_token": 403, "name_taken": 409, "last_admin": 409, "link_over": 410}


@frozen(kw_only=True)
class Refused:
    """The reason's key among the texts, what it is filled with, and the status of the answer."""

    saying: str
    values: Mapping[str, object] = field(factory=dict)
    at: str | None = None
    """The field of the form that would have to be another: it is said there as well."""
    status: int = 400
    retry_after: int | None = None


def refused_by(error: PeopleRefusedError | TooManyAttemptsError | PasswordsBusyError) -> Refused:
    """Return what a page says of an error."""
    if isinstance(error, TooManyAttemptsError):
        seconds = error.retry_after
        return Refused(saying="slow", values={"seconds": seconds}, status=429, retry_after=seconds)
    if isinstance(error, PasswordsBusyError):
        return Refused(saying="busy", status=429, retry_after=1)
    return Refused(saying=error.saying, at=error.field, status=_STATUS.get(error.saying, 400))


def with_wait(page: Response[str], refused: Refused | None) -> Response[str]:
    """Return the page of a refusal with the header that says how long to wait."""
    if refused is not None and refused.retry_after is not None:
        page.headers["Retry-After"] = str(refused.retry_after)
    return page


@frozen(kw_only=True)
class Result:
    """What became of a form, for the page that it stands on."""

    refused: Refused | None = None
    typed: Mapping[str, str] = field(factory=dict)
    """What is shown again after a refusal."""
    chosen: Mapping[str, frozenset[str]] = field(factory=dict)
    """The same of what may be chosen several times."""
    of: int | None = None
    """Whose form it was, where a page has one for each of many."""
    made: str | None = None
    """A new secret, or a link with one: shown this once."""
    made_for: str = ""
    is_invitation: bool = False
    done: bool = False

    @property
    def status(self) -> int:
        """The status of the answer."""
        return self.refused.status if self.refused else 200


NOTHING_SENT: Final = Result()
