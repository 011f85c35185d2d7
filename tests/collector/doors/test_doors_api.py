"""What a project demands, over the API: read, set, and noted in the audit log."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from logcenter_collector.access.credentials import Credentials
from logcenter_collector.access.doorkeeper import Doorkeeper
from logcenter_collector.domain.access import Principal, PrincipalKind, Scope
from logcenter_collector.domain.usage import Amount, Slot
from logcenter_collector.store.access.audit import By
from logcenter_collector.store.access.tables import audit
from logcenter_collector.store.access.usage import Used, forget_usage, read_usage, usage_of, write_usage
from logcenter_collector.store.sql import SqlStore
from support.collector import Collector
from support.sending import fresh_project
from support.served import served
from support.stores import START

NO_DEMANDS: dict[str, Any] = {
    "requires_key": False,
    "per_minute": None,
    "per_day": None,
    "scrub_names": [],
    "scrub_patterns": [],
}
A_NAME = "must be a name of at most 500 characters, with a letter or a digit in it"
ADMIN = By(principal=Principal(kind=PrincipalKind.PERSON, name="li", scopes=frozenset(Scope)), address="192.0.2.7")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    with closing(SqlStore(f"sqlite:///{tmp_path / 'logcenter.db'}")) as store:
        yield store


async def test_a_project_demands_nothing_until_somebody_says_so_and_then_what_was_said(store: SqlStore) -> None:
    async with served(store) as client:
        assert NO_DEMANDS == await demands(client)
        first = {"requires_key": True, "per_minute": 600, "scrub_names": ["password", "卡号"]}
        assert NO_DEMANDS | first == await demands(client, first)
        second = {"per_minute": None, "per_day": 10_000, "scrub_patterns": [r"\d{16}"]}
        assert NO_DEMANDS | first | second == await demands(client, second)
        assert NO_DEMANDS | first | second == await demands(client)
        assert NO_DEMANDS == await demands(client, dict.fromkeys(NO_DEMANDS))


async def demands(client: httpx.AsyncClient, changes: dict[str, Any] | None = None) -> dict[str, Any]:
    """Set what a project demands, if there is something to set, and return it."""
    path = "/api/v1/projects/p/doors"
    response = await client.get(path) if changes is None else await client.put(path, json=changes)
    assert response.status_code == 200, response.text
    return {name: response.json()[name] for name in NO_DEMANDS}


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"requires_key": "yes"}, {"requires_key": "must be true or false or null, not 'yes'"}),
        ({"per_minute": -1}, {"per_minute": "must be 0 to 1000000000, or null"}),
        ({"per_day": 0}, {"per_day": "must be 1 to 1000000000, or null"}),
        ({"scrub_names": "password"}, {"scrub_names": "must be an array of strings or null, not 'password'"}),
        ({"scrub_names": ["-"]}, {"scrub_names[0]": A_NAME}),
        ({"scrub_patterns": ["fine", "("]}, {"scrub_patterns[1]": "is no RE2 pattern: missing ): ("}),
        ({"scrub_patterns": ["x"] * 51}, {"scrub_patterns": "must have at most 50 entries, not 51"}),
        ([], {"(body)": "must be an object, not an array"}),
    ],
)  # fmt: skip
def test_what_cannot_be_demanded_is_named_and_nothing_is_changed(
    shared_collector: Collector, changes: Any, wrong: dict[str, str]
) -> None:
    path = f"/api/v1/projects/{fresh_project()}/doors"

    response = shared_collector.client.put(path, json=changes)

    assert 400 == response.status_code
    assert wrong == {error["field"]: error["message"] for error in response.json()["errors"]}
    assert NO_DEMANDS.items() <= shared_collector.get(path).items()


@pytest.mark.parametrize("what", ["doors", "keys"])
def test_what_can_be_no_project_has_no_doors(shared_collector: Collector, what: str) -> None:
    assert 400 == shared_collector.client.get(f"/api/v1/projects/a%20b/{what}").status_code


def test_the_routes_are_described(shared_collector: Collector) -> None:
    described = shared_collector.get("/openapi.json")

    doors = described["paths"]["/api/v1/projects/{project_id}/doors"]
    keys = described["paths"]["/api/v1/projects/{project_id}/keys"]
    assert {"get", "put"} == doors.keys()
    assert {"$ref": "#/components/schemas/NewIngestKey"} == answer_of(keys["post"])
    assert "key" in described["components"]["schemas"]["NewIngestKey"]["required"]
    assert "key" not in described["components"]["schemas"]["IngestKey"]["properties"]


def answer_of(operation: dict[str, Any]) -> Any:
    """Return the schema of a good answer."""
    return operation["responses"]["200"]["content"]["application/json"]["schema"]


def test_every_change_is_in_the_audit_log_and_no_secret_is(sql_store: SqlStore) -> None:
    doorkeeper, project = Doorkeeper(Credentials(sql_store.database)), fresh_project()
    key, secret = doorkeeper.create_key(project, "shop", 60, ADMIN, START)
    doorkeeper.set_door(project, {"requires_key": True, "scrub_patterns": ("a",)}, ADMIN, START)
    doorkeeper.set_door(project, {"requires_key": True}, ADMIN, START)  # changes nothing
    doorkeeper.revoke_key(project, key.id, ADMIN, START)
    doorkeeper.revoke_key(project, key.id, ADMIN, START)  # was revoked

    with sql_store.database.read() as connection:
        entries = connection.execute(select(audit).where(audit.c.project_id == project).order_by(audit.c.id))
        written = [dict(entry) for entry in entries.mappings()]

    assert [
        ("key.create", str(key.id), '{"name": "shop", "per_minute": 60}'),
        ("doors.set", None, '{"requires_key": true, "scrub_patterns": ["a"]}'),
        ("key.revoke", str(key.id), '{"name": "shop"}'),
    ] == [(entry["action"], entry["subject"], entry["detail"]) for entry in written]
    assert {("li", "person", "192.0.2.7")} == {(e["actor"], e["actor_kind"], e["address"]) for e in written}
    assert secret not in str(written)


def test_only_the_hash_of_a_key_is_stored(tmp_path: Path) -> None:
    with closing(SqlStore(f"sqlite:///{tmp_path / 'logcenter.db'}")) as store:
        _, secret = Doorkeeper(Credentials(store.database)).create_key("p", "shop", None, ADMIN, START)

    kept = b"".join(file.read_bytes() for file in tmp_path.glob("logcenter.db*"))
    assert secret[:8].encode() in kept  # the hint
    assert secret[:9].encode() not in kept


def test_usage_of_several_collectors_adds_up_and_is_forgotten_when_it_is_old(sql_store: SqlStore) -> None:
    database, project, day = sql_store.database, fresh_project(), 20_000
    mine = {
        Slot(day, project, 0): Amount(3, 1),
        Slot(day, project, 7): Amount(2, 0),
        Slot(day - 1, project, 0): Amount(9),
    }

    assert {project: 3} == write_usage(database, mine, [project], day)
    assert {project: 7} == write_usage(database, {Slot(day, project, 0): Amount(4, 5)}, [project, "unknown"], day)
    assert {project: 7} == write_usage(database, {}, [project], day)

    assert {0: Used(accepted=7, refused=6), 7: Used(accepted=2)} == usage_of(database, project, day)
    assert 7 == read_usage(database, day)[project]
    forget_usage(database, day)
    assert [{}, 7] == [usage_of(database, project, day - 1), read_usage(database, day)[project]]
