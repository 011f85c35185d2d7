"""Figure 3: errors as fast as possible, then a normal end: what arrived, what is lost, how long it took."""

import tempfile
from pathlib import Path

from options import Options
from receiver import receiver
from restarting import after_restart
from running import Ended, run
from tables import Table
from tally import dropped, tally

SDKS = ("logcenter", "floor", "sentry", "opentelemetry", "honeybadger", "naive")
ALSO: tuple[str, ...] = ()
WANTED = (
    "of 10,000 none lost and delivered within 5 s when equal or of 200 kinds; all different: "
    "none lost up to the spool's bound, the rest counted"
)
SECONDS_TO_END = 40


def measure(options: Options) -> None:
    """Send each SDK through each burst; what is not captured when the time is over is not asked for."""
    count, seconds = options.pick((500, 1), (10_000, 40))
    print(f"{count:,} errors, at most {seconds} s of capturing\n")
    columns = ("captured", "CPU µs each", "capture s", "to the end s", "last arrived s", "at the end", "by the next")
    table = Table("burst        ", "SDK           ", *columns, "lost", "counted lost", "double", "requests")
    for burst, kinds in (("equal", 1), ("200 kinds", 200), ("all different", count)):
        for sdk in options.sdks:
            _one(options, table, (burst, sdk), (kinds, count, seconds))


def _one(options: Options, table: Table, names: tuple[str, str], sizes: tuple[int, int, int]) -> None:
    sdk, python = names[1], options.interpreters[names[1]]
    with tempfile.TemporaryDirectory(prefix="logcenter-bench-") as home, receiver() as server:
        ended = run(python, "burst", sdk, server.url, *sizes, seconds=sizes[2] + SECONDS_TO_END, home=Path(home))
        begin, end = ended.the("begin")["at"], ended.the("end")
        first = tally(end["captured"], server.arrivals())
        requests, last = len(server.requests), max((request.at for request in server.requests), default=begin)
        both = after_restart(options, sdk, server, end["captured"], Path(home))
    cpu = end["cpu"] / first.captured * 1e6
    spans = (end["at"] - begin, ended.at - begin, last - begin)
    later = both.delivered - first.delivered
    table.row(
        *names, first.captured, cpu, *spans, first.delivered, later, both.lost, counted(ended), both.double, requests
    )


def counted(ended: Ended) -> int | str:
    """Return how many errors the SDK itself says it dropped."""
    found = ended.find("exited").get("stats")
    return dropped(found) if found else "-"
