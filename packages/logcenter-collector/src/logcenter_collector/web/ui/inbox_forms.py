"""The forms of the inbox: the same done with several issues, and saved views."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from litestar import Request, Response
from litestar.exceptions import ClientException, NotFoundException
from litestar.params import FromPath
from litestar.response import Redirect

from logcenter_collector.access.view import View
from logcenter_collector.domain.access import PrincipalKind
from logcenter_collector.domain.muting import MuteWish
from logcenter_collector.domain.query_language import WrongQueryError
from logcenter_collector.domain.workflow import Move, MoveRefusedError
from logcenter_collector.store.base import StoreUnavailableError
from logcenter_collector.web.injected import InjectedView
from logcenter_collector.web.ui.actor import actor_cookie
from logcenter_collector.web.ui.forms import Form, InjectedForm
from logcenter_collector.web.ui.handlers import takes_form
from logcenter_collector.web.ui.inbox import MUTES, Outcome, inbox_page
from logcenter_collector.web.ui.languages import Catalogue
from logcenter_collector.web.ui.search import Place
from logcenter_collector.web.ui.site import InjectedSite, Site, language_of
from logcenter_sdk.contract.issue import Issue
from logcenter_sdk.contract.limits import INTEGER_MAX, MESSAGE_BYTES, cut_bytes
from logcenter_sdk.contract.status import Status
from logcenter_sdk.contract.teamwork import BULK_ISSUES, NOBODY, QUERY_CHARACTERS, SavedViewRequest

Do = Callable[[int], Issue | None]
_DIGITS: Final = len(str(INTEGER_MAX))


@takes_form("/issues/bulk")
def change_issues(
    request: Request[Any, Any, Any], site: InjectedSite, view: InjectedView, form: InjectedForm
) -> Response[Any]:
    """Do the same with every selected issue; the page then names those with which it could not be done."""
    place = _place(form)
    ids = _ids(form)
    if not ids:
        return inbox_page(site, view, request, place, Outcome(saying="nothing_selected"))
    done, do = _what_to_do(form, site, view)
    t = language_of(request)
    refused = tuple((issue_id, why) for issue_id in ids if (why := _refusal(do, issue_id, t)))
    number = len(ids) - len(refused)
    if refused:
        named = tuple((view.issue(issue_id) or issue_id, why) for issue_id, why in refused)
        left = frozenset(issue_id for issue_id, _ in refused)
        return inbox_page(site, view, request, place, Outcome(done=done, number=number, refused=named, selected=left))
    actor = form.short("actor")
    cookies = [actor_cookie(actor)] if actor else []
    return Redirect(place.url(done=done, n=f"{number}"), status_code=303, cookies=cookies)


@takes_form("/views")
def save_view(
    request: Request[Any, Any, Any], site: InjectedSite, view: InjectedView, form: InjectedForm
) -> Response[Any]:
    """Save a search under a name."""
    place = Place(form.text("q")[:QUERY_CHARACTERS])
    if not form.short("name"):
        return inbox_page(site, view, request, place, Outcome(saying="no_name"))
    try:
        place.query(site.clock())
    except WrongQueryError:
        return inbox_page(site, view, request, place, Outcome(saying="not_understood"))
    shared = view.by.principal.kind is PrincipalKind.ANYONE or bool(form.text("shared"))
    view.save_view(SavedViewRequest(name=form.short("name"), query=place.text, shared=shared), site.clock())
    return Redirect(place.url(done="saved"), status_code=303)


@takes_form("/views/{view_id:int}/delete")
def delete_view(site: InjectedSite, view: InjectedView, view_id: FromPath[int], form: InjectedForm) -> Response[Any]:
    """Delete a saved view. Raises NotFoundException."""
    if not 0 < view_id <= INTEGER_MAX or not view.delete_view(view_id, site.clock()):
        raise NotFoundException("no such view")
    return Redirect(_place(form).url(done="deleted"), status_code=303)


def _place(form: Form) -> Place:
    return Place(form.text("q")[:QUERY_CHARACTERS], form.text("cursor") or None)


def _ids(form: Form) -> list[int]:
    """Return the selected issues. Raises ClientException where that is no list of issues, or too long."""
    texts = form.several("id")
    if len(texts) > BULK_ISSUES or not all(text.isdecimal() and len(text) < _DIGITS for text in texts):
        raise ClientException("these are no issues")
    return sorted(int(text) for text in texts)


def _what_to_do(form: Form, site: Site, view: View) -> tuple[str, Do]:
    """Return the word for what a form asks for, and what does it with one issue. Raises ClientException."""
    now = site.clock()
    match form.text("do"):
        case "move":
            move = _move(form)
            return "moved", lambda issue_id: view.move(issue_id, move, now)
        case "assign" | "me" as way:
            name = view.by.principal.name if way == "me" else form.short("assignee")
            assignee = None if name.lower() in {"", NOBODY} else name
            return "assigned", lambda issue_id: view.assign(issue_id, assignee, now)
        case "mute":
            wish = _wish(form, site)
            word = "unmuted" if wish == MuteWish() else "muted"
            return word, lambda issue_id: view.mute(issue_id, wish, now)
        case _:
            raise ClientException("this is nothing to do with issues")


def _move(form: Form) -> Move:
    try:
        to = Status(form.text("to"))
    except ValueError:
        raise ClientException("no such status") from None
    return Move(to=to, actor=form.short("actor") or None, reason=cut_bytes(form.text("reason"), MESSAGE_BYTES) or None)


def _wish(form: Form, site: Site) -> MuteWish:
    asked = form.text("mute")
    if asked not in MUTES:
        raise ClientException("no such time")
    if asked == "off":
        return MuteWish()
    if asked.endswith("d"):
        return MuteWish(until=site.clock() + timedelta(days=int(asked[:-1])))
    return MuteWish(more=int(asked))


def _refusal(do: Do, issue_id: int, t: Catalogue) -> str:
    """Do it with one issue, and return why that was refused; empty where it was done."""
    try:
        issue = do(issue_id) if 0 < issue_id <= INTEGER_MAX else None
    except MoveRefusedError as error:
        return t("bulk.wrong_step", status=t(f"status.{error.status_now}"))
    except StoreUnavailableError:
        return t("bulk.unavailable")
    return "" if issue else t("bulk.missing")
