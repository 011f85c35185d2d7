"""What handlers are given by name: app.py made these objects, so their types need no check with every request."""

from datetime import datetime

from litestar.di import NamedDependency
from litestar.params import SkipValidation

from logcenter_collector.ingest.pipeline import Pipeline
from logcenter_collector.store.base import Store
from logcenter_collector.web.scrape import Scrape

InjectedStore = NamedDependency[SkipValidation[Store]]
InjectedPipeline = NamedDependency[SkipValidation[Pipeline]]
InjectedScrape = NamedDependency[SkipValidation[Scrape]]
InjectedNow = NamedDependency[datetime]
