"""What ``/metrics`` shows: numbers of this process and of the storage, as families that prometheus_client can write.

docs/how-to/monitoring.md explains each.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate

from attrs import frozen
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, InfoMetricFamily
from prometheus_client.metrics_core import Metric

from logcenter_collector.domain.alarms.delivery import DeliveryState
from logcenter_collector.ingest.counts import Counted, Histogram
from logcenter_sdk.contract.status import Status


@frozen(kw_only=True)
class Stored:
    """What the storage holds."""

    issues: Mapping[Status, int]
    bytes: int
    alarms_waiting: int


@frozen(kw_only=True)
class Readings:
    """The numbers of one moment; ``stored`` is None where the storage does not say."""

    counted: Counted
    waiting: tuple[int, int]
    stored: Stored | None
    alarms: Mapping[DeliveryState, int]
    version: str


def families(readings: Readings) -> Iterable[Metric]:
    """Return the metrics of the collector."""
    yield InfoMetricFamily("logcenter_build", "The collector's version.", {"version": readings.version})
    yield from _of_reports(readings.counted)
    yield from _of_queue(*readings.waiting)
    yield _of_alarms(readings.alarms)
    if readings.stored is not None:
        yield from _of_storage(readings.stored)


def _of_reports(counted: Counted) -> Iterable[Metric]:
    accepted = CounterMetricFamily(
        "logcenter_reports",
        "Reports that were committed and answered with 200.",
        labels=("project", "source", "outcome"),
    )
    for (project, source, outcome), count in counted.accepted.items():
        accepted.add_metric((project, source, outcome.name.lower()), count)
    rejected = CounterMetricFamily(
        "logcenter_reports_rejected", "Reports that were answered with anything else.", labels=("reason",)
    )
    for reason, count in counted.rejected.items():
        rejected.add_metric((reason,), count)
    yield accepted
    yield rejected
    yield _histogram("logcenter_batch_reports", "Reports that one commit held.", counted.batch_reports)
    yield _histogram("logcenter_commit_seconds", "Time that one commit took.", counted.commit_seconds)


def _of_queue(reports: int, size: int) -> Sequence[Metric]:
    return (
        GaugeMetricFamily("logcenter_queue_reports", "Reports that wait for their commit.", reports),
        GaugeMetricFamily("logcenter_queue_bytes", "Bytes of the bodies that those came in.", size),
    )


def _of_alarms(outcomes: Mapping[DeliveryState, int]) -> Metric:
    sent = CounterMetricFamily(
        "logcenter_alarms_sent", "Attempts to send a message of an alarm, by what became of them.", labels=("outcome",)
    )
    for outcome, count in outcomes.items():
        sent.add_metric((outcome.value,), count)
    return sent


def _of_storage(stored: Stored) -> Sequence[Metric]:
    issues = GaugeMetricFamily("logcenter_issues", "Issues by their present status.", labels=("status",))
    for status, count in stored.issues.items():
        issues.add_metric((status,), count)
    return (
        issues,
        GaugeMetricFamily("logcenter_database_bytes", "Disk that the database takes.", stored.bytes),
        GaugeMetricFamily("logcenter_alarms_waiting", "Alarms that are not sent yet.", stored.alarms_waiting),
    )


def _histogram(name: str, about: str, histogram: Histogram) -> Metric:
    *below, all_of_them = accumulate(histogram.counts)
    buckets = [(str(float(bound)), count) for bound, count in zip(histogram.bounds, below, strict=True)]
    return HistogramMetricFamily(name, about, [*buckets, ("+Inf", all_of_them)], histogram.total)
