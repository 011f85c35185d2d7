"""Whatever is sent to any route: no error of the server, and an answer as the OpenAPI document says."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from logcenter_collector.web.routes import describe_api
from logcenter_sdk.contract.report import Report
from logcenter_sdk.contract.writing import to_wire
from support.collector import Collector, start
from support.faults import FULL_SIZE
from support.reports import json_values, reports, wire_reports
from support.sending import a_report

Operation = APIOperation[Any, Any, Any, Any]
Case = schemathesis.Case[Any]

EXAMPLES = 500 if FULL_SIZE else 10
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
SCHEMA = schemathesis.openapi.from_dict(describe_api("0"))
OPERATIONS = [found.ok() for found in SCHEMA.get_all_operations() if isinstance(found, Ok)]
CAN_BE_WRONG = [
    operation for operation in OPERATIONS if operation.body or operation.query or "{issue_id}" in operation.path
]

# PostgreSQL is the stricter one: it refuses characters and numbers that SQLite takes.
DATABASES = ["postgresql", "sqlite"] if FULL_SIZE else ["postgresql"]


@pytest.fixture(scope="module", params=DATABASES)
def collector(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Collector]:
    """A collector that has an issue to show, with the id 1."""
    folder = tmp_path_factory.mktemp("collector")
    postgres = request.getfixturevalue("postgres") if request.param == "postgresql" else None
    url = postgres.new_database() if postgres else f"sqlite:///{folder / 'logcenter.db'}"
    collector = start(url, folder=folder)
    assert 1 == collector.report(a_report("shop", version="1.0", context={"user": 1}))["id"]
    yield collector
    assert collector.stop() == 0
    if postgres:
        postgres.drop_database(url)


def answered_as_documented(collector: Collector, case: Case) -> None:
    response = case.call(base_url=collector.api_url)

    case.validate_response(response, checks=CHECKS)


def requests(operation: Operation, mode: GenerationMode) -> st.SearchStrategy[Case]:
    """Return requests to a route, half of those to an issue to one that is there."""
    cases = operation.as_strategy(generation_mode=mode)
    return cases if "{issue_id}" not in operation.path else cases | cases.map(_to_a_known_issue)


def _to_a_known_issue(case: Case) -> Case:
    case.path_parameters["issue_id"] = 1
    return case


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.label)
@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_request_as_the_document_describes_it_is_answered_as_it_says(
    collector: Collector, operation: Operation, data: st.DataObject
) -> None:
    answered_as_documented(collector, data.draw(requests(operation, GenerationMode.POSITIVE)))


@pytest.mark.parametrize("operation", CAN_BE_WRONG, ids=lambda operation: operation.label)
@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_request_that_the_document_forbids_is_answered_as_it_says(
    collector: Collector, operation: Operation, data: st.DataObject
) -> None:
    answered_as_documented(collector, data.draw(requests(operation, GenerationMode.NEGATIVE)))


@pytest.mark.parametrize("name", ["environment", "project_id", "version", "q"])
def test_a_filter_that_no_storage_could_hold_finds_nothing(collector: Collector, name: str) -> None:
    assert [] == collector.issues(**{name: "a\0b"})


def test_a_project_whose_name_no_storage_could_hold_is_unknown(collector: Collector) -> None:
    assert 404 == collector.client.get("/api/v1/projects/a%00b").status_code


@settings(max_examples=2_000 if FULL_SIZE else 60)
@given(body=wire_reports())
def test_whatever_a_report_holds_it_is_taken_or_what_is_wrong_is_said(collector: Collector, body: Any) -> None:
    response = collector.post_report(body)

    assert response.status_code in {200, 400}
    assert response.status_code == 200 or response.json()["detail"]


@settings(max_examples=1_000 if FULL_SIZE else 40)
@given(body=st.binary(max_size=200) | json_values().map(lambda value: json.dumps(value).encode()))
@example(body=b"[" * 100_000)
@example(body=b'{"project_id": 1' + b"0" * 5_000 + b"}")
def test_whatever_the_bytes_are_no_route_fails(collector: Collector, body: bytes) -> None:
    json_type = {"Content-Type": "application/json"}
    responses = [
        collector.client.post("/api/v1/logs/report", content=body),
        collector.client.post("/api/v1/logs/report/batch", content=body),
        collector.client.post("/api/v1/issues/1/transitions", content=body, headers=json_type),
        collector.client.put("/api/v1/projects/shop", content=body, headers=json_type),
    ]

    assert {response.status_code for response in responses} <= {200, 400, 409}


@settings(max_examples=1_000 if FULL_SIZE else 40)
@given(report=reports())
def test_a_report_of_any_shape_that_the_contract_allows_is_stored(collector: Collector, report: Report) -> None:
    response = collector.post_report(json.dumps(to_wire(report)).encode())

    assert 200 == response.status_code, response.text
    shown = collector.client.get(f"/api/v1/issues/{response.json()['id']}")
    assert 200 == shown.status_code
