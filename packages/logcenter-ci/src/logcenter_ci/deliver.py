"""Send one report and put what came of it into one line. Shell.

A build never waits long for its error tracker, and never fails because of it.
"""

import threading
from typing import Final

from logcenter_sdk.config import Config
from logcenter_sdk.contract.report import Report
from logcenter_sdk.transports.base import DeliveryError
from logcenter_sdk.transports.http import HttpTransport, import_ahead

SECONDS: Final = 3.0
_NAME_LOOKUP_SECONDS: Final = 0.1
"""What the transport's own bound doesn't cover: looking up a host's name can take as long as it likes."""


def deliver(report: Report, config: Config) -> str:
    """Send ``report`` to the configured collector and return the verdict."""
    import_ahead()
    verdict: list[str] = []
    thread = threading.Thread(target=lambda: verdict.append(_send(report, config)), daemon=True)
    thread.start()
    thread.join(SECONDS + _NAME_LOOKUP_SECONDS)
    return verdict[0] if verdict else f"not reported: no answer from {config.url} within {SECONDS:g} s"


def _send(report: Report, config: Config) -> str:
    transport = HttpTransport(
        config.url, key=config.key, token=config.token, timeout_seconds=SECONDS, proxy=config.proxy
    )
    try:
        answer = transport.send(report)
    except DeliveryError as error:
        return f"not reported: {error}"
    except Exception as error:  # noqa: BLE001 - whatever is wrong here, the build goes on
        return f"not reported: {type(error).__name__}: {error}"
    return f"{answer.outcome.value} (issue {answer.issue_id})"
