"""Figure 8: the resident memory of a process on its way through a million captured errors."""

from typing import Any

from options import Options
from receiver import receiver
from running import run
from tables import Table

SDKS = ("logcenter", "sentry", "opentelemetry")
ALSO: tuple[str, ...] = ()
WANTED = "flat: no growth after the first quarter, within 2 MiB"


def measure(options: Options) -> None:
    """Print the curve of each SDK, and how much it grew after its first quarter."""
    count, seconds, steps = options.pick((100_000, 8, 8), (1_000_000, 900, 20))
    print(f"{count:,} captures of 200 kinds as fast as possible, at most {seconds} s\n")
    table = Table("SDK           ", "captured", "seconds", "RSS MiB", "requests")
    grown = {}
    for sdk in options.sdks:
        with receiver(keep=False) as server:
            ended = run(
                options.interpreters[sdk], "leak", sdk, server.url, count, seconds, steps, seconds=seconds + 120
            )
            samples = [line for line in ended.said if line["event"] == "sample"]
            for sample in samples:
                table.row(sdk, sample["captured"], sample["seconds"], sample["mib"], "")
            table.row(sdk, "flushed", ended.seconds, ended.the("end")["mib"], server.answered)
        grown[sdk] = growth(samples)
    print("\nGrowth after the first quarter: " + ", ".join(f"{sdk} {mib:+.1f} MiB" for sdk, mib in grown.items()) + ".")


def growth(samples: list[dict[str, Any]]) -> float:
    """Return by how much the highest of the last three quarters is over that of the first."""
    quarter = samples[-1]["captured"] / 4
    first = [sample["mib"] for sample in samples if sample["captured"] <= quarter]
    return float(max(sample["mib"] for sample in samples) - max(first))
