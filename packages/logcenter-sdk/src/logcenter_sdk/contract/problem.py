"""What an error answer looks like: RFC 9457, ``application/problem+json``."""

from typing import Any, Final

from attrs import frozen

MEDIA_TYPE: Final = "application/problem+json"


@frozen
class FieldError:
    """One wrong field: its path (``error.line_number``) and what to do about it."""

    field: str
    message: str


@frozen(kw_only=True)
class Problem:
    """Why a request was refused.

    ``more`` holds members that only some problems have, such as ``status_now`` and ``allowed`` of a wrong step.
    """

    title: str
    status: int
    detail: str
    errors: tuple[FieldError, ...] = ()
    more: dict[str, Any] | None = None

    def to_wire(self) -> dict[str, Any]:
        """Return the members as JSON has them; ``errors`` only where fields are named."""
        wire: dict[str, Any] = {"title": self.title, "status": self.status, "detail": self.detail}
        if self.errors:
            wire["errors"] = [{"field": error.field, "message": error.message} for error in self.errors]
        return wire | (self.more or {})
