"""Tokens, ingest keys and doors as this process knows them: in memory, so that a request asks no database.

Read at the start, at once after changes of this process, and within two seconds of those of other collectors. While the
storage does not answer, what was known last counts; nothing can be read or changed then anyway.
"""

import logging
import threading
from datetime import datetime, timedelta
from typing import Final

from logcenter_collector.access.secrets import hashed
from logcenter_collector.domain.access import Principal
from logcenter_collector.domain.credentials import NO_DEMANDS, DoorRecord, KeyRecord, Known
from logcenter_collector.store.access.loading import load_known, read_version
from logcenter_collector.store.access.tokens import note_used
from logcenter_collector.store.base import StoreUnavailableError
from logcenter_collector.store.database import Database

log = logging.getLogger(__name__)

PERIOD_SECONDS: Final = 2.0
USED_EVERY: Final = timedelta(minutes=1)
"""How exactly is known when a credential was last used: it is no reason to write more often."""
STOP_SECONDS: Final = 10.0


class Credentials:
    """What is known of credentials. ``start`` keeps it fresh until ``stop``."""

    def __init__(self, database: Database) -> None:
        """Read what is known. Raises StoreUnavailableError."""
        self.database: Final = database
        self._reading = threading.Lock()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="logcenter-credentials", daemon=True)
        self._tokens, self._keys = _Used(), _Used()
        self.known = Known()
        self.reload()

    def reload(self) -> None:
        """Read everything anew: what this process has changed counts with its next request."""
        with self._reading, self.database.read() as connection:
            self._version = read_version(connection)
            self.known = load_known(connection)

    def changed(self) -> None:
        """Read what this process has changed; where that fails, the next look at the storage does it."""
        try:
            self.reload()
        except StoreUnavailableError as error:
            log.warning("What was changed counts within seconds: %s", error)

    def principal_of_token(self, secret: str, now: datetime) -> Principal | None:
        """Return whoever holds a token; None if nobody does, or not any more."""
        return self.principal_of_hash(hashed(secret), now)

    def principal_of_hash(self, token_hash: bytes, now: datetime) -> Principal | None:
        """Return whoever holds the token of a hash; None if nobody does, or not any more."""
        token = self.known.tokens.get(token_hash)
        principal = None if token is None else token.principal(now)
        if token is not None and principal is not None:
            self._tokens.note(token.id, now)
        return principal

    def key_of(self, secret: str, now: datetime) -> KeyRecord | None:
        """Return the ingest key of a secret; None if there is none, or not any more."""
        key = self.known.keys.get(hashed(secret))
        if key:
            self._keys.note(key.id, now)
        return key

    def door_of(self, project_id: str) -> DoorRecord:
        """Return what a project demands of its reports."""
        return self.known.doors.get(project_id, NO_DEMANDS)

    @property
    def has_accounts(self) -> bool:
        """Whether people sign in."""
        return self.known.has_accounts

    def start(self) -> None:
        """Keep fresh what is known from now on."""
        self._thread.start()

    def stop(self) -> None:
        """End, and write when credentials were last used."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(STOP_SECONDS)
        self._refresh()

    def _run(self) -> None:
        while not self._stopping.wait(PERIOD_SECONDS):
            self._refresh()

    def _refresh(self) -> None:
        try:
            self.refresh()
        except StoreUnavailableError as error:
            log.debug("What is known of credentials stays as it is: %s", error)
        except Exception:
            log.exception("What is known of credentials stays as it is")

    def refresh(self) -> None:
        """Read what others have changed, and write when credentials were last used. Raises StoreUnavailableError."""
        with self.database.read() as connection:
            changed = read_version(connection) != self._version
        if changed:
            self.reload()
        tokens, keys = self._tokens.to_write(), self._keys.to_write()
        if tokens or keys:
            note_used(self.database, tokens, keys)
            self._tokens.written(tokens)
            self._keys.written(keys)


class _Used:
    """When credentials were last used, and what of it is written already."""

    def __init__(self) -> None:
        self._latest: dict[int, datetime] = {}
        self._written: dict[int, datetime] = {}

    def note(self, number: int, now: datetime) -> None:
        self._latest[number] = now

    def to_write(self) -> dict[int, datetime]:
        return {
            number: at
            for number, at in self._latest.copy().items()
            if number not in self._written or at - self._written[number] >= USED_EVERY
        }

    def written(self, used: dict[int, datetime]) -> None:
        self._written |= used
