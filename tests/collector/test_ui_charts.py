"""Charts: numbers in, SVG out."""

import re
from itertools import pairwise
from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from logcenter_collector.web.ui.charts import (
    COLOURS,
    HEIGHT,
    Bar,
    Chart,
    Part,
    fold,
    parts_of,
    round_up,
    sparkline,
    spread,
)

SVG = "{http://www.w3.org/2000/svg}"
SCRIPT = "</title><script>alert(1)</script>\"'&"

counts = st.dictionaries(st.sampled_from("abcdefghij"), st.integers(0, 10**6), max_size=10)


def chart(*bars: Bar, parts: tuple[Part, ...] | None = None) -> Chart:
    return Chart(
        title="Occurrences",
        description="By day.",
        bars=bars,
        parts=parts_of(bars, other="other") if parts is None else parts,
        unit="all",
    )


def parsed(markup: str) -> ET.Element:
    """Return a drawing as a tree; as SVG in HTML it names no namespace."""
    return ET.fromstring(str.replace(markup, "<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1))


def heights(svg: ET.Element) -> list[tuple[str, float, float]]:
    """Return the class, the upper edge and the height of each part of a bar."""
    found = [
        (each.get("class", ""), float(each.get("y", "")), float(each.get("height", "")))
        for each in svg.iter(f"{SVG}rect")
    ]
    return [each for each in found if each[0] != "hit"]


def test_a_bar_is_as_high_as_its_share_of_the_scale() -> None:
    svg = parsed(chart(Bar(label="a", counts={"x": 50}), Bar(label="b", counts={"x": 25})).svg)

    assert [("part-1", 0.0, 100.0), ("part-1", 50.0, 50.0)] == heights(svg)


def test_the_parts_of_a_bar_stand_on_each_other_the_most_frequent_at_the_ground() -> None:
    svg = parsed(chart(Bar(label="a", counts={"x": 5, "y": 15})).svg)

    assert [("part-1", 25.0, 75.0), ("part-2", 0.0, 25.0)] == heights(svg)


def test_what_happened_once_is_seen_beside_what_happened_often() -> None:
    svg = parsed(chart(Bar(label="a", counts={"x": 1_000_000}), Bar(label="b", counts={"x": 1})).svg)

    assert 1 < heights(svg)[1][2]


def test_a_chart_of_nothing_has_a_scale_and_no_bars() -> None:
    empty = chart(Bar(label="a", counts={}))

    assert (1, []) == (empty.top, heights(parsed(empty.svg)))
    assert (1, []) == (chart().top, heights(parsed(chart().svg)))


def test_a_bar_with_a_link_is_one_and_says_what_it_stands_for() -> None:
    svg = parsed(chart(Bar(label="Mon", counts={"x": 5, "y": 1}, href="/?a=1&b=2"), Bar(label="Tue", counts={})).svg)

    [link] = svg.iter(f"{SVG}a")
    assert ("group", "/?a=1&b=2", "Mon: 6 (x 5, y 1)") == (svg.get("role"), link.get("href"), link.get("aria-label"))


def test_a_chart_without_links_is_one_picture_with_a_title_and_a_description() -> None:
    svg = parsed(chart(Bar(label="Mon", counts={"x": 5})).svg)

    assert ("img", "Occurrences. By day.") == (svg.get("role"), svg.get("aria-label"))
    assert ("Occurrences", "By day.") == (svg.findtext(f"{SVG}title"), svg.findtext(f"{SVG}desc"))


def test_text_of_reports_stays_text() -> None:
    bars = (Bar(label=SCRIPT, counts={SCRIPT: 1, "b": 1}, href=f"/?q={SCRIPT}"),)
    svg = parsed(
        Chart(title=SCRIPT, description=SCRIPT, bars=bars, parts=parts_of(bars, other=SCRIPT), unit=SCRIPT).svg
    )

    assert [] == list(svg.iter(f"{SVG}script"))
    assert f"/?q={SCRIPT}" == next(svg.iter(f"{SVG}a")).get("href")
    assert SCRIPT == parsed(sparkline([1], title=SCRIPT)).findtext(f"{SVG}title")


def test_a_sparkline_shows_its_largest_number_at_full_height_and_a_zero_as_a_trace() -> None:
    svg = parsed(sparkline([0, 5, 10], title="three days"))

    assert {"none": [3.0], "": [50.0, 100.0]} == {
        each.get("class", ""): [float(height) for height in re.findall(r"v-([\d.]+)", each.get("d", ""))]
        for each in svg.iter(f"{SVG}path")
    }
    assert "three days" == svg.get("aria-label")


def test_a_drawing_has_no_style_of_its_own() -> None:
    drawings = chart(Bar(label="a", counts={"x": 5}, href="/")).svg + sparkline([1, 2], title="x")

    assert [] == re.findall(r"\sstyle=|\son\w+=", drawings)


@given(st.lists(counts, min_size=1, max_size=5))
def test_however_many_parts_there_are_all_is_counted_in_as_many_as_have_colours(numbers: list[dict[str, int]]) -> None:
    bars = [Bar(label=f"{number}", counts=each) for number, each in enumerate(numbers)]

    parts = parts_of(bars, other="the rest")
    folded = fold(bars, parts)

    assert [bar.total for bar in bars] == [bar.total for bar in folded]
    assert len(parts) <= COLOURS
    assert len({part.colour for part in parts}) == len(parts)
    assert {key for bar in folded for key in bar.counts} <= {part.key for part in parts}


@given(st.lists(counts, min_size=1, max_size=5))
def test_no_bar_leaves_its_drawing_and_parts_touch(numbers: list[dict[str, int]]) -> None:
    bars = tuple(Bar(label=f"{number}", counts=each) for number, each in enumerate(numbers))
    svg = parsed(chart(*fold(bars, parts_of(bars, other="rest"))).svg)

    for _, upper, height in heights(svg):
        assert -0.05 <= upper
        assert upper + height <= HEIGHT + 0.15  # each is rounded to a tenth


@given(st.integers(0, 10**12))
def test_a_scale_is_round_and_not_much_higher_than_its_bars(highest: int) -> None:
    top = round_up(highest)

    assert top >= highest
    assert 1 == len(f"{top}".rstrip("0"))
    assert top <= max(1, 2 * highest)


@given(st.integers(0, 500), st.integers(2, 10))
def test_marks_are_the_ends_and_some_between_at_equal_distances(count: int, most: int) -> None:
    found = spread(count, most=most)

    assert min(count, most) == len(set(found)) == len(found)
    assert not found or (0, count - 1) == (found[0], found[-1])
    gaps = [after - before for before, after in pairwise(found)]
    assert not gaps or max(gaps) - min(gaps) <= 1
