"""Every WSGI application: ``app = LogCenterMiddleware(app)``. Flask has a module of its own.

Reported is what leaves the application: when it is called, while its body is generated, when the body is closed; and
what it answers itself with a 5xx and the exception (``start_response`` with ``exc_info``, as the standard has it).
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from logcenter_sdk.boundary import harmless
from logcenter_sdk.client import report
from logcenter_sdk.integrations.about import about
from logcenter_sdk.scope import fresh
from logcenter_sdk.scrub import masked_url

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]


class LogCenterMiddleware:
    """Reports the exceptions that requests end with. Call ``install_hook`` when the application starts."""

    def __init__(self, app: Application) -> None:
        self.app = app

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Pass everything on."""
        with fresh():
            try:
                body = self.app(environ, _watched(start_response, environ))
                return body if _is_finished(body, environ) else _Body(body, environ)
            except Exception as error:
                report_request(error, environ)
                raise


@harmless(None)
def report_request(error: BaseException | None, environ: Environ) -> None:
    """Report an exception together with the request that it ended."""
    report(error, context=request_context(environ))


def request_context(environ: Environ) -> dict[str, Any]:
    """Return what a report says about a request: no body, no header, no cookie."""
    return about(
        url=lambda: masked_url(_path(environ), environ.get("QUERY_STRING", "")),
        method=lambda: environ["REQUEST_METHOD"],
    )


def _path(environ: Environ) -> str:
    path: str = environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")
    return path.encode("latin-1").decode("utf-8", "replace")  # bytes in the shape of text, as the standard has it


def _watched(start_response: StartResponse, environ: Environ) -> StartResponse:
    def start(status: str, headers: Any, *exc_info: Any) -> Any:  # noqa: ANN401 - as the standard has it
        if exc_info and exc_info[0] and status.startswith("5"):
            report_request(exc_info[0][1], environ)
        return start_response(status, headers, *exc_info)

    return start


def _is_finished(body: object, environ: Environ) -> bool:
    """Return whether a body is to reach the server as it is: it is there already, or a file that the server sends."""
    wrapper = environ.get("wsgi.file_wrapper")
    return hasattr(body, "__len__") or (isinstance(wrapper, type) and isinstance(body, wrapper))


class _Body:
    """A body that is generated while it is sent."""

    __slots__ = ("_body", "_chunks", "_environ")

    def __init__(self, body: Iterable[bytes], environ: Environ) -> None:
        self._body = body
        self._chunks = iter(body)
        self._environ = environ

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            return next(self._chunks)
        except StopIteration:
            raise
        except Exception as error:
            report_request(error, self._environ)
            raise

    def close(self) -> None:
        close = getattr(self._body, "close", None)
        if close is None:
            return
        try:
            close()
        except Exception as error:
            report_request(error, self._environ)
            raise
