import subprocess
import sys

from sdk.fake_collector import FakeCollector, reply


def command(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "logcenter_sdk", *arguments], capture_output=True, text=True, timeout=60, check=False
    )


def test_a_test_report_that_arrives_says_so(collector: FakeCollector) -> None:
    finished = command("test", "--url", collector.url, "--project", "shop", "--environment", "staging")

    assert (0, "") == (finished.returncode, finished.stderr)
    assert [
        f"Sending a test report of shop (staging) to {collector.url} …",
        "Log reported: LogCenterTestError is issue 7 (NEW)",
    ] == finished.stdout.splitlines()
    [report] = collector.reports
    assert ("shop", "staging", "WARNING", "LogCenterTestError") == (
        report["project_id"],
        report["environment"],
        report["level"],
        report["error"]["type"],
    )


def test_a_test_report_that_is_refused_says_why(collector: FakeCollector) -> None:
    collector.always = reply(403, {"title": "Forbidden", "detail": "This key is of another project."})

    finished = command("test", "--url", collector.url, "--project", "shop")

    assert (1, "It did not arrive. 403: This key is of another project.\n") == (finished.returncode, finished.stderr)


def test_a_collector_that_is_not_there_is_named() -> None:
    finished = command("test", "--url", "http://127.0.0.1:1", "--project", "shop")

    assert 1 == finished.returncode
    assert "It did not arrive. cannot reach http://127.0.0.1:1" in finished.stderr


def test_a_missing_project_says_how_to_name_one() -> None:
    finished = command("test")

    assert 1 == finished.returncode
    assert "The configuration cannot work: no project: pass --project or set LOG_CENTER_PROJECT\n" == finished.stderr


def test_help_names_every_variable_and_the_exit_codes() -> None:
    assert "LOG_CENTER_TOKEN" in " ".join(command("--help").stdout.split())
    assert "Exit code 0" in " ".join(command("test", "--help").stdout.split())


def test_without_a_command_it_is_wrong_usage() -> None:
    assert 2 == command().returncode
