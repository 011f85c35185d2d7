import json

import pytest

from logcenter_ci.environment import Build, detect
from logcenter_ci.report import FailedStep, build_report
from logcenter_sdk.contract.fingerprint import fingerprint_of
from logcenter_sdk.wire import to_wire
from support.repository import ROOT

BUILD = Build(
    provider="gitea",
    workflow="Build and Deploy",
    job="build-and-deploy",
    branch="main",
    commit="abc1234def5678",
    actor="dev",
    repo_url="https://git.example.org/team/rtc_backend.git",
    run_id="24",
    run_number="24",
    run_database_id="77",
    run_url="https://git.example.org/team/rtc_backend/actions/runs/24?by_index=1",
)


def test_a_failed_step_has_the_fingerprint_of_the_contracts_golden_case() -> None:
    cases = json.loads((ROOT / "contract" / "cases.json").read_text(encoding="utf-8"))["reports"]
    golden = next(case for case in cases if case["name"] == "cicd")

    report = build_report("rtc_backend", BUILD, FailedStep(step="build", lines=["boom"]))

    assert golden["fingerprint"] == fingerprint_of(report)
    assert golden["report"]["context"].keys() <= to_wire(report)["context"].keys()


def test_the_environment_is_the_branch() -> None:
    report = build_report("rtc_backend", BUILD, FailedStep(step="build", lines=[]))

    assert ("main", "cicd", "ERROR") == (report.environment, report.source, report.level)


def test_the_message_says_step_workflow_branch_and_exit_status() -> None:
    report = build_report("rtc_backend", BUILD, FailedStep(step="build", lines=["x"], exit_code=2))

    assert "[build] Build and Deploy failed on branch main: exit status 2" == report.error.message


def test_a_step_without_output_still_has_a_stack_trace() -> None:
    report = build_report("rtc_backend", BUILD, FailedStep(step="build", lines=[]))

    assert ("[build] Build and Deploy failed on branch main",) == report.error.stack_trace


def test_a_rerun_is_the_same_issue() -> None:
    first = {"GITEA_ACTIONS": "true", "GITHUB_JOB": "test", "GITHUB_RUN_NUMBER": "1", "GITHUB_SHA": "a"}
    again = first | {"GITHUB_RUN_NUMBER": "2", "GITHUB_SHA": "b", "GITHUB_REF_NAME": "other", "GITHUB_RUN_ATTEMPT": "3"}

    prints = {
        fingerprint_of(build_report("shop", detect(variables), FailedStep(step="unit", lines=[name], exit_code=1)))
        for name, variables in (("x", first), ("y", again))
    }

    assert 1 == len(prints)


def test_what_no_ci_says_is_not_made_up() -> None:
    report = build_report("shop", Build(), FailedStep(step="unit", lines=["x"]))

    assert "unknown" == report.environment
    assert {"step_name": "unit"} == report.context
    assert "[unit] the build failed" == report.error.message


def test_a_wrong_project_id_is_named() -> None:
    with pytest.raises(ValueError, match="letters"):
        build_report("no spaces", BUILD, FailedStep(step="unit", lines=[]))
