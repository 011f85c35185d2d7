"""The code on the how-to pages, run as it stands."""

import json
import logging
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from pkgutil import resolve_name
from types import ModuleType
from typing import Any

import httpx
import pytest
import structlog
from django.core.signals import got_request_exception
from django.test import Client, override_settings
from fakeredis import FakeStrictRedis
from rq import Queue, SimpleWorker

import logcenter_sdk
from sdk import django_site
from sdk.fake_collector import FakeCollector
from support.pages import snippet


def run_page(name: str, collector: FakeCollector, tmp_path: Path) -> "subprocess.CompletedProcess[str]":
    (tmp_path / name).write_text(snippet("how-to/python.md", name), encoding="utf-8")
    return subprocess.run(
        [sys.executable, name],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=tmp_path,
        env={**os.environ, "LOG_CENTER_URL": collector.url},
    )


def run_shell(name: str, collector: FakeCollector) -> "subprocess.CompletedProcess[str]":
    folder = str(Path(sys.executable).parent)
    return subprocess.run(
        ["/bin/sh", "-c", snippet("how-to/python.md", name)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "LOG_CENTER_URL": collector.url, "PATH": folder + os.pathsep + os.environ["PATH"]},
    )


def load_page(page: str, name: str, collector: FakeCollector, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Run a page's module in this process."""
    monkeypatch.setenv("LOG_CENTER_URL", collector.url)
    module = ModuleType("page")
    monkeypatch.setitem(sys.modules, "page", module)
    exec(compile(snippet(page, name), name, "exec"), vars(module))
    return vars(module)


def test_the_first_program_reports_its_end(collector: FakeCollector, tmp_path: Path) -> None:
    finished = run_page("program.py", collector, tmp_path)

    assert (1, "ValueError") == (finished.returncode, finished.stderr.splitlines()[-1].partition(":")[0])
    [report] = collector.reports
    assert ("shop_backend", "production", "program.py", 7) == (
        report["project_id"],
        report["environment"],
        report["error"]["file_path"],
        report["error"]["line_number"],
    )


def test_handled_errors_and_messages_are_reported(collector: FakeCollector, tmp_path: Path) -> None:
    finished = run_page("handled.py", collector, tmp_path)

    assert (0, "") == (finished.returncode, finished.stderr)
    assert [("ValueError", {"order_id": "o_17"}), ("Message", {})] == [
        (report["error"]["type"], report["context"]) for report in collector.reports
    ]


def test_an_error_carries_what_the_blocks_that_it_left_knew(collector: FakeCollector, tmp_path: Path) -> None:
    finished = run_page("context.py", collector, tmp_path)

    assert 1 == finished.returncode
    [report] = collector.reports
    context = report["context"]
    assert ("nightly", "eighteen", {"region": "eu"}) == (context["job"], context["order_id"], context["tags"])
    assert [("charging", "payment", {"amount": 12})] * 2 == [
        (crumb["message"], crumb["category"], crumb["data"]) for crumb in context["breadcrumbs"]
    ]


def test_reports_are_shaped_and_their_locals_scrubbed(collector: FakeCollector, tmp_path: Path) -> None:
    finished = run_page("shaped.py", collector, tmp_path)

    assert (0, "") == (finished.returncode, finished.stderr)
    [report] = collector.reports
    assert ("ValueError", {"team": "payment"}) == (report["error"]["type"], report["context"])
    assert {"amount": "twelve", "password": "[masked]"} == report["frames"][-1]["locals"]
    assert "hush" not in str(report)


def test_a_logged_exception_is_reported_with_its_entry(collector: FakeCollector, tmp_path: Path) -> None:
    finished = run_page("logged.py", collector, tmp_path)

    assert 0 == finished.returncode
    [report] = collector.reports
    assert ("ValueError", "shop", "order o_17 failed") == (
        report["error"]["type"],
        report["context"]["logger"],
        report["context"]["message"],
    )


def test_a_thousand_equal_errors_are_a_handful_of_requests(collector: FakeCollector, tmp_path: Path) -> None:
    finished = run_page("counted.py", collector, tmp_path)

    assert (0, "") == (finished.returncode, finished.stderr)
    assert finished.stdout.startswith("Stats(captured=1000, ")
    assert 1000 == sum(report.get("occurrences", 1) for report in collector.reports)
    assert len(collector.requests) < 100


def test_an_application_s_own_tests_run_as_they_stand(tmp_path: Path) -> None:
    for name in ("conftest.py", "test_shop.py"):
        (tmp_path / name).write_text(snippet("how-to/python.md", name), encoding="utf-8")

    finished = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:asyncio", "-W", "error"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=tmp_path,
    )

    assert (0, True) == (finished.returncode, "2 passed" in finished.stdout), finished.stdout


