"""The page of one issue: stack trace, how often, context, occurrences, the repair pipeline, comments, next steps."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from attrs import field, frozen
from litestar import MediaType, Request, Response
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from logcenter_collector.access.view import View
from logcenter_collector.domain.commenting import may_delete
from logcenter_collector.domain.muting import as_of
from logcenter_collector.domain.workflow import MoveRefusedError
from logcenter_collector.store.kept_line import KeptLine
from logcenter_collector.web.injected import InjectedView
from logcenter_collector.web.ui.actor import remembered_actor
from logcenter_collector.web.ui.excerpts import trace_lines
from logcenter_collector.web.ui.handlers import shows
from logcenter_collector.web.ui.issue.asked import Asked, asked_for
from logcenter_collector.web.ui.issue.context import read_context
from logcenter_collector.web.ui.issue.fitting import Fitted, fit
from logcenter_collector.web.ui.issue.frames import fold_frames, is_own_line, source_of_frame
from logcenter_collector.web.ui.issue.frequency import Frequency, span_of, usual_per
from logcenter_collector.web.ui.issue.grouping import grouping_of
from logcenter_collector.web.ui.issue.markdown import Subject, write_markdown
from logcenter_collector.web.ui.issue.pipeline import pipeline_of
from logcenter_collector.web.ui.issue.repository import repository_of, web_address
from logcenter_collector.web.ui.issue.steps import steps_from
from logcenter_collector.web.ui.site import InjectedSite, Site
from logcenter_sdk.contract.issue import Issue, Occurrence, StatsBucket, StatusChange
from logcenter_sdk.contract.limits import INTEGER_MAX
from logcenter_sdk.contract.status import TRANSITIONS, Status
from logcenter_sdk.contract.teamwork import Comment

LISTED: Final = 12
"""How many of the kept occurrences the page lists at first; all of those of the time that a bar stands for."""
MUTE_HOURS: Final = (1, 8, 24, 7 * 24, 30 * 24)


@shows("/issues/{issue_id:int}")
def issue(
    request: Request[Any, Any, Any], site: InjectedSite, view: InjectedView, issue_id: FromPath[int]
) -> Response[str]:
    """Show an issue."""
    return issue_page(site, view, request, existing_issue(view, issue_id))


@shows("/issues/{issue_id:int}/issue.md")
def issue_as_markdown(
    request: Request[Any, Any, Any], site: InjectedSite, view: InjectedView, issue_id: FromPath[int]
) -> Response[str]:
    """Show an issue as text to copy, of the occurrence that is asked for or the latest."""
    known = existing_issue(view, issue_id)
    asked = asked_for(known.id, request.query_params)
    shown = _shown(view, known, view.kept(known.id), asked)
    subject = Subject(
        issue=known,
        project=view.project(known.project_id),
        error=shown.error if shown else known.error,
        context=shown.context if shown else known.context,
        frames=(shown and shown.frames) or (),
        seen=shown.timestamp if shown else known.last_seen,
        url=f"{site.front.address_of(request)}/issues/{known.id}",
    )
    headers = {"Cache-Control": "no-cache", "Vary": "Accept-Language, Cookie"}
    return Response(write_markdown(subject, site.texts(request)), media_type=MediaType.TEXT, headers=headers)


def existing_issue(view: View, issue_id: int) -> Issue:
    """Return an issue. Raises NotFoundException."""
    found = view.issue(issue_id) if 0 < issue_id <= INTEGER_MAX else None
    if found is None:
        raise NotFoundException("no such issue")
    return found


@frozen(kw_only=True)
class Refusal:
    """A form that was refused, why, and what had been typed, so that nothing typed is lost."""

    saying: str
    """The reason's key among the texts under ``issue``; ``move`` for what ``move`` says more of."""
    typed: Mapping[str, str] = field(factory=dict)
    status: int = 400
    move: MoveRefusedError | None = None


