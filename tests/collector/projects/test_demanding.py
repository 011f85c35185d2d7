"""Whether the dashboard says that a key is needed, and whether reports are taken without one: the same, always."""

from collections.abc import Callable
from itertools import product

import pytest

from logcenter_collector.access.doorkeeper import Doorkeeper
from logcenter_collector.access.doorway import Doorway
from logcenter_collector.domain.access import ANYONE
from logcenter_collector.ingest.gate import NOTHING, Gate
from logcenter_collector.ingest.refusal import RefusedError
from logcenter_collector.store.access.audit import By
from logcenter_collector.store.sql import SqlStore
from support.doors import closed_door, open_door
from support.stores import START

SETTINGS = ((False, False), (True, False), (False, True))
"""Of all projects a key is demanded; of none."""


def is_taken(gate: Gate, project: str) -> bool:
    try:
        gate.check(gate.enter(NOTHING, START), project)
    except RefusedError:
        return False
    return True


@pytest.mark.parametrize("door", [open_door, closed_door])
def test_a_key_is_said_to_be_needed_just_where_a_report_without_one_is_refused(
    store: SqlStore, door: Callable[[SqlStore], Doorway]
) -> None:
    doorway = door(store)
    Doorkeeper(doorway.credentials).set_door("held", {"requires_key": True}, By(principal=ANYONE), START)
    said, done = {}, {}
    for (require, keyless), project in product(SETTINGS, ("held", "free")):
        gate = Gate(doorway, require_ingest_key=require, keyless_reports=keyless)
        said[require, keyless, project] = gate.demands_key(project)
        done[require, keyless, project] = not is_taken(gate, project)

    assert said == done
    assert {True, False} == set(said.values())
