import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from celery import Celery
from celery.signals import task_failure

import logcenter_sdk
from logcenter_sdk.integrations.celery import watch
from sdk.conftest import Run
from sdk.fake_collector import FakeCollector

watch()
app = Celery("shop", broker="memory://", backend="cache+memory://")
app.conf.task_always_eager = True


class UnpicklableError(Exception):
    def __init__(self, one: object, two: object) -> None:
        super().__init__(one)
        self.two = two


def fail(message: str) -> None:
    raise ValueError(message)


def fail_unpicklably() -> None:
    raise UnpicklableError(lambda: None, "two")


def fail_at_last(task: Any) -> None:
    raise task.retry(exc=ValueError(f"attempt {task.request.retries}"), countdown=0)


def succeed() -> int:
    return 5


def lookup() -> None:
    raise LookupError


FAIL = app.task(fail, name="fail")
FAIL_UNPICKLABLY = app.task(fail_unpicklably, name="fail_unpicklably")
FAIL_AT_LAST = app.task(fail_at_last, name="fail_at_last", bind=True, max_retries=2)
EXPECTED = app.task(lookup, name="expected", throws=(LookupError,))
FINE = app.task(succeed, name="fine")


def test_a_failed_task_is_one_report_without_its_arguments(installed: FakeCollector) -> None:
    result = FAIL.delay("hush")

    assert "FAILURE" == result.state
    assert logcenter_sdk.flush(10)
    [report] = installed.reports
    assert ("ValueError", {"task": "fail", "task_id": result.id}) == (report["error"]["type"], report["context"])
    assert "test_celery.py" == Path(report["error"]["file_path"]).name


def test_the_exception_that_celery_hands_on_is_reported_already(installed: FakeCollector) -> None:
    seen: list[BaseException] = []

    def remember(exception: BaseException, **_signal: Any) -> None:
        seen.append(exception)

    task_failure.connect(remember)
    FAIL.delay("x")
    FAIL_UNPICKLABLY.delay()
    task_failure.disconnect(remember)
    for error in seen:
        logcenter_sdk.capture_exception(error)

    assert logcenter_sdk.flush(10)
    assert ["ValueError", "UnpicklableError"] == [report["error"]["type"] for report in installed.reports]


def test_a_task_that_is_tried_again_is_reported_when_it_is_given_up(installed: FakeCollector) -> None:
    FAIL_AT_LAST.delay()

    assert logcenter_sdk.flush(10)
    assert [("attempt 2", 2)] == [
        (report["error"]["message"], report["context"]["retries"]) for report in installed.reports
    ]


@pytest.mark.parametrize("task", [FINE, EXPECTED])
def test_what_a_task_expects_is_no_error(installed: FakeCollector, task: Any) -> None:
    task.delay()

    assert logcenter_sdk.flush(10)
    assert [] == installed.reports


def test_an_eager_task_that_raises_into_its_caller_is_one_report(installed: FakeCollector) -> None:
    with pytest.raises(ValueError, match="caller") as caught:
        FAIL.apply(["caller"], throw=True)
    logcenter_sdk.capture_exception(caught.value)

    assert logcenter_sdk.flush(10)
    assert ["fail"] == [report["context"]["task"] for report in installed.reports]


def test_a_process_of_the_pool_delivers_before_it_ends(run: Run, collector: FakeCollector) -> None:
    run(
        """
        import os
        import cattrs, httpx  # ahead, so that the seconds are the collector's on a busy machine
        import logcenter_sdk
        from celery.signals import worker_process_shutdown
        from logcenter_sdk.integrations.celery import watch

        logcenter_sdk.install_hook(project_id="shop", url="{url}")
        watch()
        logcenter_sdk.capture_exception(ValueError("last"))
        worker_process_shutdown.send(sender=None, pid=os.getpid(), exitcode=0)
        os._exit(0)
        """,
        url=collector.url,
    )

    assert ["last"] == [report["error"]["message"] for report in collector.reports]


WORKER = """
import cattrs, httpx  # ahead, so that the seconds are the collector's on a busy machine
import logcenter_sdk
from celery import Celery
from logcenter_sdk.integrations.celery import watch

logcenter_sdk.install_hook(project_id="shop", url="{url}")
watch()

app = Celery("shop", broker="filesystem://")
app.conf.broker_transport_options = {
    "data_folder_in": "queue",
    "data_folder_out": "queue",
    "control_folder": "control",
    "polling_interval": 0.05,
}
app.conf.worker_hijack_root_logger = False


@app.task(name="fail")
def fail(message):
    raise ValueError(message)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_worker_whose_processes_do_one_task_each_loses_no_report(collector: FakeCollector, tmp_path: Path) -> None:
    (tmp_path / "queue").mkdir()
    (tmp_path / "shop.py").write_text(WORKER.replace("{url}", collector.url), encoding="utf-8")
    send = "import shop\nfor number in range(2): shop.fail.delay(str(number))"
    subprocess.run([sys.executable, "-c", send], check=True, cwd=tmp_path, timeout=60)
    options = "worker --pool=prefork --concurrency=1 --max-tasks-per-child=1 --without-gossip --without-mingle"

    with (tmp_path / "log").open("w") as log:
        command = [sys.executable, "-m", "celery", "-A", "shop", *options.split()]
        worker = subprocess.Popen(command, cwd=tmp_path, stdout=log, stderr=log, start_new_session=True)
        try:
            reports = collector.wait_for(2, 60)
        finally:
            os.killpg(worker.pid, signal.SIGKILL)  # a pool may hang when it is asked to end while a process of it ends
            worker.wait()

    assert {"0", "1"} == {report["error"]["message"] for report in reports}, (tmp_path / "log").read_text()
    assert 2 == len(collector.reports)
    assert {("fail", "celery")} == {(each["context"]["task"], each["context"]["queue"]) for each in reports}
