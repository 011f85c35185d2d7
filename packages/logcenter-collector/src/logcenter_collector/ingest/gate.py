"""Whether reports may come in: by the key or the token that a request shows, and by what their project demands."""

from datetime import datetime
from typing import Final

from attrs import define, field, frozen

from logcenter_collector.access.doorway import Doorway, bearer_of
from logcenter_collector.domain.access import COLLECTOR, Principal, Scope
from logcenter_collector.domain.credentials import NO_DEMANDS, DoorRecord, KeyRecord, Known
from logcenter_collector.ingest.refusal import RefusedError, key_missing, key_wrong


@define(eq=False)
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
OURSELVES: Final = Bringer(principal=COLLECTOR)
"""The collector, which may report for every project."""


@define
class Gate:
    """Lets reports in. Without a doorway nobody knows of any credential, and everything may come in."""

    doorway: Doorway | None = None
    require_ingest_key: bool = False
    """Every project demands a credential."""
    keyless_reports: bool = False
    """Projects that demand none take reports without one, though people sign in for everything else."""
    known: Known = field(factory=Known)
    """What was known of keys and doors when somebody last looked; what follows was reckoned from it."""
    _is_shut: bool = False
    """Whether everybody needs a credential."""
    _by_key: dict[str, Bringer] = field(factory=dict, repr=False)
    """Those who have shown a good key: to look it up takes less time than to hash it again."""

    def enter(self, shown: Shown, now: datetime) -> Bringer:
        """Return who brings reports. Raises RefusedError where no project could take them, before anything is read."""
        self.look()
        bringer = NOBODY if shown is NOTHING else self._bringer_of(shown, now)
        if self._is_shut and not bringer.may_report:
            raise _refusal(bringer)
        return bringer

    def check(self, bringer: Bringer, project_id: str) -> DoorRecord:
        """Return what a project demands, if it takes reports from this one. Raises RefusedError."""
        door = self.known.doors.get(project_id, NO_DEMANDS)
        if (door.requires_key or self._is_shut) and not bringer.may_report_for(project_id):
            raise _refusal(bringer, project_id)
        return door

    def demands_key(self, project_id: str) -> bool:
        """Whether a project takes reports with a credential only. Any thread may ask."""
        known = self.known if self.doorway is None else self.doorway.credentials.known
        return self._demands_of_all() or known.doors.get(project_id, NO_DEMANDS).requires_key

    def _demands_of_all(self) -> bool:
        is_open = self.doorway is None or self.doorway.is_open
        return self.require_ingest_key or not (self.keyless_reports or is_open)

    def look(self) -> None:
        """Take note of what is known by now of keys and doors."""
        if self.doorway is not None and self.doorway.credentials.known is not self.known:
            self.known = self.doorway.credentials.known
            self._is_shut = self._demands_of_all()
            self._by_key = {}

    def _bringer_of(self, shown: Shown, now: datetime) -> Bringer:
        if self.doorway is None:
            return NOBODY
        if shown.key and not shown.authorization and (bringer := self._by_key.get(shown.key)) and bringer.key:
            self.doorway.credentials.note_key(bringer.key.id, now)
            return bringer
        key = self.doorway.credentials.key_of(shown.key, now) if shown.key else None
        token = bearer_of(shown.authorization) if shown.authorization else None
        principal = self.doorway.holder_of(token, now) if token else None
        bringer = Bringer(key, principal, has_shown=bool(shown.key or token))
        if shown.key and key is not None and token is None:
            self._by_key[shown.key] = bringer
        return bringer


def _refusal(bringer: Bringer, project_id: str | None = None) -> RefusedError:
    return key_wrong(project_id) if bringer.has_shown else key_missing(project_id)
