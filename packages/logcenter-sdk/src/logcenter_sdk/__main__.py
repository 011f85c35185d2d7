"""``python -m logcenter_sdk test`` tells whether a report from here reaches the inbox."""

import argparse
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NoReturn
from uuid import uuid4

from logcenter_sdk.capture import Circumstances, report_of_exception
from logcenter_sdk.client import http_transport
from logcenter_sdk.config import VARIABLES, Config, ConfigError
from logcenter_sdk.delivery import describe
from logcenter_sdk.location import present_layout
from logcenter_sdk.transports.base import DeliveryError
from logcenter_sdk.version import VERSION


class LogCenterTestError(Exception):
    """What the test report reports."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return the exit code: 0 when the report arrived, 1 when not, 2 for wrong usage."""
    options = _parser().parse_args(arguments)
    if not (options.project or os.environ.get(VARIABLES["project_id"])):
        return _cannot_work("no project: pass --project or set LOG_CENTER_PROJECT")
    try:
        given = {"url": options.url, "project_id": options.project, "environment": options.environment}
        return _test(Config.from_env(os.environ, **given))
    except ConfigError as error:
        return _cannot_work(str(error))


def _cannot_work(reason: str) -> int:
    print(f"The configuration cannot work: {reason}", file=sys.stderr)  # noqa: T201 - a command's answer
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="logcenter-sdk",
        description="Report the errors of a Python application to Log Center.",
        epilog="What is not given is read from " + ", ".join(VARIABLES.values()) + ".",
    )
    parser.add_argument("--version", action="version", version=f"logcenter-sdk {VERSION}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    test = commands.add_parser(
        "test",
        help="send a test report and say what happened",
        description="Send one test report and say what happened. Exit code 0: it is in the inbox. 1: it is not.",
    )
    test.add_argument("--url", help="the collector's address (LOG_CENTER_URL; http://localhost:8002)")
    test.add_argument("--project", metavar="ID", help="the project's id (LOG_CENTER_PROJECT)")
    test.add_argument("--environment", metavar="NAME", help="where this runs (ENVIRONMENT; development)")
    return parser


def _test(config: Config) -> int:
    transport = http_transport(config)
    when = Circumstances(datetime.now(UTC), str(uuid4()), "WARNING", {"hook": "logcenter-sdk test"})
    report = report_of_exception(_failure(), config, present_layout(config.app_roots), when)
    print(f"Sending a test report of {config.project} ({config.environment}) to {config.url} …")  # noqa: T201
    try:
        answer = transport.send(report)
    except DeliveryError as error:
        print(f"It did not arrive. {error}", file=sys.stderr)  # noqa: T201
        return 1
    finally:
        transport.close()
    print(describe(report, answer))  # noqa: T201
    return 0


def _failure() -> LogCenterTestError:
    try:
        _fail()
    except LogCenterTestError as error:
        return error


def _fail() -> NoReturn:
    raise LogCenterTestError("This is a test. If you can read it in the inbox, reports arrive.")


if __name__ == "__main__":
    sys.exit(main())
