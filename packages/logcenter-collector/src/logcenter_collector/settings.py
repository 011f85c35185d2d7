"""The collector's settings: flags win over ``LOG_CENTER_…`` variables, these over the defaults."""

import re
from collections.abc import Mapping
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Final

from attrs import Attribute, field, fields, frozen

from logcenter_collector.domain.openness import Openness
from logcenter_collector.domain.policy import Policy
from logcenter_collector.logs import FORMATS, TEXT
from logcenter_sdk.contract.limits import REPORT_BYTES


class SettingsError(ValueError):
    """A setting is wrong; the message says which and what would be right."""


_UNITS: Final = {"": 1, "B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12} | {
    "KIB": 2**10, "MIB": 2**20, "GIB": 2**30, "TIB": 2**40
}  # fmt: skip
LEAST_BUDGET: Final = 10_000_000
LEAST_TOKEN: Final = 20
_YES: Final = frozenset({"1", "true", "yes", "on"})
_NO: Final = frozenset({"0", "false", "no", "off"})


def read_bytes(text: str) -> int:
    """Return a size such as 2GB or 1.5GiB in bytes. Raises SettingsError."""
    match = re.fullmatch(r"([0-9]+(?:[.][0-9]+)?) *([a-z]*)", text.strip(), re.IGNORECASE)
    if match is None or match[2].upper() not in _UNITS:
        raise SettingsError(f"write a size such as 500MB, 2GB or 1.5GiB, not {text!r}")
    return int(float(match[1]) * _UNITS[match[2].upper()])


@frozen(kw_only=True)
class Settings:
    """How a collector runs. Each field's metadata says what it is for; the docs are generated from it."""

    host: str = field(default="127.0.0.1", metadata={"about": "Address to listen on."})
    port: int = field(default=8002, metadata={"about": "Port of the API; 0 takes a free one."})
    dashboard_port: int = field(default=8003, metadata={"about": "Port of the dashboard; 0 takes a free one."})
    database_url: str = field(
        default="",
        metadata={
            "about": "sqlite:///PATH or postgresql://USER:PASSWORD@HOST/DATABASE; by default a file in the user's data "
            "folder."
        },
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
    retention_days: int = field(
        default=90,
        metadata={
            "about": "Days that kept occurrences stay; 0 is for ever. Counts, first and latest ones always stay."
        },
    )
    disk_budget: int = field(
        default=0, metadata={"about": "Most room for the database, as 500MB or 2GB; 0 is no limit.", "read": read_bytes}
    )
    insecure_open: bool = field(
        default=False,
        metadata={
            "about": "Let everybody in who reaches the collector, as on a loopback address, until there are accounts."
        },
    )
    admin_token: str = field(
        default="",
        repr=False,
        metadata={"about": "An administrator's token from the deployment's secrets; rather as a variable than here."},
    )
    allowed_hosts: tuple[str, ...] = field(
        default=(), metadata={"about": "Names (comma-separated) by which an open collector may be reached."}
    )
    trusted_proxies: tuple[str, ...] = field(
        default=(),
        metadata={"about": "Addresses or networks (comma-separated) of proxies whose X-Forwarded-For is believed."},
    )
    log_format: str = field(default=TEXT, metadata={"about": f"Lines of the log on stderr: {' or '.join(FORMATS)}."})

    @property
    def policy(self) -> Policy:
        """What the database may hold."""
        retention = timedelta(days=self.retention_days) if self.retention_days else None
        return Policy(retention=retention, disk_budget=self.disk_budget or None)

    @property
    def openness(self) -> Openness:
        """What decides whether everybody is let in."""
        return Openness(bind_host=self.host, insecure_open=self.insecure_open, has_admin_token=bool(self.admin_token))


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
            values[name] = _convert(variable(name), env[variable(name)], setting)
    settings = Settings(**values)
    for name in ("port", "dashboard_port"):
        _check_port(name, getattr(settings, name))
    for name in ("report_bytes", "queue_limit", "queue_bytes", "batch_limit"):
        if getattr(settings, name) < 1:
            raise SettingsError(f"{name.replace('_', '-')} must be at least 1, not {getattr(settings, name)}")
    if settings.retention_days < 0:
        raise SettingsError(f"retention-days must be 0 or more, not {settings.retention_days}")
    if 0 < settings.disk_budget < LEAST_BUDGET:
        raise SettingsError(f"disk-budget must be 0 or at least 10MB, not {settings.disk_budget} bytes")
    if settings.log_format not in FORMATS:
        raise SettingsError(f"log-format must be {' or '.join(FORMATS)}, not {settings.log_format!r}")
    _check_doors(settings)
    return settings


def default_database_url(folder: Path) -> str:
    """Return the URL of the database file in a data folder."""
    return f"sqlite:///{folder / 'logcenter.db'}"


def _convert(name: str, text: str, setting: "Attribute[Any]") -> object:
    if read := setting.metadata.get("read"):
        try:
            return read(text)
        except SettingsError as error:
            raise SettingsError(f"{name}: {error}") from None
    if isinstance(setting.default, tuple):
        return tuple(part.strip() for part in text.split(",") if part.strip())
    if isinstance(setting.default, bool):
        return _read_switch(name, text)
    if isinstance(setting.default, int):
        if not text.strip().isdecimal():
            raise SettingsError(f"{name} must be a whole number, not {text!r}")
        return int(text)
    return text


def _read_switch(name: str, text: str) -> bool:
    word = text.strip().lower()
    if word not in _YES | _NO:
        raise SettingsError(f"{name} must be true or false, not {text!r}")
    return word in _YES


def _check_doors(settings: Settings) -> None:
    if settings.admin_token and not _is_secret(settings.admin_token):
        raise SettingsError(
            f"admin-token must be at least {LEAST_TOKEN} printable ASCII characters without spaces; "
            "take what `openssl rand -hex 32` prints"
        )
    for proxy in settings.trusted_proxies:
        try:
            ip_network(proxy)
        except ValueError as error:
            raise SettingsError(f"trusted-proxies: {error}; write 10.0.0.7 or 10.0.0.0/24") from None


def _is_secret(text: str) -> bool:
    """Whether a text can be an administrator's token: hard to guess and at home in a header."""
    return len(text) >= LEAST_TOKEN and text.isascii() and text.isprintable() and " " not in text


def _check_port(name: str, port: int) -> None:
    if not 0 <= port <= 65_535:  # noqa: PLR2004 - the range of TCP
        raise SettingsError(f"{name.replace('_', '-')} must be between 0 and 65535, not {port}")
