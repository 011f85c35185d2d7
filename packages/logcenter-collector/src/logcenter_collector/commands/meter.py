"""Show how far something has come: a line for each step, and a bar while it runs where a person looks."""

import sys
from collections.abc import Iterable
from time import monotonic
from typing import Final, TextIO

from attrs import define, field

from logcenter_collector.store.upkeep.slices import Progress

_WIDTH: Final = 30
_EVERY_SECONDS: Final = 0.1


@define
class Meter:
    """One step after the other."""

    lines: TextIO = field(factory=lambda: sys.stdout)
    bar: TextIO = field(factory=lambda: sys.stderr)
    _step: str = ""
    _last: Progress = field(factory=lambda: Progress(0.0, "nothing"))
    _begun: float = 0.0
    _drawn: float = 0.0

    def begin(self, step: str) -> None:
        """Begin a step."""
        self._step, self._last, self._begun = step, Progress(0.0, "nothing"), monotonic()

    def show(self, progress: Progress) -> None:
        """Take note of where the step stands."""
        self._last = progress
        if self.bar.isatty() and monotonic() - self._drawn > _EVERY_SECONDS:
            self._drawn = monotonic()
            self.bar.write(f"\r{self._step} {bar(progress.share)} {progress.done}\x1b[K")
            self.bar.flush()

    def follow(self, steps: Iterable[Progress]) -> None:
        """Do a step to its end, showing where it stands."""
        for progress in steps:
            self.show(progress)
        self.end()

    def end(self) -> None:
        """Say in a line what the step came to."""
        self._say(f"{self._last.done} in {monotonic() - self._begun:.1f} s")

    def give_up(self, why: str) -> None:
        """Say in a line why the step was left out."""
        self._say(f"left out: {why}")

    def _say(self, what: str) -> None:
        if self.bar.isatty():
            self.bar.write("\r\x1b[K")
            self.bar.flush()
        self.lines.write(f"{self._step}: {what}\n")
        self.lines.flush()


def bar(share: float) -> str:
    """Return a bar that is filled to a share between 0 and 1."""
    share = min(1.0, max(0.0, share))
    filled = round(_WIDTH * share)
    return f"[{'#' * filled}{'.' * (_WIDTH - filled)}] {share:4.0%}"
