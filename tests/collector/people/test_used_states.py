"""What is known of those who came back from an identity provider is bounded: anybody can come back with anything."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from logcenter_collector.access.oidc import CHARACTERS, MOST_USED, Oidc
from logcenter_collector.domain.oidc import Flow
from logcenter_collector.domain.people import PeopleRefusedError
from support.stores import START


def came_back(oidc: Oidc, state: str) -> str:
    """Let somebody come back without a code, and return why they are not let in."""
    with pytest.raises(PeopleRefusedError) as refused:
        oidc.finish({"state": state}, Flow(state=state, nonce="", verifier=""), "https://logs.example/")
    return str(refused.value)


def test_made_up_states_are_forgotten_when_they_are_too_many_or_over() -> None:
    nothing: Any = None
    now = [START]

    def clock() -> datetime:
        return now[0]

    oidc = Oidc(settings=nothing, clock=clock)
    for number in range(MOST_USED + 500):
        came_back(oidc, f"state-{number}")
    assert MOST_USED == len(oidc._used)

    now[0] += timedelta(minutes=11)
    came_back(oidc, "another")
    assert ["another"] == list(oidc._used)


def test_a_state_that_is_longer_than_ours_is_none_of_ours() -> None:
    nothing: Any = None
    oidc = Oidc(settings=nothing, clock=lambda: START)

    assert came_back(oidc, "a" * CHARACTERS) != came_back(oidc, "a" * (CHARACTERS + 1))
    assert 1 == len(oidc._used)
