"""A plain socket: it sends any bytes, right or wrong, and reads whatever comes back."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from attrs import frozen

PATIENCE_SECONDS = 60


@frozen
class Answer:
    """One response as it came, in bytes but for the status."""

    status: int
    headers: dict[str, str]
    body: bytes


@contextmanager
def dialled(url: str) -> Iterator[socket.socket]:
    """Connect to the host and port of a URL, and hang up afterwards."""
    address = urlsplit(url)
    with socket.create_connection((address.hostname, address.port), timeout=PATIENCE_SECONDS) as line:
        yield line


def read_answer(line: socket.socket) -> Answer | None:
    """Read one response with a ``Content-Length``; None when the server hangs up before it."""
    reader = line.makefile("rb", buffering=0)  # what is read too far would be missing from the next answer
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        more = reader.readline()
        if not more:
            return None
        head += more
    first, *lines = head.decode("latin-1").strip().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (text.partition(":") for text in lines)}
    missing, body = int(headers.get("content-length", "0")), b""
    while missing > len(body) and (more := reader.read(missing - len(body))):
        body += more
    return Answer(int(first.split()[1]), headers, body)


def everything_until_the_end(line: socket.socket) -> bytes:
    """Read until the server hangs up. Raises TimeoutError when it does not."""
    received = b""
    try:
        while more := line.recv(65_536):
            received += more
    except ConnectionResetError:  # it had not read all that was sent
        pass
    return received


def ask(url: str, request: bytes) -> Answer | None:
    """Send bytes on a connection of their own and read one response."""
    with dialled(url) as line:
        line.sendall(request)
        return read_answer(line)
