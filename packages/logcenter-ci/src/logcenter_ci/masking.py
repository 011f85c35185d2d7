"""Take the values of secret-looking environment variables out of what is sent. Pure."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

MASK: Final = "***"
_SECRET_NAME: Final = re.compile(r"TOKEN|SECRET|PASSWORD|KEY", re.IGNORECASE)
_SHORTEST: Final = 6
"""Shorter values ("1", "true", "admin") occur in ordinary text, and masking them makes logs unreadable."""


def secret_values(variables: Mapping[str, str]) -> tuple[str, ...]:
    """Return what must not be sent, longest first, so that a secret that holds another one goes as a whole."""
    values = {
        part
        for name, value in variables.items()
        if _SECRET_NAME.search(name)
        for part in (value, *value.splitlines())  # a log is read by lines, a private key has many
    }
    return tuple(sorted((value for value in values if len(value) >= _SHORTEST), key=len, reverse=True))


def mask(text: str, secrets: Iterable[str]) -> str:
    """Return ``text`` with every secret in it replaced."""
    for secret in secrets:
        text = text.replace(secret, MASK)
    return text
