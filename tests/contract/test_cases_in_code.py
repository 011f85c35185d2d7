"""The golden cases, read by the contract's own functions. (test_cases_over_http.py sends them to a real collector.)"""

import json
from typing import Any

import pytest

from logcenter_sdk.contract.fingerprint import fingerprint_of
from logcenter_sdk.contract.reading import InvalidFieldsError, read
from logcenter_sdk.contract.report import Report
from support.cases import CASES


@pytest.mark.parametrize("case", CASES["reports"], ids=lambda case: case["name"])
def test_a_report_has_the_fingerprint_that_its_case_states(case: dict[str, Any]) -> None:
    assert case["fingerprint"] == fingerprint_of(read(Report, case["report"]))


@pytest.mark.parametrize(
    "case", [case for case in CASES["refused"] if case["name"] != "not JSON"], ids=lambda case: case["name"]
)
def test_a_refused_body_has_every_wrong_field_named(case: dict[str, Any]) -> None:
    with pytest.raises(InvalidFieldsError) as caught:
        read(Report, json.loads(case["body"]))

    assert case.get("fields", ["(body)"]) == [error.field for error in caught.value.errors]
