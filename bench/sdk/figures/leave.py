"""Figure 5: how long a process takes to end when the collector does not answer."""

from statistics import median

from options import Options
from receiver import Mode, receiver
from running import run
from tables import Table

SDKS = ("bare", "logcenter", "floor", "sentry", "opentelemetry", "honeybadger", "naive")
ALSO: tuple[str, ...] = ()
WANTED = "≤ 2.1 s where the collector hangs, ≤ 0.3 s over bare where it refuses; nothing on stderr"
ERRORS = 5
MODES: tuple[Mode, ...] = ("ok", "refused", "hang")


def measure(options: Options) -> None:
    """Print the seconds from the last line of the program to the end of its process, and the whole."""
    rounds, limit = options.pick((1, 4), (5, 30))
    print(f"{ERRORS} errors; a process that has not ended after {limit} s is killed (>)\n")
    table = Table("collector", "SDK           ", "exit s", "slowest s", "over bare s", "whole s", "stderr bytes")
    bare = 0.0
    for mode in MODES:
        for sdk in options.sdks:
            ends = [_one(options, sdk, mode, limit) for _ in range(rounds)]
            exits, whole = [end for end, _, _ in ends], median(all_of for _, all_of, _ in ends)
            bare = median(exits) if sdk == "bare" else bare
            stuck = max(all_of for _, all_of, _ in ends) >= limit
            slowest = f">{max(exits):.1f}" if stuck else max(exits)
            table.row(mode, sdk, median(exits), slowest, median(exits) - bare, whole, max(noise for *_, noise in ends))


def _one(options: Options, sdk: str, mode: Mode, limit: int) -> tuple[float, float, int]:
    with receiver() as server:
        server.become(mode)
        ended = run(options.interpreters[sdk], "leave", sdk, server.url, ERRORS, seconds=limit)
    reached = ended.find("last line").get("at", ended.at - ended.seconds)
    return ended.at - reached, ended.seconds, len(ended.stderr)
