"""How long to wait between attempts to sign in: the first few are free, then the wait doubles."""

from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address
from typing import Final

from attrs import frozen

_NO_WAIT: Final = timedelta()


@frozen
class Pace:
    """How fast one may try."""

    free: int
    """So many attempts have no wait after them."""
    longest: timedelta
    """The wait doubles up to this."""
    forgotten: timedelta
    """After so long without an attempt all are free again."""


# A name has a short longest wait: whoever knows it could otherwise keep its owner out. Still fewer than 100 an hour.
OF_NAME: Final = Pace(free=5, longest=timedelta(minutes=1), forgotten=timedelta(hours=1))
OF_ADDRESS: Final = Pace(free=20, longest=timedelta(minutes=15), forgotten=timedelta(hours=1))


@frozen
class Tries:
    """The attempts that failed, or are under way."""

    count: int
    last_at: datetime


def wait_before(tries: Tries | None, pace: Pace, now: datetime) -> timedelta:
    """Return how long the next attempt has to wait yet."""
    if tries is None or tries.count < pace.free:
        return _NO_WAIT
    doublings = min(tries.count - pace.free, 30)
    wait = min(timedelta(seconds=2**doublings), pace.longest)
    return max(_NO_WAIT, tries.last_at + wait - now)


def one_more(tries: Tries | None, pace: Pace, now: datetime) -> Tries:
    """Return the attempts with one that begins now; it counts as failed until it succeeds."""
    if tries is None or now - tries.last_at >= pace.forgotten:
        return Tries(1, now)
    return Tries(tries.count + 1, now)


def network_of(address: str | None) -> str:
    """Return what attempts are counted by: the address, and of IPv6 the network that one subscriber has."""
    try:
        parsed = ip_address(address or "")
    except ValueError:
        return address or ""
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    return str(parsed.ipv4_mapped or IPv6Address(int(parsed) >> 64 << 64))
