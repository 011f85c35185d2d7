"""The figures of the SDK: ``python bench/sdk FIGURE [--quick] [--only logcenter,sentry]``; ``all`` for all of them."""

import argparse
import os
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Final

sys.path.insert(1, str(Path(__file__).parents[1]))  # machine.py and tables.py are those of all benches

import machine
from environments import OURS, SDKS, environments, versions
from options import Options

FIGURES: Final = ("capture", "startup", "burst", "outage", "leave", "forks", "web", "leak")


def main() -> None:
    """Print one figure, or all."""
    parser = argparse.ArgumentParser(prog="python bench/sdk", description=__doc__)
    parser.add_argument("figure", choices=(*FIGURES, "all"))
    parser.add_argument("--quick", action="store_true", help="a short run")
    parser.add_argument("--only", help="of these SDKs, with commas between them", type=_names)
    parser.add_argument("--ours", help="the folder of another state of our SDK", type=Path, default=OURS)
    options = parser.parse_args()
    print(machine.describe())
    for name in FIGURES if options.figure == "all" else (options.figure,):
        _measure(name, options)


def _names(text: str) -> tuple[str, ...]:
    names = tuple(text.split(","))
    if unknown := set(names) - set(SDKS):
        raise argparse.ArgumentTypeError(f"{', '.join(sorted(unknown))}: there is only {', '.join(SDKS)}")
    return names


def _measure(name: str, options: argparse.Namespace) -> None:
    figure = import_module(f"figures.{name}")
    sdks = tuple(sdk for sdk in figure.SDKS if options.only is None or sdk in options.only or sdk == "bare")
    print(f"## {(figure.__doc__ or '').splitlines()[0]}\n")
    with environments(sdks, figure.ALSO, options.ours) as interpreters:
        print(versions(interpreters), end="\n\n", flush=True)
        begin = time.monotonic()
        figure.measure(Options(options.quick, sdks, interpreters))
    print(f"\nWanted: {figure.WANTED}.\nTook {time.monotonic() - begin:.0f} s; load {os.getloadavg()[0]:.2f}.\n")


if __name__ == "__main__":
    main()
