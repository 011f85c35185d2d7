"""What pages show of an issue in few words, and where a form may come from."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from attrs import evolve

from logcenter_collector.web.ui.excerpts import PLACE_CHARACTERS, ending_of, name_of, place_of, summary_of, trace_lines
from logcenter_collector.web.ui.languages import catalogue
from logcenter_collector.web.ui.moments import ago, exactly
from logcenter_collector.web.ui.origin import is_same_origin
from logcenter_sdk.contract.issue import Issue, IssueError
from logcenter_sdk.contract.report import Level, Source
from logcenter_sdk.contract.status import Status

NOW = datetime(2026, 2, 20, 10, 30, tzinfo=UTC)


def an_error(*stack_trace: str, file_path: str | None = None, line_number: int | None = None) -> IssueError:
    return IssueError(
        type="ValueError", message="no", file_path=file_path, line_number=line_number, stack_trace=stack_trace
    )


def an_issue(source: Source, error: IssueError, **context: Any) -> Issue:
    return Issue(
        id=1,
        project_id="shop",
        source=source,
        fingerprint="0" * 32,
        fingerprints=("0" * 32,),
        status=Status.NEW,
        level=Level.ERROR,
        environment="production",
        version=None,
        commit_hash=None,
        error=error,
        context=context,
        occurrence_count=1,
        regression_count=0,
        first_seen=NOW,
        last_seen=NOW,
        environments=("production",),
        versions=(),
        fix=None,
    )


@pytest.mark.parametrize(
    ("expected", "issue"),
    [
        ("shop/cart.py:12", an_issue(Source.RUNTIME, an_error(file_path="shop/cart.py", line_number=12))),
        ("shop/cart.py", an_issue(Source.RUNTIME, an_error(file_path="shop/cart.py"))),
        ("", an_issue(Source.RUNTIME, an_error())),
        ("build / lint", an_issue(Source.CICD, an_error(), job_name="build", step_name="lint")),
        ("build", an_issue(Source.CICD, an_error(), job_name="build", step_name=None)),
        ("live/web", an_issue(Source.DEPLOYMENT, an_error(), namespace="live", deployment_name="web")),
        ("live/7", an_issue(Source.DEPLOYMENT, an_error(), namespace="live", deployment_name=7)),
    ],
)
def test_where_an_issue_happened_is_said_by_its_source(expected: str, issue: Issue) -> None:
    assert expected == place_of(issue)


def test_a_summary_is_the_first_line_that_says_something() -> None:
    assert "boom" == summary_of("\n  \n  boom\nmore")
    assert "" == summary_of("")
    assert 240 == len(summary_of("x" * 9000))


def test_the_line_of_the_trace_that_names_the_place_is_marked() -> None:
    error = an_error(
        'File "shop/cart.py", line 120, in a\n    a()',
        'File "shop/cart.py", line 12, in b',
        "at shop/cart.py:12:7",
        "at shop/cart.py:121",
        file_path="shop/cart.py",
        line_number=12,
    )

    assert ['File "shop/cart.py", line 12, in b', "at shop/cart.py:12:7"] == [
        line.text for line in trace_lines(error) if line.is_place
    ]
    assert 5 == len(trace_lines(error))


@pytest.mark.parametrize(
    ("expected", "age"),
    [
        ("just now", timedelta(seconds=-3)),
        ("just now", timedelta(seconds=59)),
        ("1 min ago", timedelta(seconds=60)),
        ("59 min ago", timedelta(minutes=59, seconds=59)),
        ("23 h ago", timedelta(hours=23, minutes=59)),
        ("29 d ago", timedelta(days=29, hours=23)),
        ("2026-01-21", timedelta(days=30)),
    ],
)
def test_an_instant_is_told_by_its_age_and_an_old_one_by_its_date(expected: str, age: timedelta) -> None:
    assert expected == ago(NOW - age, NOW, catalogue("en"))


def test_the_exact_instant_names_its_zone() -> None:
    assert "2026-02-20 10:30:00 UTC" == exactly(NOW)


@pytest.mark.parametrize(
    ("expected", "headers"),
    [
        (True, {"sec-fetch-site": "same-origin"}),
        (True, {"sec-fetch-site": "none"}),
        (False, {"sec-fetch-site": "same-site"}),
        (False, {"sec-fetch-site": "cross-site", "origin": "http://logs:8003", "host": "logs:8003"}),
        (True, {"origin": "http://logs:8003", "host": "logs:8003"}),
        (False, {"origin": "http://logs:8002", "host": "logs:8003"}),
        (False, {"origin": "http://evil", "host": "logs:8003"}),
        (False, {"origin": "null", "host": "logs:8003"}),
        (False, {"host": "logs:8003"}),
        (False, {}),
    ],
)
def test_a_form_is_accepted_from_the_same_origin_only(expected: bool, headers: dict[str, str]) -> None:
    assert expected == is_same_origin(headers)


def test_an_issue_of_a_blank_type_is_called_by_its_number_so_that_its_link_can_be_clicked() -> None:
    assert "ValueError" == name_of(an_issue(Source.RUNTIME, an_error()))
    assert "#1" == name_of(an_issue(Source.RUNTIME, evolve(an_error(), type=" ")))


def test_a_place_too_long_for_a_list_keeps_its_end() -> None:
    assert "shop/app.py:3" == ending_of("shop/app.py:3")

    ending = ending_of("folder/" * 60 + "app.py:3")

    assert PLACE_CHARACTERS == len(ending)
    assert ending.startswith("…")
    assert ending.endswith("folder/app.py:3")


def test_a_trace_that_repeats_the_path_is_marked_in_linear_time() -> None:
    error = an_error(*["a " * 2_000] * 200, file_path="a", line_number=3)

    assert not any(line.is_place for line in trace_lines(error))
