"""The tables in the pages of the documentation."""

from pathlib import Path


def rows(page: Path) -> list[list[str]]:
    """Return the cells of every row of every table of a page."""
    lines = [line for line in page.read_text(encoding="utf-8").splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split(" |")] for line in lines]
