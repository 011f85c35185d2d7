"""The options that every command has, and the configuration that they make with the environment."""

import argparse
import os
from typing import Any

from logcenter_sdk.config import Config, ConfigError

_NAMES = ("url", "project_id", "environment", "spool_directory")


def add_options(parser: argparse.ArgumentParser) -> None:
    """Let a command take the settings that say where reports go."""
    parser.add_argument("--url", help="the collector's address (LOG_CENTER_URL; http://localhost:8002)")
    parser.add_argument("--project", metavar="ID", dest="project_id", help="the project's id (LOG_CENTER_PROJECT)")
    parser.add_argument("--environment", metavar="NAME", help="where this runs (ENVIRONMENT; development)")
    parser.add_argument(
        "--spool-directory", metavar="FOLDER", help="what the program has as spool_directory (the user's cache folder)"
    )


def given_by(options: argparse.Namespace) -> dict[str, Any]:
    """Return the settings that were given as options."""
    return {name: getattr(options, name) for name in _NAMES if getattr(options, name) is not None}


def config_of(options: argparse.Namespace) -> Config:
    """Return the configuration, which has a project. Raises ConfigError."""
    config = Config.from_env(os.environ, **given_by(options))
    if config.project_id is None:
        raise ConfigError("no project: pass --project or set LOG_CENTER_PROJECT")
    return config
