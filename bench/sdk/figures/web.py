"""Figure 7: what a middleware adds to a request that succeeds: bare ASGI, FastAPI, Django."""

from collections import defaultdict
from statistics import median, quantiles

from options import Options
from receiver import receiver
from running import run
from tables import Table

SDKS = ("bare", "logcenter", "sentry", "honeybadger")
ALSO = ("fastapi", "django")
WANTED = "added at most 2 µs on ASGI, 3 on FastAPI, 5 on Django"
FRAMEWORKS = ("asgi", "fastapi", "django")


def measure(options: Options) -> None:
    """Measure in rounds: what is added is the difference to the process without a middleware in the same round."""
    rounds, blocks = options.pick((2, 5), (15, 30))
    print("CPU µs of a request, called without a server; added: median of the rounds (quartiles)\n")
    table = Table("framework", "SDK           ", "request µs", "added µs", "quartiles     ", "of sentry's")
    with receiver() as server:
        for framework in FRAMEWORKS:
            found: dict[str, list[float]] = defaultdict(list)
            for _ in range(rounds):
                for sdk in options.sdks:
                    ended = run(options.interpreters[sdk], "web", sdk, server.url, framework, blocks, seconds=120)
                    found[sdk].append(median(ended.the("result")["blocks"]) * 1e6)
            _print(table, framework, found)


def _print(table: Table, framework: str, found: dict[str, list[float]]) -> None:
    added = {sdk: differences(found["bare"], own) for sdk, own in found.items()}
    for sdk, own in found.items():
        # Nothing is added to bare; there the spread shows what a difference to it is worth.
        values = [value - median(own) for value in own] if sdk == "bare" else added[sdk]
        low, _, high = quantiles(values, n=4)
        part = median(values) / median(added["sentry"]) if "sentry" in added else "-"
        table.row(framework, sdk, median(own), median(values), f"{low:+.1f} to {high:+.1f}", part)


def differences(bare: list[float], own: list[float]) -> list[float]:
    """Return what each round adds to the one without a middleware."""
    return [with_it - without for with_it, without in zip(own, bare, strict=True)]