@pytest.mark.parametrize(("name", "said"), [("doctor.sh", "ok     collector"), ("send_spool.sh", "Nothing waits for")])
def test_the_commands_say_how_it_is(collector: FakeCollector, name: str, said: str) -> None:
    finished = run_shell(name, collector)

    assert (0, True, []) == (finished.returncode, said in finished.stdout, collector.reports)


def test_the_project_is_registered(collector: FakeCollector, tmp_path: Path) -> None:
    run_page("register.py", collector, tmp_path)

    assert [("PUT", "/api/v1/projects/shop_backend")] == [(each.method, each.path) for each in collector.requests]


def test_the_check_tells_that_a_report_arrived(collector: FakeCollector) -> None:
    finished = run_shell("check.sh", collector)

    assert (0, 1) == (finished.returncode, len(collector.reports))
    assert "Log reported" in finished.stdout


@pytest.mark.parametrize(
    ("name", "route"),
    [
        ("main.py", "/orders/{quantity}"),
        ("litestar_app.py", "/orders/{quantity}"),
        ("quart_app.py", "/orders/<quantity>"),
    ],
)
async def test_the_fastapi_page_reports_a_failing_request(
    collector: FakeCollector, monkeypatch: pytest.MonkeyPatch, name: str, route: str
) -> None:
    app = load_page("how-to/fastapi.md", name, collector, monkeypatch)["app"]

    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app, raise_app_exceptions=False), base_url="http://test"
    ) as client:
        assert 200 == (await client.get("/orders/3")).status_code
        assert 500 == (await client.get("/orders/three")).status_code

    assert logcenter_sdk.flush(10)
    [report] = collector.reports
    assert ("ValueError", route) == (report["error"]["type"], report["context"]["route"])


def test_the_django_page_reports_a_failing_request(collector: FakeCollector, monkeypatch: pytest.MonkeyPatch) -> None:
    site = load_page("how-to/django.md", "settings.py", collector, monkeypatch)
    rest = load_page("how-to/django.md", "rest_settings.py", collector, monkeypatch)

    with override_settings(MIDDLEWARE=site["MIDDLEWARE"], REST_FRAMEWORK=rest["REST_FRAMEWORK"]):
        client = Client(raise_request_exception=False)
        assert 500 == client.get("/users/5/").status_code
        assert 500 == client.get("/api/unavailable/").status_code
    got_request_exception.disconnect(dispatch_uid="logcenter_sdk")

    assert logcenter_sdk.flush(10)
    assert [f"{django_site.__name__}.fail", f"{django_site.__name__}.UnavailableAPI"] == [
        report["context"]["view"] for report in collector.reports
    ]


def test_the_flask_page_reports_a_failing_request(collector: FakeCollector, monkeypatch: pytest.MonkeyPatch) -> None:
    client = load_page("how-to/flask.md", "app.py", collector, monkeypatch)["app"].test_client()

    assert (200, 500) == (client.get("/orders/3").status_code, client.get("/orders/three").status_code)

    assert logcenter_sdk.flush(10)
    assert ["/orders/<quantity>"] == [report["context"]["route"] for report in collector.reports]


