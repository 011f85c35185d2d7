"""Bars and sparklines as SVG. Pure: numbers in, markup out; what they look like stands in ``static/charts.css``.

The drawing stretches to the width of its place, so it holds no text: what stands beside it is HTML
(``templates/charts.html``), which keeps its size on a phone. No style attributes: the dashboard's policy forbids them.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from attrs import frozen
from markupsafe import Markup, escape

HEIGHT: Final = 100
"""Units of every drawing; widths are as many as its bars need."""
_STEP: Final = 10
_GAP: Final = 2
_LEAST: Final = 1.5
"""Units that a bar has at least: what happened once must be seen beside what happened a thousand times."""
_SPARK_LEAST: Final = 6
LINES: Final = 2
"""Horizontal lines above the ground."""
COLOURS: Final = 6
"""Parts of a stack have so many colours; the rest share one more."""


@frozen(kw_only=True)
class Bar:
    """One hour or day: how much of each part, and where a click leads."""

    label: str
    counts: Mapping[str, int]
    href: str | None = None

    @property
    def total(self) -> int:
        """The height of the whole bar."""
        return sum(self.counts.values())


@frozen(kw_only=True)
class Part:
    """What a bar is stacked of: a source, an environment or a release."""

    key: str
    name: str
    colour: str
    """A class of ``charts.css``: ``part-1`` to ``part-6``, ``part-other``, or one of a fixed meaning."""


@frozen(kw_only=True)
class Chart:
    """A bar chart, ready for its template."""

    title: str
    description: str
    bars: tuple[Bar, ...]
    parts: tuple[Part, ...]
    unit: str
    """What is counted, for the table of screen readers."""

    @property
    def top(self) -> int:
        """The number at the uppermost line: round, and no less than the highest bar."""
        return round_up(max((bar.total for bar in self.bars), default=0))

    @property
    def marks(self) -> tuple[Bar, ...]:
        """The bars whose labels stand below: the first, the last and some between, at equal distances."""
        return tuple(self.bars[number] for number in spread(len(self.bars), most=5))

    @property
    def svg(self) -> Markup:
        """The drawing."""
        return bars_svg(self)


def parts_of(bars: Sequence[Bar], *, other: str, names: Mapping[str, str] | None = None) -> tuple[Part, ...]:
    """Return what bars are stacked of, the most first; what has no colour of its own is ``other``.

    ``fold`` then adds the numbers of the rest together.
    """
    totals: dict[str, int] = {}
    for bar in bars:
        for key, count in bar.counts.items():
            totals[key] = totals.get(key, 0) + count
    ordered = sorted(totals, key=lambda key: (-totals[key], key))
    own = ordered if len(ordered) <= COLOURS else ordered[: COLOURS - 1]
    named = [
        Part(key=key, name=(names or {}).get(key, key), colour=f"part-{number}")
        for number, key in enumerate(own, start=1)
    ]
    return (*named, *([Part(key="", name=other, colour="part-other")] if len(own) < len(ordered) else []))


def fold(bars: Sequence[Bar], parts: Sequence[Part]) -> tuple[Bar, ...]:
    """Return the bars in the parts that are shown: what is none of them is added up under the last one."""
    shown = {part.key for part in parts}
    return tuple(
        Bar(label=bar.label, counts=_folded(bar.counts, shown) if "" in shown else bar.counts, href=bar.href)
        for bar in bars
    )


def _folded(counts: Mapping[str, int], shown: set[str]) -> dict[str, int]:
    rest = sum(count for key, count in counts.items() if key not in shown)
    return {**{key: count for key, count in counts.items() if key in shown}, **({"": rest} if rest else {})}


def bars_svg(chart: Chart) -> Markup:
    """Return the bars: a group of links, or one picture. Screen readers find the numbers in the table beside it."""
    width = max(1, len(chart.bars)) * _STEP
    role = "group" if any(bar.href for bar in chart.bars) else "img"
    title, description, top = escape(chart.title), escape(chart.description), chart.top
    drawn = [
        f'<svg class="bars" viewBox="0 0 {width} {HEIGHT}" preserveAspectRatio="none" role="{role}"',
        f' aria-label="{title}. {description}"><title>{title}</title><desc>{description}</desc>',
        *(f'<path class="line" d="M0 {_short(HEIGHT * number / LINES)}H{width}"/>' for number in range(LINES)),
        *(_bar(number * _STEP, bar, chart.parts, top) for number, bar in enumerate(chart.bars)),
        "</svg>",
    ]
    return Markup("".join(drawn))  # noqa: S704 - numbers, names of ours, and texts that are escaped


def _bar(x: int, bar: Bar, parts: Sequence[Part], top: int) -> str:
    said = escape(_said(bar, parts))
    # The whole height reacts: a small bar would be hard to meet.
    hit = f'<rect class="hit" x="{x}" y="0" width="{_STEP}" height="{HEIGHT}"/>'
    inside = f"<title>{said}</title>{hit}{''.join(_stack(x, bar, parts, top))}"
    if bar.href is None:
        return f'<g class="bar">{inside}</g>'
    return f'<a class="bar" href="{escape(bar.href)}" aria-label="{said}">{inside}</a>'


def _said(bar: Bar, parts: Sequence[Part]) -> str:
    """Return what a bar says: its label, its number, and what it is made of if that is more than one part."""
    counts = [f"{part.name} {bar.counts[part.key]:,}" for part in parts if bar.counts.get(part.key)]
    return f"{bar.label}: {bar.total:,}" + (f" ({', '.join(counts)})" if len(counts) > 1 else "")


def _stack(x: int, bar: Bar, parts: Sequence[Part], top: int) -> Iterator[str]:
    """Yield the parts of a bar from the ground up, without a gap between them."""
    total = bar.total
    height = max(_LEAST, HEIGHT * total / top)
    lower, below = float(HEIGHT), 0
    for part in parts:
        if count := bar.counts.get(part.key):
            below += count
            upper = HEIGHT - height * below / total
            yield (
                f'<rect class="{part.colour}" x="{_short(x + _GAP / 2)}" y="{_short(upper)}" width="{_STEP - _GAP}" '
                f'height="{_short(lower - upper)}"/>'
            )
            lower = upper


def sparkline(counts: Sequence[int], *, title: str) -> Markup:
    """Return a small chart of one row of numbers, each as high as its share of the largest.

    A list has 50 of them: what happened is one path, what did not another.
    """
    width, most, said = max(1, len(counts)) * _STEP, max(counts, default=0), escape(title)
    happened = [_spark(day, max(_SPARK_LEAST, HEIGHT * count / most)) for day, count in enumerate(counts) if count]
    quiet = [_spark(day, _SPARK_LEAST / 2) for day, count in enumerate(counts) if not count]
    drawn = (
        f'<svg class="spark" viewBox="0 0 {width} {HEIGHT}" preserveAspectRatio="none" role="img" aria-label="{said}">'
        f'<title>{said}</title><path d="{"".join(happened)}"/><path class="none" d="{"".join(quiet)}"/></svg>'
    )
    return Markup(drawn)  # noqa: S704 - numbers, and a title that is escaped


def _spark(day: int, height: float) -> str:
    """Return one bar as a part of a path: from its left foot up, over and down."""
    return f"M{day * _STEP + _GAP // 2} {HEIGHT}v-{_short(height)}h{_STEP - _GAP}v{_short(height)}z"


def round_up(highest: int) -> int:
    """Return the next number with one digit and zeros, such as 300; 1 for nothing, so that there is a scale."""
    step: int = 10 ** (len(f"{highest}") - 1)
    return max(1, -(-highest // step) * step)


def spread(count: int, *, most: int) -> list[int]:
    """Return up to ``most`` numbers below ``count`` at equal distances, the first and the last among them."""
    if count <= most:
        return list(range(count))
    return [round(number * (count - 1) / (most - 1)) for number in range(most)]


def _short(value: float) -> str:
    """Return a number with one decimal at most: a chart of 168 hours is some kilobytes as it is."""
    return f"{value:.1f}".removesuffix(".0")
