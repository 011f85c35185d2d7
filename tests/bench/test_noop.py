"""The no-op that figures are held against: a fair one has the collector's server."""

import socket

import uvicorn
from litestar import Litestar

from logcenter_collector.server import Site, _config
from noop import configuration


def options(config: uvicorn.Config) -> dict[str, object]:
    return {name: value for name, value in vars(config).items() if name not in {"app", "loaded_app"}}


def test_the_noop_runs_on_the_server_that_the_collector_runs_on() -> None:
    with socket.socket() as any_socket:
        config = _config(Site(Litestar([]), any_socket))

    assert options(config) == options(configuration())
