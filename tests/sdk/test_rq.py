import os
from pathlib import Path
from typing import Any

import pytest
from fakeredis import FakeStrictRedis
from rq import Queue, Retry, SimpleWorker

import logcenter_sdk
from logcenter_sdk.integrations.rq import report_job
from sdk.conftest import Run
from sdk.fake_collector import FakeCollector


def fail(_secret: str) -> None:
    raise ValueError("job")


def succeed() -> None:
    pass


def work(job: Any, *arguments: object, **options: Any) -> Any:
    connection = FakeStrictRedis()
    queue = Queue("mail", connection=connection)
    enqueued = queue.enqueue(job, *arguments, **options)
    SimpleWorker([queue], connection=connection, exception_handlers=[report_job]).work(burst=True)
    return enqueued


def test_a_failed_job_is_one_report_without_its_arguments(installed: FakeCollector) -> None:
    job = work(fail, "hush")

    assert logcenter_sdk.flush(10)
    assert [{"job": f"{__name__}.fail", "job_id": job.id, "queue": "mail"}] == [
        report["context"] for report in installed.reports
    ]
    assert "failed" == job.get_status().value


def test_a_job_that_succeeds_is_none(installed: FakeCollector) -> None:
    work(succeed)

    assert logcenter_sdk.flush(10)
    assert [] == installed.reports


def test_a_job_that_is_tried_again_is_reported_when_it_is_given_up(installed: FakeCollector) -> None:
    work(fail, "x", retry=Retry(max=2))

    assert logcenter_sdk.flush(10)
    assert 1 == len(installed.reports)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_the_process_of_a_job_delivers_before_it_ends(run: Run, collector: FakeCollector, tmp_path: Path) -> None:
    (tmp_path / "jobs.py").write_text("def fail():\n    raise ValueError('job')\n", encoding="utf-8")
    finished = run(
        """
        import cattrs, httpx  # ahead, so that the seconds are the collector's on a busy machine
        import jobs, logcenter_sdk
        from fakeredis import FakeStrictRedis
        from logcenter_sdk.integrations.rq import report_job
        from rq import Queue, Worker

        logcenter_sdk.install_hook(project_id="shop", url="{url}")
        connection = FakeStrictRedis()
        queue = Queue(connection=connection)
        queue.enqueue(jobs.fail)
        Worker([queue], connection=connection, exception_handlers=[report_job]).work(burst=True, max_jobs=1)
        """,
        url=collector.url,
    )

    assert ["job"] == [report["error"]["message"] for report in collector.reports], finished.stderr