def test_the_wsgi_application_of_the_page_is_reported(
    collector: FakeCollector, monkeypatch: pytest.MonkeyPatch
) -> None:
    application = load_page("how-to/flask.md", "wsgi.py", collector, monkeypatch)["application"]

    with httpx.Client(transport=httpx.WSGITransport(application), base_url="http://test") as client:
        assert "3" == client.get("/orders/3").text
        with pytest.raises(ValueError, match="three"):
            client.get("/orders/three")

    assert logcenter_sdk.flush(10)
    assert ["/orders/three"] == [report["context"]["url"] for report in collector.reports]


def test_the_celery_page_reports_a_failing_task(collector: FakeCollector, monkeypatch: pytest.MonkeyPatch) -> None:
    order = load_page("how-to/celery.md", "tasks.py", collector, monkeypatch)["order"]

    assert ("SUCCESS", "FAILURE") == (order.apply(["3"]).state, order.apply(["three"]).state)

    assert logcenter_sdk.flush(10)
    assert [order.name] == [report["context"]["task"] for report in collector.reports]


def test_the_page_of_scheduled_jobs_reports_a_failing_job(
    collector: FakeCollector, monkeypatch: pytest.MonkeyPatch
) -> None:
    scheduler = load_page("how-to/scheduled-jobs.md", "scheduler.py", collector, monkeypatch)["scheduler"]
    [job] = scheduler.get_jobs()
    job.modify(next_run_time=datetime.now(UTC))

    scheduler.start()
    reports = collector.wait_for(1)
    scheduler.shutdown()

    assert [("no orders", job.id)] == [(each["error"]["message"], each["context"]["job_id"]) for each in reports]


def test_the_page_of_scheduled_jobs_reports_a_failing_job_of_rq(
    collector: FakeCollector, monkeypatch: pytest.MonkeyPatch
) -> None:
    bill = load_page("how-to/scheduled-jobs.md", "jobs.py", collector, monkeypatch)["bill"]
    handler = snippet("how-to/scheduled-jobs.md", "worker.sh").split()[-1]

    connection = FakeStrictRedis()
    queue = Queue(connection=connection)
    queue.enqueue(bill)
    SimpleWorker([queue], connection=connection, exception_handlers=[resolve_name(handler)]).work(burst=True)

    assert ["page.bill"] == [report["context"]["job"] for report in collector.reports]


def test_the_page_of_aws_lambda_reports_a_failing_invocation(
    collector: FakeCollector, monkeypatch: pytest.MonkeyPatch
) -> None:
    handler = load_page("how-to/aws-lambda.md", "handler.py", collector, monkeypatch)["handler"]

    assert {"quantity": 3} == handler({"quantity": "3"}, None)
    with pytest.raises(ValueError, match="three"):
        handler({"quantity": "three"}, None)

    assert ["ValueError"] == [report["error"]["type"] for report in collector.reports]


def test_the_logging_page_reports_what_the_chosen_logger_says(
    collector: FakeCollector, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_page("how-to/logging.md", "settings.py", collector, monkeypatch)
    logger = logging.getLogger("shop")

    logger.error("cannot buy %s", "milk", exc_info=ValueError("three"))
    logging.getLogger("not chosen").error("cannot sell", exc_info=KeyError("three"))
    logger.handlers.clear()

    assert logcenter_sdk.flush(10)
    assert ["cannot buy milk"] == [report["context"]["message"] for report in collector.reports]


def test_the_structlog_of_the_logging_page_reports_what_is_logged(
    collector: FakeCollector, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    load_page("how-to/logging.md", "structured.py", collector, monkeypatch)

    structlog.get_logger().error("cannot buy", product="milk", exc_info=ValueError("three"))
    structlog.reset_defaults()

    assert "ValueError: three" == json.loads(capsys.readouterr().out)["exception"]
    assert logcenter_sdk.flush(10)
    assert [{"message": "cannot buy", "product": "milk"}] == [report["context"] for report in collector.reports]
