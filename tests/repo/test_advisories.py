"""What is said of known weaknesses: not to be able to check is never a pass."""

import json

import pytest

from repo.check_advisories import Verdict, read_report

CLEAN = {"name": "attrs", "version": "26.1.0", "vulns": []}
WEAK = {"name": "jinja2", "version": "3.1.0", "vulns": [{"id": "GHSA-1", "fix_versions": ["3.1.6"]}]}
SKIPPED = {"name": "litestar", "skip_reason": "Dependency not found"}
OURS = {"name": "logcenter-sdk", "skip_reason": "Dependency not found"}


def said(*dependencies: object) -> Verdict:
    return read_report(json.dumps({"dependencies": dependencies}))


def test_packages_without_a_weakness_pass() -> None:
    verdict = said(CLEAN, OURS)

    assert ["checked: 1 packages, 0 with a known weakness"] == verdict.lines
    assert 0 == verdict.exit_code(strict=True)


def test_a_known_weakness_fails() -> None:
    verdict = said(CLEAN, WEAK)

    assert "WEAK: jinja2 3.1.0: GHSA-1, fixed in 3.1.6" in verdict.lines
    assert 1 == verdict.exit_code(strict=False)


@pytest.mark.parametrize("text", ["", "no JSON", "{}", "[]", json.dumps({"dependencies": []})])
def test_no_answer_is_said_to_be_not_checked(text: str) -> None:
    verdict = read_report(text)

    assert verdict.lines[0].startswith("NOT CHECKED: 0 packages")
    assert (0, 2) == (verdict.exit_code(strict=False), verdict.exit_code(strict=True))


def test_packages_that_the_service_does_not_know_are_named_as_not_checked() -> None:
    verdict = said(CLEAN, SKIPPED)

    assert verdict.lines[0].startswith("NOT CHECKED: 1 packages (litestar)")
    assert (0, 2) == (verdict.exit_code(strict=False), verdict.exit_code(strict=True))
