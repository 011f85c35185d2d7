"""RQ: ``rq worker --exception-handler logcenter_sdk.integrations.rq.report_job``.

Reported are jobs that failed for good, not those that RQ tries again. RQ runs each job in a process of its own that
ends by ``os._exit``, so the report is delivered before the handler returns, within two seconds.
"""

from typing import TYPE_CHECKING, Any

from logcenter_sdk.boundary import harmless
from logcenter_sdk.client import flush, report
from logcenter_sdk.integrations.about import about

if TYPE_CHECKING:
    from rq.job import Job


def report_job(job: "Job", _kind: Any, error: BaseException, _traceback: Any) -> None:  # noqa: ANN401 - as RQ calls it
    """Report a job that failed; RQ goes on to the next handler. Call ``install_hook`` in the module of the jobs."""
    _report(job, error)
    flush()


@harmless(None)
def _report(job: "Job", error: BaseException) -> None:
    if job.retries_left:  # it is tried again
        return
    context = about(job=lambda: job.func_name, job_id=lambda: job.id, queue=lambda: job.origin)
    report(error, context=context)
