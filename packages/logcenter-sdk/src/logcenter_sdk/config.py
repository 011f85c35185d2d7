"""The configuration: one frozen object. Nothing else in the SDK reads the environment.

A variable that is empty counts as absent, and so does an override that is None.
"""

import re
from collections.abc import Callable, Mapping
from ipaddress import ip_address
from typing import Any, Final, Self
from urllib.parse import urlsplit

from attrs import field, frozen

from logcenter_sdk.boundary import is_on
from logcenter_sdk.contract.report import PROJECT_ID, Report
from logcenter_sdk.release import Release, application_directory, release_of
from logcenter_sdk.variables import DEFAULT_URL, SWITCHES, VARIABLES

DEFAULT_ENVIRONMENT: Final = "development"
DEFAULT_TIMEOUT_SECONDS: Final = 3.0

BeforeSend = Callable[[Report], Report | None]

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


def _text(_instance: object, attribute: Any, value: object) -> None:  # noqa: ANN401 - attrs' own type
    if value is not None and not isinstance(value, str):
        raise ConfigError(f"{attribute.name} must be a text, not {value!r}")


def _valid_header(_instance: object, attribute: Any, value: str | None) -> None:  # noqa: ANN401 - attrs' own type
    if value is not None and not re.fullmatch(r"[\x21-\x7e]+", value):
        raise ConfigError(f"{attribute.name} must be printable ASCII without spaces")


def _positive(_instance: object, attribute: Any, value: float) -> None:  # noqa: ANN401 - attrs' own type
    if not 0 < value < float("inf"):
        raise ConfigError(f"{attribute.name} must be a positive number of seconds, not {value!r}")


def _fraction(_instance: object, attribute: Any, value: object) -> None:  # noqa: ANN401 - attrs' own type
    if not isinstance(value, int | float) or not 0 <= value <= 1:
        raise ConfigError(f"{attribute.name} must be a number from 0 to 1, not {value!r}")


def _callable(_instance: object, attribute: Any, value: object) -> None:  # noqa: ANN401 - attrs' own type
    if value is not None and not callable(value):
        raise ConfigError(f"{attribute.name} must be a function of a report, not {value!r}")


def _together(value: object) -> tuple[object, ...]:
    return (value,) if isinstance(value, str | type) else tuple(value)  # type: ignore[arg-type] # refused below


def _classes(_instance: object, attribute: Any, value: tuple[object, ...]) -> None:  # noqa: ANN401 - attrs' own type
    wrong = next((each for each in value if not isinstance(each, str | type)), None)
    if wrong is not None:
        raise ConfigError(f"{attribute.name} must hold exception classes or their names, not {wrong!r}")


@frozen(kw_only=True)
class Config:
    """Where reports go and what they say about the application. Raises ConfigError where a value cannot work."""

    url: str = field(default=DEFAULT_URL, validator=_valid_url, converter=_without_slash)
    """The collector's address."""
    project_id: str | None = field(default=None, validator=_valid_project)
    """The project: 1 to 64 of letters, digits, ``_``, ``-``, ``.``; created on its first report."""
    environment: str = field(default=DEFAULT_ENVIRONMENT, validator=_text)
    """Where it runs: ``development``, ``staging`` or ``production``; for a pipeline the branch."""
    version: str | None = field(default=None, validator=_text)
    """The application's release."""
    commit_hash: str | None = field(default=None, validator=_text)
    """The commit that runs; where no variable names it, that of the Git checkout which the program lies in."""
    repo_url: str | None = field(default=None, validator=_text)
    """The repository, sent without user and password; where no variable names it, ``origin`` of the checkout."""
    key: str | None = field(default=None, repr=False, validator=_valid_header)
    """The project's write-only key, where the collector demands one; sent as ``X-Log-Center-Key``."""
    token: str | None = field(default=None, repr=False, validator=_valid_header)
    """A token with scopes, instead of a key; sent as ``Authorization: Bearer``."""
    timeout_seconds: float = field(default=DEFAULT_TIMEOUT_SECONDS, validator=_positive)
    """The longest that one request may take in all."""
    proxy: str | None = field(default=None, repr=False)
    """The proxy; none is used for this machine itself, nor for hosts that ``no_proxy`` names."""
    debug: bool = False
    """Say on stderr what the SDK does; it is silent otherwise."""
    app_roots: tuple[str, ...] = field(default=(), converter=tuple)
    """Folders of application code, beside the entries of ``sys.path``; file paths are sent relative to them."""
    capture_locals: bool = False
    """Send the local variables of the application's frames: short, bounded, without secrets."""
    capture_logging: bool = True
    """Report what is logged at ERROR and above with an exception."""
    sample_rate: float = field(default=1.0, validator=_fraction)
    """Which part of the errors is reported at all, from 0 to 1; issues then count that part."""
    ignore: tuple[type | str, ...] = field(default=(), converter=_together, validator=_classes)
    """Exceptions that are not reported: classes or their names, with or without the module; subclasses too."""
    before_send: BeforeSend | None = field(default=None, validator=_callable)
    """Called in the SDK's own thread with each report; returns it, a changed one (``attrs.evolve``), or None."""
    scrub: bool = True
    """Take secrets out of everything that is sent."""
    spool: bool = True
    """Keep on disk what cannot be delivered, for the next process or until the collector answers again."""
    spool_directory: str | None = None
    """Where that is; by default the user's cache folder."""

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
        switches = {name: is_on(env[variable]) for name, variable in SWITCHES.items() if env.get(variable)}
        return cls(**{"proxy": proxy, **switches, **values, **given})

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
