"""The reports that the figures are taken with: real-looking, of an exact size, in three mixes.

A template is a report with holes. Every request fills them anew (an id of its own, the time, a request, a user), so no
two bodies are equal; the mix decides how many different errors there are.
"""

import itertools
import json
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from attrs import frozen

SIZES: Final = {"2 kB": 2_048, "20 kB": 20_480}
"""Bytes of a body."""
FINGERPRINTS: Final = 1_000
"""How many errors the Zipf mix has."""
DRAWS: Final = 65_536
"""How many picks of the Zipf mix are drawn before they begin anew."""
LINES_PER_FILE: Final = 4_096

HOLES: Final = {"event_id": 36, "timestamp": 27, "request_id": 16, "user_id": 6, "file": 16, "line": 4}
"""What every request fills in, and its width: bodies of one template are equally long."""

_LEAF_FUNCTION: Final = "price_of"
_FRAMES: Final = 20
_MODULES: Final = ("api", "cart", "tax", "stock", "price", "order", "user", "mail", "bill", "ship", "auth", "jobs")
_FUNCTIONS: Final = ("get", "post", "total", "load", "save", "check", "apply", "find", "render", "commit", "retry")
_LIBRARY: Final = "/srv/app/.venv/lib/python3.13/site-packages"
_LIBRARIES: Final = (
    "django/core/handlers/base.py",
    "django/core/handlers/exception.py",
    "django/db/models/query.py",
    "django/db/backends/utils.py",
    "rest_framework/views.py",
    "celery/app/trace.py",
    "urllib3/connectionpool.py",
)
_STATEMENTS: Final = (
    "response = get_response(request)",
    "return view(request, *args, **kwargs)",
    "total = sum(price_of(line) for line in cart.lines)",
    "with connection.cursor() as cursor:",
    "return self.cursor.execute(sql, params)",
    "raise exception.with_traceback(traceback)",
    "order = Order.objects.select_related('user').get(pk=order_id)",
)
_WORDS: Final = (
    "cart",
    "order",
    "item",
    "stock",
    "price",
    "user",
    "page",
    "cache",
    "queue",
    "retry",
    "mail",
    "invoice",
    "token",
)


@frozen
class Template:
    """A body with holes: ``literals`` stand around them, so there is one more of these."""

    literals: tuple[str, ...]
    holes: tuple[str, ...]

    def fill(self, values: Mapping[str, str]) -> bytes:
        """Return the body with its holes filled."""
        filled = itertools.chain.from_iterable(
            (literal, values[hole]) for literal, hole in zip(self.literals, self.holes, strict=False)
        )
        return "".join((*filled, self.literals[-1])).encode()

    @property
    def size(self) -> int:
        """Bytes of a filled body."""
        return sum(len(literal.encode()) for literal in self.literals) + sum(HOLES[hole] for hole in self.holes)


@frozen
class Mix:
    """Templates, and in which order they are sent."""

    name: str
    templates: tuple[Template, ...]
    picks: Sequence[int] = (0,)

    def bodies(self, seed: str) -> Iterator[bytes]:
        """Yield bodies without end; another seed gives other event ids."""
        values = _values(seed)
        for pick in itertools.cycle(self.picks):
            yield self.templates[pick].fill(next(values))


MIXES: Final = ("hot", "Zipf", "distinct")


def compact(payload: Mapping[str, Any]) -> str:
    """Return JSON as reporters send it."""
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":"))


def mix(name: str, size: int, project: str, wire: Callable[[dict[str, Any]], str] = compact) -> Mix:
    """Return the mix of that name with bodies of ``size`` bytes; ``wire`` makes the body of a report.

    ``hot`` is one error, ``Zipf`` a thousand of which the k-th comes with weight 1/k, ``distinct`` a new one each time.
    """
    if name == "distinct":
        return Mix(name, (_template(_report(1, size, project, ("shop/@file@.py", "@line@")), size, wire),))
    numbers = range(1 if name == "hot" else FINGERPRINTS)
    templates = tuple(_template(_report(number, size, project), size, wire) for number in numbers)
    return Mix(name, templates, (0,) if name == "hot" else zipf_picks(FINGERPRINTS, DRAWS))


def zipf_picks(count: int, draws: int) -> Sequence[int]:
    """Return ``draws`` numbers below ``count``, the k-th (from 1) drawn with weight 1/k; the same ones every time."""
    weights = [1 / rank for rank in range(1, count + 1)]
    return random.Random(count).choices(range(count), weights, k=draws)


