"""Alarms: 1,000 new issues in a minute with a slow channel: what the ingest loses, what is folded, what a kill loses.

Two collectors on SQLite take turns under the same load, one with a rule for every new issue and a webhook that takes
2 s to answer, one without. Meanwhile new errors trickle in. Then the first is killed and started again, until all is
told. ``python bench/alarms.py [--quick]``.
"""

import argparse
import json
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median
from typing import Final

from attrs import define, field, frozen

import machine
from databases import sqlite
from load import Load, Result, find_wrk, write_script
from processes import Usage
from reports import SIZES, Mix, mix
from servers import PROJECT, Server, collector, stored
from tables import Table

WANTED: Final = 0.95
CONNECTIONS: Final = 64
NEW_A_SECOND: Final = 1_000 / 60
ANSWER_SECONDS: Final = 2.0
DIGEST_OVER: Final = 5
TRICKLE: Final = "trickle"
FLAGS: Final = ("--allow-private-webhooks", "127.0.0.0/8")
TELL_SECONDS: Final = 180

COLUMNS: Final = (
    "turn",
    "without/s",
    "with/s",
    "ratio",
    "without µs",
    "with µs",
    "p99 ms without",
    "p99 ms with",
    "foreign",
)


@define
class Hook:
    """A webhook that is slow, and what it was told."""

    port: int = 0
    messages: dict[str, int] = field(factory=dict)
    """How many issues each message told of, by its id: a repeat counts once."""
    begun: list[float] = field(factory=list)
    """When each came, repeats left out."""

    def take(self, message_id: str, body: bytes) -> None:
        """Take a message, slowly."""
        if message_id not in self.messages:
            self.begun.append(time.monotonic())
        self.messages[message_id] = json.loads(body)["count"]
        time.sleep(ANSWER_SECONDS)

    @property
    def told(self) -> int:
        """How many issues it was told of."""
        return sum(self.messages.values())

    @property
    def most_in_a_minute(self) -> int:
        """How many messages came within any minute at most."""
        return max((sum(at <= other < at + 60 for other in self.begun) for at in self.begun), default=0)


@contextmanager
def slow_hook() -> Iterator[Hook]:
    """Run the webhook."""
    hook = Hook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            hook.take(self.headers["webhook-id"], self.rfile.read(int(self.headers["content-length"])))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        hook.port = server.server_port
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield hook
        server.shutdown()


def tell(server: Server, hook: Hook) -> None:
    """Let a collector tell the webhook of every new issue."""
    channel = {"name": "slow", "kind": "webhook", "settings": {"url": f"http://127.0.0.1:{hook.port}/"}}
    added = server.client.post("/api/v1/alarms/channels", json=channel).raise_for_status().json()
    rule = {"name": "new", "trigger": "new_issue", "channel_ids": [added["id"]], "digest_over": DIGEST_OVER}
    server.client.post("/api/v1/alarms/rules", json=rule).raise_for_status()


@define
class Trickle:
    """Errors that are new, evenly over the time of a turn; the same for each side."""

    sent: int = 0

    @contextmanager
    def to(self, server: Server) -> Iterator[None]:
        """Send them until the end of the block."""
        stopping = threading.Event()
        thread = threading.Thread(target=self._send, args=(server, stopping))
        thread.start()
        yield
        stopping.set()
        thread.join()

    def _send(self, server: Server, stopping: threading.Event) -> None:
        while not stopping.wait(1 / NEW_A_SECOND):
            self.sent += 1
            error: dict[str, object] = {"type": "NewError", "message": f"number {self.sent}", "stack_trace": []}
            error |= {"file_path": "new.py", "line_number": self.sent}
            report = {"project_id": TRICKLE, "environment": "production", "level": "ERROR", "error": error}
            server.client.post("/api/v1/logs/report", json=report).raise_for_status()


@frozen
class Turn:
    """One side under load."""

    result: Result
    micros: float
    foreign: float


@frozen
class Pair:
    """With alarms as a multiple of without."""

    rate: float
    micros: float


