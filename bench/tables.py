"""Markdown tables that are printed row by row, so that a long run shows how far it is."""


class Table:
    """A table on stdout; its head is printed at once."""

    def __init__(self, *columns: str) -> None:
        self._widths = [max(len(column), 7) for column in columns]
        self.row(*columns)
        self.row(*("-" * width for width in self._widths))

    def row(self, *cells: object) -> None:
        """Print one row; numbers stand on the right."""
        texts = (_text(cell) for cell in cells)
        padded = [
            text.ljust(width) if isinstance(cell, str) else text.rjust(width)
            for text, width, cell in zip(texts, self._widths, cells, strict=True)
        ]
        print(f"| {' | '.join(padded)} |", flush=True)


def _text(cell: object) -> str:
    if isinstance(cell, int):
        return f"{cell:,}"
    if isinstance(cell, float):
        return f"{cell:,.0f}" if abs(cell) >= 100 else f"{cell:.1f}" if abs(cell) >= 10 else f"{cell:.2f}"  # noqa: PLR2004 - three digits
    return str(cell)
