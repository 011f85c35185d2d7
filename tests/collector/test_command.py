"""The command ``logcenter-collector``: what it says and how it ends."""

import json
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from support.collector import Collector
from support.command import Finished, Run
from support.sending import a_report

SERVE = ("serve", "--port", "0", "--dashboard-port", "0")


def assert_one_line(finished: Finished, *words: str) -> None:
    assert (1, "") == (finished.code, finished.stdout)
    [line] = finished.stderr.splitlines()
    assert line.startswith("logcenter-collector: ")
    for word in words:
        assert word in line


def test_the_process_ends_with_the_code_of_the_command_and_without_a_traceback() -> None:
    command = [sys.executable, "-m", "logcenter_collector", *SERVE, "--database-url", "no url"]

    finished = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    assert_one_line(Finished(finished.returncode, finished.stdout, finished.stderr), "no url")


def test_a_taken_port_is_said_in_one_line_with_the_way_out(run: Run, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])

        assert_one_line(run("serve", "--port", port, "--database-url", f"sqlite:///{tmp_path}/l.db"), port, "--port")


@pytest.mark.parametrize(
    ("url", "word"),
    [
        ("sqlite:///{file}/below.db", "below.db"),
        ("sqlite:///{file}", "not a database"),
        ("no url", "sqlite:////"),
        ("sqlite://two-slashes/l.db", "four slashes"),
        ("sqlite://host:port/l.db", "sqlite:////"),
        ("sqlite:///:memory:", "file"),
        ("mysql://user:secret@host/db", "mysql"),
    ],
)
def test_a_database_that_cannot_be_used_is_said_in_one_line(run: Run, tmp_path: Path, url: str, word: str) -> None:
    file = tmp_path / "file"
    file.write_text("no database, but longer than the hundred bytes of a header. " * 9, encoding="ascii")

    finished = run(*SERVE, "--database-url", url.format(file=file))

    assert_one_line(finished, word)
    assert "secret" not in finished.stderr


def test_a_server_that_cannot_be_reached_is_not_asked_for_its_folder(run: Run) -> None:
    finished = run(*SERVE, "--database-url", "postgresql://user:secret@127.0.0.1:1/db")

    assert_one_line(finished, "127.0.0.1:1/db", "port 1 failed")
    assert "folder" not in finished.stderr


def test_a_data_folder_that_cannot_be_made_is_said_in_one_line(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    below = str(tmp_path / "file" / "below")

    assert_one_line(run(*SERVE, HOME=below, XDG_DATA_HOME=below, LOCALAPPDATA=below), "--database-url")


@pytest.mark.parametrize(
    ("flags", "variables", "word"),
    [
        ((), {"LOG_CENTER_QUEUE_LIMIT": "many"}, "LOG_CENTER_QUEUE_LIMIT"),
        (("--port", "70000"), {}, "port"),
        (("--report-bytes", "0"), {}, "report-bytes"),
    ],
)
def test_a_wrong_setting_is_said_in_one_line(
    run: Run, flags: tuple[str, ...], variables: dict[str, str], word: str
) -> None:
    assert_one_line(run(*SERVE, *flags, **variables), word)


def test_a_database_of_a_newer_collector_is_left_alone(run: Run, start_collector: Callable[..., Collector]) -> None:
    collector = start_collector()
    assert 0 == collector.stop()
    with sqlite3.connect(collector.database) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()

    assert_one_line(run(*SERVE, "--database-url", f"sqlite:///{collector.database}"), "newer", "9999")


def test_help_names_every_setting_with_its_variable(run: Run) -> None:
    finished = run("serve", "--help")

    assert 0 == finished.code
    assert {"--host", "--port", "--dashboard-port", "--database-url", "--cors-origins"} <= set(finished.stdout.split())
    assert "LOG_CENTER_DATABASE_URL" in finished.stdout
    assert "postgresql://" in finished.stdout


@pytest.mark.parametrize("arguments", [(), ("bake",), ("serve", "--port", "many"), ("serve", "--unknown")])
def test_a_wrong_command_line_ends_with_2_and_the_usage(run: Run, arguments: tuple[str, ...]) -> None:
    finished = run(*arguments)

    assert 2 == finished.code
    assert finished.stderr.startswith("usage: logcenter-collector")


def test_ctrl_c_answers_the_request_under_way_and_ends_with_0(start_collector: Callable[..., Collector]) -> None:
    collector = start_collector()
    answers: list[httpx.Response] = []
    begun = threading.Event()

    def in_two_parts() -> Iterator[bytes]:
        body = json.dumps(a_report("p")).encode()
        yield body[:20]
        begun.set()
        time.sleep(1)
        yield body[20:]

    def send() -> None:
        with httpx.Client(trust_env=False, timeout=20) as client:
            answers.append(client.post(f"{collector.api_url}/api/v1/logs/report", content=in_two_parts()))

    reporter = threading.Thread(target=send)
    reporter.start()
    begun.wait(10)
    time.sleep(0.3)

    assert 0 == collector.stop()
    reporter.join()
    assert [200] == [answer.status_code for answer in answers]
    assert "Traceback" not in collector.output.read_text(encoding="utf-8")
