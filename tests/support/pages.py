"""The pages of the documentation, and the snippets in them.

A snippet that a test runs has a name, in a comment on the line before its fence: ``<!-- snippet: step.sh -->``.
"""

import re
from pathlib import Path

from attrs import frozen

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "docs"

_FENCE = re.compile(
    r"(?:^<!-- snippet: (?P<name>\S+) -->\n)?^```(?P<language>\S*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)


@frozen
class Fence:
    """A fenced block of a page: its language, its text and, where it has one, its name."""

    language: str
    text: str
    name: str | None


def fences(page: Path) -> list[Fence]:
    """Return the fenced blocks of a Markdown page, in order."""
    found = _FENCE.finditer(page.read_text(encoding="utf-8"))
    return [Fence(match["language"], match["text"], match["name"]) for match in found]


def snippet(page: str, name: str) -> str:
    """Return the named snippet of a page of ``docs/``. Raises KeyError."""
    return {fence.name: fence.text for fence in fences(PAGES / page)}[name]


def headings(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as hosts of Git repositories make them."""
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}
