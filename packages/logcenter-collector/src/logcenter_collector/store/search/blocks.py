"""Sets of issues in blocks of 16,000 ids: bit *n* of a block's bitmap is its *n*-th id. Pure.

A kept bitmap is a list of 16-bit numbers while it has few, which most have, and the bits themselves from then on.
"""

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from sys import byteorder
from typing import Final

from attrs import frozen

from logcenter_collector.store.search.terms import TERM_BITS

BLOCK_IDS: Final = 16_000
"""Two bitmaps of so many bits share a page of SQLite."""
_BYTES: Final = BLOCK_IDS // 8
_FEW: Final = 256
"""A list of more takes longer to read than it saves."""

Sets = Mapping[int, int]
"""A set of issues: the bitmap of each block that has any."""


def key_of(block: int, term: int) -> int:
    """Return the key under which the bitmap of a term in a block is kept: those of a block lie side by side.

    Issues that come at the same time lie in the same block, so indexing them touches few pages.
    """
    return block << TERM_BITS | term


def split_key(key: int) -> tuple[int, int]:
    """Return the block and the term of a key."""
    return key >> TERM_BITS, key & (1 << TERM_BITS) - 1


def place_in_block(issue_id: int) -> tuple[int, int]:
    """Return the block of an issue and its place there."""
    return divmod(issue_id, BLOCK_IDS)


def unpack(*kept: bytes) -> int:
    """Return the bitmap of what is in any of the kept bitmaps."""
    bits, found = bytearray(_BYTES), 0
    for bitmap in kept:
        if len(bitmap) == _BYTES:
            found |= int.from_bytes(bitmap, "little")
        else:
            for place in _places(bitmap):
                bits[place >> 3] |= 1 << (place & 7)
    return found | int.from_bytes(bits, "little")


def change(kept: bytes, add: Sequence[int], remove: Sequence[int] = ()) -> bytes:
    """Return a kept bitmap with places added and removed; empty bytes are an empty one."""
    if len(kept) == _BYTES:
        return _change_bits(bytearray(kept), add, remove)
    places = {*_places(kept), *add}
    places.difference_update(remove)
    return _pack(places) if len(places) <= _FEW else _change_bits(bytearray(_BYTES), places, ())


def _change_bits(bits: bytearray, add: Iterable[int], remove: Iterable[int]) -> bytes:
    for place in add:
        bits[place >> 3] |= 1 << (place & 7)
    for place in remove:
        bits[place >> 3] &= ~(1 << (place & 7))
    return bytes(bits)


def _places(kept: bytes) -> "array[int]":
    places = array("H", kept)
    if byteorder == "big":
        places.byteswap()
    return places


def _pack(places: Iterable[int]) -> bytes:
    packed = array("H", sorted(places))
    if byteorder == "big":
        packed.byteswap()
    return packed.tobytes()


def ids_of(sets: Sets) -> Iterator[int]:
    """Yield the ids of a set, in order."""
    for block in sorted(sets):
        bits, begin = sets[block], block * BLOCK_IDS
        while bits:
            lowest = bits & -bits
            yield begin + lowest.bit_length() - 1
            bits ^= lowest


def count(sets: Sets) -> int:
    """Return how many issues a set has."""
    return sum(bits.bit_count() for bits in sets.values())


def from_range(first: int, last: int) -> dict[int, int]:
    """Return the set of all ids from ``first`` to ``last``."""
    found = {}
    for block in range(first // BLOCK_IDS, last // BLOCK_IDS + 1):
        begin = block * BLOCK_IDS
        low, high = max(first - begin, 0), min(last - begin, BLOCK_IDS - 1)
        found[block] = (1 << high + 1) - (1 << low)
    return found


def union(*several: Sets) -> dict[int, int]:
    """Return the issues that any of the sets has."""
    found: dict[int, int] = {}
    for sets in several:
        for block, bits in sets.items():
            found[block] = found.get(block, 0) | bits
    return found


def intersection(first: Sets, *others: Sets) -> dict[int, int]:
    """Return the issues that all sets have."""
    found = dict(first)
    for sets in others:
        found = {block: both for block, bits in found.items() if (both := bits & sets.get(block, 0))}
    return found


def difference(one: Sets, other: Sets) -> dict[int, int]:
    """Return the issues that the first set has and the other one has not."""
    return {block: rest for block, bits in one.items() if (rest := bits & ~other.get(block, 0))}


@frozen
class Bitmap:
    """A set of issues as bits without gaps: the lowest is that of the id ``first``."""

    first: int
    length: int
    bits: int


def joined(sets: Sets) -> Bitmap:
    """Return a set that is not empty as one bitmap."""
    low, high = min(sets), max(sets)
    parts = (sets.get(block, 0).to_bytes(_BYTES, "little") for block in range(low, high + 1))
    return Bitmap(low * BLOCK_IDS, (high - low + 1) * BLOCK_IDS, int.from_bytes(b"".join(parts), "little"))