def _template(report: dict[str, Any], size: int, wire: Callable[[dict[str, Any]], str]) -> Template:
    """Return the template of a report, filled up to exactly ``size`` bytes."""
    missing = size - _parse(wire(report)).size
    report["context"]["note"] = _filler(random.Random(missing), missing)
    return _parse(wire(report))


def _report(number: int, size: int, project: str, place: tuple[str, str] | None = None) -> dict[str, Any]:
    """Return the report of the error ``number`` of a project, with holes."""
    chance = random.Random(number)
    path, line = place or (f"shop/{chance.choice(_MODULES)}_{number}.py", str(1_000 + chance.randrange(9_000)))
    kind = chance.choice(("ValueError", "KeyError", "TypeError", "TimeoutError"))
    message = f"no price for item {chance.randrange(10**6):06} in the cart of user @user_id@"
    report: dict[str, Any] = {
        "project_id": project,
        "environment": "production",
        "level": "ERROR",
        "error": {
            "type": kind,
            "message": message,
            "stack_trace": [*_trace(chance, path, line), f"{kind}: {message}"],
            "file_path": path,
            "line_number": line if place else int(line),
        },
        "timestamp": "@timestamp@",
        "version": "2.14.0",
        "commit_hash": "9f2c1e7ab04d",
        "context": {"request_id": "@request_id@", "user_id": "@user_id@", "url": "/api/cart", "note": ""},
        "event_id": "@event_id@",
        "sdk": {"name": "logcenter-sdk", "version": "0.1.0"},
    }
    if size >= SIZES["20 kB"]:
        _enrich(report, chance)
    return report


def _trace(chance: random.Random, path: str, line: str) -> list[str]:
    """Return a trace of twenty short frames, the last of them in ``path``."""
    lines = ["Traceback (most recent call last):"]
    for _ in range(_FRAMES - 1):
        function = chance.choice(_FUNCTIONS)
        lines.append(f'  File "shop/{chance.choice(_MODULES)}.py", line {chance.randrange(10, 900)}, in {function}')
        if chance.random() < 1 / 3:  # a third with their source line: all of them would not fit into 2 kB
            lines.append(f"    {chance.choice(_FUNCTIONS)}(x)")
    return [*lines, f'  File "{path}", line {line}, in {_LEAF_FUNCTION}', "    return prices[item]"]


def _enrich(report: dict[str, Any], chance: random.Random) -> None:
    """Make a large report of it: two chained causes with the frames of libraries, and a context that tells a lot."""
    causes = itertools.chain.from_iterable(_cause(chance) for _ in range(2))
    report["error"]["stack_trace"][:0] = causes
    report["context"]["headers"] = {f"x-{word}": _filler(chance, 60) for word in _WORDS}
    report["context"]["breadcrumbs"] = [
        {"at": f"2026-01-01T10:00:{second:02}Z", "category": chance.choice(_MODULES), "text": _filler(chance, 90)}
        for second in range(30)
    ]


def _cause(chance: random.Random) -> Iterator[str]:
    yield "Traceback (most recent call last):"
    for _ in range(_FRAMES):
        place = f"{_LIBRARY}/{chance.choice(_LIBRARIES)}"
        yield f'  File "{place}", line {chance.randrange(10, 900)}, in {chance.choice(_FUNCTIONS)}'
        yield f"    {chance.choice(_STATEMENTS)}"
    yield "LookupError: the row is gone"
    yield ""
    yield "The above exception was the direct cause of the following exception:"
    yield ""


def _filler(chance: random.Random, characters: int) -> str:
    """Return exactly so many characters of words and numbers, which compress about as well as real values do."""
    text = ""
    while len(text) < characters:
        text += f"{chance.choice(_WORDS)}={chance.randrange(10**5)} "
    return text[: max(characters, 0)]


def _parse(body: str) -> Template:
    """Return the template of a body; an ``@line@`` that is a whole value becomes a number."""
    parts = body.replace('"@line@"', "@line@").split("@")
    return Template(tuple(parts[::2]), tuple(parts[1::2]))


def _values(seed: str) -> Iterator[Mapping[str, str]]:
    chance = random.Random(seed)
    tag = f"{chance.getrandbits(32):08x}"
    for number in itertools.count():
        file, line = divmod(number, LINES_PER_FILE)
        bits = f"{chance.getrandbits(128):032x}"
        yield {
            "event_id": f"{bits[:8]}-{bits[8:12]}-4{bits[13:16]}-8{bits[17:20]}-{bits[20:]}",
            "timestamp": f"2026-01-01T10:00:00.{number % 10**6:06}Z",
            "request_id": bits[16:],
            "user_id": f"{number % 10**6:06}",
            "file": f"{tag}{file:08x}",
            "line": f"{1_000 + line:04}",
        }
