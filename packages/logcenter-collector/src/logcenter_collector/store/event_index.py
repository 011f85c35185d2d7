"""Where an event id stands in SQLite's log of them: an index in memory, 20 bytes for each of a million. Pure.

A bitmap answers for nearly every new id that it is new. The others are looked for in sorted generations, newest first.
"""

from array import array
from bisect import bisect_left
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Final, TypeAlias

_GENERATION: Final = 16_384
"""Ids that are sorted at once: 8 ms. Fewer make more places to look into, more make a longer pause."""
_BITMAP_BITS: Final = 26
"""2^26 bits are 8 MiB: of a million ids every sixty-fourth new one is looked for in vain."""
_MASK: Final = 2**_BITMAP_BITS - 1

_Generation: TypeAlias = "tuple[array[int], int, array[int]]"
"""Sorted keys, the first position, and how far behind it each of them stands."""


class EventIndex:
    """Positions in a log by the first 8 bytes of a key; whoever asks compares the whole key with the log's."""

    def __init__(self, capacity: int) -> None:
        """Remember at least the latest ``capacity`` keys, and at most a generation more."""
        self._generations: deque[_Generation] = deque(maxlen=capacity // _GENERATION + 1)
        self._recent: dict[int, int] = {}
        self._bitmap = bytearray(2**_BITMAP_BITS // 8)
        self._added = 0
        self._capacity = capacity

    def add(self, entries: Iterable[tuple[bytes, int]]) -> None:
        """Add keys and their positions, which grow."""
        for key, position in entries:
            tag = int.from_bytes(key[:8], "big")
            self._recent[tag] = position
            bit = tag & _MASK
            self._bitmap[bit >> 3] |= 1 << (bit & 7)
            if len(self._recent) >= _GENERATION:
                self._begin_generation()

    def may_hold(self, key: bytes) -> bool:
        """Whether the key may stand anywhere; false for nearly every new one."""
        bit = int.from_bytes(key[4:8], "big") & _MASK
        return bool(self._bitmap[bit >> 3] & 1 << (bit & 7))

    def positions(self, key: bytes) -> Iterator[int]:
        """Return where the key may stand, the latest position first."""
        tag = int.from_bytes(key[:8], "big")
        if tag in self._recent:
            yield self._recent[tag]
        for tags, first, offsets in reversed(self._generations):
            place = bisect_left(tags, tag)
            if place < len(tags) and tags[place] == tag:
                yield first + offsets[place]

    def _begin_generation(self) -> None:
        entries = sorted(self._recent.items())
        first, last = min(self._recent.values()), max(self._recent.values())
        offsets = array("I" if last - first < 2**32 else "Q", [at - first for _, at in entries])
        self._generations.append((array("Q", [tag for tag, _ in entries]), first, offsets))
        self._recent = {}
        self._added += len(entries)
        if self._added >= 2 * self._capacity:
            self._clear_bitmap()

    def _clear_bitmap(self) -> None:
        """Forget the bits of keys that are gone, before they are so many that the bitmap says nothing any more."""
        self._bitmap = bytearray(len(self._bitmap))
        for tags, _, _ in self._generations:
            for tag in tags:
                bit = tag & _MASK
                self._bitmap[bit >> 3] |= 1 << (bit & 7)
        self._added = sum(len(tags) for tags, _, _ in self._generations)
