"""APScheduler 3: ``watch(scheduler)``.

A job that failed is reported, whichever executor ran it. APScheduler logs the same exception; it is one report. An
exception that comes from another process has lost its traceback on the way: its text goes into the context.
"""

from typing import Any

from apscheduler.events import EVENT_JOB_ERROR

from logcenter_sdk.boundary import harmless
from logcenter_sdk.client import report
from logcenter_sdk.integrations.about import about
from logcenter_sdk.log_records import leave_to_others


def watch(scheduler: Any) -> None:  # noqa: ANN401 - APScheduler has no types
    """Report the jobs of ``scheduler`` that fail. Call ``install_hook`` beside it."""
    leave_to_others("apscheduler.executors")
    scheduler.add_listener(_on_error, EVENT_JOB_ERROR)


@harmless(None)
def _on_error(event: Any) -> None:  # noqa: ANN401 - APScheduler has no types
    context = about(
        job_id=lambda: event.job_id,
        scheduled_run_time=lambda: event.scheduled_run_time,
        traceback=lambda: None if event.exception.__traceback__ else event.traceback,
    )
    report(event.exception, context=context)
