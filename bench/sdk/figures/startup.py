"""Figure 2: what a healthy process pays: import and initialisation, memory, threads, files, processes."""

from collections import defaultdict
from statistics import median, quantiles
from typing import Any

from options import Options
from receiver import receiver
from running import run
from tables import Table

TIMES = ("ms     ", "quartiles  ", "CPU ms")
SIZES = ("+ MiB", "+ modules", "+ threads", "+ open files")
DEEDS = ("files written", "processes", "connections")
SDKS = ("bare", "logcenter", "floor", "sentry", "opentelemetry", "honeybadger", "naive")
ALSO: tuple[str, ...] = ()
WANTED = "≤ 1/5 of sentry's time and ≤ 1/4 of its memory; no thread, no file, no process"


def measure(options: Options) -> None:
    """Start processes in turn; the first of each SDK, with cold caches, only watches what it does."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    with receiver() as server:
        watched = {sdk: _one(options, sdk, server.url, "watch") for sdk in options.sdks}
        for _ in range(options.pick(9, 40)):
            for sdk in options.sdks:
                found[sdk].append(_one(options, sdk, server.url, "measure"))
    _print(found, watched)


def _one(options: Options, sdk: str, url: str, how: str) -> dict[str, Any]:
    return run(options.interpreters[sdk], "startup", sdk, url, how, seconds=60).the("result")


def _print(found: dict[str, list[dict[str, Any]]], watched: dict[str, dict[str, Any]]) -> None:
    table = Table("SDK           ", *TIMES, *SIZES, *DEEDS, "time x sentry", "CPU x sentry", "MiB x sentry")
    middles = {sdk: middle(runs) for sdk, runs in found.items()}
    more = {sdk: over(own, middles["bare"]) for sdk, own in middles.items()}
    for sdk, own in middles.items():
        low, _, high = quantiles([run["wall"] * 1_000 for run in found[sdk]], n=4)
        times = (own["wall"] * 1_000, f"{low:.1f}-{high:.1f}", own["cpu"] * 1_000)
        sizes = (more[sdk]["kib"] / 1_024, *(round(more[sdk][name]) for name in ("modules", "threads", "files")))
        deeds = [watched[sdk][name] for name in ("written", "processes", "connections")]
        table.row(sdk, *times, *sizes, *deeds, *ratios(more[sdk], more.get("sentry")))


def middle(runs: list[dict[str, Any]]) -> dict[str, float]:
    """Return the median of everything that is a number."""
    return {name: median(run[name] for run in runs) for name, value in runs[0].items() if not isinstance(value, str)}


def over(own: dict[str, float], bare: dict[str, float]) -> dict[str, float]:
    """Return what is more than without a reporter."""
    return {name: value - bare[name] for name, value in own.items()}


def ratios(own: dict[str, float], sentry: dict[str, float] | None) -> list[float | str]:
    """Return what part of sentry's ours is, if that was measured."""
    return [own[name] / sentry[name] if sentry else "-" for name in ("wall", "cpu", "kib")]
