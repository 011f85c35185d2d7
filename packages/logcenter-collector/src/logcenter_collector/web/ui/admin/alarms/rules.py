"""Rules of alarms: add, change, remove."""

from collections.abc import Callable
from typing import Any, Final

from litestar import Request, Response
from litestar.params import FromPath
from litestar.response import Redirect

from logcenter_collector.access.view import View
from logcenter_collector.alarms.sending import Dispatch
from logcenter_collector.domain.alarms.event import Trigger
from logcenter_collector.domain.alarms.rule import AlarmRule, Language
from logcenter_collector.store.alarms.rules import UnknownChannelsError
from logcenter_collector.web.api.alarm_rules import known_rule
from logcenter_collector.web.guard import by_of
from logcenter_collector.web.injected import InjectedDispatch, InjectedView
from logcenter_collector.web.ui.admin.alarms.overview import ALARMS, sentences_in
from logcenter_collector.web.ui.admin.alarms.rule_form import (
    UNITS,
    RuleFields,
    fields_of_form,
    fields_of_new,
    fields_of_rule,
    timezones,
)
from logcenter_collector.web.ui.forms import InjectedForm
from logcenter_collector.web.ui.handlers import shows, takes_form
from logcenter_collector.web.ui.site import InjectedSite, Site
from logcenter_sdk.contract.report import Level, Source
from logcenter_sdk.contract.status import Status

RULES: Final = f"{ALARMS}/rules"


@shows("/admin/alarms/rules/new")
def new_rule(
    request: Request[Any, Any, Any], site: InjectedSite, view: InjectedView, dispatch: InjectedDispatch
) -> Response[str]:
    """Show the form of a new rule."""
    fields = fields_of_new(Language(site.texts(request).code))
    return RulePage(site, request, view, dispatch).show(fields)


@takes_form(RULES)
def add_rule(
    request: Request[Any, Any, Any],
    site: InjectedSite,
    view: InjectedView,
    dispatch: InjectedDispatch,
    form: InjectedForm,
) -> Response[Any]:
    """Add a rule."""

    def save(rule: AlarmRule) -> AlarmRule:
        return dispatch.alarms.rules.create(rule, by_of(request), site.clock())

    return _saved(RulePage(site, request, view, dispatch), form, 0, save)


@shows("/admin/alarms/rules/{rule_id:int}")
def rule(
    request: Request[Any, Any, Any],
    site: InjectedSite,
    view: InjectedView,
    dispatch: InjectedDispatch,
    rule_id: FromPath[int],
) -> Response[str]:
    """Show a rule."""
    known = known_rule(dispatch, rule_id)
    return RulePage(site, request, view, dispatch, known).show(fields_of_rule(known))


@takes_form("/admin/alarms/rules/{rule_id:int}")
def change_rule(  # noqa: PLR0913, PLR0917 - what a handler asks for
    request: Request[Any, Any, Any],
    site: InjectedSite,
    view: InjectedView,
    dispatch: InjectedDispatch,
    rule_id: FromPath[int],
    form: InjectedForm,
) -> Response[Any]:
    """Change a rule."""

    def save(rule: AlarmRule) -> bool:
        return dispatch.alarms.rules.change(rule, by_of(request), site.clock())

    known = known_rule(dispatch, rule_id)
    return _saved(RulePage(site, request, view, dispatch, known), form, rule_id, save)


@takes_form("/admin/alarms/rules/{rule_id:int}/delete")
def delete_rule(
    request: Request[Any, Any, Any], site: InjectedSite, dispatch: InjectedDispatch, rule_id: FromPath[int]
) -> Response[Any]:
    """Remove a rule."""
    known_rule(dispatch, rule_id)
    dispatch.alarms.rules.delete(rule_id, by_of(request), site.clock())
    return Redirect(f"{ALARMS}?done", status_code=303)


class RulePage:
    """The page with the form of a rule; of a new one where none is known."""

    def __init__(
        self,
        site: Site,
        request: Request[Any, Any, Any],
        view: View,
        dispatch: Dispatch,
        known: AlarmRule | None = None,
    ) -> None:
        self._site, self._request, self._view, self._dispatch, self._known = site, request, view, dispatch, known

    def show(self, fields: RuleFields, wrong: frozenset[str] = frozenset()) -> Response[str]:
        """Return the page."""
        channels, projects = self._dispatch.alarms.channels.all(), self._view.projects()
        sentences = sentences_in(self._site.texts(self._request).code, projects, channels)
        known = self._known
        return self._site.page(
            self._request,
            "admin_alarm_rule.html",
            status=400 if wrong else 200,
            stands_on=f"{RULES}/{known.id if known else 'new'}",
            section="alarms",
            rule=known,
            says=sentences.says(known) if known else None,
            fields=fields.texts,
            chosen=fields.chosen,
            wrong=wrong,
            channels=channels,
            projects=projects,
            triggers=tuple(Trigger),
            statuses=tuple(Status),
            sources=tuple(Source),
            levels=tuple(Level),
            units=tuple(UNITS),
            rule_languages=tuple(Language),
            timezones=timezones(),
        )


def _saved(page: RulePage, form: InjectedForm, rule_id: int, save: Callable[[AlarmRule], object]) -> Response[Any]:
    fields = fields_of_form(form)
    if wrong := fields.wrong():
        return page.show(fields, wrong)
    try:
        save(fields.rule(rule_id))
    except UnknownChannelsError:
        return page.show(fields, frozenset({"channels"}))
    return Redirect(f"{ALARMS}?done", status_code=303)
