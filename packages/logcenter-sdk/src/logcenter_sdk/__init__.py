"""Report the errors of a Python application to Log Center.

>>> import logcenter_sdk
>>> logcenter_sdk.install_hook(project_id="shop", url="http://localhost:8002")  # doctest: +SKIP

Importing this package costs next to nothing: each name brings its module along when it is first used.
"""

from typing import TYPE_CHECKING

from logcenter_sdk.version import VERSION

if TYPE_CHECKING:
    from logcenter_sdk.client import capture_exception, capture_message, close, flush, register_project, stats
    from logcenter_sdk.hooks import install_hook, uninstall_hook
    from logcenter_sdk.scope import breadcrumb, context, tag

__version__ = VERSION

__all__ = [
    "__version__",
    "breadcrumb",
    "capture_exception",
    "capture_message",
    "close",
    "context",
    "flush",
    "install_hook",
    "register_project",
    "stats",
    "tag",
    "uninstall_hook",
]

_HOMES = {
    "breadcrumb": "scope",
    "context": "scope",
    "install_hook": "hooks",
    "tag": "scope",
    "uninstall_hook": "hooks",
}


if not TYPE_CHECKING:  # or type checkers would believe that there is every name

    def __getattr__(name: str) -> object:
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        import sys  # noqa: PLC0415 - only who uses a name pays for it
        from importlib import import_module  # noqa: PLC0415 - see above

        import_module(f"{__name__}.{_HOMES.get(name, 'client')}")
        # All that came along, for where nothing can be imported any more: a ``__del__`` at the interpreter's end.
        for each in __all__:
            home = sys.modules.get(f"{__name__}.{_HOMES.get(each, 'client')}")
            if hasattr(home, each):
                globals()[each] = getattr(home, each)
        return globals()[name]


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
