"""Bars and sparklines as SVG. Pure: numbers in, markup out; what they look like stands in ``static/charts.css``.

The drawing stretches to the width of its place, so it holds no text: what stands beside it is HTML
(``templates/charts.html``), which keeps its size on a phone. No style attributes: the dashboard's policy forbids them.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Final

from attrs import frozen
from markupsafe import Markup

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
    linked = any(bar.href for bar in chart.bars)
    head = Markup('<svg class="bars" viewBox="0 0 {} {}" preserveAspectRatio="none" role="{}" aria-label="{}">').format(
        width, HEIGHT, "group" if linked else "img", f"{chart.title}. {chart.description}"
    )
    lines = Markup("").join(_line(width, HEIGHT * number / LINES) for number in range(LINES))
    drawn = Markup("").join(_bar(number, bar, chart) for number, bar in enumerate(chart.bars))
    title = Markup("<title>{}</title><desc>{}</desc>").format(chart.title, chart.description)
    return head + title + lines + drawn + Markup("</svg>")


def _line(width: int, y: float) -> Markup:
    return Markup('<path class="line" d="M0 {0}H{1}"/>').format(_short(y), width)


def _bar(number: int, bar: Bar, chart: Chart) -> Markup:
    x = number * _STEP
    said = _said(bar, chart)
    # The whole height reacts: a small bar would be hard to meet.
    hit = Markup('<rect class="hit" x="{}" y="0" width="{}" height="{}"/>').format(x, _STEP, HEIGHT)
    stack = Markup("").join(_stack(x, bar, chart))
    inside = Markup("<title>{}</title>").format(said) + hit + stack
    if bar.href is None:
        return Markup('<g class="bar">') + inside + Markup("</g>")
    return Markup('<a class="bar" href="{}" aria-label="{}">').format(bar.href, said) + inside + Markup("</a>")


def _said(bar: Bar, chart: Chart) -> str:
    """Return what a bar says: its label, its number, and what it is made of if that is more than one part."""
    counts = [f"{part.name} {bar.counts[part.key]:,}" for part in chart.parts if bar.counts.get(part.key)]
    return f"{bar.label}: {bar.total:,}" + (f" ({', '.join(counts)})" if len(counts) > 1 else "")


def _stack(x: int, bar: Bar, chart: Chart) -> list[Markup]:
    """Return the parts of a bar from the ground up, without a gap between them."""
    counted = [(part, bar.counts[part.key]) for part in chart.parts if bar.counts.get(part.key)]
    if not counted:
        return []
    height = max(_LEAST, HEIGHT * bar.total / chart.top)
    edges = [
        HEIGHT - height * sum(count for _, count in counted[:number]) / bar.total for number in range(len(counted) + 1)
    ]
    return [
        Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>').format(
            part.colour, x + _GAP / 2, _short(upper), _STEP - _GAP, _short(lower - upper)
        )
        for (part, _), (lower, upper) in zip(counted, pairwise(edges), strict=True)
    ]


def sparkline(counts: Sequence[int], *, title: str) -> Markup:
    """Return a small chart of one row of numbers, each as high as its share of the largest."""
    width, most = max(1, len(counts)) * _STEP, max(counts, default=0)
    head = Markup('<svg class="spark" viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" aria-label="{}">')
    bars = Markup("").join(
        Markup('<rect x="{}" y="{}" width="{}" height="{}"{}/>').format(
            number * _STEP + _GAP / 2,
            _short(HEIGHT - height),
            _STEP - _GAP,
            _short(height),
            "" if count else Markup(' class="none"'),
        )
        for number, count in enumerate(counts)
        for height in [max(_SPARK_LEAST, HEIGHT * count / most) if count else _SPARK_LEAST / 2]
    )
    return head.format(width, HEIGHT, title) + Markup("<title>{}</title>").format(title) + bars + Markup("</svg>")


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
