"""Reports with as much in them as people send, and with as much as the contract lets through, for pages of issues."""

import random
import secrets
from typing import Any, Final

from attrs import frozen

PROJECT: Final = "shop"
_WORDS: Final = ("cart", "order", "item", "stock", "price", "user", "page", "cache", "queue", "retry", "mail", "token")
_OWN: Final = "shop/{}/service_{}.py"
_LIBRARY: Final = "/srv/app/.venv/lib/python3.13/site-packages/framework/{}_{}.py"


@frozen(kw_only=True)
class Measure:
    """How much there is in a report."""

    frames: int
    local: int
    """Variables of each frame."""
    characters: int
    """Of each variable and header."""
    crumbs: int


_RICH: Final = Measure(frames=50, local=6, characters=60, crumbs=60)
_LARGEST: Final = Measure(frames=200, local=20, characters=160, crumbs=400)


def rich(number: int) -> dict[str, Any]:
    """Return a report of 50 frames with source and locals, 60 breadcrumbs, a request, a user and tags."""
    return _report(f"rich {number}", random.Random(number), _RICH)


def largest(number: int) -> dict[str, Any]:
    """Return a report of some 900 kB: all frames that are kept, each with more than anybody reads."""
    return _report(f"largest {number}", random.Random(number), _LARGEST)


def never_seen(number: int) -> dict[str, Any]:
    """Return a small report of an error that is new each time."""
    return {**rich(number), "frames": [], "context": {}, "fingerprint": ["new", secrets.token_hex(8)]}


def _report(name: str, chance: random.Random, much: Measure) -> dict[str, Any]:
    stack = [_frame(chance, number, much) for number in range(much.frames)]
    lines = [f'  File "{frame["file_path"]}", line {frame["line_number"]}, in {frame["function"]}' for frame in stack]
    message = f"{name}: no price for item {chance.randrange(10**6)}"
    return {
        "project_id": PROJECT,
        "environment": "production",
        "level": "ERROR",
        "error": {
            "type": "PriceMissing",
            "message": message,
            "stack_trace": ["Traceback (most recent call last):", *lines, f"PriceMissing: {message}"],
            "file_path": stack[-1]["file_path"],
            "line_number": stack[-1]["line_number"],
        },
        "frames": stack,
        "version": "2.14.0",
        "commit_hash": "9f2c1e7ab04d",
        "context": {
            "request": {"method": "POST", "url": "/api/cart", "headers": _named(chance, 20, much.characters)},
            "user": {"user_id": f"{chance.randrange(10**6)}"},
            "tags": _named(chance, 10, 20),
            "breadcrumbs": [_crumb(chance, number) for number in range(much.crumbs)],
        },
    }


def _crumb(chance: random.Random, number: int) -> dict[str, str]:
    at = f"2026-01-01T10:00:{number % 60:02}Z"
    return {"timestamp": at, "category": chance.choice(_WORDS), "message": _words(chance, 90)}


def _frame(chance: random.Random, number: int, much: Measure) -> dict[str, Any]:
    is_own = number % 3 == 0
    path = (_OWN if is_own else _LIBRARY).format(chance.choice(_WORDS), number)
    return {
        "file_path": path,
        "line_number": chance.randrange(10, 900),
        "function": f"{chance.choice(_WORDS)}_{chance.choice(_WORDS)}",
        "in_app": is_own,
        "pre_context": [f"    {_words(chance, 50)}" for _ in range(5)],
        "context_line": f"    return {_words(chance, 40)}",
        "post_context": [f"    {_words(chance, 50)}" for _ in range(5)],
        "locals": _named(chance, much.local, much.characters),
    }


def _named(chance: random.Random, count: int, characters: int) -> dict[str, str]:
    return {f"{chance.choice(_WORDS)}_{number}": _words(chance, characters) for number in range(count)}


def _words(chance: random.Random, characters: int) -> str:
    text = ""
    while len(text) < characters:
        text += f"{chance.choice(_WORDS)}={chance.randrange(10**5)} "
    return text[:characters]
