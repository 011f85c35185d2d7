"""What is installed: the interpreter, this package, and the frameworks that it has integrations for."""

import platform
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Final

from logcenter_sdk.version import VERSION

FRAMEWORKS: Final[Mapping[str, tuple[str, ...]]] = {
    "apscheduler": ("apscheduler",),
    "asgi": ("fastapi", "starlette"),
    "celery": ("celery",),
    "django": ("django", "djangorestframework"),
    "flask": ("flask",),
    "litestar": ("litestar",),
    "quart": ("quart",),
    "rq": ("rq",),
    "structlog": ("structlog",),
}
"""Which packages are a sign that an integration may be of use."""


def interpreter() -> str:
    """Return which Python runs this."""
    return (
        f"{platform.python_implementation()} {platform.python_version()} on {platform.system() or 'an unknown system'}"
    )


def sdk() -> str:
    """Return which SDK this is."""
    return f"logcenter-sdk {VERSION}"


def integrations() -> dict[str, str]:
    """Return the integrations for what is installed, each with the packages that it was found by."""
    found = {name: " ".join(filter(None, map(_installed, packages))) for name, packages in FRAMEWORKS.items()}
    return {name: packages for name, packages in found.items() if packages}


def _installed(package: str) -> str | None:
    try:
        return f"{package} {version(package)}"
    except PackageNotFoundError:
        return None
