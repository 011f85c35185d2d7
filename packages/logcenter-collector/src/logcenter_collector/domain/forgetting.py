"""Which event ids are forgotten: those last seen too long ago, and the earliest where there are too many."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from logcenter_sdk.contract.limits import EVENT_ID_SECONDS

EVENT_ID_LIFE: Final = timedelta(seconds=EVENT_ID_SECONDS)
"""So long after it was last seen an event id is remembered."""


def forget_before(seen: Mapping[datetime, int], now: datetime, most: int) -> datetime:
    """Return the instant before which event ids are forgotten, so that at most ``most`` stay.

    ``seen`` says how many were last seen in the second that begins at each instant.
    """
    room = most
    for second in sorted(seen, reverse=True):
        room -= seen[second]
        if room < 0:
            return max(second + timedelta(seconds=1), now - EVENT_ID_LIFE)
    return now - EVENT_ID_LIFE
