"""Take secrets out of what is sent: the values of secret-looking variables, and what the SDK knows as one. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from logcenter_sdk.secret_names import is_secret_name
from logcenter_sdk.secret_texts import scrub_text

MASK: Final = "***"
_SECRET_NAME: Final = re.compile(r"TOKEN|SECRET|PASSWORD|KEY", re.IGNORECASE)
"""Wider than the SDK's names: a build has few variables, and what is masked in vain is little."""
_SHORTEST: Final = 6
"""Shorter values ("1", "true", "admin") occur in ordinary text, and masking them makes logs unreadable."""


def secret_values(variables: Mapping[str, str]) -> tuple[str, ...]:
    """Return what must not be sent, longest first, so that a secret that holds another one goes as a whole."""
    values = {
        part
        for name, value in variables.items()
        if _SECRET_NAME.search(name) or is_secret_name(name)
        for part in (value, *value.splitlines())  # a log is read by lines, a private key has many
    }
    return tuple(sorted((value for value in values if len(value) >= _SHORTEST), key=len, reverse=True))


def mask(text: str, secrets: Iterable[str]) -> str:
    """Return ``text`` with every secret in it replaced."""
    for secret in secrets:
        text = text.replace(secret, MASK)
    return scrub_text(text)


def mask_lines(lines: Sequence[str], secrets: Iterable[str]) -> list[str]:
    """Return the lines without secrets, also without those that go over several lines."""
    return mask("\n".join(lines), secrets).split("\n") if lines else []
