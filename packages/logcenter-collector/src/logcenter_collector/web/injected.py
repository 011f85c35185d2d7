"""What handlers are given by name. Litestar need not check their types: app.py made them."""

from typing import Annotated

from litestar.params import Dependency

from logcenter_collector.ingest.pipeline import Pipeline
from logcenter_collector.store.base import Store

InjectedStore = Annotated[Store, Dependency(skip_validation=True)]
InjectedPipeline = Annotated[Pipeline, Dependency(skip_validation=True)]
