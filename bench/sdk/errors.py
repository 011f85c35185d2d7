"""The errors that all SDKs capture: twenty frames of an application that looks like one, with locals in each."""

from collections.abc import Sequence

FRAMES = 20
"""Of a traceback, from where it is caught to where it is raised."""


class Connection:
    """Something that an application has in its locals."""

    def __init__(self, number: int) -> None:
        self.address = f"database-{number}.example.com"


def kinds(count: int) -> Sequence[type[Exception]]:
    """Return types of errors; each is an issue of its own."""
    return [type(f"Kind{number}Error", (Exception,), {"__module__": __name__}) for number in range(count)]


def fail(kind: type[Exception], number: int) -> None:
    """Raise an error through a stack of frames; the caller's own is one of them."""
    _handle(kind, number, FRAMES - 3)


def _handle(kind: type[Exception], number: int, deeper: int) -> None:
    path, headers = f"/orders/{number}", {"accept": "application/json", "host": "shop.example.com", "user": "anna"}
    if deeper <= 0:
        raise kind(f"number={number} is refused for {path} and {len(headers)} headers")
    _check(kind, number, deeper - 1)


def _check(kind: type[Exception], number: int, deeper: int) -> None:
    items, total = [{"article": place, "price": place * 2.5} for place in range(10)], number * 1.5
    if deeper <= 0:
        raise kind(f"number={number} is refused for {len(items)} items of {total}")
    _store(kind, number, deeper - 1)


def _store(kind: type[Exception], number: int, deeper: int) -> None:
    connection, statement = Connection(number), "INSERT INTO orders (number, total) VALUES (?, ?)"
    if deeper <= 0:
        raise kind(f"number={number} is refused by {connection.address}: {statement}")
    _handle(kind, number, deeper - 1)
