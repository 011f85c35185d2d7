"""A bare HTTP connection: two hundred of them at once cost next to nothing, which no client library can say."""

import json
from asyncio import StreamReader, StreamWriter, open_connection
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from attrs import frozen


@frozen
class Response:
    """A status, and the headers by their names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@frozen
class Connection:
    """A connection that is kept open; one request at a time."""

    _reader: StreamReader
    _writer: StreamWriter

    async def post(self, path: str, payload: Any) -> Response:
        """Send JSON and return the response."""
        body = json.dumps(payload).encode()
        head = f"POST {path} HTTP/1.1\r\nHost: collector\r\nContent-Type: application/json\r\n"
        self._writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        first, *lines = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").strip().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        return Response(int(first.split()[1]), headers, await self._reader.readexactly(int(headers["content-length"])))

    async def is_closed_by_the_server(self) -> bool:
        """Wait until the server hangs up; False when it sends something instead."""
        return await self._reader.read(1) == b""

    def close(self) -> None:
        """Hang up."""
        self._writer.close()


async def connect(url: str) -> Connection:
    """Connect to the host and port of a URL."""
    address = urlsplit(url)
    return Connection(*await open_connection(address.hostname, address.port))
