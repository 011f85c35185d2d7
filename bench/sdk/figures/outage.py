"""Figure 4: an outage of the collector, in five kinds: what is lost, what counts twice, how long the caller waits."""

import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

from attrs import frozen

from options import Options
from receiver import Mode, receiver
from restarting import after_restart
from running import Child, Ended
from tables import Table
from tally import Tally, tally

SDKS = ("logcenter", "floor", "sentry", "opentelemetry", "honeybadger", "naive")
ALSO: tuple[str, ...] = ()
WANTED = "0 lost, 0 double in an outage of 4 s; the caller's median as it was before"
KINDS: tuple[Mode, ...] = ("429", "500", "hang", "refused", "committed")
PER_SECOND = 14
"""Errors: 56 in 4 s."""


@frozen
class Plan:
    """The seconds of each phase."""

    before: float
    outage: float
    after: float
    recovery: float


@frozen
class Survived:
    """What became of one SDK's errors."""

    counts: Tally
    by_the_next: int
    calm_us: float
    outage_us: float
    longest_ms: float
    noise: int


def measure(options: Options) -> None:
    """Let all SDKs live through each outage, each with a collector of its own; they sleep most of the time."""
    plan = options.pick(Plan(0.5, 1, 0.3, 1.2), Plan(2, 4, 2, 12))
    print(
        f"{plan.outage:g} s of outage, {PER_SECOND} errors a second, then {plan.recovery:g} s to recover; "
        "all SDKs at once."
    )
    print("`committed`: events are stored, but the answer never comes. `by the next`: sent by the next process.\n")
    columns = ("captured", "lost", "double", "resent", "by the next", "p50 µs before", "p50 µs within", "longest ms")
    table = Table("outage   ", "SDK           ", *columns, "stderr bytes")
    for kind in KINDS:
        with ThreadPoolExecutor(len(options.sdks)) as pool:
            lived = list(pool.map(lambda sdk, kind=kind: _live(options, sdk, kind, plan), options.sdks))
        for sdk, one in zip(options.sdks, lived, strict=True):
            counts, times = one.counts, (one.calm_us, one.outage_us, one.longest_ms)
            sizes = (counts.captured, counts.lost, counts.double, counts.resent, one.by_the_next)
            table.row(kind, sdk, *sizes, *times, one.noise)


def _live(options: Options, sdk: str, kind: Mode, plan: Plan) -> Survived:
    seconds = plan.before + plan.outage + plan.after
    with tempfile.TemporaryDirectory(prefix="logcenter-bench-") as name, receiver() as server:
        home = Path(name)
        child = Child(
            options.interpreters[sdk], "outage", sdk, server.url, PER_SECOND, seconds, plan.recovery, home=home
        )
        begin = child.wait_for("begin", 30)["at"]
        for after, mode in ((plan.before, kind), (plan.before + plan.outage, "ok")):
            time.sleep(max(begin + after - time.monotonic(), 0))
            server.become(mode)
        # The naive reporter waits in the caller, so its loop may end late.
        ended = child.ended(seconds + plan.recovery + 60)
        captured = ended.the("end")["captured"]
        first = tally(captured, server.arrivals())
        both = after_restart(options, sdk, server, captured, home)
    return Survived(both, both.delivered - first.delivered, *waited(ended, plan), len(ended.stderr))


def waited(ended: Ended, plan: Plan) -> tuple[float, float, float]:
    """Return the median of the captures before the outage and within it in µs, and the longest of all in ms."""
    captures = ended.the("end")["captures"]
    # The first capture imports what the SDK needs; the figure of the caller's CPU has it.
    calm = [taken for at, taken in captures[1:] if at < plan.before]
    within = [taken for at, taken in captures if plan.before <= at < plan.before + plan.outage]
    return median(calm) * 1e6, median(within) * 1e6, max(taken for _at, taken in captures[1:]) * 1e3
