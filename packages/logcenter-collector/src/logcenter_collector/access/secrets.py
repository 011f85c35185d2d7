"""Secrets that we make: 256 random bits behind a prefix that says what they are. Only their hashes are kept.

A hash without salt does for them: nobody guesses 256 bits, so there is nothing to compute ahead. Passwords, which
people choose, are another matter.
"""

import secrets
from hashlib import sha256
from typing import Final

KEY_PREFIX: Final = "lck_"
TOKEN_PREFIX: Final = "lct_"  # noqa: S105 - the beginning of every token
SESSION_PREFIX: Final = "lcs_"
LINK_PREFIX: Final = "lcl_"

_HINT_CHARACTERS: Final = 8


def new_secret(prefix: str) -> str:
    """Return a new secret: the prefix and 43 characters that stand in URLs and headers as they are."""
    return prefix + secrets.token_urlsafe(32)


def hashed(secret: str) -> bytes:
    """Return what is kept of a secret, 32 bytes."""
    return sha256(secret.encode()).digest()


def hint_of(secret: str) -> str:
    """Return the beginning, by which people tell their secrets apart in a list."""
    return secret[:_HINT_CHARACTERS]
