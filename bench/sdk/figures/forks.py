"""Figure 6: processes that were forked or spawned: what they captured and what arrived, and which of them hung."""

import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from attrs import astuple, frozen

from options import Options
from receiver import receiver
from restarting import after_restart
from running import Child, run
from tables import Table
from tally import tally

SDKS = ("logcenter", "floor", "sentry", "opentelemetry", "honeybadger", "naive")
ALSO = ("gunicorn",)
WANTED = "all delivered, none hung of 200"
METHODS = ("os.fork", "os.fork, cold", "flush, os._exit", "fork", "forkserver", "spawn", "gunicorn")
PORTIONS = (40, 20, 50, 40, 15, 15, 20)
"""Children of each method in a whole run: 200."""
REQUESTS_EACH = 5
AT_ONCE = 3
"""SDKs: these figures are no durations."""
LIMIT_SECONDS = 20
HUNG_SECONDS = (5, 12)
"""A child that takes longer hangs: ten is the longest that an SDK here waits at its exit on purpose."""


@frozen
class Plan:
    """What is asked of a parent, in the order of its command line."""

    sdk: str
    url: str
    method: str
    children: int
    hung_seconds: int


@frozen
class Family:
    """What the parent of a family of processes said at the end."""

    captured: dict[str, int]
    hung: int
    seconds: float


def measure(options: Options) -> None:
    """Print one row for each way to make processes."""
    print("`fork`, `forkserver` and `spawn` are those of multiprocessing. The parent captures errors meanwhile.")
    print("`garbled`: requests that two processes wrote into one connection at the same time.")
    print("`cold`: its first capture, with all that is imported for it, is under way at the first forks.\n")
    columns = (
        "children",
        "captured",
        "arrived",
        "by the next",
        "lost",
        "double",
        "hung",
        "garbled",
        "strangers",
        "seconds",
    )
    table = Table("method         ", "SDK           ", *columns)
    for method, portion in zip(METHODS, PORTIONS, strict=True):
        children = options.pick(2, portion)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            rows = pool.map(lambda sdk, size=children, way=method: _one(options, way, sdk, size), options.sdks)
            for sdk, row in zip(options.sdks, rows, strict=True):
                table.row(method, sdk, children, *row)


def _one(options: Options, method: str, sdk: str, children: int) -> tuple[int | float, ...]:
    python = options.interpreters[sdk]
    with tempfile.TemporaryDirectory(prefix="logcenter-bench-") as name, receiver() as server:
        plan = Plan(sdk, server.url, method, children, options.pick(*HUNG_SECONDS))
        family = (_gunicorn if method == "gunicorn" else _processes)(python, plan, Path(name))
        first = tally(family.captured, server.arrivals())
        both = after_restart(options, sdk, server, family.captured, Path(name))
    later, noise = both.delivered - first.delivered, (server.unreadable, both.strangers)
    return first.captured, first.delivered, later, both.lost, both.double, family.hung, *noise, family.seconds


def _processes(python: Path, plan: Plan, home: Path) -> Family:
    seconds = LIMIT_SECONDS * (plan.children + 1)
    ended = run(python, "forks", *astuple(plan), seconds=seconds, home=home)
    result = ended.the("result")
    return Family(result["captured"], result["hung"] + (ended.code is None), ended.seconds)


def _gunicorn(python: Path, plan: Plan, home: Path) -> Family:
    """Let gunicorn's workers end after some requests each, until so many have lived."""
    child = Child(python, "prefork", plan.sdk, plan.url, home=home)
    port = child.wait_for("ready", 30)["port"]
    asked = plan.children * REQUESTS_EACH
    answered = sum(_answers(port, number) for number in range(asked))
    child.process.terminate()
    ended = child.ended(LIMIT_SECONDS)
    return Family({"ChildError": answered, "ParentError": 1}, int(ended.code is None), ended.seconds)


def _answers(port: int, number: int) -> bool:
    """Whether a request was answered within a time; it is sent again while workers are being replaced."""
    until = time.monotonic() + LIMIT_SECONDS
    while time.monotonic() < until:
        connection = HTTPConnection("127.0.0.1", port, timeout=LIMIT_SECONDS)
        try:
            connection.request("GET", f"/{number}")
            return bool(connection.getresponse().read() == b"")
        except ConnectionRefusedError:
            time.sleep(0.05)
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()
    return False
