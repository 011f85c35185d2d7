"""The local variables of frames, as far as there is time and room: opt-in."""

import time
from types import FrameType
from typing import Any, Final

from logcenter_sdk.plain import Allowance, plain_locals
from logcenter_sdk.sighting import InApplication

MOST_FRAMES: Final = 10
"""Of so many of the application's frames, from the inside, the locals are read."""
MOST_SECONDS: Final = 0.005
MOST_CHARACTERS: Final = 16 * 1024
"""For all of one error's frames."""


class LocalsReader:
    """Reads the locals of one error's frames, from the inside outwards."""

    def __init__(self, in_application: InApplication) -> None:
        self._in_application = in_application
        self._left = MOST_FRAMES
        self._allowance = Allowance(MOST_CHARACTERS, time.monotonic() + MOST_SECONDS, time.monotonic)

    @property
    def characters(self) -> int:
        """How many characters were read so far."""
        return MOST_CHARACTERS - self._allowance.characters

    def __call__(self, frame: FrameType) -> dict[str, Any] | None:
        """Return the locals of a frame of the application; None of any other, and where no more are wanted."""
        if self._left <= 0 or not self._in_application(frame.f_code.co_filename):
            return None
        self._left -= 1
        return plain_locals(frame.f_locals, self._allowance)
