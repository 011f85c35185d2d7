"""How a command fails."""


class CommandError(Exception):
    """A command cannot do its work; the message says why in one line, and what would help."""
