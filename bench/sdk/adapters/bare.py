"""No reporter at all: what every figure is held against."""


def init(_url: str, *, capture_locals: bool = False) -> None:
    """Do nothing."""


def capture(_error: Exception) -> None:
    """Do nothing."""


def flush(_seconds: float) -> None:
    """Do nothing."""


def close() -> None:
    """Do nothing."""
