"""The golden cases of ``contract/``, and how to play one against a collector."""

import copy
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import define, field

from support.collector import Collector

_FOLDER = Path(__file__).parents[2] / "contract"

CASES: dict[str, Any] = json.loads((_FOLDER / "cases.json").read_text(encoding="utf-8"))
MORE_CASES: dict[str, Any] = json.loads((_FOLDER / "cases-more.json").read_text(encoding="utf-8"))
REPORTS: dict[str, dict[str, Any]] = {case["name"]: case["report"] for case in CASES["reports"]}


@define
class Player:
    """Plays the steps of one sequence; projects get a suffix, so that sequences don't meet."""

    collector: Collector
    suffix: str
    ids: dict[str, int] = field(factory=dict)
    last_id: int = 0

    def play(self, step: dict[str, Any]) -> None:
        """Do one step and hold its answer to what the case states."""
        if "report" in step:
            self._report(step)
        elif "transitions" in step:
            self.collector.move(self.last_id, *step["transitions"], **step.get("with", {}))
        elif "transition" in step:
            self._transition(step)
        else:
            self._issue(step["issue"])

    def _report(self, step: dict[str, Any]) -> None:
        report = copy.deepcopy(REPORTS[step["report"]]) | step.get("set", {})
        for repeat in step.get("repeat", []):
            _set(report, repeat["path"], repeat["text"] * repeat["times"])
        answer = self.collector.report(report | {"project_id": report["project_id"] + self.suffix})
        self.last_id = self.ids.setdefault(step["answer"]["id"], answer["id"])
        assert len(set(self.ids.values())) == len(self.ids)
        assert step["answer"] | {"id": self.last_id} == answer

    def _transition(self, step: dict[str, Any]) -> None:
        response = self.collector.client.post(f"/api/v1/issues/{self.last_id}/transitions", json=step["transition"])
        assert step["status"] == response.status_code, response.text
        assert step["answer"] == {key: response.json()[key] for key in step["answer"]}

    def _issue(self, expected: dict[str, Any]) -> None:
        issue = self.collector.issue(self.last_id)
        for path, value in expected.items():
            found = _get(issue, path)
            assert _is_as_stated(found, value), f"{path}: {value} expected, {found!r} found"


def _is_as_stated(found: Any, stated: Any) -> bool:
    if not isinstance(stated, Mapping):
        return bool(found == stated)
    if "characters" in stated:
        return str(found).endswith("… [cut]") and len(found) == int(stated["characters"])
    return str(found).endswith("… [cut]") and len(found.encode()) <= int(stated["at_most_bytes"])


def _get(value: Any, path: str) -> Any:
    for name in path.split("."):
        value = value[name]
    return value


def _set(target: Any, path: str, value: Any) -> None:
    *parents, last = path.split(".")
    for name in parents:
        target = target[name]
    target[last] = value
