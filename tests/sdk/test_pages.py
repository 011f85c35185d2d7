"""The code on the how-to pages, run as it stands."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.core.signals import got_request_exception
from django.test import Client, override_settings

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


def load_page(page: str, name: str, collector: FakeCollector, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Run a page's module in this process."""
    monkeypatch.setenv("LOG_CENTER_URL", collector.url)
    namespace: dict[str, Any] = {"__name__": "page"}
    exec(compile(snippet(page, name), name, "exec"), namespace)
    return namespace


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


def test_the_project_is_registered(collector: FakeCollector, tmp_path: Path) -> None:
    run_page("register.py", collector, tmp_path)

    assert [("PUT", "/api/v1/projects/shop_backend")] == [(each.method, each.path) for each in collector.requests]


def test_the_check_tells_that_a_report_arrived(collector: FakeCollector) -> None:
    folder = str(Path(sys.executable).parent)
    finished = subprocess.run(
        ["/bin/sh", "-c", snippet("how-to/python.md", "check.sh")],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "LOG_CENTER_URL": collector.url, "PATH": folder + os.pathsep + os.environ["PATH"]},
    )

    assert (0, 1) == (finished.returncode, len(collector.reports))
    assert "Log reported" in finished.stdout


async def test_the_fastapi_page_reports_a_failing_request(
    collector: FakeCollector, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = load_page("how-to/fastapi.md", "main.py", collector, monkeypatch)["app"]

    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app, raise_app_exceptions=False), base_url="http://test"
    ) as client:
        assert 200 == (await client.get("/orders/3")).status_code
        assert 500 == (await client.get("/orders/three")).status_code

    assert logcenter_sdk.flush(10)
    [report] = collector.reports
    assert ("ValueError", "/orders/{quantity}") == (report["error"]["type"], report["context"]["route"])


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
