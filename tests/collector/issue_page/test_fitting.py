"""What of a large report a page shows: values in, values out."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from logcenter_collector.web.ui.excerpts import TraceLine, as_text
from logcenter_collector.web.ui.issue.context import read_context
from logcenter_collector.web.ui.issue.fitting import (
    CONTEXT_ROOM,
    CRUMBS_ROOM,
    VALUE_ROOM,
    Fitted,
    fit,
    fit_context,
    fit_frames,
    fit_trace,
)
from logcenter_sdk.contract.report import Frame
from support.reports import json_values

TEXTS = st.text(max_size=40)
FRAMES = st.lists(
    st.builds(
        Frame,
        in_app=st.booleans() | st.none(),
        context_line=TEXTS | st.none(),
        pre_context=st.none() | st.lists(TEXTS, max_size=3).map(tuple),
        locals=st.none() | st.dictionaries(TEXTS, json_values(), max_size=3),
    ),
    max_size=8,
)


def own(text: str, *, in_app: bool = True) -> Frame:
    return Frame(function=text, in_app=in_app, context_line=text)


def shown(frames: tuple[Frame, ...]) -> list[str | None]:
    return [frame.context_line for frame in frames]


def traced(*texts: str) -> list[TraceLine]:
    return [TraceLine(text, is_place=False) for text in texts]


def test_a_report_of_usual_size_is_shown_as_it_is() -> None:
    context = {"user_id": 7, "tags": {"a": "b"}, "breadcrumbs": [{"message": "clicked", "data": {"x": 1}}], "more": [1]}
    whole = Fitted(
        frames=(own("total"), own("base", in_app=False)), trace=tuple(traced("a", "b")), context=read_context(context)
    )

    assert whole == fit(whole)


def test_the_innermost_frame_of_the_application_is_the_last_to_lose_its_source() -> None:
    frames = [own("outer"), own("inner"), own("library", in_app=False)]

    assert [None, "inner", None] == shown(fit_frames(frames, room=5))
    assert ["outer", "inner", None] == shown(fit_frames(frames, room=10))


def test_one_huge_variable_hides_no_other() -> None:
    [frame] = fit_frames([Frame(locals={"huge": "x" * 10_000, "small": 1})])

    assert frame.locals is not None
    assert (VALUE_ROOM, 1) == (len(frame.locals["huge"]), frame.locals["small"])


@given(FRAMES, st.integers(0, 200))
def test_every_frame_stays_and_their_details_have_room(frames: list[Frame], room: int) -> None:
    fitted = fit_frames(frames, room)

    assert [(frame.file_path, frame.function) for frame in frames] == [
        (each.file_path, each.function) for each in fitted
    ]
    assert room >= sum(_details(frame) for frame in fitted)


def _details(frame: Frame) -> int:
    source = (*(frame.pre_context or ()), frame.context_line or "", *(frame.post_context or ()))
    return sum(map(len, source)) + sum(len(name) + len(as_text(value)) for name, value in (frame.locals or {}).items())


def test_of_a_long_trace_the_beginning_and_more_of_the_end_stay() -> None:
    lines = traced(*(f"{number}" * 10 for number in range(10)))

    fitted = [line.text for line in fit_trace(lines, room=50)]

    assert ["0" * 10, "… [5 lines cut]", *(f"{number}" * 10 for number in range(6, 10))] == fitted


@given(st.lists(TEXTS), st.integers(0, 300))
def test_lines_that_have_no_room_are_counted(texts: list[str], room: int) -> None:
    fitted = [line.text for line in fit_trace(traced(*texts), room)]

    cut = [text for text in fitted if text.startswith("… [") and text.endswith(" lines cut]")]
    left = len(fitted) - len(cut)
    assert texts == fitted or (len(texts) - left == int(cut[0][3:-11]) and sum(map(len, fitted)) <= room + len(cut[0]))


def test_the_latest_breadcrumbs_stay() -> None:
    crumbs = [{"message": f"{number:03}" + "x" * 497} for number in range(100)]

    found = fit_context(read_context({"breadcrumbs": crumbs})).breadcrumbs

    assert CRUMBS_ROOM // 500 == len(found)
    assert "099" == found[-1].message[:3]


def test_a_context_with_too_much_is_cut_in_its_values_and_at_its_end() -> None:
    context: dict[str, Any] = {"user_id": "u" * 10_000, **{f"key {number}": "v" * 1_000 for number in range(100)}}

    fitted = fit_context(read_context(context))

    [(_, user)] = fitted.sections[0].rows
    assert VALUE_ROOM == len(as_text(user))
    assert CONTEXT_ROOM - 2_000 < sum(len(as_text(value)) for _, value in fitted.rest) + VALUE_ROOM <= CONTEXT_ROOM
