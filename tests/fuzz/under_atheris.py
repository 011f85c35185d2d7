"""Let atheris attack one target, led by what it covers: ``under_atheris.py TARGET FOLDER [flags of libFuzzer]``.

It begins with the seeds and what earlier runs have kept in the folder. A finding ends the process with
another code than 0, and leaves the input in a file that ``crash-`` begins.
"""

import sys
from pathlib import Path

import atheris

sys.path[:0] = [str(Path(__file__).parents[1])]

with atheris.instrument_imports(include=["logcenter_collector", "logcenter_sdk"]):
    from fuzz.targets import TARGETS

from fuzz.seeds import SEEDS  # noqa: E402 - after what is instrumented


def main() -> None:
    """Run until libFuzzer's flags say stop; a folder for the corpus stands among them."""
    name, *flags = sys.argv[1:]
    folder = next(Path(flag) for flag in flags if not flag.startswith("-"))
    folder.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(SEEDS[name]):
        (folder / f"seed-{number}").write_bytes(seed)
    atheris.Setup([sys.argv[0], *flags], TARGETS[name])
    atheris.Fuzz()


main()
