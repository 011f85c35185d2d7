"""Celery: ``watch()`` in the module that makes the application.

Failed tasks are reported: not those that are tried again, not exceptions that a task expects (``throws``). Celery logs
the same exception too; it is one report. A pool's process hands over what is waiting before it ends, however few tasks
it may do (``max_tasks_per_child``).
"""

import sys
from contextlib import AbstractContextManager
from typing import Any, Final

from celery.signals import task_failure, task_internal_error, task_postrun, task_prerun, worker_process_shutdown

from logcenter_sdk.boundary import harmless
from logcenter_sdk.client import flush, report
from logcenter_sdk.integrations.about import about
from logcenter_sdk.log_records import leave_to_others
from logcenter_sdk.marks import mark
from logcenter_sdk.scope import fresh

_SCOPES: Final[dict[str, AbstractContextManager[object]]] = {}
"""The scopes of the tasks that are running, by their ids."""


def watch() -> None:
    """Report the tasks that fail, of every Celery application of this process. Call ``install_hook`` beside it."""
    leave_to_others("celery.app.trace")
    task_prerun.connect(_enter, dispatch_uid="logcenter_sdk")
    task_postrun.connect(_leave, dispatch_uid="logcenter_sdk")
    task_failure.connect(_on_failure, dispatch_uid="logcenter_sdk")
    task_internal_error.connect(_on_failure, dispatch_uid="logcenter_sdk")
    worker_process_shutdown.connect(_on_shutdown, dispatch_uid="logcenter_sdk")


def _enter(task_id: str, **_signal: Any) -> None:  # noqa: ANN401 - as Celery sends it
    scope = _SCOPES[task_id] = fresh()
    scope.__enter__()


def _leave(task_id: str, **_signal: Any) -> None:  # noqa: ANN401 - as Celery sends it
    scope = _SCOPES.pop(task_id, None)
    if scope is not None:
        scope.__exit__(None, None, None)


@harmless(None)
def _on_failure(sender: Any, task_id: str, exception: BaseException, **_signal: Any) -> None:  # noqa: ANN401 - as Celery sends it
    error = _original(exception)
    if isinstance(error, getattr(sender, "throws", ())):
        return
    event_id = report(error, context=_task_context(sender, task_id))
    if event_id is not None:
        mark(exception, event_id)  # it is what Celery logs


def _original(exception: BaseException) -> BaseException:
    """Return what the task raised: what cannot be pickled is sent about in another shape, with the same traceback."""
    current = sys.exc_info()[1]
    if current is not None and current.__traceback__ is exception.__traceback__:
        return current
    return exception


def _task_context(task: Any, task_id: str) -> dict[str, Any]:  # noqa: ANN401 - a task of Celery
    """Return what a report says about a task: none of its arguments."""
    return about(
        task=lambda: task.name,
        task_id=lambda: task_id,
        retries=lambda: task.request.retries or None,
        queue=lambda: task.request.delivery_info["routing_key"],
    )


def _on_shutdown(**_signal: Any) -> None:  # noqa: ANN401 - as Celery sends it
    flush()
