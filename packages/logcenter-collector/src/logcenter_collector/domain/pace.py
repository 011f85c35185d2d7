"""How much to do in one go, so that nobody who waits meanwhile waits long."""

from typing import Final

from attrs import define

SLICE_SECONDS: Final = 0.02
"""What one slice of upkeep should take. Writers wait for the slice under way, and reporters at most for 200 ms."""


@define
class Pace:
    """The size of the next slice, which follows what the slices before it took."""

    size: int
    most: int
    least: int = 1

    def took(self, seconds: float) -> None:
        """Aim at the target from what a slice of this size took; doubling at most, because the first ones are quick."""
        factor = min(2.0, max(0.25, SLICE_SECONDS / max(seconds, 0.001)))
        self.size = min(self.most, max(self.least, int(self.size * factor)))
