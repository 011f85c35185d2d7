"""What an open page is told belongs to its list, and what does not: as the list itself would say."""

from logcenter_collector.domain.muting import MuteWish
from logcenter_collector.domain.query_language import parse
from logcenter_collector.store.base import Store
from logcenter_collector.store.live_filter import is_listed
from support.stores import START, Reporter

SEARCHES = [
    "",
    "is:muted",
    "-is:muted",
    "is:regressed",
    "with:registration",
    "is:registration",
    "level:WARNING",
    "-level:WARNING",
    "assignee:mei",
    "assignee:none",
    "-assignee:mei",
    "status:FIXED,NEW -source:cicd",
    "user",
    "no such -broken",
    '-"no such user"',
    "env:staging",
    "-env:staging",
    "release:1.2",
]


def fill(store: Store, reporter: Reporter) -> None:
    """Leave issues that differ in everything a search asks for."""
    reporter.report()
    store.mute(reporter.report(line_number=2).issue_id, MuteWish(more=10), START)
    store.assign(reporter.report(line_number=3, level="WARNING", version="1.2").issue_id, "mei", START)
    reporter.fix(reporter.report(line_number=4, source="cicd", message="broken").issue_id)
    back = reporter.report(line_number=5, environment="staging").issue_id
    reporter.fix(back)
    reporter.report(line_number=5, environment="staging")
    reporter.report(type="ProjectInit")


def test_an_open_page_is_told_of_the_issues_that_its_list_has(store: Store, reporter: Reporter) -> None:
    fill(store, reporter)
    issues = store.newer_issues(0, ())

    for search in SEARCHES:
        query = parse(f"{search} project:{reporter.project}", START)
        listed = {issue.id for issue in store.issues(query).items}

        assert (search, listed) == (search, {issue.id for issue in issues if is_listed(issue, query, START)})
