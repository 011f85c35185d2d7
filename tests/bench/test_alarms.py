"""What the bench of alarms says of what its webhook was told."""

import pytest

import alarms
from alarms import Hook


@pytest.fixture
def hook(monkeypatch: pytest.MonkeyPatch) -> Hook:
    monkeypatch.setattr(alarms, "ANSWER_SECONDS", 0)
    return Hook()


def test_a_repeat_of_a_message_counts_once(hook: Hook) -> None:
    for message_id, body in (("a", b'{"count": 1}'), ("b", b'{"count": 40}'), ("b", b'{"count": 40}')):
        hook.take(message_id, body)

    assert (41, 2) == (hook.told, len(hook.begun))


def test_the_most_messages_within_a_minute_are_those_of_its_fullest_one() -> None:
    assert 3 == Hook(begun=[0.0, 61.0, 100.0, 120.9, 122.0]).most_in_a_minute
    assert 0 == Hook().most_in_a_minute
