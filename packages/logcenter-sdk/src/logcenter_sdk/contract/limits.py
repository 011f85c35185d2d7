"""The sizes of the contract, and how what is too long is cut.

What is merely too long in a report is cut and marked, not refused, so that no error gets lost because it was big. Sizes
are in UTF-8 bytes where the name ends in ``_BYTES``, in characters where it ends in ``_CHARACTERS``.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

REPORT_BYTES: Final = 1024 * 1024
"""The body of one report, after decompression too."""
BATCH_BYTES: Final = 8 * 1024 * 1024
"""The body of one batch, after decompression too."""
BATCH_REPORTS: Final = 500

MESSAGE_BYTES: Final = 8 * 1024
STACK_LINE_BYTES: Final = 4 * 1024
STACK_LINES_FIRST: Final = 100
STACK_LINES_LAST: Final = 400
STACK_LINES: Final = STACK_LINES_FIRST + STACK_LINES_LAST
CONTEXT_BYTES: Final = 64 * 1024
CONTEXT_DEPTH: Final = 10
ERROR_TYPE_CHARACTERS: Final = 256
FILE_PATH_CHARACTERS: Final = 1024
SHORT_CHARACTERS: Final = 200
FRAMES: Final = 200
FINGERPRINT_PARTS: Final = 50
"""How many parts of the reporter's own grouping are kept for display; all of them count for the fingerprint."""

OCCURRENCES: Final = 2**31 - 1
"""How many errors one report may stand for, so that no count of an issue leaves 64 bits; a larger number is cut."""

INTEGER_MIN: Final = -(2**63)
INTEGER_MAX: Final = 2**63 - 1

CLOCK_AHEAD_SECONDS: Final = 5 * 60
"""How far a report's timestamp may be ahead of the server before the server's time is taken."""
EVENT_ID_SECONDS: Final = 24 * 60 * 60
EVENT_IDS: Final = 1_000_000
SEEN_WITH: Final = 50
"""How many environments, releases and commits are kept for an issue; the rest is ``OTHER``."""
OTHER: Final = "other"
PAGE_ITEMS: Final = 200

_MARK: Final = "… [cut]"
_LINES_MARK: Final = re.compile(r"… \[\d+ lines cut\]")
_DEEP_MARK: Final = "… [cut: nested too deeply]"


class AtMost:
    """A validator: a text of at most so many characters. For what people type, where cutting would hide a mistake."""

    def __init__(self, limit: int) -> None:
        self.limit = limit

    def __call__(self, _instance: object, _field: object, value: str | None) -> None:
        """Raise ValueError when the text is too long."""
        if value is not None and len(value) > self.limit:
            raise ValueError(f"must have at most {self.limit} characters, not {len(value)}")


def cut_characters(text: str, limit: int) -> str:
    """Return ``text`` in at most ``limit`` characters, the mark included."""
    return text if len(text) <= limit else text[: limit - len(_MARK)] + _MARK


def cut_bytes(text: str, limit: int) -> str:
    """Return ``text`` in at most ``limit`` bytes of UTF-8, the mark included."""
    if len(text) * 4 <= limit or len(encoded := text.encode("utf-8", "replace")) <= limit:
        return text
    room = limit - len(_MARK.encode())
    return encoded[:room].decode("utf-8", "ignore") + _MARK


def cut_lines(lines: Sequence[str]) -> tuple[str, ...]:
    """Return the first 100 and the last 400 lines with a mark between them; each line is cut as well.

    Cutting twice (once by the client, once by the server) is the same as cutting once.
    """
    if len(lines) <= STACK_LINES and max(map(len, lines), default=0) * 4 <= STACK_LINE_BYTES:
        return tuple(lines)
    if len(lines) > STACK_LINES and not _is_cut(lines):
        left_out = len(lines) - STACK_LINES
        lines = [*lines[:STACK_LINES_FIRST], f"… [{left_out} lines cut]", *lines[-STACK_LINES_LAST:]]
    return tuple(cut_bytes(line, STACK_LINE_BYTES) for line in lines)


