"""Passwords: argon2id, a few at a time, and none that everybody tries first."""

import gzip
import secrets
import threading
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from attrs import field, frozen

from logcenter_collector.domain.people import MOST_PASSWORD, as_hashed, checked_password

# OWASP's password storage cheat sheet: 19 MiB, two passes, one lane; some 30 ms.
_PASSES: Final = 2
_KIB: Final = 19 * 1024
_LANES: Final = 1

AT_ONCE: Final = 2
"""Each takes 19 MiB and a processor."""
WAITING: Final = 8
"""More than these do not wait: they would hold the threads that answer everybody else."""


class PasswordsBusyError(Exception):
    """Too many passwords are being checked; one second later there may be room."""


@cache
def common_passwords() -> frozenset[str]:
    """Return the passwords of at least ten characters that are used most, in lower case.

    They are those of the list by Royce Williams that Django ships (BSD).
    """
    return frozenset(
        gzip.decompress((Path(__file__).parent / "common_passwords.txt.gz").read_bytes()).decode().split("\n")
    )


@frozen
class Passwords:
    """Hashes passwords and checks them. Thread-safe; every method takes its time."""

    _hasher: PasswordHasher = field(
        factory=lambda: PasswordHasher(time_cost=_PASSES, memory_cost=_KIB, parallelism=_LANES)
    )
    _places: threading.BoundedSemaphore = field(factory=lambda: threading.BoundedSemaphore(AT_ONCE))
    _queue: threading.BoundedSemaphore = field(factory=lambda: threading.BoundedSemaphore(AT_ONCE + WAITING))

    def hash_new(self, typed: str, name: str) -> str:
        """Return what is kept of a new password. Raises PeopleRefusedError and PasswordsBusyError."""
        password = checked_password(typed, name, common_passwords())
        with self._place():
            return self._hasher.hash(password)

    def check(self, typed: str, known: str | None) -> bool:
        """Whether this is the password; without one it takes as long, and is not. Raises PasswordsBusyError."""
        with self._place():
            try:
                return self._hasher.verify(known or self._nobodys(), as_hashed(typed[: 2 * MOST_PASSWORD]))
            except (VerificationError, InvalidHashError):
                return False

    def rehashed(self, typed: str, known: str) -> str | None:
        """Return a right password hashed anew where the parameters have changed since; else None."""
        if not self._hasher.check_needs_rehash(known):
            return None
        with self._place():
            return self._hasher.hash(as_hashed(typed))

    @contextmanager
    def _place(self) -> Iterator[None]:
        if not self._queue.acquire(blocking=False):
            raise PasswordsBusyError
        try:
            with self._places:
                yield
        finally:
            self._queue.release()

    def _nobodys(self) -> str:
        """Return a hash that no password has, and that is checked like any other."""
        salt, made = (b64encode(secrets.token_bytes(size)).decode().rstrip("=") for size in (16, 32))
        hasher = self._hasher
        return f"$argon2id$v=19$m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}${salt}${made}"
