"""Read the two ends of a log file of any size. Shell."""

from pathlib import Path

from logcenter_ci.excerpt import HEAD_BYTES, TAIL_BYTES, Excerpt


def is_log_file(text: str) -> bool:
    """Return whether an argument names a file; what is no possible path is a message."""
    try:
        return Path(text).is_file()
    except (OSError, ValueError):
        return False


def read_log_file(path: str) -> tuple[str, ...]:
    """Return the excerpt of a file, reading its ends only. Raises OSError."""
    excerpt = Excerpt()
    with Path(path).open("rb") as file:
        excerpt.feed(file.read(HEAD_BYTES))
        size = file.seek(0, 2)
        start = max(size - TAIL_BYTES, HEAD_BYTES)
        if start > HEAD_BYTES:
            excerpt.skip()
        file.seek(start)
        excerpt.feed(file.read(TAIL_BYTES))
    return excerpt.lines()
