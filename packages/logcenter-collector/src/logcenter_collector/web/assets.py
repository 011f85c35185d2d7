"""URLs of files in the package that change with the file's content, so that browsers may keep them for good."""

from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final

from litestar.datastructures import CacheControlHeader

KEEP: Final = CacheControlHeader(max_age=365 * 24 * 60 * 60, immutable=True)


@cache
def versioned(file: Path) -> str:
    """Return the file's name with a query that stands for its content."""
    return f"{file.name}?v={sha256(file.read_bytes()).hexdigest()[:12]}"
