"""Moving an issue by a button of its page."""

from typing import Any, Final

from litestar import Request, Response, post
from litestar.di import NamedDependency
from litestar.exceptions import ClientException, NotFoundException
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect

from logcenter_collector.domain.workflow import Move, MoveRefusedError
from logcenter_collector.web.injected import InjectedView
from logcenter_collector.web.ui.actor import actor_cookie
from logcenter_collector.web.ui.issue_page import Refusal, existing_issue, issue_page
from logcenter_collector.web.ui.origin import require_same_origin
from logcenter_collector.web.ui.site import Site
from logcenter_sdk.contract.issue import Fix
from logcenter_sdk.contract.limits import MESSAGE_BYTES, SHORT_CHARACTERS, cut_bytes, cut_characters
from logcenter_sdk.contract.status import Status
from logcenter_sdk.contract.storable import storable_text

FORM_BYTES: Final = 64 * 1024
FIX_FIELDS: Final = ("commit_hash", "branch", "pr_url", "version")


@post(
    "/issues/{issue_id:int}/transitions",
    sync_to_thread=True,
    guards=[require_same_origin],
    request_max_body_size=FORM_BYTES,
)
def move_issue(
    request: Request[Any, Any, Any],
    site: NamedDependency[Site],
    view: InjectedView,
    issue_id: FromPath[int],
    data: URLEncodedBody[dict[str, Any]],
) -> Response[Any]:
    """Move an issue and go back to its page; a refused move shows the page with the reason."""
    issue = existing_issue(view, issue_id)
    typed = {name: storable_text(str(value)).strip() for name, value in data.items()}
    move = move_from(typed)
    try:
        moved = view.move(issue.id, move, site.clock())
    except MoveRefusedError as error:
        return issue_page(site, view, request, existing_issue(view, issue_id), Refusal(error, typed))
    if moved is None:
        raise NotFoundException("no such issue")
    cookies = [actor_cookie(move.actor)] if move.actor else []
    return Redirect(f"/issues/{issue.id}", status_code=303, cookies=cookies)


def move_from(typed: dict[str, str]) -> Move:
    """Return the move that a form asks for; a fix counts only with the step to FIXED. Raises ClientException (400)."""
    try:
        to = Status(typed.get("to", ""))
        expected = Status(typed["expected"]) if typed.get("expected") else None
    except ValueError:
        raise ClientException("no such status") from None
    return Move(
        to=to,
        expected=expected,
        actor=_short(typed, "actor"),
        reason=cut_bytes(typed.get("reason", ""), MESSAGE_BYTES) or None,
        fix=_fix_from(typed) if to is Status.FIXED else None,
    )


def _fix_from(typed: dict[str, str]) -> Fix | None:
    fix = Fix(**{name: _short(typed, name) for name in FIX_FIELDS})
    return None if fix == Fix() else fix


def _short(typed: dict[str, str], name: str) -> str | None:
    return cut_characters(typed.get(name, ""), SHORT_CHARACTERS) or None
