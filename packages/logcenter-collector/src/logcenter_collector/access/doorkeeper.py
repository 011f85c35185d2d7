"""Keys and demands of projects: changed in the storage, and known to this process at once."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from attrs import frozen

from logcenter_collector.access.credentials import Credentials
from logcenter_collector.access.secrets import KEY_PREFIX, hashed, hint_of, new_secret
from logcenter_collector.domain.credentials import DoorRecord
from logcenter_collector.store.access.audit import By
from logcenter_collector.store.access.doors import read_door, set_door
from logcenter_collector.store.access.keys import Key, NewKey, create_key, list_keys, revoke_key
from logcenter_collector.store.access.usage import Used, usage_of
from logcenter_collector.store.database import Database


@frozen
class Doorkeeper:
    """Gives out keys and says what projects demand."""

    credentials: Credentials

    @property
    def _database(self) -> Database:
        return self.credentials.database

    def create_key(self, project_id: str, name: str, per_minute: int | None, by: By, now: datetime) -> tuple[Key, str]:
        """Make a key and return it with its secret, which nobody can read again."""
        secret = new_secret(KEY_PREFIX)
        new = NewKey(project_id=project_id, hash=hashed(secret), hint=hint_of(secret), name=name, per_minute=per_minute)
        key = create_key(self._database, new, by, now)
        self.credentials.reload()
        return key, secret

    def keys(self, project_id: str) -> tuple[Key, ...]:
        """Return all keys of a project, the latest first."""
        return list_keys(self._database, project_id)

    def revoke_key(self, project_id: str, key_id: int, by: By, now: datetime) -> Key | None:
        """Revoke a key and return it; None when there is none."""
        key = revoke_key(self._database, project_id, key_id, by, now)
        self.credentials.reload()
        return key

    def door(self, project_id: str) -> DoorRecord:
        """Return what a project demands."""
        return read_door(self._database, project_id)

    def set_door(self, project_id: str, changes: Mapping[str, Any], by: By, now: datetime) -> DoorRecord:
        """Set what ``changes`` names and return what holds now."""
        door = set_door(self._database, project_id, changes, by, now)
        self.credentials.reload()
        return door

    def usage(self, project_id: str, day: int) -> dict[int, Used]:
        """Return what the storage knows of a day, by key; 0 is the whole project."""
        return usage_of(self._database, project_id, day)
