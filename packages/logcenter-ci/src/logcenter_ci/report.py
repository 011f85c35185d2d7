"""A failed step → the report that the collector gets. Pure."""

from collections.abc import Sequence
from importlib.metadata import version
from typing import Any, Final

from attrs import frozen

from logcenter_ci.environment import Build
from logcenter_sdk.contract.limits import MESSAGE_BYTES, cut_bytes
from logcenter_sdk.contract.report import Level, Report, ReportedError, Sdk, Source

CICD_FAILURE: Final = "CICDFailure"
UNKNOWN_BRANCH: Final = "unknown"


@frozen(kw_only=True)
class FailedStep:
    """What is known of a step that failed."""

    step: str
    lines: Sequence[str]
    """The excerpt of its output."""
    message: str | None = None
    """What the caller says about it; made from the build where he says nothing."""
    command: str | None = None
    exit_code: int | None = None
    duration_seconds: float | None = None
    error_type: str = CICD_FAILURE


def build_report(project_id: str, build: Build, failed: FailedStep) -> Report:
    """Return the report of a failed step. Raises ValueError for a project id that the contract doesn't allow."""
    message = failed.message or _message(build, failed)
    return Report(
        project_id=project_id,
        environment=build.branch or UNKNOWN_BRANCH,
        level=Level.ERROR.value,
        source=Source.CICD.value,
        commit_hash=build.commit,
        repo_url=build.repo_url,
        error=ReportedError(
            type=failed.error_type,
            message=cut_bytes(message, MESSAGE_BYTES),
            stack_trace=tuple(failed.lines) or (message,),
        ),
        context=_context(build, failed),
        sdk=Sdk(name="logcenter-ci", version=version("logcenter-ci")),
    )


def _message(build: Build, failed: FailedStep) -> str:
    what = build.workflow or build.job or "the build"
    where = f" on branch {build.branch}" if build.branch else ""
    how = "" if failed.exit_code is None else f": exit status {failed.exit_code}"
    return f"[{failed.step}] {what} failed{where}{how}"


def _context(build: Build, failed: FailedStep) -> dict[str, Any]:
    context = {
        "job_name": build.job,
        "step_name": failed.step,
        "workflow": build.workflow,
        "run_id": build.run_id,
        "branch": build.branch,
        "actor": build.actor,
        "commit": build.commit,
        "run_url": build.run_url,
        "provider": build.provider,
        "run_number": build.run_number,
        "run_database_id": build.run_database_id,
        "run_attempt": build.run_attempt,
        "command": failed.command and cut_bytes(failed.command, MESSAGE_BYTES),
        "exit_code": failed.exit_code,
        "duration_seconds": failed.duration_seconds,
    }
    return {name: value for name, value in context.items() if value is not None}
