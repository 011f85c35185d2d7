"""Sets of issues in blocks of 32,000 ids: bit *n* of a block's bitmap is its *n*-th id. Pure.

A kept bitmap is a list of 16-bit numbers while it has few, which most have, and the bits themselves from then on.
"""

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from sys import byteorder
from typing import Final

from logcenter_collector.store.search.terms import TERM_BITS

BLOCK_IDS: Final = 32_000
"""A bitmap of so many bits fills a page of SQLite and half a page of PostgreSQL."""
_BYTES: Final = BLOCK_IDS // 8
ALL: Final = (1 << BLOCK_IDS) - 1
"""A block whose issues are all in a set."""
_ZEROS: Final = b"0" * BLOCK_IDS
_ONE: Final = ord("1")
_FEW: Final = 512
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
    if len(kept) == 1 and len(kept[0]) == _BYTES:
        return int.from_bytes(kept[0], "little")
    whole = [bitmap for bitmap in kept if len(bitmap) == _BYTES]
    places = _places(b"".join(bitmap for bitmap in kept if len(bitmap) < _BYTES))
    found = _bits_of(places) if len(places) <= _FEW else _bits_of_many(places)
    for bitmap in whole:
        found |= int.from_bytes(bitmap, "little")
    return found


def _bits_of(places: Iterable[int]) -> int:
    bits = bytearray(_BYTES)
    for place in places:
        bits[place >> 3] |= 1 << (place & 7)
    return int.from_bytes(bits, "little")


def _bits_of_many(places: Iterable[int]) -> int:
    """Do the same in half of the time, but for a fixed part of it."""
    digits = bytearray(_ZEROS)
    for place in places:
        digits[place] = _ONE
    return int(digits[::-1], 2)


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


def those_in(sets: Sets, keys: Iterable[tuple[int, int]]) -> list[int]:
    """Return the ids, each the last of its key, that a set has."""
    bits: dict[int, bytes] = {}
    found = []
    for _, issue_id in keys:
        block, place = place_in_block(issue_id)
        if block not in bits:
            bits[block] = sets.get(block, 0).to_bytes(_BYTES, "little")
        if bits[block][place >> 3] >> (place & 7) & 1:
            found.append(issue_id)
    return found


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


def from_ids(ids: Iterable[int]) -> dict[int, int]:
    """Return the set of these ids."""
    places: defaultdict[int, list[int]] = defaultdict(list)
    for issue_id in ids:
        block, place = place_in_block(issue_id)
        places[block].append(place)
    return {block: _bits_of(found) for block, found in places.items()}


def bits_of(sets: Sets) -> tuple[int, bytes]:
    """Return a set that is not empty as bits without gaps, the lowest in the first byte, and the id of the first."""
    first, last = min(sets), max(sets)
    bits = (sets.get(block, 0).to_bytes(_BYTES, "little") for block in range(first, last + 1))
    return first * BLOCK_IDS, b"".join(bits)


def digits_of(sets: Sets) -> tuple[int, bytes]:
    """Return a set that is not empty as digits without gaps, 1 for each id in it; the highest id is first."""
    first, last = min(sets), max(sets)
    digits = (format(sets.get(block, 0), f"0{BLOCK_IDS}b").encode() for block in range(last, first - 1, -1))
    return (last + 1) * BLOCK_IDS - 1, b"".join(digits)
