"""The whole schema: every table of the collector."""

from logcenter_collector.store.access import tables as _access  # noqa: F401 - importing it adds its tables
from logcenter_collector.store.alarms import tables as _alarms  # noqa: F401 - as above
from logcenter_collector.store.overview import tables as _overview  # noqa: F401
from logcenter_collector.store.tables import metadata
from logcenter_collector.store.teamwork import tables as _teamwork  # noqa: F401 - as above

__all__ = ["metadata"]
