"""Uncaught exceptions: of the main thread, of threads, of asyncio tasks, and those that Python can only ignore.

Each hook is a link in a chain: what was there before runs first (so the traceback is on stderr before anything else
happens), then the exception is reported. Exit codes and output stay as they were.

asyncio has no global hook, and a loop's own handler (``set_exception_handler``) is the application's. So the method
that every loop calls, ``call_exception_handler``, is wrapped in its class. That covers the loops of every thread, later
ones too; it sees exceptions whether or not the application has a handler; it touches neither tasks nor task factories.
The class of uvloop, no relative of asyncio's, gets the same. Both are wrapped when they are imported: importing asyncio
ourselves would cost every program 50 ms.
"""

import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import wraps
from os import PathLike, fspath
from types import FunctionType, ModuleType, TracebackType
from typing import TYPE_CHECKING, Any, Final

from logcenter_sdk.after_import import after_import, forget_imports
from logcenter_sdk.boundary import harmless, say, set_debug
from logcenter_sdk.client import configure, overheard, report
from logcenter_sdk.plain import qualified_name
from logcenter_sdk.settings import present_settings

if TYPE_CHECKING:
    from logcenter_sdk.config import BeforeSend


class _Wanted:
    """What ``install_hook`` was last told."""

    logs = True


_UNDO: Final[list[Callable[[], None]]] = []
"""How to take each hook out again; empty while none is installed."""


@harmless(None)
def install_hook(  # noqa: PLR0913 - as many as there are settings
    *,
    project_id: str | None = None,
    url: str | None = None,
    environment: str | None = None,
    version: str | None = None,
    commit_hash: str | None = None,
    repo_url: str | None = None,
    key: str | None = None,
    token: str | None = None,
    timeout_seconds: float | None = None,
    proxy: str | None = None,
    app_roots: Sequence[str | PathLike[str]] | None = None,
    capture_locals: bool | None = None,
    capture_logging: bool | None = None,
    sample_rate: float | None = None,
    ignore: Sequence[type | str] | None = None,
    before_send: "BeforeSend | None" = None,
    scrub: bool | None = None,
    spool: bool | None = None,
    spool_directory: str | PathLike[str] | None = None,
    debug: bool | None = None,
) -> None:
    """Report every uncaught exception from now on. Never raises; called again it changes the configuration.

    What is not given is taken from the environment: ``LOG_CENTER_PROJECT``, ``LOG_CENTER_URL`` (by default
    http://localhost:8002), ``ENVIRONMENT`` (by default development), ``LOG_CENTER_KEY``, ``LOG_CENTER_TOKEN``,
    ``LOG_CENTER_DEBUG``; version, commit and repository from Git or the variables of CI systems and platforms.
    ``app_roots`` are folders of application code beside those of ``sys.path``. With ``debug`` it says on stderr what it
    does, and what is wrong where it cannot work; otherwise it is silent. All settings are described in
    ``logcenter_sdk.config.Config`` and in docs/reference/configuration.md.
    """
    settings = present_settings(
        project_id=project_id,
        url=url,
        environment=environment,
        version=version,
        commit_hash=commit_hash,
        repo_url=repo_url,
        key=key,
        token=token,
        timeout_seconds=timeout_seconds,
        proxy=proxy,
        app_roots=_folders(app_roots),
        capture_locals=capture_locals,
        capture_logging=capture_logging,
        sample_rate=sample_rate,
        ignore=ignore,
        before_send=before_send,
        scrub=scrub,
        spool=spool,
        spool_directory=fspath(spool_directory) if spool_directory is not None else None,
        debug=debug,
    )
    debug_on = settings.switch("debug", default=False)
    set_debug(debug_on)
    client = configure(settings)
    _Wanted.logs = settings.switch("capture_logging", default=True)
    if not _UNDO:
        _install()
    if debug_on:
        # Without debug the configuration is read with the first report: until then nothing third-party is imported.
        with suppress(ValueError):
            client.config()
    client.deliver_leftovers()


def _folders(given: "Sequence[str | PathLike[str]] | str | PathLike[str] | None") -> tuple[str, ...] | None:
    """Return folders as texts; one alone is one, although a text is a sequence."""
    if given is None:
        return None
    return (fspath(given),) if isinstance(given, str | PathLike) else tuple(fspath(each) for each in given)


