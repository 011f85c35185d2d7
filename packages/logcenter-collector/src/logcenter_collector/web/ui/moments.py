"""Instants as people read them: "5 min ago", "in 5 min", and the exact one beside it."""

from datetime import UTC, datetime, timedelta
from typing import Final

from logcenter_collector.web.ui.languages import Catalogue

_UNITS: Final = (
    (timedelta(minutes=1), "seconds"),
    (timedelta(hours=1), "minutes"),
    (timedelta(days=1), "hours"),
    (timedelta(days=30), "days"),
)
_SECONDS: Final = {"minutes": 60, "hours": 3600, "days": 86400}


def ago(instant: datetime, now: datetime, t: Catalogue) -> str:
    """Return how long ago an instant was; older than 30 days its date in UTC."""
    age = now - instant
    for limit, unit in _UNITS:
        if age < limit:
            return t("ago.now") if unit == "seconds" else t(f"ago.{unit}", n=int(age.total_seconds()) // _SECONDS[unit])
    return instant.astimezone(UTC).strftime("%Y-%m-%d")


def ahead(instant: datetime, now: datetime, t: Catalogue) -> str:
    """Return in how long an instant will be, in whole minutes, hours or days rounded up; one that is over is now."""
    left = instant - now
    if left <= timedelta():
        return t("ago.now")
    for limit, unit in _UNITS[1:]:
        if left < limit:
            return t(f"ago.in_{unit}", n=-(-left // timedelta(seconds=_SECONDS[unit])))
    return instant.astimezone(UTC).strftime("%Y-%m-%d")


def exactly(instant: datetime) -> str:
    """Return an instant to the second, in UTC."""
    return instant.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
