"""The version of this package, the same in all packages of Log Center (a test says so)."""

from typing import Final

VERSION: Final = "0.1.0"
