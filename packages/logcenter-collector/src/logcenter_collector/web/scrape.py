"""Read everything that ``/metrics`` shows and write it in the format that is asked for."""

import asyncio
from collections.abc import Iterator

from attrs import define, field, frozen
from prometheus_client import CollectorRegistry, PlatformCollector, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.openmetrics import exposition as openmetrics
from prometheus_client.registry import Collector

from logcenter_collector.alarms.counts import AlarmCounts
from logcenter_collector.ingest.runner import Runner
from logcenter_collector.web.metrics import Readings, families
from logcenter_collector.web.survey import Survey


@define
class Scrape:
    """Answers ``/metrics``."""

    runner: Runner
    survey: Survey
    version: str
    alarms: AlarmCounts = field(factory=AlarmCounts)
    _registry: CollectorRegistry = field(factory=CollectorRegistry)  # ours, not the process's

    def __attrs_post_init__(self) -> None:
        ProcessCollector(registry=self._registry)
        PlatformCollector(registry=self._registry)

    async def render(self, accept: str) -> tuple[bytes, str]:
        """Return the metrics and their content type: OpenMetrics where it is asked for, else Prometheus's text."""
        stored = await self.survey.stored()
        readings = Readings(
            counted=self.runner.counts.snapshot(),
            waiting=self.runner.waiting,
            stored=stored,
            alarms=self.alarms.snapshot(),
            version=self.version,
        )
        # In a thread: with hundreds of projects the text takes longer than a report may wait.
        return await asyncio.to_thread(_write, _All(self._registry, readings), accept)


def _write(everything: Collector, accept: str) -> tuple[bytes, str]:
    if "application/openmetrics-text" in accept:
        text: bytes = openmetrics.generate_latest(everything)  # type: ignore[no-untyped-call] # it has no types
        return text, openmetrics.CONTENT_TYPE_LATEST
    return generate_latest(everything), CONTENT_TYPE_PLAIN_0_0_4


@frozen
class _All(Collector):
    process: CollectorRegistry
    readings: Readings

    def collect(self) -> Iterator[Metric]:
        yield from families(self.readings)
        yield from self.process.collect()
