"""The configuration: one frozen object. Nothing else in the SDK reads the environment.

A variable that is empty counts as absent, and so does an override that is None.
"""

import re
from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any, Final, Self
from urllib.parse import urlsplit

from attrs import field, frozen

from logcenter_sdk.boundary import is_on
from logcenter_sdk.contract.report import PROJECT_ID
from logcenter_sdk.release import Release, application_directory, release_of

DEFAULT_URL: Final = "http://localhost:8002"
DEFAULT_ENVIRONMENT: Final = "development"
DEFAULT_TIMEOUT_SECONDS: Final = 3.0

VARIABLES: Final[Mapping[str, str]] = {
    "url": "LOG_CENTER_URL",
    "project_id": "LOG_CENTER_PROJECT",
    "environment": "ENVIRONMENT",
    "key": "LOG_CENTER_KEY",
    "token": "LOG_CENTER_TOKEN",
}
"""Which variable sets which field. ``LOG_CENTER_DEBUG`` sets ``debug``; ``release.py`` has those of the build."""

_NO_RELEASE: Final = Release()
_BUILD: Final = frozenset(Release._fields)


class ConfigError(ValueError):
    """The configuration cannot work; the text says what to change."""


def _without_slash(url: str) -> str:
    return url.rstrip("/")


def _valid_url(_instance: object, _field: object, value: str) -> None:
    try:
        parts = urlsplit(value)
        valid = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        valid = False
    if not valid:
        raise ConfigError(f"url (LOG_CENTER_URL) must be like {DEFAULT_URL}, not {value!r}")


def _valid_project(_instance: object, _field: object, value: str | None) -> None:
    if value is not None and not PROJECT_ID.fullmatch(value):
        raise ConfigError(
            f"project_id (LOG_CENTER_PROJECT) must be 1 to 64 letters, digits, '_', '-' or '.', not {value!r}"
        )


def _valid_header(_instance: object, attribute: Any, value: str | None) -> None:  # noqa: ANN401 - attrs' own type
    if value is not None and not re.fullmatch(r"[\x21-\x7e]+", value):
        raise ConfigError(f"{attribute.name} must be printable ASCII without spaces")


def _positive(_instance: object, attribute: Any, value: float) -> None:  # noqa: ANN401 - attrs' own type
    if not 0 < value < float("inf"):
        raise ConfigError(f"{attribute.name} must be a positive number of seconds, not {value!r}")


@frozen(kw_only=True)
class Config:
    """Where reports go and what they say about the application. Raises ConfigError where a value cannot work."""

    url: str = field(default=DEFAULT_URL, validator=_valid_url, converter=_without_slash)
    """The collector's address, without a slash at its end."""
    project_id: str | None = field(default=None, validator=_valid_project)
    environment: str = DEFAULT_ENVIRONMENT
    version: str | None = None
    commit_hash: str | None = None
    repo_url: str | None = None
    key: str | None = field(default=None, repr=False, validator=_valid_header)
    """The project's write-only key, sent as ``X-Log-Center-Key``."""
    token: str | None = field(default=None, repr=False, validator=_valid_header)
    """A token with scopes, sent as ``Authorization: Bearer``."""
    timeout_seconds: float = field(default=DEFAULT_TIMEOUT_SECONDS, validator=_positive)
    """The longest that one request may take in all."""
    proxy: str | None = field(default=None, repr=False)
    debug: bool = False
    """Say on stderr what the SDK does; it is silent otherwise."""
    app_roots: tuple[str, ...] = field(default=(), converter=tuple)
    """Folders of application code, beside the entries of ``sys.path``; file paths are sent relative to them."""

    @classmethod
    def from_env(cls, env: Mapping[str, str], *, release: Release | None = None, **overrides: Any) -> Self:  # noqa: ANN401 - one type per field
        """Return the configuration that ``env`` describes, with ``overrides`` (fields by name) before it.

        ``release`` is the build that runs; without it, and unless the overrides name all of it, it is looked for in
        ``env`` and around the program.
        Raises ConfigError for a value that cannot work and TypeError for an override that is no field.
        """
        given = {name: value for name, value in overrides.items() if value is not None}
        build = release or (_NO_RELEASE if given.keys() >= _BUILD else release_of(env, application_directory()))
        values = {name: value for name, value in build._asdict().items() if value}
        values |= {name: env[variable] for name, variable in VARIABLES.items() if env.get(variable)}
        proxy = proxy_for(given.get("url") or values.get("url", DEFAULT_URL), env)
        return cls(**{"debug": is_on(env.get("LOG_CENTER_DEBUG")), "proxy": proxy, **values, **given})

    @property
    def project(self) -> str:
        """The project; raises ConfigError where none is configured."""
        if self.project_id is None:
            raise ConfigError("no project: pass project_id=… or set LOG_CENTER_PROJECT")
        return self.project_id


def proxy_for(url: str, env: Mapping[str, str]) -> str | None:
    """Return the proxy that the environment demands for ``url``; never one for this very machine."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    host = (parts.hostname or "").lower()
    if is_loopback(host) or _bypasses(host, env.get("no_proxy") or env.get("NO_PROXY") or ""):
        return None
    scheme = f"{parts.scheme}_proxy"
    # HTTP_PROXY in capitals may come from a request's "Proxy" header under CGI; curl does not trust it either.
    capital = "" if scheme == "http_proxy" and "REQUEST_METHOD" in env else env.get(scheme.upper())
    proxy = env.get(scheme) or capital or env.get("all_proxy") or env.get("ALL_PROXY")
    return (proxy if "://" in proxy else f"http://{proxy}") if proxy else None


def is_loopback(host: str) -> bool:
    """Return whether a host's name or address is this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _bypasses(host: str, no_proxy: str) -> bool:
    names = (name.strip().lower().lstrip("*").lstrip(".") for name in no_proxy.split(",") if name.strip())
    return any(name in {"", host} or host.endswith(f".{name}") for name in names)
