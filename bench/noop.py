"""What our figures are held against: a Litestar POST that reads the body and does nothing, on the collector's server.

``python bench/noop.py`` says its port and serves until SIGTERM. The server's options are those of
``logcenter_collector/server.py``, the event loop is the collector's as well.
"""

import asyncio
import socket

import uvicorn
import uvloop
from litestar import Litestar, Request, post
from litestar.datastructures import State


@post("/api/v1/logs/report", status_code=200)
async def report(request: Request[object, object, State]) -> dict[str, object]:
    """Read the body and answer as the collector does."""
    await request.body()
    return {"message": "Log deduplicated", "id": 1, "status": "NEW"}


def configuration() -> uvicorn.Config:
    """Return the server's configuration: but for the application, the collector's."""
    return uvicorn.Config(
        Litestar([report]),
        ws="none",
        headers=[],
        lifespan="on",
        access_log=False,
        log_config=None,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=10,
        server_header=False,
        proxy_headers=False,
    )


async def main() -> None:
    """Serve on a free port."""
    with socket.create_server(("127.0.0.1", 0), backlog=2048) as listening:
        print(f"API http://127.0.0.1:{listening.getsockname()[1]} ", flush=True)
        await uvicorn.Server(configuration()).serve(sockets=[listening])


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())