def _is_cut(lines: Sequence[str]) -> bool:
    return len(lines) == STACK_LINES + 1 and _LINES_MARK.fullmatch(lines[STACK_LINES_FIRST]) is not None


def compact_json(value: object) -> str:
    """Return ``value`` as JSON without white space; the form that fingerprints and sizes are taken from."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def cut_context(context: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``context`` in at most 10 levels and 64 KiB of JSON.

    Small values survive and the largest are cut, because what people filter by (a job's name, a user's id) is small
    and what breaks the limit (a request's body, a log) is one large value.
    """
    shallow = {key: _cut_depth(value, CONTEXT_DEPTH - 1) for key, value in context.items()}
    sizes = {key: _json_bytes(key) + _json_bytes(value) + 2 for key, value in shallow.items()}
    excess = sum(sizes.values()) + 2 - CONTEXT_BYTES
    if excess <= 0:
        return shallow
    return _drop_last(_cut_largest(shallow, sizes, excess))


def is_clean_and_small(context: Mapping[str, Any]) -> bool:
    """Whether there is nothing to clean or to cut in ``context``; False where only a closer look would tell."""
    text = compact_json(context)
    return (
        text.isascii()
        and r"\u0000" not in text
        and len(text) <= CONTEXT_BYTES
        and text.count("{") + text.count("[") <= CONTEXT_DEPTH
    )


def _drop_last(context: dict[str, Any]) -> dict[str, Any]:
    """Drop entries from the end where their names alone are too long for the limit."""
    if _json_bytes(context) <= CONTEXT_BYTES:
        return context
    room = CONTEXT_BYTES - 64
    kept: dict[str, Any] = {}
    for key, value in context.items():
        room -= _json_bytes(key) + _json_bytes(value) + 2
        if room < 0:
            return kept | {_MARK: f"{len(context) - len(kept)} entries cut"}
        kept[key] = value
    return kept


def _cut_largest(context: dict[str, Any], sizes: dict[str, int], excess: int) -> dict[str, Any]:
    kept = dict(context)
    # Past this many entries even the marks would break the limit: whole entries go, from the end.
    for key in list(kept)[CONTEXT_BYTES // 64 :]:
        excess -= sizes.pop(key)
        del kept[key]
    excess += 64 if len(kept) < len(context) else 0
    for key in sorted(sizes, key=lambda name: sizes[name], reverse=True):
        if excess <= 0:
            break
        replacement = _cut_value(kept[key], sizes[key] - excess)
        short_key = cut_characters(key, SHORT_CHARACTERS)
        new_size = _json_bytes(short_key) + _json_bytes(replacement) + 2
        if new_size >= sizes[key]:
            continue
        excess -= sizes[key] - new_size
        kept[key] = replacement
        if short_key != key:
            kept = {(short_key if name == key else name): value for name, value in kept.items()}
    if len(kept) < len(context):
        kept[_MARK] = f"{len(context) - len(kept)} entries cut"
    return kept


def _cut_value(value: object, room: int) -> str:
    """Return the beginning of a value that is too large, as text, in about ``room`` bytes of JSON."""
    text = value if isinstance(value, str) else compact_json(value)
    # A character may take six bytes in JSON (\\u0001), so a sixth of the room is always enough room.
    return cut_bytes(text, max(room // 6, 16))


def _cut_depth(value: object, levels: int) -> object:
    if isinstance(value, Mapping):
        return _DEEP_MARK if levels == 0 else {key: _cut_depth(item, levels - 1) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return _DEEP_MARK if levels == 0 else [_cut_depth(item, levels - 1) for item in value]
    return value


def _json_bytes(value: object) -> int:
    return len(compact_json(value).encode("utf-8", "replace"))
