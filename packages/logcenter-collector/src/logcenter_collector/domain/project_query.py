"""Which projects to list."""

from attrs import frozen


@frozen(kw_only=True)
class ProjectQuery:
    """A part of the list of projects, which goes by their ids."""

    text: str = ""
    """In the id or the name, in any case of letters."""
    cursor: str | None = None
    limit: int = 50
    among: tuple[str, ...] | None = None
    """Only these; None: of all."""
