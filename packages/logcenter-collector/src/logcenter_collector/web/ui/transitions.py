"""Moving an issue by a button of its page."""

from typing import Any, Final

from litestar import Request, Response
from litestar.exceptions import ClientException, NotFoundException
from litestar.params import FromPath
from litestar.response import Redirect

from logcenter_collector.domain.workflow import Move, MoveRefusedError, ReasonMissingError
from logcenter_collector.web.injected import InjectedView
from logcenter_collector.web.ui.actor import actor_cookie
from logcenter_collector.web.ui.forms import Form, InjectedForm
from logcenter_collector.web.ui.handlers import takes_form
from logcenter_collector.web.ui.issue_page import Refusal, existing_issue, issue_page
from logcenter_collector.web.ui.site import InjectedSite
from logcenter_sdk.contract.issue import Fix
from logcenter_sdk.contract.limits import FILE_PATH_CHARACTERS, MESSAGE_BYTES, cut_bytes, cut_characters
from logcenter_sdk.contract.status import Status

FIX_FIELDS: Final = ("commit_hash", "branch", "pr_url", "version")


@takes_form("/issues/{issue_id:int}/transitions")
def move_issue(
    request: Request[Any, Any, Any],
    site: InjectedSite,
    view: InjectedView,
    issue_id: FromPath[int],
    form: InjectedForm,
) -> Response[Any]:
    """Move an issue and go back to its page; a refused move shows the page with the reason."""
    issue = existing_issue(view, issue_id)
    move = move_from(form)
    try:
        moved = view.move(issue.id, move, site.clock())
    except MoveRefusedError as error:
        refusal = Refusal(saying="move", typed=form.shown, status=409, move=error)
        return issue_page(site, view, request, existing_issue(view, issue_id), refusal)
    except ReasonMissingError:
        return issue_page(site, view, request, issue, Refusal(saying="wrong_reason", typed=form.shown))
    if moved is None:
        raise NotFoundException("no such issue")
    cookies = [actor_cookie(move.actor)] if move.actor else []
    return Redirect(f"/issues/{issue.id}", status_code=303, cookies=cookies)


def move_from(form: Form) -> Move:
    """Return the move that a form asks for; a fix counts only with the step to FIXED. Raises ClientException (400)."""
    try:
        to = Status(form.text("to"))
        expected = Status(form.text("expected")) if form.text("expected") else None
    except ValueError:
        raise ClientException("no such status") from None
    return Move(
        to=to,
        expected=expected,
        actor=form.short("actor") or None,
        reason=cut_bytes(form.text("reason"), MESSAGE_BYTES) or None,
        force=form.text("force") == "1",
        fix=_fix_from(form) if to is Status.FIXED else None,
    )


def _fix_from(form: Form) -> Fix | None:
    typed = {name: form.short(name) or None for name in FIX_FIELDS}
    pr_url = cut_characters(form.text("pr_url"), FILE_PATH_CHARACTERS) or None
    fix = Fix(**{**typed, "pr_url": pr_url})
    return None if fix == Fix() else fix
