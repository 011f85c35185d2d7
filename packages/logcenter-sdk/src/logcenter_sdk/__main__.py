"""``python -m logcenter_sdk``: ``test``, ``doctor`` and ``send-spool``."""

import argparse
import sys
from collections.abc import Sequence

from logcenter_sdk.commands.doctor import doctor
from logcenter_sdk.commands.options import add_options, config_of, given_by
from logcenter_sdk.commands.send_spool import send_spool
from logcenter_sdk.commands.send_test import send_test
from logcenter_sdk.config import ConfigError
from logcenter_sdk.variables import SWITCHES, VARIABLES
from logcenter_sdk.version import VERSION


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; return the exit code: 0 when all is well, 1 when not, 2 for wrong usage."""
    options = _parser().parse_args(arguments)
    try:
        return _run(options)
    except ConfigError as error:
        print(f"The configuration cannot work: {error}", file=sys.stderr)  # noqa: T201 - a command's answer
        return 1


def _run(options: argparse.Namespace) -> int:
    match options.command:
        case "doctor":
            return doctor(given_by(options), as_json=options.json)
        case "send-spool":
            return send_spool(config_of(options))
        case _:
            return send_test(config_of(options))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="logcenter-sdk",
        description="Report the errors of a Python application to Log Center.",
        epilog="What is not given is read from " + ", ".join([*VARIABLES.values(), *SWITCHES.values()]) + ".",
    )
    parser.add_argument("--version", action="version", version=f"logcenter-sdk {VERSION}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    add_options(commands.add_parser("test", help="send a test report and say what happened", description=_TEST))
    examined = commands.add_parser("doctor", help="say what is configured and whether it works", description=_DOCTOR)
    add_options(examined)
    examined.add_argument("--json", action="store_true", help="as JSON")
    add_options(commands.add_parser("send-spool", help="deliver what waits on disk", description=_SEND_SPOOL))
    return parser


_TEST = "Send one test report and say what happened. Exit code 0: it is in the inbox. 1: it is not."
_DOCTOR = (
    "Say what is configured and from where, whether the collector answers, what time it has, and what waits on disk. "
    "Makes no issue and changes nothing. Exit code 0: reports would arrive. 1: they would not."
)
_SEND_SPOOL = (
    "Deliver the reports that earlier processes could not deliver. "
    "Exit code 0: all of them. 1: some are left or were refused."
)


if __name__ == "__main__":
    sys.exit(main())
