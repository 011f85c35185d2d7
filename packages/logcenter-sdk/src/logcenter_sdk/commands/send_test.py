"""``test``: whether a report from here reaches the inbox."""

import sys
import time
from typing import NoReturn
from uuid import uuid4

from logcenter_sdk.config import Config
from logcenter_sdk.contract.report import Report
from logcenter_sdk.delivery import describe
from logcenter_sdk.location import is_application, present_layout
from logcenter_sdk.render import Happened, report_of
from logcenter_sdk.sighting import Sighting, place_of, seen
from logcenter_sdk.source import Sources
from logcenter_sdk.transports.base import DeliveryError
from logcenter_sdk.transports.configured import http_transport


class LogCenterTestError(Exception):
    """What the test report reports."""


def send_test(config: Config) -> int:
    """Send one test report; return 0 when it is in the inbox, else 1."""
    transport = http_transport(config)
    report = _report(config)
    print(f"Sending a test report of {config.project} ({config.environment}) to {config.url} …")
    try:
        answer = transport.send(report)
    except DeliveryError as error:
        print(f"It did not arrive. {error}", file=sys.stderr)
        return 1
    finally:
        transport.close()
    print(describe(report.error.type, answer))
    return 0


def _report(config: Config) -> Report:
    error, layout = _failure(), present_layout(config.app_roots)
    place = place_of(error, lambda file: is_application(file, layout))
    sighting = Sighting(seen(error), place, "WARNING", {"hook": "logcenter-sdk test"}, [])
    now = time.time()
    return report_of(sighting, Happened(str(uuid4()), 1, now, now), config, layout, Sources(layout))


def _failure() -> LogCenterTestError:
    try:
        _fail()
    except LogCenterTestError as error:
        return error


def _fail() -> NoReturn:
    raise LogCenterTestError("This is a test. If you can read it in the inbox, reports arrive.")
