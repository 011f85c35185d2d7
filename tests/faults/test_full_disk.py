"""A disk that is full: reports are asked for again, what is there can be read, and with room all goes on."""

import os
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import field, frozen
from sqlalchemy import Engine, event

from logcenter_collector.store.sql import SqlStore
from support.collector import Collector
from support.failing import assert_come_back
from support.sending import a_report, another_error, fresh_project
from support.served import served

MEBIBYTE = 2**20


def large_report(project: str) -> dict[str, Any]:
    """Return a report of an error of its own, which does not shrink much."""
    return a_report(project, context={"noise": os.urandom(20_000).hex()}, **another_error())


@frozen
class Room:
    """How large SQLite's file may become, for every connection of an engine."""

    _connections: list[sqlite3.Connection] = field(factory=list)

    def opened(self, connection: sqlite3.Connection, _record: object) -> None:
        """Take note of a connection."""
        self._connections.append(connection)

    def limit(self, size: int) -> None:
        """Let the file become so many bytes large."""
        for connection in self._connections:
            connection.execute(f"PRAGMA max_page_count={max(1, size // 4096)}").close()


@pytest.fixture
def room() -> Iterator[Room]:
    room = Room()
    event.listen(Engine, "connect", room.opened)
    yield room
    event.remove(Engine, "connect", room.opened)


async def test_a_database_that_may_not_grow_refuses_what_needs_room_and_takes_it_later(
    tmp_path: Path, room: Room
) -> None:
    store = SqlStore(f"sqlite:///{tmp_path / 'logcenter.db'}")
    known, large = a_report(project := fresh_project()), large_report(fresh_project())
    async with served(store) as client:
        await client.post("/api/v1/logs/report", json=known)
        room.limit(1)  # what it has already, it may keep

        refused = [await client.post("/api/v1/logs/report", json=large) for _ in range(2)]
        batch = await client.post("/api/v1/logs/report/batch", json=[known, large])
        listed = await client.get("/api/v1/issues")

        room.limit(64 * MEBIBYTE)
        taken = await client.post("/api/v1/logs/report", json=large)
        counted = await client.post("/api/v1/logs/report", json=known)
    for response in (*refused, batch):
        assert_come_back(response)
    assert [project] == [issue["project_id"] for issue in listed.json()["items"]]
    assert "Log reported" == taken.json()["message"]
    assert {"message": "Log deduplicated", "id": 1, "status": "NEW"} == counted.json()
    first = store.issue(1)
    assert first is not None
    assert 2 == first.occurrence_count
    store.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of four mebibytes; only root may make one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    try:
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)], check=True, capture_output=True, timeout=10
        )
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this user may not mount a small disk")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True, timeout=10)


def test_a_collector_on_a_full_disk_refuses_and_goes_on_when_there_is_room(
    small_disk: Path, start_collector: Callable[..., Collector]
) -> None:
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(2 * MEBIBYTE))
    collector = start_collector(database=small_disk / "logcenter.db")
    project = fresh_project()
    taken = 0
    while (response := collector.post_report(large_report(project))).status_code == 200:
        taken += 1
        assert taken < 1_000

    assert_come_back(response)
    assert_come_back(collector.client.get("/readyz"))
    assert taken == len(collector.issues(project_id=project, limit=200)) > 0
    ballast.unlink()
    assert "Log reported" == collector.report(large_report(project))["message"]
    assert 200 == collector.client.get("/readyz").status_code
    assert taken + 1 == len(collector.issues(project_id=project, limit=200))
    with sqlite3.connect(collector.database) as connection:
        assert [("ok",)] == connection.execute("PRAGMA integrity_check").fetchall()
    connection.close()
