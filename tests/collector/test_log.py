"""The log on stderr: lines that people or programs can read, none of them with a password, and not too many."""

import json
import logging
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from logcenter_collector.logs import QUIET_SECONDS, JsonFormatter, OneTraceback, TextFormatter
from logcenter_collector.store.dialects import UnknownDatabaseError, parse_url, without_password
from logcenter_collector.store.migrate import newest_revision
from support.collector import Collector
from support.failing import failing_sqlite
from support.postgres import Postgres
from support.sending import a_report
from support.sqlite import locked

ANNOUNCED = ("Log Center is listening.", "Nobody has to sign in:", "This is its first start.", "To make your account,")


def record(message: str, *arguments: object, **extra: object) -> logging.LogRecord:
    made = logging.getLogger("logcenter.test").makeRecord(
        "logcenter.test", logging.WARNING, "file.py", 1, message, arguments, None, extra=extra
    )
    made.created = 1_700_000_000.1234
    return made


def test_a_line_of_json_has_the_instant_the_level_the_logger_the_message_and_the_fields() -> None:
    line = JsonFormatter().format(record("%d of 3", 2, reason="queue_full", reports=17))

    assert {
        "timestamp": "2023-11-14T22:13:20.123Z",
        "level": "WARNING",
        "logger": "logcenter.test",
        "message": "2 of 3",
        "reason": "queue_full",
        "reports": 17,
    } == json.loads(line)


def test_a_line_of_json_stays_one_line_of_ascii_whatever_is_logged() -> None:
    line = JsonFormatter().format(record("错误\n\ud800", thing=object(), folder=b"\xff"))

    assert line.isascii()
    assert line.isprintable()
    assert "错误\n\ud800" == json.loads(line)["message"]


def test_a_traceback_is_a_field_of_the_line_of_json() -> None:
    made = record("failed")
    try:
        int("a bug")
    except ValueError:
        made.exc_info = sys.exc_info()

    line = json.loads(JsonFormatter().format(made))

    assert "failed" == line["message"]
    assert line["exception"].startswith("Traceback")
    assert line["exception"].endswith("ValueError: invalid literal for int() with base 10: 'a bug'")


def bug(raise_it: Callable[[], object]) -> logging.LogRecord:
    made = record("failed")
    try:
        raise_it()
    except (ValueError, ZeroDivisionError):
        made.exc_info = sys.exc_info()
    return made


def divide() -> float:
    return 1 / 0


def read_no_number() -> int:
    return int("a bug")


def test_of_a_bug_one_traceback_is_written_in_a_minute_and_the_next_says_how_many_were_left_out() -> None:
    now = 0.0
    once = OneTraceback(lambda: now)

    written = []
    for now in (0.0, 1.0, QUIET_SECONDS - 1.0, float(QUIET_SECONDS), 2.0 * QUIET_SECONDS):
        for raise_it in (divide, read_no_number):
            made = bug(raise_it)
            if once.filter(made):
                written.append((now, raise_it, vars(made).get("left_out")))

    assert [
        (at, raise_it, left_out)
        for at, left_out in ((0.0, None), (60.0, 2), (120.0, None))
        for raise_it in (divide, read_no_number)
    ] == written


def test_lines_without_a_traceback_are_all_written() -> None:
    once = OneTraceback()

    assert [True] * 3 == [once.filter(record("The storage can be written again")) for _ in range(3)]


def test_a_bug_that_every_report_meets_is_written_once(start_collector: Callable[..., Collector]) -> None:
    collector = start_collector("--log-format", "json")
    with failing_sqlite(collector).poisoned():
        statuses = [collector.post_report(a_report("p", message="poison")).status_code for _ in range(5)]

    tracebacks = [line["message"] for line in lines_of(collector) if "exception" in line]
    assert [500] * 5 == statuses
    assert 1 == tracebacks.count("A report of project p cannot be stored")


def test_a_line_of_text_ends_with_the_fields() -> None:
    line = TextFormatter().format(record("Reports are refused", reason="queue_full", reports=17))

    assert "2023-11-14T22:13:20.123Z WARNING logcenter.test: Reports are refused reason=queue_full reports=17" == line


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://user:secret@host/db", "postgresql://user:***@host/db"),
        (
            "postgresql://user:sec:re/t@x@host:5432/db?sslmode=require",
            "postgresql://user:***@host:5432/db?sslmode=require",
        ),
        (
            "postgresql://host/db?user=u&password=secret&sslmode=require",
            "postgresql://host/db?user=u&password=***&sslmode=require",
        ),
        ("postgresql://user@host/db", "postgresql://user@host/db"),
        ("postgresql://:secret@/db?host=/run/postgresql", "postgresql://:***@/db?host=/run/postgresql"),
        ("host=h password=secret", "host=h password=***"),
        ("sqlite:////srv/a:b@c/logcenter.db", "sqlite:////srv/a:b@c/logcenter.db"),
        ("no url", "no url"),
    ],
)
def test_a_database_is_shown_without_its_password(url: str, shown: str) -> None:
    assert shown == without_password(url)


