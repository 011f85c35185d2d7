"""What can become of a message, and of an attempt to send it."""

from datetime import datetime
from enum import StrEnum

from attrs import frozen


class OutboxState(StrEnum):
    """Where an event stands that is told of."""

    WAITING = "waiting"
    SENDING = "sending"
    """Begun; stays so where the collector ended meanwhile."""
    DONE = "done"
    """Sent or given up; keeps the next one back until the window is over."""


class DeliveryState(StrEnum):
    """What became of an attempt."""

    SENDING = "sending"
    SENT = "sent"
    REFUSED = "refused"
    """Certainly not sent, and tried again."""
    IN_DOUBT = "in_doubt"
    """Nobody knows whether it was sent; tried again when a repeat does no harm."""
    DEAD = "dead"
    """A dead letter: not tried again by itself."""
    RETRIED = "retried"
    """A dead letter that somebody sent on its way again."""
    DISMISSED = "dismissed"
    """A dead letter that somebody needs no more."""


@frozen(kw_only=True)
class Verdict:
    """What follows from an attempt."""

    state: DeliveryState
    ended_at: datetime
    """When it was taken or refused; at the latest, where nobody knows."""
    reason: str | None = None
    again_at: datetime | None = None
    """When it is tried again; None: it is not."""
    free_at: datetime | None = None
    """From when on its issues may be told of again; None while it is still to be sent."""
    rests_until: datetime | None = None
    """Until when the channel rests because it failed."""
