"""Where the collector may connect to when it sends alarms."""

from attrs import frozen


@frozen(kw_only=True)
class Network:
    """The way out of the collector."""
