"""The collector's settings: flags win over ``LOG_CENTER_…`` variables, these over the defaults."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import field, fields, frozen

from logcenter_collector.logs import FORMATS, TEXT
from logcenter_sdk.contract.limits import REPORT_BYTES


class SettingsError(ValueError):
    """A setting is wrong; the message says which and what would be right."""


@frozen(kw_only=True)
class Settings:
    """How a collector runs. Each field's metadata says what it is for; the docs are generated from it."""

    host: str = field(default="127.0.0.1", metadata={"about": "Address to listen on."})
    port: int = field(default=8002, metadata={"about": "Port of the API; 0 takes a free one."})
    dashboard_port: int = field(default=8003, metadata={"about": "Port of the dashboard; 0 takes a free one."})
    database_url: str = field(
        default="", metadata={"about": "sqlite:///PATH; by default a file in the user's data folder."}
    )
    public_url: str = field(default="", metadata={"about": "The collector's own address, for links."})
    cors_origins: tuple[str, ...] = field(
        default=(), metadata={"about": "Origins (comma-separated) whose pages may use the API beyond reporting."}
    )
    report_bytes: int = field(default=REPORT_BYTES, metadata={"about": "Largest body of one report, in bytes."})
    queue_limit: int = field(
        default=10_000, metadata={"about": "Reports that may wait for their commit before senders get 503."}
    )
    queue_bytes: int = field(
        default=256 * 1024 * 1024, metadata={"about": "Bytes of such reports that may wait; beyond it 503 as well."}
    )
    batch_limit: int = field(default=500, metadata={"about": "Reports that one commit holds at most."})
    log_format: str = field(default=TEXT, metadata={"about": f"Lines of the log on stderr: {' or '.join(FORMATS)}."})


def variable(name: str) -> str:
    """Return the environment variable of a setting."""
    return f"LOG_CENTER_{name.upper()}"


def read_settings(env: Mapping[str, str], flags: Mapping[str, Any]) -> Settings:
    """Return the settings of an environment and of flags (None: not given). Raises SettingsError."""
    values: dict[str, Any] = {}
    for setting in fields(Settings):
        name = setting.name
        if flags.get(name) is not None:
            values[name] = flags[name]
        elif env.get(variable(name)):
            values[name] = _convert(variable(name), env[variable(name)], setting.default)
    settings = Settings(**values)
    for name in ("port", "dashboard_port"):
        _check_port(name, getattr(settings, name))
    for name in ("report_bytes", "queue_limit", "queue_bytes", "batch_limit"):
        if getattr(settings, name) < 1:
            raise SettingsError(f"{name.replace('_', '-')} must be at least 1, not {getattr(settings, name)}")
    if settings.log_format not in FORMATS:
        raise SettingsError(f"log-format must be {' or '.join(FORMATS)}, not {settings.log_format!r}")
    return settings


def default_database_url(folder: Path) -> str:
    """Return the URL of the database file in a data folder."""
    return f"sqlite:///{folder / 'logcenter.db'}"


def _convert(name: str, text: str, default: object) -> object:
    if isinstance(default, tuple):
        return tuple(part.strip() for part in text.split(",") if part.strip())
    if isinstance(default, int):
        if not text.strip().isdecimal():
            raise SettingsError(f"{name} must be a whole number, not {text!r}")
        return int(text)
    return text


def _check_port(name: str, port: int) -> None:
    if not 0 <= port <= 65_535:  # noqa: PLR2004 - the range of TCP
        raise SettingsError(f"{name.replace('_', '-')} must be between 0 and 65535, not {port}")
