"""How many more reports each project and each key may bring now, and how many they brought.

Everything here is changed by the event loop's thread alone. A report is taken into account when it is accepted into the
queue, and given back when it was not committed in the end.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from attrs import Factory, define, field

from logcenter_collector.domain.credentials import DoorRecord, KeyRecord
from logcenter_collector.domain.rates import DAY, day_of, seconds_until_tomorrow
from logcenter_collector.domain.usage import NOTHING, Account, Amount, Slot
from logcenter_collector.ingest.refusal import RefusedError, over_quota, over_rate
from logcenter_collector.store.base import Arrival
from logcenter_collector.store.tables import microseconds
from logcenter_sdk.contract.outcome import Answer

ACCOUNTS: Final = 10_000
"""So many are kept before those are closed of which nothing is left to know."""

Holder = str | int
"""Whose account: a project's, or a key's by its number."""


@define
class Allowances:
    """Decides whether one more report may come, and counts what came."""

    per_minute: int = 0
    """The rate of projects that have none of their own; 0 is no limit."""
    most_accounts: int = ACCOUNTS
    day: int = 0
    """The one that is counted now."""
    _accounts: dict[Holder, Account] = field(factory=dict)
    _close_at: int = field(default=Factory(lambda self: self.most_accounts, takes_self=True))
    _touched: list[Account] = field(factory=list)
    _of_other_days: dict[Slot, Amount] = field(factory=dict)
    _writing: dict[Slot, Amount] = field(factory=dict)

    @property
    def accounts(self) -> int:
        """How many are open."""
        return len(self._accounts)

    def take(self, arrival: Arrival, key: KeyRecord | None, door: DoorRecord) -> None:
        """Take a report into account. Raises RefusedError, with nothing taken, where there is no room for it."""
        now = microseconds(arrival.arrived_at)
        if now // DAY != self.day:
            self.turn_to(now // DAY)
        if len(self._accounts) >= self._close_at:
            self._close_idle()
        project_id = arrival.raw.project_id
        account = self._accounts.get(project_id) or self._open(project_id, 0)
        key_account = None if key is None else self._accounts.get(key.id) or self._open(project_id, key.id)
        rate = self.per_minute if door.per_minute is None else door.per_minute
        key_rate = 0 if key is None else key.per_minute or 0
        if rate or key_rate or door.per_day:
            _take_one([(account, rate), (key_account, key_rate)], door.per_day, now)
        account.waiting += 1
        arrival.account, arrival.key_account = account, key_account

    def give_back(self, arrival: Arrival) -> None:
        """Take a report out of the account again, because it was not committed."""
        if arrival.account is not None:
            arrival.account.waiting -= 1
            arrival.account.give_back()
        if arrival.key_account is not None:
            arrival.key_account.give_back()

    def settle(self, arrivals: Sequence[Arrival], outcomes: Sequence[Answer | RefusedError]) -> None:
        """Count what was committed, and give back what was not."""
        for arrival, outcome in zip(arrivals, outcomes, strict=True):
            account = arrival.account
            if account is None:
                continue
            if isinstance(outcome, RefusedError):
                self.give_back(arrival)
                continue
            account.waiting -= 1
            self._count(account)
            if arrival.key_account is not None:
                self._count(arrival.key_account)

    def refuse(self, project_id: str, now: int, *, is_known: bool) -> None:
        """Count a refusal of a project that is known to us: nobody fills our memory with names."""
        if day_of(now) != self.day:
            self.turn_to(day_of(now))
        account = self._accounts.get(project_id)
        if account is None and is_known:
            account = self._open(project_id, 0)
        if account is not None and (is_known or account.today):
            if not account.is_touched:
                self._touched.append(account)
            account.refused += 1

    def not_stored(self, project_id: str, key_id: int) -> Amount:
        """Return what came today that the storage does not know of yet; any thread may ask."""
        account = self._accounts.get(key_id or project_id)
        return NOTHING if account is None else account.not_stored

    def begin_to_write(self, now: int) -> Mapping[Slot, Amount]:
        """Return what is to be written; ``written`` or ``not_written`` ends it."""
        if day_of(now) != self.day:
            self.turn_to(day_of(now))
        self._writing, self._of_other_days = self._of_other_days, {}
        for account in self._touched:
            account.writing = Amount(account.accepted, account.refused)
            account.accepted = account.refused = 0
            self._add(self._writing, self.day, account, account.writing)
        self._touched = []
        return self._writing

    def written(self, totals: Mapping[str, int], day: int) -> None:
        """Note that it is stored, and how many reports of some projects were accepted on a day by all collectors."""
        for slot, amount in self._writing.items():
            account = self._accounts.get(slot.key_id or slot.project_id)
            if account is not None and slot.day == self.day:
                account.stored += amount.accepted
                account.writing = NOTHING
        self._writing = {}
        if day == self.day:
            for project_id, reports in totals.items():
                (self._accounts.get(project_id) or self._open(project_id, 0)).stored = reports

    def not_written(self) -> None:
        """Keep for the next time what could not be written."""
        for slot, amount in self._writing.items():
            account = self._accounts.get(slot.key_id or slot.project_id)
            if account is None or slot.day != self.day:
                self._of_other_days[slot] = amount.plus(self._of_other_days.get(slot, NOTHING))
                continue
            if not account.is_touched:
                self._touched.append(account)
            account.accepted += amount.accepted
            account.refused += amount.refused
            account.writing = NOTHING
        self._writing = {}

    def turn_to(self, day: int) -> None:
        """Begin another day: nothing was brought in it, and what is left of the one before is still to be written."""
        for account in self._touched:
            self._add(self._of_other_days, self.day, account, Amount(account.accepted, account.refused))
        self._touched = []
        for account in self._accounts.values():
            account.stored = account.accepted = account.refused = 0
            account.writing = NOTHING
        self.day = day

    def _count(self, account: Account) -> None:
        if not account.is_touched:
            self._touched.append(account)
        account.accepted += 1

    def _close_idle(self) -> None:
        self._accounts = {holder: account for holder, account in self._accounts.items() if not account.is_idle}
        self._close_at = max(self.most_accounts, 2 * len(self._accounts))

    def _open(self, project_id: str, key_id: int) -> Account:
        account = self._accounts[key_id or project_id] = Account(project_id, key_id)
        return account

    @staticmethod
    def _add(amounts: dict[Slot, Amount], day: int, account: Account, amount: Amount) -> None:
        slot = Slot(day, account.project_id, account.key_id)
        amounts[slot] = amount.plus(amounts.get(slot, NOTHING))


def _take_one(accounts: Sequence[tuple[Account | None, int]], per_day: int | None, now: int) -> None:
    """Take one report out of every bucket, or out of none. Raises RefusedError."""
    buckets = []
    for account, rate in accounts:
        if account is not None and rate:
            bucket = account.bucket_at(rate, now)
            if not bucket.has_one:
                raise over_rate(account.project_id, rate, bucket.seconds_until_one, is_key=account.key_id > 0)
            buckets.append(bucket)
    project = accounts[0][0]
    if per_day and project is not None and project.today >= per_day:
        raise over_quota(project.project_id, per_day, seconds_until_tomorrow(now))
    for bucket in buckets:
        bucket.take()
