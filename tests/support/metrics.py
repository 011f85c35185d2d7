"""What a collector's ``/metrics`` says, read as Prometheus reads it."""

from collections.abc import Iterator

from attrs import frozen
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from support.collector import Collector

ACCEPTED = "logcenter_reports_total"
REJECTED = "logcenter_reports_rejected_total"


@frozen
class Scraped:
    """The samples of one scrape, or how they have grown since another."""

    text: str
    since: "Scraped | None" = None

    def total(self, name: str, **labels: str) -> float:
        """Return the sum of the samples of a name that have these labels."""
        return sum(sample.value for sample in self.samples(name, **labels))

    def by(self, label: str, name: str, **labels: str) -> dict[str, float]:
        """Return the samples that are not 0, by one of their labels."""
        values = {sample.labels[label]: sample.value for sample in self.samples(name, **labels)}
        return {key: value for key, value in values.items() if value}

    def samples(self, name: str, **labels: str) -> Iterator[Sample]:
        """Yield the samples of a name that have these labels."""
        for family in text_string_to_metric_families(self.text):
            for sample in family.samples:
                if sample.name == name and labels.items() <= sample.labels.items():
                    before = self.since.total(name, **sample.labels) if self.since else 0
                    yield sample._replace(value=sample.value - before)

    @property
    def families(self) -> set[str]:
        """The names of all metrics, as their TYPE lines have them."""
        return {line.split()[2] for line in self.text.splitlines() if line.startswith("# TYPE ")}


def scrape(collector: Collector, since: Scraped | None = None) -> Scraped:
    """Return what the collector shows now."""
    return Scraped(collector.client.get("/metrics").raise_for_status().text, since)
