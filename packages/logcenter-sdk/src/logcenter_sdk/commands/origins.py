"""Where each value of a configuration comes from. Pure; a secret is never shown, only that it is set."""

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from attrs import fields

from logcenter_sdk.config import Config
from logcenter_sdk.release import COMMIT_VARIABLES, REPO_VARIABLES, VERSION_VARIABLES, without_credentials
from logcenter_sdk.variables import SWITCHES, VARIABLES

_BUILD: Final[Mapping[str, tuple[str, ...]]] = {
    "version": (*VERSION_VARIABLES, "GITHUB_REF_NAME"),
    "commit_hash": COMMIT_VARIABLES,
    "repo_url": (*REPO_VARIABLES, "GITHUB_REPOSITORY"),
}
_SECRET: Final = frozenset({"key", "token"})
_ADDRESSES: Final = frozenset({"url", "proxy", "repo_url"})
_IN_CODE: Final = frozenset({"app_roots", "ignore", "before_send", "sample_rate", "timeout_seconds"})
"""What has no variable: only the program itself can set it."""


class Setting(NamedTuple):
    """One setting, as it may be shown."""

    name: str
    value: str | None
    origin: str


def settings_of(config: Config, env: Mapping[str, str], given: Mapping[str, object]) -> list[Setting]:
    """Return each setting with its origin: an option (``given``), a variable of ``env``, Git, or the default."""
    names = [each.name for each in fields(Config) if each.name not in _IN_CODE]
    return [Setting(name, _shown(name, getattr(config, name)), _origin(name, config, env, given)) for name in names]


def _origin(name: str, config: Config, env: Mapping[str, str], given: Mapping[str, object]) -> str:
    if given.get(name) is not None:
        return f"option --{_OPTIONS.get(name, name)}"
    variable = next((each for each in _variables(name, config.url) if env.get(each)), None)
    if variable is not None and getattr(config, name) is not None:
        return f"variable {variable}"
    return "Git" if name in _BUILD and getattr(config, name) is not None else "default"


_OPTIONS: Final = {"project_id": "project", "spool_directory": "spool-directory"}


def _variables(name: str, url: str) -> Iterator[str]:
    if name == "proxy":
        scheme = urlsplit(url).scheme
        yield from (f"{scheme}_proxy", f"{scheme.upper()}_PROXY", "all_proxy", "ALL_PROXY")
    yield from _BUILD.get(name, ())
    yield from (table[name] for table in (VARIABLES, SWITCHES) if name in table)


def _shown(name: str, value: object) -> str | None:
    if value is None:
        return None
    if name in _SECRET:
        return "set"
    if isinstance(value, bool):
        return "on" if value else "off"
    return without_credentials(str(value)) if name in _ADDRESSES else str(value)
