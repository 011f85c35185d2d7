"""Secrets out of what is sent."""

import re
from typing import Final
from urllib.parse import unquote_plus

MASK: Final = "[masked]"
_SECRET: Final = re.compile(
    r"pass(?:w(?:or)?d|phrase)?|pwd|secret|token|auth|api[-_.]?key|access[-_.]?key|private[-_.]?key|signature|credential"
    r"|session|csrf|xsrf|jwt|bearer|cookie|otp\b|\bpin\b|\bsig\b|\bcode\b|\bkey\b|\bstate\b",
    re.IGNORECASE,
)
_SECRET_VALUE: Final = re.compile(
    r"eyJ[\w-]{8,}(?:\.[\w-]*)+"  # a JSON Web Token
    r"|(?:gh[pousr]|glpat|xox[abpr]|sk|pk|rk)[-_][\w-]{16,}"  # tokens that carry their maker's prefix
    r"|AKIA[0-9A-Z]{16}"
    r"|[0-9a-fA-F]{32,}"  # digests and random keys
    r"|[\w+/-]{40,}={0,2}"
)
_LONGEST_QUERY: Final = 2_000


def is_secret_name(name: str) -> bool:
    """Return whether a parameter or key is likely to hold a secret, by its name."""
    return _SECRET.search(name) is not None


def masked_query(query: str) -> str:
    """Return a query string with the values masked that look like secrets, by their name or by themselves."""
    return "&".join(_masked(part) for part in query[:_LONGEST_QUERY].split("&"))


def masked_url(path: str, query: str) -> str:
    """Return a path with its query string, if it has one, without secrets."""
    return f"{path}?{masked_query(query)}" if query else path


def _masked(part: str) -> str:
    name, equals, value = part.partition("=")
    text = unquote_plus(value if equals else name)
    if (equals and value and is_secret_name(unquote_plus(name))) or _SECRET_VALUE.fullmatch(text):
        return f"{name}={MASK}" if equals else MASK
    return part
