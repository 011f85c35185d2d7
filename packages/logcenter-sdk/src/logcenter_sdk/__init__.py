"""Report the errors of a Python application to Log Center.

>>> import logcenter_sdk
>>> logcenter_sdk.install_hook(project_id="shop", url="http://localhost:8002")  # doctest: +SKIP

Importing this package costs next to nothing: each name brings its module along when it is first used.
"""

from typing import TYPE_CHECKING

from logcenter_sdk.version import VERSION

if TYPE_CHECKING:
    from logcenter_sdk.client import capture_exception, capture_message, close, flush, register_project
    from logcenter_sdk.hooks import install_hook, uninstall_hook

__version__ = VERSION

__all__ = [
    "__version__",
    "capture_exception",
    "capture_message",
    "close",
    "flush",
    "install_hook",
    "register_project",
    "uninstall_hook",
]

_HOMES = {"install_hook": "hooks", "uninstall_hook": "hooks"}


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415 - only who uses a name pays for it

    value = getattr(import_module(f"{__name__}.{_HOMES.get(name, 'client')}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
