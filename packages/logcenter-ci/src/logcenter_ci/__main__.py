"""The command ``logcenter-ci``, also ``python -m logcenter_ci``.

Before a step fails only the standard library and two small modules are imported: this runs in every step of a build.
"""

import argparse
import contextlib
import os
import shlex
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any, Final

from logcenter_ci.excerpt import Excerpt
from logcenter_ci.wrap import run

_EPILOG: Final = (
    "LOG_CENTER_URL (or --url) is the collector's address; LOG_CENTER_KEY or LOG_CENTER_TOKEN where needed."
)
_CLASSIC: Final = f"""\
Report a step that has failed; exits 0 whatever comes of it. To run a step and report it only if it fails:
logcenter-ci run --project P --step S -- command…
{_EPILOG}"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code: the build's own for ``run``, 0 for a report."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    return _run(given[1:]) if given[:1] == ["run"] else _report(given)


def _run(arguments: Sequence[str]) -> int:
    options, command = _split(arguments)
    given = _run_options(options, command)
    excerpt, started = Excerpt(), time.monotonic()
    exit_code = run(command, excerpt)
    if exit_code:
        seconds = time.monotonic() - started
        _never_failing(
            lambda: _tell(
                given.project,
                given.url,
                step=given.step,
                lines=excerpt.lines(),
                command=shlex.join(command),
                exit_code=exit_code,
                duration_seconds=round(seconds, 3),
            )
        )
    return exit_code


def _split(arguments: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """Divide at the first ``--``: a command may have one of its own."""
    if "--" not in arguments:
        return arguments, ()
    at = arguments.index("--")
    return arguments[:at], arguments[at + 1 :]


def _run_options(options: Sequence[str], command: Sequence[str]) -> argparse.Namespace:
    usage = "logcenter-ci run [--project P] --step S [--url URL] -- command…"
    parser = argparse.ArgumentParser(prog="logcenter-ci run", usage=usage, epilog=_EPILOG)
    project = os.environ.get("LOG_CENTER_PROJECT")
    parser.add_argument("--project", default=project, required=not project, help="also by LOG_CENTER_PROJECT")
    parser.add_argument("--step", required=True, help="the step's name; it is part of what makes an issue the same one")
    parser.add_argument("--url", help="the collector's address")
    given = parser.parse_args(options)
    if not command:
        parser.error("which command? It stands after --")
    return given


def _report(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="logcenter-ci", description=_CLASSIC, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("project_id")
    parser.add_argument("step_name")
    parser.add_argument(
        "message", metavar="message-or-log-file", help="a file gives the log, anything else the message"
    )
    parser.add_argument("--url", help="the collector's address")
    try:
        given = parser.parse_args(arguments)
    except SystemExit:
        return 0  # argparse has said what is wrong, and a report never fails a build
    _never_failing(lambda: _tell(given.project_id, given.url, step=given.step_name, **_said(given.message)))
    return 0


def _said(text: str) -> dict[str, Any]:
    from logcenter_ci.excerpt import excerpt_of_text  # noqa: PLC0415 - see above
    from logcenter_ci.logfile import is_log_file, read_log_file  # noqa: PLC0415

    if is_log_file(text):
        return {"lines": read_log_file(text)}
    return {"lines": excerpt_of_text(text), "message": "\n".join(excerpt_of_text(text))}


def _tell(project_id: str, url: str | None, *, lines: Sequence[str], **step: Any) -> str:  # noqa: ANN401 - FailedStep's
    """Build and send the report; return the verdict. Raises ValueError for a project or an address that can't be."""
    from logcenter_ci.deliver import deliver  # noqa: PLC0415 - imported after a failure only, as is all below
    from logcenter_ci.environment import detect  # noqa: PLC0415
    from logcenter_ci.masking import mask, mask_lines, secret_values  # noqa: PLC0415
    from logcenter_ci.report import FailedStep, build_report  # noqa: PLC0415
    from logcenter_sdk.config import Config  # noqa: PLC0415

    variables = dict(os.environ)
    # The build says which commit this is; nothing is asked of Git.
    config = Config.from_env(variables, project_id=project_id, url=url, version="", commit_hash="", repo_url="")
    secrets = secret_values(variables)
    masked = {name: mask(step[name], secrets) for name in ("message", "command") if step.get(name)}
    failed = FailedStep(**{**step, **masked}, lines=mask_lines(lines, secrets))
    return deliver(build_report(config.project, detect(variables), failed), config)


def _never_failing(tell: Callable[[], str]) -> None:
    """Put the verdict on stderr in one line; whatever goes wrong here is the verdict, not the build's failure."""
    try:
        verdict = tell()
    except ValueError as error:
        verdict = f"not reported: {error}"
    except Exception as error:  # noqa: BLE001 - the build's result stands above its report
        verdict = f"not reported: {type(error).__name__}: {error}"
    with contextlib.suppress(OSError):  # nobody may be reading stderr any more
        print(f"logcenter-ci: {' '.join(verdict.split())}", file=sys.stderr, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