def turn(server: Server, script: Path, seconds: int, trickle: Trickle) -> Turn:
    """Put a collector under load while new errors trickle in."""
    usage = Usage(server=[server.pid])
    with trickle.to(server):
        result = Load(server.port, script, CONNECTIONS, seconds).result()
    spent = usage.stop()
    return Turn(result, spent["server"] / max(result.requests, 1) * 1e6, spent["foreign"])


def measure(without: Server, told: Server, load: Mix, options: argparse.Namespace) -> list[Pair]:
    """Let both take turns, each beginning every other time, and return the ratios of each pair."""
    table, pairs = Table(*COLUMNS), []
    trickles = {without.port: Trickle(), told.port: Trickle()}
    with tempfile.TemporaryDirectory(prefix="logcenter-bench-") as folder:
        for server in (without, told):
            Load(
                server.port, write_script(load, Path(folder)), CONNECTIONS, 2
            ).result()  # the known errors become known
        for number in range(1, options.turns + 1):
            script = write_script(load, Path(folder))
            order = (without, told) if number % 2 else (told, without)
            turns = {server.port: turn(server, script, options.seconds, trickles[server.port]) for server in order}
            plain, alarmed = turns[without.port], turns[told.port]
            pairs.append(Pair(alarmed.result.rate / plain.result.rate, alarmed.micros / plain.micros))
            table.row(
                number, plain.result.rate, alarmed.result.rate, pairs[-1].rate, plain.micros, alarmed.micros,
                plain.result.p99_ms, alarmed.result.p99_ms, max(plain.foreign, alarmed.foreign),
            )  # fmt: skip
    print(f"\nTrickled in: {trickles[told.port].sent:,} new issues at {NEW_A_SECOND:.1f} a second.")
    return pairs


def wait_until_told(server: Server, hook: Hook) -> int:
    """Wait until the webhook was told of every issue, or for too long; return how many issues there are."""
    until = time.monotonic() + TELL_SECONDS
    issues = sum(stored(server, project).issues for project in (PROJECT, TRICKLE))
    while hook.told < issues and time.monotonic() < until:
        time.sleep(0.5)
    return issues


def main() -> None:
    """Measure, kill, and say how far the figure is from what is wanted."""
    options = arguments()
    find_wrk()
    print(machine.describe())
    with ExitStack() as stack:
        hook = stack.enter_context(slow_hook())
        plain, database = stack.enter_context(sqlite()), stack.enter_context(sqlite())
        without = stack.enter_context(collector(plain.url, *FLAGS))
        with collector(database.url, *FLAGS) as told:
            tell(told, hook)
            pairs = measure(without, told, mix("Zipf", SIZES["2 kB"], PROJECT), options)
            before = hook.told
            told.process.kill()
            told.process.wait()
        with collector(database.url, *FLAGS) as again:
            issues = wait_until_told(again, hook)
    lost = issues - hook.told
    ratios = [pair.rate for pair in pairs]
    print(
        f"Ingest with alarms: {median(ratios):.3f} times that without (median of {len(ratios)} pairs, "
        f"{min(ratios):.3f} to {max(ratios):.3f}; wanted ≥ {WANTED}), "
        f"with {median(pair.micros for pair in pairs):.3f} times the CPU for a report\n"
        f"{issues:,} issues in {len(hook.messages)} messages, the largest of {max(hook.messages.values()):,}; at most "
        f"{hook.most_in_a_minute} within a minute (the rule says {DIGEST_OVER})\n"
        f"Told before the kill {before:,}, after the restart {hook.told:,}: {lost:,} lost"
    )


def arguments() -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="4 pairs of turns of 3 s")
    parser.add_argument("--turns", type=int, help="pairs of turns; 6 by default")
    parser.add_argument("--seconds", type=int, help="length of a turn; 10 by default: a minute of each side")
    options = parser.parse_args()
    options.turns = options.turns or (4 if options.quick else 6)
    options.seconds = options.seconds or (3 if options.quick else 10)
    return options


if __name__ == "__main__":
    main()
