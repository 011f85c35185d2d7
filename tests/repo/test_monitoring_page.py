"""A metric or a reason that is not documented fails the build; what the page tells Prometheus fits the metrics."""

import re
from collections import Counter
from pathlib import Path

import pytest
import yaml
from prometheus_client import CollectorRegistry, PlatformCollector, ProcessCollector
from prometheus_client.metrics_core import Metric

from logcenter_collector.alarms.counts import AlarmCounts
from logcenter_collector.ingest.counts import Counted
from logcenter_collector.ingest.refusal import Reason
from logcenter_collector.web.metrics import Readings, Stored, families
from logcenter_sdk.contract.outcome import Outcome
from logcenter_sdk.contract.status import Status
from support.pages import PAGES, snippet
from support.tables import rows

BOTH = pytest.mark.parametrize("ending", ["md", "zh-CN.md"])
PAGE = "how-to/monitoring.md"


def metrics() -> list[Metric]:
    """Return every metric of a collector, with a sample of each label."""
    readings = Readings(
        counted=Counted(accepted=Counter({("p", "runtime", Outcome.NEW): 1})),
        waiting=(0, 0),
        stored=Stored(issues=dict.fromkeys(Status, 0), bytes=0, alarms_waiting=0),
        alarms=AlarmCounts().snapshot(),
        version="1.0",
    )
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    return [*families(readings), *registry.collect()]


def shown(metric: Metric) -> tuple[str, str, frozenset[str]]:
    """Return the name, the kind and the labels as Prometheus's text has them."""
    suffix = {"counter": "_total", "info": "_info"}.get(metric.type, "")
    labels = {label for sample in metric.samples for label in sample.labels} - {"le"}
    return metric.name + suffix, metric.type.replace("info", "gauge"), frozenset(labels)


def page(ending: str) -> Path:
    return PAGES / f"how-to/monitoring.{ending}"


@BOTH
def test_the_collector_s_metrics_are_on_the_page_and_nothing_else(ending: str) -> None:
    documented = {
        (row[0].strip("`"), row[1], frozenset(re.findall(r"`(\w+)`", row[2])))
        for row in rows(page(ending))
        if re.fullmatch(r"`(logcenter|process|python)_\w+`", row[0])
    }

    assert set(map(shown, metrics())) == documented


@BOTH
def test_the_reasons_of_a_refusal_are_on_the_page_and_nothing_else(ending: str) -> None:
    answers = {row[0].strip("`"): row[1] for row in rows(page(ending)) if re.fullmatch(r"`[a-z_]+`", row[0])}

    assert set(Reason) == {reason for reason, answer in answers.items() if re.fullmatch(r"none|无|[45]\d\d", answer)}


def test_the_rules_ask_for_metrics_and_reasons_that_exist() -> None:
    names = {shown(metric)[0] for metric in metrics()} | {"logcenter_commit_seconds_bucket", "up"}
    [group] = yaml.safe_load(snippet(PAGE, "logcenter-rules.yml"))["groups"]

    assert 3 == len(group["rules"])
    for rule in group["rules"]:
        assert {"alert", "expr", "for", "labels", "annotations"} == rule.keys()
        assert {name for name in re.findall(r"\b(?:logcenter_\w+|up)\b", rule["expr"]) if name not in names} == set()
        assert names & set(re.findall(r"\b\w+\b", rule["expr"]))
    [reasons] = re.findall(r'reason=~"([a-z_|]+)"', group["rules"][1]["expr"])
    assert set(Reason) > set(reasons.split("|"))


def test_the_jobs_of_prometheus_are_those_that_the_rules_ask_for() -> None:
    settings = yaml.safe_load(snippet(PAGE, "prometheus.yml"))
    rules = snippet(PAGE, "logcenter-rules.yml")

    assert set(re.findall(r'job="(\w+)"', rules)) == {job["job_name"] for job in settings["scrape_configs"]}
    assert ["logcenter-rules.yml"] == settings["rule_files"]
