"""Files in the package: their URLs change with the file's content, so that browsers may keep them for good."""

from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from litestar import Router
from litestar.connection import ASGIConnection
from litestar.datastructures import CacheControlHeader
from litestar.exceptions import NotFoundException
from litestar.handlers import BaseRouteHandler
from litestar.static_files import create_static_files_router

KEEP: Final = CacheControlHeader(max_age=365 * 24 * 60 * 60, immutable=True)
NAME_BYTES: Final = 255
"""What a disk's file system takes as a name at most; asked for more, or for a NUL, it raises errors."""


@cache
def versioned(file: Path) -> str:
    """Return the file's name with a query that stands for its content."""
    return f"{file.name}?v={sha256(file.read_bytes()).hexdigest()[:12]}"


def assets_router(path: str, folder: Path, name: str) -> Router:
    """Return what serves the files of a folder, and says of anything else that there is no such one."""
    return create_static_files_router(
        path=path, directories=[folder], name=name, cache_control=KEEP, guards=[_refuse_what_is_no_name]
    )


def _refuse_what_is_no_name(connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler) -> None:
    path = str(connection.path_params.get("file_path", ""))
    if "\0" in path or len(path.encode(errors="replace")) > NAME_BYTES:
        raise NotFoundException("no such file")
