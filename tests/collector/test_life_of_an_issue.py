"""Any sequence of reports and moves leaves status, counts and history as the contract's table says.

Three things live through the same sequence: a model that was written from the contract's text alone, the pure domain,
and a collector that runs as a process.
"""

import itertools
import uuid
from datetime import UTC, datetime
from typing import Any, ClassVar

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from logcenter_collector.domain.issue import IssueState, builds_of
from logcenter_collector.domain.triage import triage
from logcenter_collector.domain.workflow import Move, MoveRefusedError, move_issue
from logcenter_sdk.contract.issue import Fix
from logcenter_sdk.contract.reading import read
from logcenter_sdk.contract.report import Report
from logcenter_sdk.contract.status import Status
from support.collector import Collector

# As the contract's section 3 has it, on purpose not read from the code.
_TABLE = {
    "NEW": {"VERIFYING"},
    "VERIFYING": {"PENDING_FIX", "CANNOT_REPRODUCE"},
    "CANNOT_REPRODUCE": {"VERIFYING"},
    "PENDING_FIX": {"FIXING"},
    "FIXING": {"FIXED", "FIX_FAILED"},
    "FIX_FAILED": {"PENDING_FIX"},
    "FIXED": {"VERIFIED", "FIX_FAILED"},
    "VERIFIED": {"DEPLOYED"},
    "DEPLOYED": set(),
}
_GONE = {"FIXED", "VERIFIED", "DEPLOYED"}
_LONG_AGO = "2020-01-01T00:00:00Z"

_builds = st.fixed_dictionaries(
    {}, optional={"commit_hash": st.sampled_from(["c1", "c2"]), "version": st.sampled_from(["1.0", "1.1"])}
)
_numbers = itertools.count()


class Model:
    """What the contract says, in the plainest words."""

    def __init__(self) -> None:
        self.status = ""
        self.count = 0
        self.regressions = 0
        self.history: list[tuple[str, str]] = []
        self.seen: set[tuple[str, str]] = set()
        self.seen_before_fix: set[tuple[str, str]] = set()
        self.fixed_in: dict[str, str] = {}
        self.events: set[str] = set()

    def report(self, report: dict[str, Any]) -> str:
        if report["event_id"] in self.events:
            return "Log deduplicated"
        self.events.add(report["event_id"])
        self.count += report["occurrences"]
        message = self._message(report)
        self.seen |= {(kind, report[kind]) for kind in ("commit_hash", "version") if kind in report}
        if message == "Regression detected, reopened":
            self.regressions += 1
            self._go("NEW")
        self.status = self.status or "NEW"
        return message

    def _message(self, report: dict[str, Any]) -> str:
        if not self.status:
            return "Log reported"
        if self.status not in _GONE or report.get("timestamp") == _LONG_AGO or self._is_of_old_build(report):
            return "Log deduplicated"
        return "Regression detected, reopened"

    def _is_of_old_build(self, report: dict[str, Any]) -> bool:
        if self.status == "DEPLOYED":
            return False
        for kind in ("commit_hash", "version"):
            if kind in self.fixed_in and kind in report:
                return report[kind] != self.fixed_in[kind] and (kind, report[kind]) in self.seen_before_fix
        return False

    def move(self, to: str, fix: dict[str, str]) -> None:
        if to == "FIXED" or (to in _GONE and self.status not in _GONE):
            self.fixed_in = fix
            self.seen_before_fix = set(self.seen)
        self._go(to)

    def _go(self, to: str) -> None:
        self.history.append((self.status, to))
        self.status = to


