"""The latest values of one kind (environments, releases, commits) that an issue was seen with; the rest is "other"."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from attrs import frozen

from logcenter_sdk.contract.limits import OTHER, SEEN_WITH


@frozen
class Recent:
    """What to write of the values of one kind: those that arrived and stay, those that fall out."""

    stays: Mapping[str, datetime]
    falls_out: frozenset[str]


def keep_recent(known: Mapping[str, datetime], arrived: Mapping[str, datetime]) -> Recent:
    """Return which of the known and the arrived values are the latest 50. "other" stands for the rest and stays."""
    if len(known) + len(arrived) <= SEEN_WITH:
        return Recent(arrived, frozenset())
    values = {value: at for value, at in {**known, **arrived}.items() if value != OTHER}
    latest = sorted(values, key=lambda value: (values[value], value), reverse=True)[:SEEN_WITH]
    falls_out = frozenset(values) - frozenset(latest)
    return Recent({value: at for value, at in arrived.items() if value not in falls_out}, falls_out)


def newcomers(known: Iterable[str], arrived: Iterable[str]) -> frozenset[str]:
    """Return the arrived values that are not known."""
    return frozenset(arrived) - frozenset(known)
