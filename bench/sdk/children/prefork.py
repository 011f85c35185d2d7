"""gunicorn with the SDK initialised before it forks, whose workers live for a few requests. ``prefork.py SDK URL``."""

import sys
from collections.abc import Callable, Iterable
from typing import Any

from gunicorn.app.base import BaseApplication

from errors import fail
from saying import adapter, say

OPTIONS = {"bind": "127.0.0.1:0", "workers": 2, "max_requests": 5, "preload_app": True, "graceful_timeout": 12}


class ParentError(Exception):
    """What is captured before the first worker is forked."""


class ChildError(Exception):
    """What a worker captures."""


class Application(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """A service whose every request fails and is captured."""

    def __init__(self, name: str, url: str) -> None:
        self._name, self._url = name, url
        super().__init__()

    def load_config(self) -> None:
        """Set what there is no command line for."""
        for option, value in OPTIONS.items():
            self.cfg.set(option, value)
        self.cfg.set("when_ready", lambda server: say("ready", port=server.LISTENERS[0].sock.getsockname()[1]))
        self.cfg.set("post_fork", lambda _server, _worker: say("forked"))

    def load(self) -> Callable[[dict[str, Any], Callable[..., object]], Iterable[bytes]]:
        """Initialise and capture once in the master, so that the worker thread of the SDK is there already."""
        sdk = adapter(self._name)
        sdk.init(self._url)
        _capture(sdk, ParentError, 1_000_000)

        def answer(environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
            _capture(sdk, ChildError, int(environ["PATH_INFO"].strip("/")))
            start_response("500 Internal Server Error", [("Content-Length", "0")])
            return [b""]

        return answer


def _capture(sdk: Any, kind: type[Exception], number: int) -> None:  # noqa: ANN401 - an adapter
    try:
        fail(kind, number)
    except kind as error:
        sdk.capture(error)


if __name__ == "__main__":
    Application(*sys.argv[1:]).run()