@harmless(None)
def uninstall_hook() -> None:
    """Take the hooks out. A hook that somebody chained to in between stays, and passes everything on. Never raises."""
    while _UNDO:
        _UNDO.pop()()
    forget_imports()
    say("hooks removed")


def state() -> tuple[bool, bool]:
    """Return whether the hooks are in, and whether they report logged errors: for ``restore``."""
    return bool(_UNDO), _Wanted.logs


def restore(before: tuple[bool, bool]) -> None:
    """Take hooks out that were not in before, or put them back in."""
    was_in, _Wanted.logs = before
    if _UNDO and not was_in:
        uninstall_hook()
    elif was_in and not _UNDO:
        _install()


def _install() -> None:
    _UNDO.append(_replace(sys, "excepthook", _main))
    _UNDO.append(_replace(threading, "excepthook", _thread))
    _UNDO.append(_replace(sys, "unraisablehook", _unraisable))
    after_import("asyncio.base_events", lambda module: _watch_loops(module, "BaseEventLoop"))
    after_import("uvloop", lambda module: _watch_loops(module, "Loop"))
    after_import("logging", _watch_logs)


def _watch_logs(module: ModuleType) -> None:
    from logcenter_sdk import log_records  # noqa: PLC0415 - who does not log does not need it

    def link(previous: Callable[..., Any]) -> Callable[..., Any]:
        return log_records.link(previous, lambda: bool(_UNDO) and _Wanted.logs)

    _UNDO.append(_replace(module.Logger, "callHandlers", link))


def _watch_loops(module: ModuleType, name: str) -> None:
    _UNDO.append(_replace(getattr(module, name), "call_exception_handler", _loop))


def _replace(owner: Any, name: str, make: Callable[[Callable[..., Any]], Callable[..., Any]]) -> Callable[[], None]:  # noqa: ANN401 - a module or a class
    """Put our link before what is there; return what takes it out again."""
    own = name in vars(owner)
    previous = getattr(owner, name)
    link = make(previous)
    setattr(owner, name, link)

    def restore() -> None:
        if vars(owner).get(name) is not link:
            return
        if own:
            setattr(owner, name, previous)
        else:
            delattr(owner, name)

    return restore


def _main(previous: Callable[..., Any]) -> Callable[..., Any]:
    def excepthook(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
        try:
            previous(kind, error, traceback)
        finally:
            _report(error, "sys.excepthook")

    return excepthook


def _thread(previous: Callable[..., Any]) -> Callable[..., Any]:
    def excepthook(args: threading.ExceptHookArgs) -> None:
        try:
            previous(args)
        finally:
            _report(args.exc_value, "threading.excepthook", thread=_read(lambda: args.thread and args.thread.name))

    return excepthook


def _unraisable(previous: Callable[..., Any]) -> Callable[..., Any]:
    def unraisablehook(args: "sys.UnraisableHookArgs") -> None:
        try:
            previous(args)
        finally:
            if not sys.is_finalizing():
                # Mostly inside the garbage collector: no code of the application may run there.
                _report(args.exc_value, "sys.unraisablehook", reads_locals=False, ignored_in=_name(args.object))

    return unraisablehook


def _loop(previous: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(previous)
    def call_exception_handler(loop: object, context: Mapping[str, Any]) -> None:
        try:
            previous(loop, context)
        finally:
            error, message = _read(lambda: context.get("exception")), _read(lambda: context.get("message"))
            _report(error, "asyncio", message=message)

    return call_exception_handler


def _overheard(error: BaseException | None, *_: object, **__: object) -> None:
    if _UNDO and error is not None:
        overheard(error)


@harmless(None, _overheard)
def _report(error: BaseException | None, hook: str, *, reads_locals: bool = True, **about: object) -> None:
    if _UNDO:
        report(error, context={"hook": hook, **about}, reads_locals=reads_locals)


def _name(owner: object) -> str:
    kind = type(owner)
    return owner.__qualname__ if kind is FunctionType else qualified_name(kind)  # type: ignore[attr-defined] # has one


def _read(attribute: Callable[[], Any]) -> Any:  # noqa: ANN401 - what the application has put there
    try:
        return attribute()
    except Exception:  # noqa: BLE001 - a property of the application's
        return None