def issue_page(
    site: Site, view: View, request: Request[Any, Any, Any], found: Issue, refusal: Refusal | None = None
) -> Response[str]:
    """Render an issue; after a refused form with the reason for it and what had been typed."""
    known, now = as_of(found, site.clock()), site.clock()
    asked = asked_for(known.id, request.query_params)
    kept, history, comments = view.kept(known.id), view.history(known.id), view.comments(known.id)
    principal = view.by.principal
    return site.page(
        request,
        "issue.html",
        status=refusal.status if refusal else 200,
        stands_on=f"/issues/{known.id}" if request.method == "POST" else None,
        issue=known,
        asked=asked,
        **_what_happened(view, known, kept, asked),
        **_how_often(view, known, asked, now),
        kept=kept,
        listed=_listed(kept, asked),
        history=tuple(reversed(history)),
        pipeline=pipeline_of(known, history),
        grouping=grouping_of(known),
        comments=comments,
        may_delete=lambda author: may_delete(author, principal),
        next_statuses=TRANSITIONS[known.status],
        statuses=tuple(Status),
        mute_hours=MUTE_HOURS,
        names=_names(known, history, comments),
        me=principal.name or remembered_actor(request.cookies),
        refusal=refusal,
        typed=refusal.typed if refusal else {},
        actor=remembered_actor(request.cookies),
        web_address=web_address,
    )


def _what_happened(view: View, issue: Issue, kept: Sequence[KeptLine], asked: Asked) -> dict[str, object]:
    """Return the error and its surroundings: of the occurrence that is asked for, or of the latest."""
    project = view.project(issue.project_id)
    shown = _shown(view, issue, kept, asked)
    error = shown.error if shown else issue.error
    whole = Fitted(
        frames=(shown and shown.frames) or (),
        trace=trace_lines(error),
        context=read_context(shown.context if shown else issue.context),
    )
    fitted = fit(whole)
    return {
        "project": project,
        "repository": repository_of(project.repo_url if project else None),
        "occurrence": shown,
        "is_gone": asked.occurrence is not None and (shown is None or shown.id != asked.occurrence),
        "steps": steps_from(kept, shown.id) if shown else None,
        "error": error,
        "trace": fitted.trace,
        "is_cut": fitted != whole,
        "is_own_line": is_own_line,
        "groups": fold_frames(fitted.frames),
        "source_of": source_of_frame,
        "context": fitted.context,
    }


def _shown(view: View, issue: Issue, kept: Sequence[KeptLine], asked: Asked) -> Occurrence | None:
    wanted = [asked.occurrence, *(line.id for line in kept[:1])]
    found = (view.occurrence(issue.id, number) for number in wanted if number is not None)
    return next((occurrence for occurrence in found if occurrence is not None), None)


def _how_often(view: View, issue: Issue, asked: Asked, now: datetime) -> dict[str, object]:
    span = span_of(issue, asked.per or usual_per(issue), now)
    buckets = view.stats(issue.id, span.per, span.since, span.until)
    return {
        "frequency": Frequency(
            span=span,
            by=asked.by,
            buckets=buckets,
            href=lambda since, until: asked.url("occurrences", per=span.per, since=since, until=until),
        ),
        "environments": _counted(issue.environments, (bucket.environments for bucket in buckets)),
        "releases": _counted(issue.versions, (bucket.versions for bucket in buckets)),
        "in_time": _in_time(buckets, asked),
    }


def _counted(names: Iterable[str], counts: Iterable[Mapping[str, int]]) -> list[tuple[str, int]]:
    """Return how often it occurred with each name in the time that is shown, the most first."""
    totals = Counter(dict.fromkeys(names, 0))
    for count in counts:
        totals.update(count)
    return totals.most_common()


def _in_time(buckets: Sequence[StatsBucket], asked: Asked) -> int:
    """Return how often it occurred in the time that a bar stands for."""
    return sum(bucket.count for bucket in buckets if _is_within(bucket.start, asked))


def _listed(kept: Sequence[KeptLine], asked: Asked) -> Sequence[KeptLine]:
    if asked.since is None and asked.until is None:
        return kept[:LISTED]
    return [line for line in kept if _is_within(line.timestamp, asked)]


def _is_within(instant: datetime, asked: Asked) -> bool:
    after = asked.since is None or asked.since <= instant
    return after and (asked.until is None or instant < asked.until)


def _names(issue: Issue, history: Sequence[StatusChange], comments: Sequence[Comment]) -> list[str]:
    """Return who had to do with an issue, to be offered when it is assigned."""
    names = {issue.assignee, *(change.actor for change in history), *(comment.author for comment in comments)}
    return sorted(name for name in names if name)
