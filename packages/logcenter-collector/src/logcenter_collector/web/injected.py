"""What handlers are given by name: app.py made these objects, so their types need no check with every request."""

from collections.abc import Callable
from datetime import datetime

from litestar.di import NamedDependency
from litestar.params import SkipValidation

from logcenter_collector.access.credentials import Credentials
from logcenter_collector.access.doorkeeper import Doorkeeper
from logcenter_collector.access.people import People
from logcenter_collector.access.view import View
from logcenter_collector.alarms.sending import Dispatch
from logcenter_collector.ingest.pipeline import Pipeline
from logcenter_collector.store.access.audit import By
from logcenter_collector.web.scrape import Scrape
from logcenter_collector.web.status import CollectorStatus

InjectedView = NamedDependency[SkipValidation[View]]
"""The storage as whoever asks sees it. The store itself is not given to handlers."""
InjectedBy = NamedDependency[SkipValidation[By]]
InjectedCredentials = NamedDependency[SkipValidation[Credentials]]
InjectedDispatch = NamedDependency[SkipValidation[Dispatch]]
"""Alarms: what is kept of them, and how they are sent."""
InjectedDoorkeeper = NamedDependency[SkipValidation[Doorkeeper]]
InjectedPeople = NamedDependency[SkipValidation[People]]
InjectedPing = NamedDependency[SkipValidation[Callable[[], None]]]
"""Raises StoreUnavailableError while the storage cannot be written."""
InjectedPipeline = NamedDependency[SkipValidation[Pipeline]]
InjectedCollector = NamedDependency[SkipValidation[CollectorStatus]]
InjectedScrape = NamedDependency[SkipValidation[Scrape]]
InjectedNow = NamedDependency[datetime]