@pytest.mark.parametrize(
    "url", ["postgresql://user:secret@host:port/db", "user:secret@host", "mysql://u:secret@host/db"]
)
def test_a_wrong_database_url_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(UnknownDatabaseError) as refused:
        parse_url(url)

    assert "secret" not in str(refused.value)


def lines_of(collector: Collector) -> list[dict[str, Any]]:
    """Return the lines of a collector's log; what it says on stdout, the only lines that are no JSON, is left out."""
    lines = collector.output.read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines if not line.startswith(ANNOUNCED)]


def test_a_collector_logs_its_start_its_end_and_nothing_else_while_all_is_well(
    start_collector: Callable[..., Collector], database_url: str
) -> None:
    collector = start_collector("--log-format", "json", database=database_url)
    collector.report(a_report("p"))
    assert 0 == collector.stop()

    *migrated, started, stopped = lines_of(collector)

    kind = "sqlite" if database_url.startswith("sqlite") else "postgresql"
    assert ("INFO", "Started", kind) == (started["level"], started["message"], started["database"])
    assert (collector.api_url, collector.dashboard_url) == (started["api"], started["dashboard"])
    assert ("Stopped", 1, 0) == (stopped["message"], stopped["accepted"], stopped["rejected"])
    # The database of PostgreSQL is a copy of one that has the schema.
    assert ([(None, newest_revision())] if kind == "sqlite" else []) == [
        (line["schema_before"], line["schema"]) for line in migrated
    ]


def test_no_password_is_said_at_the_start_or_when_the_start_fails(
    start_collector: Callable[..., Collector], postgres_url: str
) -> None:
    assert "postgres:@" in postgres_url  # a server of tests asks for no password, and takes any
    collector = start_collector(database=postgres_url.replace("postgres:@", "postgres:secret@"))
    said = collector.output.read_text(encoding="utf-8")

    command = [sys.executable, "-m", "logcenter_collector", "serve", "--port", "0", "--dashboard-port", "0"]
    failed = subprocess.run(
        [*command, "--database-url", "postgresql://u:secret@127.0.0.1:1/db"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert "postgresql://postgres:***@" in said
    assert "secret" not in said
    assert (1, 1) == (failed.returncode, len(failed.stderr.splitlines()))
    assert "u:***@127.0.0.1:1/db" in failed.stderr
    assert "secret" not in failed.stderr


def test_a_storage_that_fails_is_logged_when_it_begins_and_when_it_is_over(
    start_collector: Callable[..., Collector],
) -> None:
    collector = start_collector("--log-format", "json")
    with locked(collector.database):
        assert [503] * 3 == [collector.post_report(a_report("p")).status_code for _ in range(3)]
        assert 503 == collector.client.get("/readyz").status_code
    collector.report(a_report("p"))
    assert 200 == collector.client.get("/readyz").status_code

    failed, recovered = availability(collector)

    assert ("ERROR", "The storage cannot be written: database is locked") == (failed["level"], failed["message"])
    assert ("WARNING", "The storage can be written again") == (recovered["level"], recovered["message"])
    assert 0 < recovered["seconds"]


def test_a_server_that_was_stopped_and_started_is_logged_once_for_reading_and_once_for_writing(
    start_collector: Callable[..., Collector], postgres: Postgres, postgres_url: str
) -> None:
    collector = start_collector("--log-format", "json", database=postgres_url)
    collector.report(a_report("p"))
    with postgres.stopped():
        assert [503] * 3 == [collector.post_report(a_report("p")).status_code for _ in range(3)]
        assert [503] * 3 == [collector.client.get("/api/v1/projects").status_code for _ in range(3)]
    collector.report(a_report("p"))
    assert 200 == collector.client.get("/api/v1/projects").status_code

    said = [line["message"].removeprefix("The storage ").partition(":")[0] for line in availability(collector)]
    assert {"cannot be written", "cannot be read"} == set(said[:2])  # in either order: upkeep reads as well
    assert {"can be written again", "can be read again"} == set(said[2:])
    assert 4 == len(said)


def availability(collector: Collector) -> list[dict[str, Any]]:
    return [line for line in lines_of(collector) if line["logger"].endswith("availability")]


def test_refused_reports_are_logged_once_for_each_reason_however_many_they_are(
    start_collector: Callable[..., Collector],
) -> None:
    collector = start_collector("--log-format", "json")
    for _ in range(20):
        collector.post_report(b"{")
        collector.post_report(a_report("p", level="FATAL"))

    refused = [line for line in lines_of(collector) if line["message"].startswith("Reports are refused")]

    assert ["not_json", "invalid_fields"] == [line["reason"] for line in refused]
    assert "level" in refused[1]["message"]


def test_without_a_wish_the_log_is_text(shared_collector: Collector) -> None:
    assert " INFO logcenter_collector.app: Started version=" in shared_collector.output.read_text(encoding="utf-8")
