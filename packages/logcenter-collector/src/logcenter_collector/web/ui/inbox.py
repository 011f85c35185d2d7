"""The inbox: which issues there are, in the order and with the filters that the URL says."""

from typing import Any, Final

from attrs import evolve, field, frozen
from litestar import Request, Response

from logcenter_collector.access.view import View
from logcenter_collector.domain.access import Scope
from logcenter_collector.domain.issue_query import IssueQuery
from logcenter_collector.domain.muting import as_of
from logcenter_collector.domain.query_editing import chips
from logcenter_collector.domain.query_language import Wrong, WrongQueryError
from logcenter_collector.store.base import InvalidCursorError
from logcenter_collector.web.injected import InjectedView
from logcenter_collector.web.ui.actor import remembered_actor
from logcenter_collector.web.ui.charts import sparkline
from logcenter_collector.web.ui.handlers import shows
from logcenter_collector.web.ui.problem_pages import problem_page
from logcenter_collector.web.ui.quick_filters import Offers
from logcenter_collector.web.ui.search import Place, place_in
from logcenter_collector.web.ui.site import InjectedSite, Site, language_of
from logcenter_sdk.contract.issue import Issue
from logcenter_sdk.contract.limits import INTEGER_MAX
from logcenter_sdk.contract.status import Status

MUTES: Final = ("1d", "7d", "30d", "10", "100", "1000", "off")
"""For how long an issue can be muted from the list: days, or so many occurrences more."""
DONE: Final = ("moved", "assigned", "muted", "unmuted", "saved", "deleted")
"""What a form may have done before it led back here."""
_DIGITS: Final = len(str(INTEGER_MAX))


@frozen
class LiveLink:
    """Where a page is told what changes, and what was the newest issue before it was made."""

    url: str
    after: int


@frozen(kw_only=True)
class Outcome:
    """What a form did, as the page says it above the list."""

    done: str = ""
    number: int = 0
    refused: tuple[tuple[Issue | int, str], ...] = ()
    """Issues with which nothing was done, each with the reason in the reader's words."""
    saying: str = ""
    """Why nothing was done at all: a key of the texts."""
    selected: frozenset[int] = field(factory=frozenset)

    @property
    def status(self) -> int:
        """The status of the answer."""
        return 400 if self.saying else 409 if self.refused else 200


@shows("/")
def inbox(request: Request[Any, Any, Any], site: InjectedSite, view: InjectedView) -> Response[str]:
    """Show one page of the inbox."""
    params = request.query_params
    number = params.get("n", "")
    outcome = Outcome(
        done=params["done"] if params.get("done") in DONE else "",
        number=int(number) if number.isdecimal() and len(number) < _DIGITS else 0,
    )
    return inbox_page(site, view, request, place_in(params), outcome)


def inbox_page(
    site: Site, view: View, request: Request[Any, Any, Any], place: Place, outcome: Outcome
) -> Response[str]:
    """Render a place of the inbox with what a form did there."""
    newest_issue = view.newest_issue()  # before the list
    wrong: tuple[Wrong, ...] = ()
    found: dict[str, Any] = {"issues": (), "older": None, "sparks": {}}
    try:
        found = _listed(site, view, place, place.query(site.clock()))
    except WrongQueryError as error:
        wrong = error.wrong
    except InvalidCursorError:
        return problem_page(site, request, 400, "cursor")
    t, me = language_of(request), view.by.principal.name
    offers, projects = Offers(place.text, t), view.projects()
    first = evolve(place, cursor=None)
    return site.page(
        request,
        "inbox.html",
        status=400 if wrong else outcome.status,
        stands_on=None if request.method in {"GET", "HEAD"} else place.url(),
        place=place,
        here=first.url(),
        live=None if wrong else LiveLink(first.url("/live"), newest_issue),
        chips=chips(place.text),
        menus=offers.menus(projects, found["issues"]),
        orders=offers.orders(),
        views=offers.views(saved := view.saved_views(), me),
        saved=saved,
        may_share=view.by.principal.may_everywhere,
        statuses=tuple(Status),
        mutes=MUTES,
        people=_people(site, view),
        me=me,
        actor=remembered_actor(request.cookies),
        outcome=outcome,
        has_muted=lambda: bool(view.issues(IssueQuery(limit=1)).items),
        spark=lambda counts: sparkline(counts, title=t("inbox.spark", n=f"{sum(counts):,}")),
        wrong=wrong,
        **found,
    )


def _listed(site: Site, view: View, place: Place, query: IssueQuery) -> dict[str, Any]:
    page = view.issues(query)
    now = site.clock()
    return {
        "issues": tuple(as_of(issue, now) for issue in page.items),
        "older": evolve(place, cursor=page.next_cursor).url() if page.next_cursor else None,
        "sparks": view.sparklines(page.items, now),
    }


def _people(site: Site, view: View) -> tuple[str, ...]:
    """Return who can be given issues; who is limited to some projects is told of nobody else."""
    principal = view.by.principal
    if not principal.may(Scope.TRIAGE) or not principal.may_everywhere:
        return ()
    return tuple(account.name for account in site.front.people.everybody() if account.disabled_at is None)
