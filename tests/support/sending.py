"""Reports to send: small and right, changed where a test wants them else."""

from itertools import count
from typing import Any
from uuid import uuid4

_numbers = count(1_000)  # not the line of an ordinary report


def fresh_project() -> str:
    """Return a project id that no other test uses."""
    return f"project-{uuid4().hex[:12]}"


def a_report(project_id: str, **changes: Any) -> dict[str, Any]:
    """Return a report; ``changes`` named as a field of ``error`` go there, the others to the top."""
    error = {"type": "ValueError", "message": "no such user", "file_path": "app/users.py", "line_number": 12}
    error |= {"stack_trace": ["Traceback (most recent call last):", "ValueError: no such user"]}
    error |= {name: changes.pop(name) for name in list(changes) if name in error}
    return {"project_id": project_id, "environment": "production", "level": "ERROR", "error": error, **changes}


def another_error() -> dict[str, Any]:
    """Return changes that give a report a fingerprint of its own."""
    return {"line_number": next(_numbers)}
