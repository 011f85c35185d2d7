"""The command ``logcenter-collector``, run in the process of the test."""

from collections.abc import Callable

from attrs import frozen


@frozen
class Finished:
    """How the command ended."""

    code: int
    stdout: str
    stderr: str


Run = Callable[..., Finished]
