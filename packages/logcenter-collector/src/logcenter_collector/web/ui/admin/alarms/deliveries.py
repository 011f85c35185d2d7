"""The log of deliveries: every attempt to send, what waits, and dead letters that can be sent again."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Final

from attrs import frozen
from litestar import Request, Response
from litestar.datastructures import MultiDict
from litestar.params import FromPath
from litestar.response import Redirect

from logcenter_collector.alarms.sending import Dispatch
from logcenter_collector.domain.alarms.delivery import DeliveryState
from logcenter_collector.store.alarms.channels import StoredChannel
from logcenter_collector.store.alarms.deliveries import Delivery, NoDeadLetterError
from logcenter_collector.store.base import InvalidCursorError, Page
from logcenter_collector.web.guard import by_of
from logcenter_collector.web.injected import InjectedDispatch
from logcenter_collector.web.problems import not_found
from logcenter_collector.web.ui.admin.alarms.overview import ALARMS
from logcenter_collector.web.ui.handlers import shows, takes_form
from logcenter_collector.web.ui.paging import page_url
from logcenter_collector.web.ui.problem_pages import problem_page
from logcenter_collector.web.ui.site import InjectedSite, Site
from logcenter_sdk.contract.limits import INTEGER_MAX

DELIVERIES: Final = f"{ALARMS}/deliveries"
WAITING: Final = "waiting"
"""Chooses what waits, of which there is no attempt yet."""
STATES: Final = (WAITING, *(state.value for state in DeliveryState))
_FILTERS: Final = ("channel", "state")
_SHOWN: Final = 50
_DIGITS: Final = 18


@frozen(kw_only=True)
class WaitingLine:
    """What waits because of one rule for one channel."""

    rule: str
    channel: str
    issues: int
    due_at: datetime


@frozen(kw_only=True)
class LogQuery:
    """What of the log is wanted."""

    channel_id: int | None
    state: str

    @classmethod
    def of(cls, params: MultiDict[str]) -> "LogQuery":
        """Return what the URL asks for; what is no state or number is left out, as the form then shows it."""
        typed, state = params.get("channel", ""), params.get("state", "")
        is_number = typed.isascii() and typed.isdecimal() and len(typed) <= _DIGITS
        return cls(channel_id=int(typed) if is_number else None, state=state if state in STATES else "")

    @property
    def shows_waiting(self) -> bool:
        """Whether what waits is shown."""
        return self.state in {"", WAITING}


@shows(DELIVERIES)
def deliveries(request: Request[Any, Any, Any], site: InjectedSite, dispatch: InjectedDispatch) -> Response[str]:
    """Show a page of the log."""
    return _log_page(site, request, dispatch)


@takes_form("/admin/alarms/deliveries/{delivery_id:int}/retry")
def send_again(
    request: Request[Any, Any, Any], site: InjectedSite, dispatch: InjectedDispatch, delivery_id: FromPath[int]
) -> Response[Any]:
    """Send a dead letter on its way again."""
    retry = partial(dispatch.alarms.deliveries.retry, by=by_of(request), now=site.clock())
    return _closed(site, request, dispatch, delivery_id, retry, "retried")


@takes_form("/admin/alarms/deliveries/{delivery_id:int}/dismiss")
def dismiss(
    request: Request[Any, Any, Any], site: InjectedSite, dispatch: InjectedDispatch, delivery_id: FromPath[int]
) -> Response[Any]:
    """Let a dead letter be."""
    close = partial(dispatch.alarms.deliveries.dismiss, by=by_of(request), now=site.clock())
    return _closed(site, request, dispatch, delivery_id, close, "dismissed")


def _closed(  # noqa: PLR0913, PLR0917 - the page that it stands on, and what becomes of what
    site: Site,
    request: Request[Any, Any, Any],
    dispatch: Dispatch,
    delivery_id: int,
    close: Callable[[int], Delivery | None],
    done: str,
) -> Response[Any]:
    try:
        found = close(delivery_id) if 0 < delivery_id <= INTEGER_MAX else None
    except NoDeadLetterError:
        return _log_page(site, request, dispatch, refused=True)
    if found is None:
        raise not_found(f"delivery {delivery_id}")
    return Redirect(f"{DELIVERIES}?done={done}", status_code=303)


def _log_page(
    site: Site, request: Request[Any, Any, Any], dispatch: Dispatch, *, refused: bool = False
) -> Response[str]:
    params = request.query_params
    query = LogQuery.of(params)
    try:
        page = _attempts(dispatch, query, params.get("cursor"))
    except InvalidCursorError:
        return problem_page(site, request, 400, "cursor")
    channels = dispatch.alarms.channels.all()
    return site.page(
        request,
        "admin_alarm_deliveries.html",
        status=409 if refused else 200,
        stands_on=DELIVERIES if refused else None,
        section="alarms",
        refused=refused,
        done=params.get("done"),
        query=query,
        states=STATES,
        channels=channels,
        waiting=_waiting(dispatch, query, channels) if query.shows_waiting and not params.get("cursor") else [],
        deliveries=page.items,
        next_attempts=_next_attempts(dispatch, page.items, channels),
        can_go={rule.id for rule in dispatch.alarms.rules.all()},
        names={channel.id: channel.name for channel in channels},
        filtered=any(params.get(name) for name in _FILTERS),
        older=page_url(DELIVERIES, params, _FILTERS, page.next_cursor) if page.next_cursor else None,
        newest=page_url(DELIVERIES, params, _FILTERS, None) if params.get("cursor") else None,
    )


def _attempts(dispatch: Dispatch, query: LogQuery, cursor: str | None) -> Page[Delivery]:
    if query.state == WAITING:
        return Page(items=(), next_cursor=None)
    state = DeliveryState(query.state) if query.state else None
    return dispatch.alarms.deliveries.page(state=state, channel_id=query.channel_id, limit=_SHOWN, cursor=cursor)


def _waiting(dispatch: Dispatch, query: LogQuery, channels: Sequence[StoredChannel]) -> list[WaitingLine]:
    rules = {rule.id: rule.name for rule in dispatch.alarms.rules.all()}
    names, rest = {channel.id: channel.name for channel in channels}, _rests(channels)
    return [
        WaitingLine(
            rule=rules.get(each.rule_id, str(each.rule_id)),
            channel=names.get(each.channel_id, str(each.channel_id)),
            issues=each.issues,
            due_at=max(each.due_at, rest.get(each.channel_id, each.due_at)),
        )
        for each in dispatch.alarms.standing.waiting(query.channel_id)
    ]


def _next_attempts(
    dispatch: Dispatch, shown: Sequence[Delivery], channels: Sequence[StoredChannel]
) -> Mapping[int, datetime]:
    """Return when messages are tried again: not before their channel has rested."""
    channel_of, rest = {delivery.id: delivery.channel_id for delivery in shown}, _rests(channels)
    due = dispatch.alarms.standing.next_attempts(shown)
    return {number: max(at, rest.get(channel_of[number], at)) for number, at in due.items()}


def _rests(channels: Sequence[StoredChannel]) -> Mapping[int, datetime]:
    return {channel.id: channel.rests_until for channel in channels if channel.rests_until is not None}