class Life(RuleBasedStateMachine):
    """One issue from its first report on."""

    collector: ClassVar[Collector]

    def __init__(self) -> None:
        super().__init__()
        self.project = f"life-{next(_numbers)}"
        self.model = Model()
        self.domain: IssueState | None = None
        self.seen_with: frozenset[Any] = frozenset()
        self.changes: list[tuple[str, str]] = []
        self.events: list[str] = []
        self.issue_id = 0

    @rule(
        build=_builds,
        late=st.sampled_from([True, False, False, False]),
        timed=st.booleans(),
        occurrences=st.integers(1, 5),
    )
    def report(self, build: dict[str, str], late: bool, timed: bool, occurrences: int) -> None:
        report = self._report(str(uuid.uuid4()), build, occurrences)
        if late or timed:
            report["timestamp"] = _LONG_AGO if late else datetime.now(UTC).isoformat()
        self._send(report)
        self._triage(report)

    @precondition(lambda self: self.events)
    @rule(data=st.data())
    def retry(self, data: st.DataObject) -> None:
        self._send(self._report(data.draw(st.sampled_from(self.events)), {}, 3))

    @precondition(lambda self: self.issue_id and self.model.status not in _GONE)
    @rule(fix=_builds, steps=st.integers(0, 2))
    def fix(self, fix: dict[str, str], steps: int) -> None:
        """Go where reports reopen: random moves alone seldom get there."""
        for to in ("FIXED", "VERIFIED", "DEPLOYED")[: steps + 1]:
            self.move(to, force=True, fix=fix if to == "FIXED" else {})

    @precondition(lambda self: self.issue_id)
    @rule(to=st.sampled_from(list(_TABLE)), force=st.booleans(), fix=_builds)
    def move_anywhere(self, to: str, force: bool, fix: dict[str, str]) -> None:
        self.move(to, force=force, fix=fix)

    def move(self, to: str, *, force: bool, fix: dict[str, str]) -> None:
        status = self.model.status
        legal = to in _TABLE[status] or (force and to != status)
        body = {"to": to, "force": force, "reason": "because", "fix": fix}
        response = self.collector.client.post(f"/api/v1/issues/{self.issue_id}/transitions", json=body)
        assert (200 if legal else 409) == response.status_code
        assert legal == self._move_domain(to, force=force, fix=fix)
        if legal:
            self.model.move(to, fix)
        else:
            assert _TABLE[status] == set(response.json()["allowed"])

    @invariant()
    def all_three_agree(self) -> None:
        if not self.issue_id:
            return
        assert self.domain is not None
        issue = self.collector.issue(self.issue_id)
        history = self.collector.client.get(f"/api/v1/issues/{self.issue_id}/history").json()["items"]
        expected = (self.model.status, self.model.count, self.model.regressions)
        assert expected == (issue["status"], issue["occurrence_count"], issue["regression_count"])
        assert expected == (self.domain.status, self.domain.occurrence_count, self.domain.regression_count)
        assert self.model.history == [(change["from"], change["to"]) for change in history]
        assert self.model.history == self.changes
        assert _TABLE[self.model.status] == set(issue["next_statuses"])

    def _report(self, event_id: str, build: dict[str, str], occurrences: int) -> dict[str, Any]:
        error = {"type": "ValueError", "message": "no", "stack_trace": ["ValueError: no"]}
        basis = {"project_id": self.project, "environment": "production", "level": "ERROR", "error": error}
        return {**basis, **build, "event_id": event_id, "occurrences": occurrences}

    def _send(self, report: dict[str, Any]) -> None:
        answer = self.collector.report(report)
        assert self.model.report(report) == answer["message"]
        self.issue_id = self.issue_id or answer["id"]
        assert self.issue_id == answer["id"]
        if report["event_id"] not in self.events:
            self.events.append(report["event_id"])

    def _triage(self, report: dict[str, Any]) -> None:
        read_report = read(Report, report)
        decision = triage(self.domain, read_report, datetime.now(UTC))
        self.domain = decision.issue
        self.seen_with |= builds_of(read_report)
        if decision.change is not None:
            self.changes.append((decision.change.from_, decision.change.to))

    def _move_domain(self, to: str, *, force: bool, fix: dict[str, str]) -> bool:
        assert self.domain is not None
        move = Move(to=Status(to), force=force, reason="because", fix=Fix(**fix))
        try:
            self.domain, change = move_issue(self.domain, move, self.seen_with, datetime.now(UTC))
        except MoveRefusedError:
            return False
        self.changes.append((change.from_, change.to))
        return True


def test_model_domain_and_collector_agree_on_every_life_of_an_issue(shared_collector: Collector) -> None:
    class LifeInCollector(Life):
        collector = shared_collector

    # No shrinking: each step is some requests, and twenty steps can be read as they are.
    phases = (Phase.reuse, Phase.generate)
    run_state_machine_as_test(
        LifeInCollector, settings=settings(max_examples=40, stateful_step_count=20, phases=phases)
    )
