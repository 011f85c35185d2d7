"""Figure 1: CPU in the caller for one captured exception of 20 frames, locals off and on, and for a repeat."""

from collections import defaultdict
from statistics import median, quantiles
from typing import Any

from options import Options
from receiver import receiver
from running import run
from tables import Table

SDKS = ("floor", "logcenter", "sentry", "opentelemetry", "honeybadger", "naive")
ALSO: tuple[str, ...] = ()
WANTED = "first with locals off ≤ 1/30 of sentry and ≤ 1/10 of opentelemetry; on ≤ 1/10 of sentry; a repeat ≤ 10 µs"
MICRO = 1e6


def measure(options: Options) -> None:
    """Print what one capture costs, in rounds: each SDK has its turn in each."""
    rounds, count = options.pick((1, 150), (5, 500))
    results: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for _ in range(rounds):
        for sdk in options.sdks:
            for with_locals in ("off", "on"):
                if (result := _one(options, sdk, with_locals, count)) is not None:
                    results[sdk, with_locals].append(result)
    for with_locals in ("off", "on"):
        print(f"\nLocals {with_locals}; CPU µs in the calling thread, median (quartiles)\n")
        _print(options.sdks, {sdk: found for (sdk, state), found in results.items() if state == with_locals})


def _one(options: Options, sdk: str, with_locals: str, count: int) -> dict[str, Any] | None:
    with receiver() as server:
        ended = run(options.interpreters[sdk], "capture", sdk, server.url, with_locals, count, seconds=120)
    return None if ended.find("unsupported") else ended.the("result")


def _print(sdks: tuple[str, ...], results: dict[str, list[dict[str, Any]]]) -> None:
    table = Table("SDK           ", "first µs", "quartiles   ", "repeat µs", "very first ms", "x sentry", "x otel")
    middles = {sdk: median(_all(found, "first")) for sdk, found in results.items()}
    for sdk in sdks:
        if sdk not in results:
            table.row(sdk, "-", "no locals", "-", "-", "-", "-")
            continue
        firsts = _all(results[sdk], "first")
        low, _, high = quantiles(firsts, n=4)
        cold = median(result["cold"] for result in results[sdk]) * MICRO / 1_000
        others = (_ratio(middles[sdk], middles.get(other)) for other in ("sentry", "opentelemetry"))
        between = f"{low * MICRO:.0f}-{high * MICRO:.0f}"
        table.row(sdk, middles[sdk] * MICRO, between, median(_all(results[sdk], "repeats")) * MICRO, cold, *others)


def _all(results: list[dict[str, Any]], name: str) -> list[float]:
    return [value for result in results for value in result[name]]


def _ratio(ours: float, theirs: float | None) -> str:
    """Return what part of theirs ours is."""
    return "-" if not theirs else f"{ours / theirs:.2f}" if ours > theirs / 2 else f"1/{theirs / ours:.0f}"
