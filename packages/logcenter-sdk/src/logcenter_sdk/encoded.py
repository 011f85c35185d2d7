"""A report as it goes out: bytes that are kept, joined and sent without being looked into again."""

from typing import NamedTuple


class Encoded(NamedTuple):
    """One report as JSON, and how many errors it stands for."""

    occurrences: int
    body: bytes
