"""The whole schema: every table of the collector."""

from logcenter_collector.store.access import tables as _access  # noqa: F401 - importing it adds its tables
from logcenter_collector.store.overview import tables as _overview  # noqa: F401
from logcenter_collector.store.tables import metadata

__all__ = ["metadata"]
