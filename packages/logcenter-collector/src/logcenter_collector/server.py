"""Two ports, one process: serve the API and the dashboard until somebody says stop."""

import asyncio
import contextlib
import signal
import socket
from collections.abc import Callable, Iterator
from types import FrameType

import uvicorn
from attrs import frozen
from litestar.types import ASGIApp

DRAIN_SECONDS = 10
"""How long requests that are under way may take to end after the stop."""
BACKLOG = 2048
KEEP_ALIVE_SECONDS = 75
"""Longer than reporters keep a connection: who closes first must be the one who sends next, or a report meets a closed
connection."""


class PortTakenError(Exception):
    """An address can't be listened on; the message says which and why."""


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens. Raises PortTakenError."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except (OSError, OverflowError) as error:
        raise PortTakenError(f"cannot listen on {host}:{port}: {error}") from error


def address_of(host: str, port: int) -> str:
    """Return an address that a browser on this machine can open."""
    name = {"0.0.0.0": "localhost", "::": "localhost", "127.0.0.1": "localhost"}.get(host, host)  # noqa: S104
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"


@frozen
class Site:
    """What is served on one port."""

    application: ASGIApp
    socket: socket.socket
    protocol: type[asyncio.Protocol] | None = None
    """The class of its connections, where it is not uvicorn's own."""
    headers: tuple[tuple[str, str], ...] = ()
    """Headers of every answer, those included that no application makes."""


async def serve(sites: list[Site], stopping: Callable[[], None] = lambda: None) -> None:
    """Serve each site until SIGINT or SIGTERM, then end requests under way and return.

    ``stopping`` is called as soon as that begins: it ends answers that would go on for ever.
    """
    servers = [_Server(_config(site)) for site in sites]
    loop = asyncio.get_running_loop()
    with _stop_on_signal(servers, lambda: loop.call_soon_threadsafe(stopping)):
        await asyncio.gather(
            *(server.serve(sockets=[site.socket]) for server, site in zip(servers, sites, strict=True))
        )


class _Server(uvicorn.Server):
    """A server that leaves signals alone: one handler stops them all."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _config(site: Site) -> uvicorn.Config:
    return uvicorn.Config(
        site.application,
        http=site.protocol or "auto",
        ws="none",
        headers=list(site.headers),
        lifespan="on",
        access_log=False,
        log_config=None,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=DRAIN_SECONDS,
        server_header=False,
        proxy_headers=False,  # web/outside.py believes only those proxies that somebody trusts
    )


@contextlib.contextmanager
def _stop_on_signal(servers: list[_Server], stopping: Callable[[], object]) -> Iterator[None]:
    def stop(_number: int, _frame: FrameType | None) -> None:
        stopping()
        for server in servers:
            server.force_exit = server.should_exit  # the second signal doesn't wait for requests
            server.should_exit = True

    previous = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
