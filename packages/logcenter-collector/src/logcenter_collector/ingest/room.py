"""How much of reports may be on its way in at once, so that no number of senders fills the memory."""

from typing import Final, Self

from attrs import define, field

from logcenter_collector.ingest.refusal import Reason, unavailable
from logcenter_sdk.contract.limits import BATCH_BYTES

ROOM_BYTES: Final = 256 * 1024 * 1024
LEAST_ROOM_BYTES: Final = 4 * BATCH_BYTES
"""With less, a large batch and what it is unpacked to might never find room."""
RETRY_AFTER_SECONDS: Final = 2
_FULL: Final = "Too much is being sent at once; try again."


@define(eq=False)
class Room:
    """What bodies may take altogether from their first byte until they are answered."""

    limit: int = ROOM_BYTES
    taken: int = 0


@define(eq=False)
class Place:
    """What one body takes; a context manager that gives it back."""

    _room: Room
    _taken: int = field(default=0, init=False)

    def take(self, size: int) -> None:
        """Take so many bytes more. Raises RefusedError where there is no room for them."""
        if self._room.taken + size > self._room.limit:
            raise unavailable(_FULL, RETRY_AFTER_SECONDS, Reason.QUEUE_FULL)
        self._room.taken += size
        self._taken += size

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._room.taken -= self._taken
        self._taken = 0
