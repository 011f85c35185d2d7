"""Instants on the wire: ISO 8601 in, ISO 8601 in UTC with ``Z`` out."""

from datetime import UTC, datetime


def parse_instant(text: str) -> datetime:
    """Return the instant in UTC; without an offset the text is UTC already.

    Raises ValueError when the text is no ISO 8601 date and time, or lies outside the years 1 to 9999 in UTC.
    """
    try:
        instant = datetime.fromisoformat(text.strip().upper())  # RFC 3339 allows "t" and "z"
        return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(f"is no ISO 8601 date and time, such as 2026-02-20T10:30:00Z: {text[:40]!r}") from None


def format_instant(instant: datetime) -> str:
    """Return an aware instant as ISO 8601 in UTC with ``Z``, to the microsecond."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")
