"""A bounded excerpt of any amount of output: its first and its last lines, readable. Pure."""

import re
from typing import Final

# Six bytes of JSON for one of output is the worst case: with these sizes a report stays below 1 MiB whatever comes.
HEAD_BYTES: Final = 32 * 1024
TAIL_BYTES: Final = 128 * 1024
HEAD_LINES: Final = 100
TAIL_LINES: Final = 399
"""With the head and the mark between them: the 500 lines that the collector keeps."""

_ANSI: Final = re.compile(
    r"\x1b\[[0-?]{0,64}[ -/]{0,8}[@-~]"  # colours and cursor movements (CSI)
    r"|\x1b\][^\x07\x1b]{0,4096}(?:\x07|\x1b\\)"  # titles and links (OSC)
    r"|\x1b[()#][0-9A-Za-z]"  # character sets
    r"|\x1b[@-Z\\^_=>78]"
)
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


class Excerpt:
    """Keeps the first and the last bytes of a stream in bounded memory."""

    def __init__(self) -> None:
        self._head = bytearray()
        self._tail = bytearray()
        self._gap = False

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes."""
        room = HEAD_BYTES - len(self._head)
        if room > 0:
            self._head += chunk[:room]
            chunk = chunk[room:]
        self._tail += chunk
        # Dropping only now and then keeps this cheap: 5 GB must not be copied once for every chunk.
        if len(self._tail) > 2 * TAIL_BYTES:
            del self._tail[:-TAIL_BYTES]
            self._gap = True

    def skip(self) -> None:
        """Note that what comes next doesn't follow what came before."""
        self._gap = True

    def lines(self) -> tuple[str, ...]:
        """Return at most 500 lines without terminal codes, with a mark where something was left out."""
        gap = self._gap or len(self._tail) > TAIL_BYTES
        if not gap:
            return _bounded(_readable(bytes(self._head + self._tail)))
        # The line that the gap cuts is neither in the head nor in the tail as a whole.
        head = _readable(bytes(self._head).rpartition(b"\n")[0] or bytes(self._head))[:HEAD_LINES]
        window = bytes(self._tail[-TAIL_BYTES:])
        tail = _readable(window.partition(b"\n")[2] or window)[-TAIL_LINES:]
        return (*head, _mark(head, tail), *tail)


def excerpt_of_text(text: str) -> tuple[str, ...]:
    """Return the excerpt of a text that is already in memory."""
    excerpt = Excerpt()
    excerpt.feed(text.encode("utf-8", "replace"))
    return excerpt.lines()


def _readable(output: bytes) -> tuple[str, ...]:
    text = _ANSI.sub("", output.decode("utf-8", "replace")).rstrip()
    return tuple(_CONTROL.sub("", _last_shown(line)) for line in text.split("\n")) if text else ()


def _last_shown(line: str) -> str:
    """Return what a terminal shows of a line in the end: a progress bar rewrites it after each carriage return."""
    shown = [part for part in line.split("\r") if part.strip()]
    return shown[-1].rstrip() if shown else ""


def _bounded(lines: tuple[str, ...]) -> tuple[str, ...]:
    if len(lines) <= HEAD_LINES + 1 + TAIL_LINES:
        return lines
    head, tail = lines[:HEAD_LINES], lines[-TAIL_LINES:]
    return (*head, _mark(head, tail), *tail)


def _mark(head: tuple[str, ...], tail: tuple[str, ...]) -> str:
    return f"… [only the first {len(head)} and the last {len(tail)} lines are kept]"
