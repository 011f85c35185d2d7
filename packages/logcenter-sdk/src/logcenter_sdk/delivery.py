"""One report to the collector: a few attempts, then it is given up with a line of debug output."""

from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

from logcenter_sdk.boundary import say
from logcenter_sdk.config import Config, ConfigError
from logcenter_sdk.contract.outcome import Answer
from logcenter_sdk.contract.report import Report
from logcenter_sdk.transports.base import DeliveryError, Transport, UnavailableError, UnreachableError

ATTEMPTS: Final = 3
FIRST_PAUSE_SECONDS: Final = 0.5
LONGEST_PAUSE_SECONDS: Final = 5.0
_NO_BOUND: Final = 60.0


class Clock(Protocol):
    """How much time there is: the worker's side of a delivery."""

    def remaining(self, seconds: float) -> float:
        """Return how much of ``seconds`` an operation may take now."""
        ...

    def pause(self, seconds: float) -> bool:
        """Wait before another attempt; False when there is no time for one."""
        ...


class Sender(Protocol):
    """A client, as far as it is needed to change its project."""

    def config(self) -> Config:
        """Return the configuration. Raises ConfigError."""
        ...

    def transport(self) -> Transport:
        """Return the way to the collector. Raises ConfigError."""
        ...


def deliver(make: Callable[[], Report], connect: Callable[[], Transport], clock: Clock) -> None:
    """Deliver the report that ``make`` returns. Never raises: whatever it is, the next report must get its turn."""
    try:
        report = make()
        _attempt(report, connect(), clock)
    except Exception as error:  # noqa: BLE001 - see above
        say(f"could not deliver a report: {type(error).__name__}: {error}")


def _attempt(report: Report, transport: Transport, clock: Clock) -> None:
    for attempt in range(1, ATTEMPTS + 1):
        left = clock.remaining(_NO_BOUND)
        if left <= 0:
            break
        try:
            answer = transport.send(report, timeout_seconds=None if left == _NO_BOUND else left)
        except (UnavailableError, UnreachableError) as error:
            say(f"attempt {attempt} of {ATTEMPTS} for {report.error.type}: {error}")
            if attempt == ATTEMPTS or not clock.pause(pause_after(attempt, error)):
                break
        except DeliveryError as error:
            say(f"dropped {report.error.type}: {error}")
            return
        else:
            say(describe(report, answer))
            return
    say(f"gave up on {report.error.type} ({report.event_id})")


def pause_after(attempt: int, error: DeliveryError) -> float:
    """Return how many seconds to wait after a failed attempt (the first is 1); the collector's own wish comes first."""
    wish = error.retry_after_seconds if isinstance(error, UnavailableError) else None
    pause = FIRST_PAUSE_SECONDS * 2 ** (attempt - 1) if wish is None else wish
    return min(pause, LONGEST_PAUSE_SECONDS)


def describe(report: Report, answer: Answer) -> str:
    """Return in one line what became of a report."""
    return f"{answer.outcome.value}: {report.error.type} is issue {answer.issue_id} ({answer.status.value})"


def put_project(sender: Sender, changes: Mapping[str, Any]) -> bool:
    """Change the sender's project; return whether the collector agreed."""
    try:
        project_id = sender.config().project
        sender.transport().put_project(project_id, changes)
    except (ConfigError, DeliveryError) as error:
        say(f"could not register the project: {error}")
        return False
    say(f"registered {project_id}: {', '.join(changes) or 'nothing to change'}")
    return True
