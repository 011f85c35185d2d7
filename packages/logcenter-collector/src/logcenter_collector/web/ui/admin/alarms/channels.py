"""Channels of alarms: add, change, try, remove."""

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from litestar import Request, Response
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Redirect

from logcenter_collector.alarms.channels.fields import ChannelKind
from logcenter_collector.alarms.channels.kinds import KINDS
from logcenter_collector.alarms.sending import Dispatch
from logcenter_collector.alarms.trying import try_channel
from logcenter_collector.domain.alarms.rule import Language
from logcenter_collector.ingest.decode import read_object
from logcenter_collector.store.alarms.channels import StoredChannel
from logcenter_collector.web.api.alarm_channels import check_settings, known_channel
from logcenter_collector.web.api.alarm_shapes import (
    AlarmChannelChange,
    AlarmChannelRequest,
    AlarmTest,
    changed_settings,
    shown_outcome,
)
from logcenter_collector.web.guard import by_of
from logcenter_collector.web.injected import InjectedDispatch
from logcenter_collector.web.ui.admin.alarms.channel_form import entries, typed_changes, typed_settings
from logcenter_collector.web.ui.admin.alarms.overview import ALARMS, kind_title
from logcenter_collector.web.ui.forms import InjectedForm
from logcenter_collector.web.ui.handlers import shows, takes_form
from logcenter_collector.web.ui.site import InjectedSite, Site
from logcenter_collector.web.ui.wrong_fields import wrong_fields

CHANNELS: Final = f"{ALARMS}/channels"
_NOTHING_WRONG: Final[frozenset[str]] = frozenset()


@shows("/admin/alarms/channels/new")
def new_channel(request: Request[Any, Any, Any], site: InjectedSite) -> Response[str]:
    """Let somebody choose what the new channel is, and then show its form."""
    if "kind" not in request.query_params:
        language = site.texts(request).code
        kinds = [(kind.name, kind.title(language)) for kind in KINDS.values()]
        return site.page(request, "admin_alarm_kinds.html", section="alarms", kinds=kinds)
    return _new_page(site, request, _kind(request.query_params["kind"]), "", {}, _NOTHING_WRONG)


@takes_form(CHANNELS)
def add_channel(
    request: Request[Any, Any, Any], site: InjectedSite, dispatch: InjectedDispatch, form: InjectedForm
) -> Response[Any]:
    """Add a channel, and go to its page, where it can be tried."""
    kind, name = _kind(form.text("kind")), form.text("name")
    settings = typed_settings(kind, form)
    wanted = {"name": name, "kind": kind.name, "settings": settings}
    checks = (partial(read_object, AlarmChannelRequest, wanted), partial(check_settings, kind.name, settings))
    if wrong := wrong_fields(*checks):
        return _new_page(site, request, kind, name, settings, wrong)
    stored = dispatch.alarms.channels.create(name, kind.name, settings, by_of(request), site.clock())
    return Redirect(f"{CHANNELS}/{stored.id}?done", status_code=303)


@shows("/admin/alarms/channels/{channel_id:int}")
def channel(
    request: Request[Any, Any, Any], site: InjectedSite, dispatch: InjectedDispatch, channel_id: FromPath[int]
) -> Response[str]:
    """Show a channel, without its secrets."""
    return _channel_page(site, request, dispatch, known_channel(dispatch, channel_id))


@takes_form("/admin/alarms/channels/{channel_id:int}")
def change_channel(
    request: Request[Any, Any, Any],
    site: InjectedSite,
    dispatch: InjectedDispatch,
    channel_id: FromPath[int],
    form: InjectedForm,
) -> Response[Any]:
    """Change a channel."""
    stored = known_channel(dispatch, channel_id)
    name, typed = form.text("name"), typed_changes(_kind(stored.kind), form)
    settings = changed_settings(stored, typed)
    wanted = {"name": name, "settings": typed}
    checks = (partial(read_object, AlarmChannelChange, wanted), partial(check_settings, stored.kind, settings))
    if wrong := wrong_fields(*checks):
        return _channel_page(site, request, dispatch, stored, typed=wanted, wrong=wrong)
    dispatch.alarms.channels.change(channel_id, name, settings, by_of(request), site.clock())
    return Redirect(f"{CHANNELS}/{channel_id}?done", status_code=303)


@takes_form("/admin/alarms/channels/{channel_id:int}/test")
def try_out_channel(
    request: Request[Any, Any, Any], site: InjectedSite, dispatch: InjectedDispatch, channel_id: FromPath[int]
) -> Response[str]:
    """Send a test message, and show what became of it."""
    known_channel(dispatch, channel_id)
    outcome = try_channel(dispatch, channel_id, Language(site.texts(request).code), by_of(request))
    stored = known_channel(dispatch, channel_id)
    return _channel_page(site, request, dispatch, stored, tried=shown_outcome(outcome) if outcome else None)


@takes_form("/admin/alarms/channels/{channel_id:int}/delete")
def delete_channel(
    request: Request[Any, Any, Any], site: InjectedSite, dispatch: InjectedDispatch, channel_id: FromPath[int]
) -> Response[Any]:
    """Remove a channel, from rules as well, as its page explains before."""
    known_channel(dispatch, channel_id)
    dispatch.alarms.channels.delete(channel_id, by_of(request), site.clock())
    return Redirect(f"{ALARMS}?done", status_code=303)


def _new_page(  # noqa: PLR0913, PLR0917 - the page, and all that was typed
    site: Site,
    request: Request[Any, Any, Any],
    kind: ChannelKind,
    name: str,
    typed: Mapping[str, Any],
    wrong: frozenset[str],
) -> Response[str]:
    language = site.texts(request).code
    return site.page(
        request,
        "admin_alarm_channel.html",
        status=400 if wrong else 200,
        stands_on=f"{CHANNELS}/new?kind={kind.name}",
        section="alarms",
        channel=None,
        kind=kind.name,
        kind_title=kind.title(language),
        name=name,
        entries=[*entries(kind, language, typed, {}, wrong)],
        wrong=wrong,
        tried=None,
        done=False,
    )


def _channel_page(  # noqa: PLR0913 - the page, and what became of a form or a test
    site: Site,
    request: Request[Any, Any, Any],
    dispatch: Dispatch,
    stored: StoredChannel,
    *,
    typed: Mapping[str, Any] | None = None,
    wrong: frozenset[str] = _NOTHING_WRONG,
    tried: AlarmTest | None = None,
) -> Response[str]:
    language, kind = site.texts(request).code, KINDS.get(stored.kind)
    shown = typed or {"name": stored.name, "settings": stored.settings}
    waiting = dispatch.alarms.standing.waiting(stored.id)
    return site.page(
        request,
        "admin_alarm_channel.html",
        status=400 if wrong else 200,
        stands_on=f"{CHANNELS}/{stored.id}",
        section="alarms",
        channel=stored,
        kind=stored.kind,
        kind_title=kind_title(stored.kind, language),
        name=shown["name"],
        entries=[*entries(kind, language, shown["settings"], stored.settings, wrong)] if kind else None,
        wrong=wrong,
        tried=tried,
        done="done" in request.query_params,
        rules=[rule for rule in dispatch.alarms.rules.all() if stored.id in rule.channel_ids],
        waiting=sum(each.issues for each in waiting),
    )


def _kind(name: str) -> ChannelKind:
    """Return a kind of channels. Raises NotFoundException."""
    if name not in KINDS:
        raise NotFoundException("no such kind")
    return KINDS[name]
