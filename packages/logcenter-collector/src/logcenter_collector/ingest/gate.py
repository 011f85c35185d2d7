"""Whether reports may come in: by the key or the token that a request shows, and by what their project demands."""

from datetime import datetime
from typing import Final

from attrs import define, field, frozen

from logcenter_collector.access.doorway import Doorway, bearer_of
from logcenter_collector.domain.access import Principal, Scope
from logcenter_collector.domain.credentials import NO_DEMANDS, DoorRecord, KeyRecord, Known
from logcenter_collector.ingest.refusal import RefusedError, key_missing, key_wrong


@frozen
class Shown:
    """What a request shows of credentials, unread. Never to be logged."""

    key: str | None = field(default=None, repr=False)
    authorization: str | None = field(default=None, repr=False)


NOTHING: Final = Shown()


@frozen
class Bringer:
    """Who brings reports, as far as what was shown says."""

    key: KeyRecord | None = None
    principal: Principal | None = None
    has_shown: bool = False
    """Whether there was a credential, good or not."""

    @property
    def may_report(self) -> bool:
        """Whether there is any project to report for."""
        return self.key is not None or (self.principal is not None and self.principal.may(Scope.REPORT))

    def may_report_for(self, project_id: str) -> bool:
        """Whether a project takes this for a credential."""
        if self.key is not None and self.key.project_id == project_id:
            return True
        return self.principal is not None and self.principal.may(Scope.REPORT, project_id)

    def key_for(self, project_id: str) -> KeyRecord | None:
        """Return the key, if it is one of this project."""
        return self.key if self.key is not None and self.key.project_id == project_id else None


NOBODY: Final = Bringer()


@define
class Gate:
    """Lets reports in. Without a doorway nobody knows of any credential, and everything may come in."""

    doorway: Doorway | None = None
    require_ingest_key: bool = False
    """Every project demands a credential."""
    keyless_reports: bool = False
    """Projects that demand none take reports without one, though people sign in for everything else."""
    _seen: Known | None = None
    _is_shut: bool = False

    @property
    def known(self) -> Known | None:
        """What is known of keys and doors at this moment."""
        return None if self.doorway is None else self.doorway.credentials.known

    def door_of(self, project_id: str) -> DoorRecord:
        """Return what a project demands."""
        known = self.known
        return NO_DEMANDS if known is None else known.doors.get(project_id, NO_DEMANDS)

    def enter(self, shown: Shown, now: datetime) -> Bringer:
        """Return who brings reports. Raises RefusedError where no project could take them, before anything is read."""
        bringer = NOBODY if shown is NOTHING else self._bringer_of(shown, now)
        if self._is_shut_to_all() and not bringer.may_report:
            raise _refusal(bringer)
        return bringer

    def check(self, bringer: Bringer, project_id: str) -> DoorRecord:
        """Return what a project demands, if it takes reports from this one. Raises RefusedError."""
        door = self.door_of(project_id)
        if (door.requires_key or self._is_shut_to_all()) and not bringer.may_report_for(project_id):
            raise _refusal(bringer, project_id)
        return door

    def _bringer_of(self, shown: Shown, now: datetime) -> Bringer:
        if self.doorway is None:
            return NOBODY
        key = self.doorway.credentials.key_of(shown.key, now) if shown.key else None
        token = bearer_of(shown.authorization) if shown.authorization else None
        principal = self.doorway.holder_of(token, now) if token else None
        return Bringer(key, principal, has_shown=bool(shown.key or token))

    def _is_shut_to_all(self) -> bool:
        """Whether everybody needs a credential; reckoned anew when there may be other accounts than before."""
        known = self.known
        if known is not self._seen:
            assert self.doorway is not None
            self._is_shut = self.require_ingest_key or not (self.keyless_reports or self.doorway.is_open)
            self._seen = known
        return self._is_shut


def _refusal(bringer: Bringer, project_id: str | None = None) -> RefusedError:
    return key_wrong(project_id) if bringer.has_shown else key_missing(project_id)
