"""A message on its way out, what can become of it, and what sends it."""

from collections.abc import Mapping
from typing import Any, Protocol

from attrs import frozen

from logcenter_collector.alarms.network import Network


@frozen(kw_only=True)
class Notice:
    """One message, in every form that a channel may want."""

    delivery_id: str
    """The same at every attempt, so that a receiver can tell a repeat."""
    title: str
    text: str
    """Plain lines, without the title and the link."""
    markdown: str
    """The same lines in CommonMark, with whatever was reported escaped; without title and link as well."""
    url: str | None
    """Where to read on; None where the collector does not know its own address."""
    url_text: str = ""
    """What to call the link, in the language of the message."""
    payload: Mapping[str, Any]
    """The events as JSON, for programs."""


@frozen
class Sent:
    """The receiver took it."""


@frozen(kw_only=True)
class Refused:
    """The receiver did certainly not take it."""

    reason: str
    """What it said, for whoever runs the collector; holds no secret."""
    retry_after: int | None = None
    """Seconds, where the receiver asked for time."""
    permanent: bool = False
    """Whether trying again is useless until somebody changes the channel."""


@frozen(kw_only=True)
class InDoubt:
    """Nobody knows whether the receiver took it: it was sent, and no answer came."""

    reason: str


Outcome = Sent | Refused | InDoubt


class Channel(Protocol):
    """A way out with its settings, opened by ``open_channel``."""

    @property
    def knows_repeats(self) -> bool:
        """Whether its receiver can tell a repeat by the delivery id, so that one in doubt may be sent again at once."""
        ...

    def send(self, notice: Notice, network: Network) -> Outcome:
        """Send it and say what became of it, within 15 seconds. Never raises for what the receiver or network does."""
        ...
