import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_EXECUTED
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.schedulers.background import BackgroundScheduler

import logcenter_sdk
from logcenter_sdk.integrations.apscheduler import watch
from sdk.conftest import Run
from sdk.fake_collector import FakeCollector


def fail() -> None:
    raise ValueError("job")


async def fail_async() -> None:
    raise KeyError("async job")


def succeed() -> None:
    pass


def run_once(scheduler: Any, job: Callable[[], object]) -> BaseException | None:
    """Run a job; return the exception it ended with."""
    ended: Future[BaseException | None] = Future()
    watch(scheduler)
    scheduler.add_listener(lambda event: ended.set_result(event.exception), EVENT_JOB_ERROR | EVENT_JOB_EXECUTED)
    scheduler.start()
    scheduler.add_job(job, id="nightly")
    try:
        return ended.result(20)
    finally:
        scheduler.shutdown()


def test_a_failed_job_is_one_report(installed: FakeCollector) -> None:
    error = run_once(BackgroundScheduler(timezone="UTC"), fail)
    logcenter_sdk.capture_exception(error)

    assert logcenter_sdk.flush(10)
    [report] = installed.reports
    assert ("job", "nightly") == (report["error"]["message"], report["context"]["job_id"])
    assert report["error"]["file_path"].endswith("test_apscheduler.py")
    assert {"job_id", "scheduled_run_time"} == set(report["context"])


def test_a_job_that_succeeds_is_none(installed: FakeCollector) -> None:
    assert run_once(BackgroundScheduler(timezone="UTC"), succeed) is None

    assert logcenter_sdk.flush(10)
    assert [] == installed.reports


async def test_a_failed_coroutine_is_one_report(installed: FakeCollector) -> None:
    ended = asyncio.Event()
    scheduler = AsyncIOScheduler(timezone="UTC")
    watch(scheduler)
    scheduler.add_listener(lambda _event: ended.set(), EVENT_JOB_ERROR)
    scheduler.start()
    scheduler.add_job(fail_async, id="nightly")
    await asyncio.wait_for(ended.wait(), 20)
    scheduler.shutdown()

    assert await asyncio.to_thread(logcenter_sdk.flush, 10)
    assert ["'async job'"] == [report["error"]["message"] for report in installed.reports]


def test_the_traceback_of_another_process_goes_into_the_context(run: Run, collector: FakeCollector) -> None:
    run(
        """
        import threading
        import logcenter_sdk
        from apscheduler.events import EVENT_JOB_ERROR
        from apscheduler.executors.pool import ProcessPoolExecutor
        from apscheduler.schedulers.background import BackgroundScheduler
        from logcenter_sdk.integrations.apscheduler import watch

        def fail():
            raise ValueError("job")

        if __name__ == "__main__":
            logcenter_sdk.install_hook(project_id="shop", url="{url}")
            scheduler = BackgroundScheduler(timezone="UTC", executors={"default": ProcessPoolExecutor(1)})
            watch(scheduler)
            ended = threading.Event()
            scheduler.add_listener(lambda event: ended.set(), EVENT_JOB_ERROR)
            scheduler.start()
            scheduler.add_job(fail)
            ended.wait(30)
            scheduler.shutdown()
        """,
        url=collector.url,
    )

    [report] = collector.reports
    assert 'raise ValueError("job")' in report["context"]["traceback"]
