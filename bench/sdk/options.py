"""What was asked for on the command line, and where each SDK is installed."""

from pathlib import Path
from typing import TypeVar

from attrs import frozen

T = TypeVar("T")


@frozen
class Options:
    """The options of a figure."""

    quick: bool
    sdks: tuple[str, ...]
    interpreters: dict[str, Path]

    def pick(self, quick: T, full: T) -> T:
        """Return the size of the short run or of the whole one."""
        return quick if self.quick else full
