"""Many reports at once, over the batch route: where a figure is about what they leave behind and not about speed."""

import itertools
from collections.abc import Iterator
from typing import Final

import msgspec

from servers import Server

BATCH_REPORTS: Final = 500
BATCH_BYTES: Final = 7 * 2**20


class _Answer(msgspec.Struct):
    id: int  # a problem in the place of an answer has none, and is then an error here


_ANSWERS: Final = msgspec.json.Decoder(list[_Answer])


def send(server: Server, bodies: Iterator[bytes], count: int) -> None:
    """Send ``count`` bodies, all of which must be acknowledged."""
    while count > 0:
        first = next(bodies)
        size = min(count, BATCH_REPORTS, BATCH_BYTES // len(first))
        batch = b",".join((first, *itertools.islice(bodies, size - 1)))
        answer = server.client.post("/api/v1/logs/report/batch", content=b"[" + batch + b"]").raise_for_status()
        acknowledged = len(_ANSWERS.decode(answer.content))
        if acknowledged != size:
            raise RuntimeError(f"{acknowledged} of {size} reports were answered")
        count -= size
