"""What ``install_hook`` was given and the environment says, as it was given: read without importing anything.

The worker makes a ``Config`` of it, which checks every value; the caller's thread needs only the few that are here.
"""

import os
from collections.abc import Mapping
from typing import Any, NamedTuple

from logcenter_sdk.boundary import is_on
from logcenter_sdk.release import Release, application_directory, release_of
from logcenter_sdk.variables import SWITCHES, VARIABLES


class Settings(NamedTuple):
    """What a client is configured with."""

    env: Mapping[str, str]
    release: Release
    overrides: Mapping[str, Any]

    def switch(self, name: str, *, default: bool) -> bool:
        """Return a setting that is on or off: the one given, else its variable, else the default."""
        if name in self.overrides:
            return bool(self.overrides[name])
        value = self.env.get(SWITCHES[name])
        return is_on(value) if value else default

    def text(self, name: str) -> str | None:
        """Return a setting that is a text: the one given, else its variable, else None."""
        value = self.overrides.get(name) or self.env.get(VARIABLES[name])
        return value if isinstance(value, str) else None


def present_settings(**overrides: Any) -> Settings:  # noqa: ANN401 - one type per field of Config
    """Return the settings of this process; what is None is left to the environment."""
    env = dict(os.environ)
    given = {name: value for name, value in overrides.items() if value is not None}
    return Settings(env, release_of(env, application_directory()), given)
