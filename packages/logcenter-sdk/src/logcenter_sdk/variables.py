"""The environment variables of the settings. Here and not in ``config.py``, so that who reads one imports nothing."""

from collections.abc import Mapping
from typing import Final

DEFAULT_URL: Final = "http://localhost:8002"

VARIABLES: Final[Mapping[str, str]] = {
    "url": "LOG_CENTER_URL",
    "project_id": "LOG_CENTER_PROJECT",
    "environment": "ENVIRONMENT",
    "key": "LOG_CENTER_KEY",
    "token": "LOG_CENTER_TOKEN",
    "spool_directory": "LOG_CENTER_SPOOL_DIRECTORY",
}
"""Which variable sets which field; ``release.py`` has those of the build."""

SWITCHES: Final[Mapping[str, str]] = {
    "debug": "LOG_CENTER_DEBUG",
    "capture_locals": "LOG_CENTER_CAPTURE_LOCALS",
    "capture_logging": "LOG_CENTER_CAPTURE_LOGGING",
    "scrub": "LOG_CENTER_SCRUB",
    "spool": "LOG_CENTER_SPOOL",
}
"""Which variable switches what on (``1``, ``true``, …) or off (``0``, ``false``, ``no``, ``off``)."""
