"""What becomes of a report after an attempt, and when the next attempt may be made. Pure: values in, values out."""

from enum import Enum, auto
from typing import TYPE_CHECKING, Final, NamedTuple

from logcenter_sdk.transports.base import DeliveryError, DeniedError, TooLargeError, UnavailableError, UnreachableError

if TYPE_CHECKING:
    from logcenter_sdk.contract.outcome import Answer

SHORTEST_PAUSE_SECONDS: Final = 0.5
LONGEST_PAUSE_SECONDS: Final = 60.0
LONGEST_WISH_SECONDS: Final = 3600.0
"""How long a Retry-After is honoured: beyond an hour somebody has mistyped."""

_DOUBLINGS: Final = 7
"""After so many the longest pause is reached; 0.5 s doubled seven times is 64 s."""


class Fate(Enum):
    """What becomes of a report."""

    DELIVERED = auto()
    KEEP = auto()
    """The collector cannot be reached, or cannot take it now: the same again, later."""
    SPOOL = auto()
    """The key or the token is wrong: a person has to change it, which may take days."""
    SHRINK = auto()
    """It is too large: less of it, or fewer of them, at once."""
    DROP = auto()
    """It would be refused for ever."""


def fate_of(result: "Answer | DeliveryError") -> Fate:
    """Return what becomes of a report that got this answer, or failed like this."""
    match result:
        case UnavailableError() | UnreachableError():
            return Fate.KEEP
        case TooLargeError():
            return Fate.SHRINK
        case DeniedError():
            return Fate.SPOOL
        case DeliveryError():
            return Fate.DROP
        case _:
            return Fate.DELIVERED


class Backoff(NamedTuple):
    """How often in a row it has failed, and until when to wait, on the clock that ``now`` is from."""

    failures: int = 0
    until: float = float("-inf")

    def after_failure(self, now: float, wish_seconds: float | None, random: float) -> "Backoff":
        """Return the state after one more failure.

        The pause lies between half a second and twice as much with each failure, up to a minute; ``random`` (0 to 1)
        says where, so that a thousand processes do not come back at once. It is never shorter than what the collector
        wishes.
        """
        failures = self.failures + 1
        longest = min(SHORTEST_PAUSE_SECONDS * 2 ** min(failures, _DOUBLINGS), LONGEST_PAUSE_SECONDS)
        pause = SHORTEST_PAUSE_SECONDS + random * (longest - SHORTEST_PAUSE_SECONDS)
        return Backoff(failures, now + max(pause, min(wish_seconds or 0.0, LONGEST_WISH_SECONDS)))

    def after_success(self) -> "Backoff":
        """Return the state in which nothing has failed."""
        return Backoff()

    def left(self, now: float) -> float:
        """Return how many seconds are left to wait; 0 when the next attempt may be made."""
        return max(self.until - now, 0.0)
