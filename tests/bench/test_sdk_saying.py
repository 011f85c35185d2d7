"""What the processes of the SDK's figures say, and what is understood of it."""

from typing import NamedTuple

import pytest
from attrs import frozen

from running import Ended, events
from saying import plain


class Reasons(NamedTuple):
    full: int
    sampled: int


@frozen
class Stats:
    sent: int
    dropped: Reasons | dict[str, int]


class Loose:
    def __init__(self) -> None:
        self.sent = 3


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({"sent": 3, "dropped": {"full": 1}}, {"sent": 3, "dropped": {"full": 1}}),
        (Reasons(1, 2), {"full": 1, "sampled": 2}),
        (Stats(3, {"full": 1}), {"sent": 3, "dropped": {"full": 1}}),
        (Loose(), {"sent": 3}),
    ],
)
def test_counts_are_read_from_whatever_kind_of_object_holds_them(counts: object, expected: dict[str, object]) -> None:
    assert expected == plain(counts)


def test_lines_of_others_and_a_line_that_is_not_complete_are_no_events() -> None:
    said = 'noise\n{"event": "begin", "at": 1}\n{"message": "log"}\n{"event": "end", "at"'
    assert [{"event": "begin", "at": 1}] == list(events(said))


def test_a_process_that_did_not_say_what_was_asked_for_shows_its_errors() -> None:
    ended = Ended([], 1.0, 1.0, 1, "ModuleNotFoundError: no such thing")
    with pytest.raises(LookupError, match="no such thing"):
        ended.the("result")
