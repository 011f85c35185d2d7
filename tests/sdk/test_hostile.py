"""Programs that are hostile to whoever looks at their errors: they go on and end as they would without the SDK."""

import os
import re
import sys
from subprocess import CompletedProcess

import pytest

from sdk.conftest import Run
from sdk.fake_collector import FakeCollector

WITH = (
    "import logcenter_sdk; logcenter_sdk.install_hook(project_id='shop', url='{url}', capture_locals=True); "
    "capture = logcenter_sdk.capture_exception; message = logcenter_sdk.capture_message"
)
WITHOUT = "capture = message = lambda *_, **__: None"

STR_RAISES = """
class Hostile(Exception):
    def __str__(self): raise RuntimeError("no text")
    __repr__ = __str__
"""
STR_EXITS = """
import sys
class Hostile(Exception):
    def __str__(self): sys.exit(3)
"""
STR_RAISES_A_BASE_EXCEPTION = """
class Hostile(Exception):
    def __str__(self): raise BaseException("stop everything")
"""
STR_RECURSES = """
class Hostile(Exception):
    def __str__(self): return str(self)
"""
STR_BLOCKS = """
import time
class Hostile(Exception):
    def __str__(self):
        time.sleep(0.3)
        return "late"
"""
STR_RETURNS_NO_TEXT = """
class Hostile(Exception):
    def __str__(self): return 3
"""
STR_CAPTURES = """
class Hostile(Exception):
    def __str__(self):
        capture(Hostile())
        return "outer"
"""
MEGABYTES = """
class Hostile(Exception):
    def __str__(self): return "x" * 5_000_000
"""
LONE_SURROGATES = """
class Hostile(Exception):
    def __str__(self): return "\\ud800 \\udfff \\x00"
Hostile.__module__ = "mod\\ud800"
"""
UNHASHABLE_AND_FALSY = """
class Hostile(Exception):
    __hash__ = None
    def __eq__(self, other): raise RuntimeError
    def __bool__(self): raise RuntimeError
    def __len__(self): raise RuntimeError
"""
SLOTS = """
class Hostile(Exception):
    __slots__ = ("code",)
    def __setattr__(self, name, value): raise AttributeError(name)
"""
NO_ATTRIBUTES = """
class Hostile(Exception):
    def __getattribute__(self, name): raise RuntimeError(name)
"""
METACLASS = """
class Meta(type):
    def __getattribute__(cls, name): raise RuntimeError(name)
    def __eq__(cls, other): raise RuntimeError
    def __hash__(cls): raise RuntimeError
    def __instancecheck__(cls, other): raise RuntimeError
    def __subclasscheck__(cls, other): raise RuntimeError
class Hostile(Exception, metaclass=Meta): pass
"""
STRANGE_NAMES = """
class Text(str):
    def __hash__(self): raise RuntimeError
    def __eq__(self, other): raise RuntimeError
Hostile = type(Text("Hostile"), (Exception,), {"__module__": Text("m")})
"""
STRANGE_NOTES = """
class Hostile(Exception):
    def __init__(self): self.__notes__ = [3, "\\ud800", Hostile, ["x"] * 1000]
"""
LONG_CHAIN_AND_CYCLE = """
class Hostile(Exception):
    def __init__(self):
        last = self
        for _ in range(300):
            last.__cause__ = last = ValueError()
        last.__cause__ = self
"""
LOCALS = """
class Value:
    def __getattribute__(self, name): raise RuntimeError
    def __repr__(self): raise RuntimeError
    __str__ = __iter__ = __len__ = __hash__ = __eq__ = __bool__ = __repr__
class Mapping(dict):
    def items(self): raise RuntimeError
    __iter__ = keys = values = __len__ = items
cycle = []; cycle.append(cycle)
class Hostile(Exception): pass
def frame():
    one, two, three, four, five = Value(), Mapping(a=1), cycle, "\\ud800", 10 ** 10_000
    raise Hostile()
"""
CONTEXT = """
class Hostile(Exception): pass
class Value:
    def __getattribute__(self, name): raise RuntimeError
    def __repr__(self): raise SystemExit
    __str__ = __iter__ = __len__ = __eq__ = __bool__ = __repr__
class Mapping(dict):
    def items(self): raise RuntimeError
    __iter__ = keys = values = __len__ = items
cycle = {}; cycle["itself"] = [cycle]
deep = {}
for _ in range(3000): deep = {"deep": deep}
context = {1: Value(), (2, "\\ud800"): Mapping(a=float("nan")), "cycle": cycle, "deep": deep, b"\\xff": 10 ** 10_000,
           "huge": ["x" * 1000] * 100_000, "type": type, "generator": (each for each in "x")}
"""


def ended(finished: CompletedProcess[str]) -> tuple[int, str, str]:
    """How a program ended, and all that it wrote; where objects lie differs by itself."""
    return finished.returncode, finished.stdout, re.sub(r"0x[0-9a-f]+|refcount : \d+", "…", finished.stderr)


def both(run: Run, collector: FakeCollector, program: str, **settings: dict[str, str]) -> CompletedProcess[str]:
    """Run a program without the SDK and with it: both must end in the same way."""
    expected = run(program, first=WITHOUT, **settings)
    actual = run(program, first=WITH.replace("{url}", collector.url), **settings)
    assert ended(expected) == ended(actual)
    return actual


def occurrences(collector: FakeCollector) -> int:
    return sum(report.get("occurrences") or 1 for report in collector.reports)


HOSTILE = {
    "str raises": STR_RAISES,
    "str exits": STR_EXITS,
    "str raises a BaseException": STR_RAISES_A_BASE_EXCEPTION,
    "str recurses": STR_RECURSES,
    "str blocks": STR_BLOCKS,
    "str returns no text": STR_RETURNS_NO_TEXT,
    "str captures": STR_CAPTURES,
    "megabytes": MEGABYTES,
    "lone surrogates": LONE_SURROGATES,
    "unhashable and falsy": UNHASHABLE_AND_FALSY,
    "slots": SLOTS,
    "no attributes": NO_ATTRIBUTES,
    "metaclass": METACLASS,
    "strange names": STRANGE_NAMES,
    "strange notes": STRANGE_NOTES,
    "long chain with a cycle": LONG_CHAIN_AND_CYCLE,
    "hostile locals": LOCALS,
    "hostile context": CONTEXT,
}
NOT_UNCAUGHT = {"str exits", "str raises a BaseException", "str captures", "megabytes"}
"""Python itself calls ``__str__`` then, before anybody is told."""
USES = """
{first}
{hostile}
try:
    (frame if "frame" in globals() else lambda: exec("raise Hostile()"))()
except Exception as error:
    capture(error, context=globals().get("context"), level=globals().get("context", "error"))
message(Hostile(), context=globals().get("context"))
import logging
logging.basicConfig(handlers=[logging.NullHandler()])
try: raise Hostile()
except Exception: logging.exception("logged")
print("went on")
"""


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE)
def test_an_error_that_fights_back_is_reported_and_the_application_goes_on(
    run: Run, collector: FakeCollector, hostile: str
) -> None:
    finished = both(run, collector, USES.replace("{hostile}", hostile))

    assert (0, "went on\n") == (finished.returncode, finished.stdout)
    assert 3 == occurrences(collector)


@pytest.mark.parametrize(
    "hostile",
    [each for name, each in HOSTILE.items() if name not in NOT_UNCAUGHT],
)
def test_an_uncaught_error_that_fights_back_ends_the_program_as_ever(
    run: Run, collector: FakeCollector, hostile: str
) -> None:
    finished = both(run, collector, "{first}\n" + hostile + "\nraise Hostile()")

    assert 1 == finished.returncode
    assert 1 == occurrences(collector)


IGNORED_IN = """
{first}
import weakref
class Meta(type):
    def __getattribute__(cls, name):
        if name == "__qualname__" and "logcenter" in __import__("sys")._getframe(1).f_globals["__name__"]:
            raise RuntimeError(name)
        return super().__getattribute__(name)
class Leaky(metaclass=Meta):
    def __call__(self, *_): raise ValueError("in a callback")
class Owner: pass
owner = Owner()
reference = weakref.ref(owner, Leaky())
del owner
"""


def test_what_python_can_only_ignore_is_reported_even_of_an_owner_without_a_name(
    run: Run, collector: FakeCollector
) -> None:
    both(run, collector, IGNORED_IN)

    assert ["in a callback"] == [report["error"]["message"] for report in collector.reports]


BEFORE_SEND = {
    "raises": "def before(report): raise ValueError",
    "exits": "def before(report): raise SystemExit(5)",
    "raises a BaseException": "def before(report): raise BaseException",
    "waits": "import time\ndef before(report): time.sleep(1); return report",
    "captures": "def before(report): capture(ValueError('inner')); logcenter_sdk.flush(1); return report",
}


@pytest.mark.parametrize("before_send", BEFORE_SEND.values(), ids=BEFORE_SEND)
def test_a_before_send_that_fails_costs_no_report(run: Run, collector: FakeCollector, before_send: str) -> None:
    install = WITH.replace("{url}", collector.url).replace("capture_locals=True", "before_send=lambda r: before(r)")
    finished = run(
        """
        {first}
        exec({before_send!r})
        capture(KeyError("first"))
        flushed = logcenter_sdk.flush(20)
        capture(OSError("second"))
        print(flushed, logcenter_sdk.flush(20), logcenter_sdk.stats().waiting)
        """.replace("{before_send!r}", repr(before_send)),
        first=install,
    )

    assert (0, "True True 0\n", "") == ended(finished)
    assert ["KeyError", "OSError"] == [report["error"]["type"] for report in collector.reports]


@pytest.mark.parametrize("rubbish", ["3", "'report'", "{}", "ValueError", "report.error"])
def test_what_before_send_makes_no_report_of_is_counted(run: Run, collector: FakeCollector, rubbish: str) -> None:
    install = WITH.replace("{url}", collector.url).replace(
        "capture_locals=True", f"before_send=lambda report: {rubbish}"
    )
    finished = run(
        """
        {first}
        for _ in range(3): capture(KeyError("first"))
        print(logcenter_sdk.flush(20), dict(logcenter_sdk.stats().dropped))
        """,
        first=install,
    )

    assert (0, "True {'before_send': 3}\n", "") == ended(finished)
    assert [] == collector.reports


RECURSION = """
{first}
import sys
sys.setrecursionlimit(300)
count = 0
def down(depth):
    global count
    try: down(depth + 1)
    except RecursionError: pass
    error = ValueError("deep")
    try:
        capture(error)
        message("deep")
    except RecursionError as reached:
        # Where there is not even room to call a function; its own frame is the innermost one then.
        if reached.__traceback__.tb_next is not None: print("harmed", file=sys.stderr)
    count += 2
down(0)
print(count > 300)
if "logcenter_sdk" in globals():
    assert logcenter_sdk.flush(20)
    stats = logcenter_sdk.stats()
    assert stats.waiting == 0, stats
    assert stats.captured == stats.sent + sum(stats.dropped.values()), stats
    assert set(stats.dropped) <= {"failed"}, stats
    assert stats.sent > 300, stats
"""


def test_at_every_depth_up_to_the_end_of_the_stack_nothing_is_raised_and_all_is_counted(
    run: Run, collector: FakeCollector
) -> None:
    assert 0 == both(run, collector, RECURSION).returncode


SIGNALS = """
{first}
import signal, time
handled = 0
class InHandler(Exception): pass
def handler(*_):
    global handled
    handled += 1
    capture(InHandler(handled))
signal.signal(signal.SIGALRM, handler)
signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)
done = 0
until = time.monotonic() + 2
while time.monotonic() < until:
    try: raise ValueError(done)
    except ValueError as error: capture(error, context={"done": done})
    done += 1
signal.setitimer(signal.ITIMER_REAL, 0)
if "logcenter_sdk" in globals():
    assert logcenter_sdk.flush(20)
    stats = logcenter_sdk.stats()
    assert stats.captured == done + handled == stats.sent + stats.dropped.get("nested", 0), (stats, done, handled)
    assert set(stats.dropped) <= {"nested"} and stats.waiting == 0, stats
assert done > 100 and handled > 100
"""
SIGNALS_THAT_RAISE = """
{first}
import signal, time
class Stop(BaseException): pass
is_armed = False
def handler(*_):
    global is_armed
    if is_armed:
        is_armed = False
        raise Stop
signal.signal(signal.SIGALRM, handler)
done = stopped = 0
until = time.monotonic() + 2
while time.monotonic() < until:
    try:
        is_armed = True
        signal.setitimer(signal.ITIMER_REAL, 0.0005 + done % 97 / 1_000_000)
        for _ in range(2_000):
            done += 1
            capture(type(f"Error{done % 3}", (Exception,), {})(done))
    except Stop: stopped += 1
    is_armed = False
signal.setitimer(signal.ITIMER_REAL, 0)
assert stopped > 50 and done > 100
if "logcenter_sdk" in globals():
    assert logcenter_sdk.flush(20)
    stats = logcenter_sdk.stats()
    # Between a step and its count a handler may come: that much may be wrong, and no more.
    assert abs(stats.waiting) <= stopped // 20 + 2, (stats, stopped)
    before = stats.sent
    for number in range(100): capture(KeyError(number))
    assert logcenter_sdk.flush(20)
    assert logcenter_sdk.stats().sent == before + 100
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs setitimer")
@pytest.mark.parametrize("program", [SIGNALS, SIGNALS_THAT_RAISE], ids=["captures", "raises"])
def test_a_signal_in_the_middle_of_a_capture_breaks_nothing(run: Run, collector: FakeCollector, program: str) -> None:
    assert (0, "", "") == ended(both(run, collector, program))


PLACES = """
{first}
import atexit, gc, logging, weakref
class Cyclic:
    def __init__(self): self.itself = self
    def __del__(self):
        capture(LookupError("in del"))
        raise KeyError("in del")
gc.set_threshold(5)
class Handler(logging.Handler):
    def emit(self, record):
        try: raise OSError("in a handler")
        except OSError: capture()
logging.getLogger().addHandler(Handler())
class Owner: pass
def in_callback(reference): capture(RuntimeError("in a callback"))
for number in range(200):
    Cyclic()
    owner = Owner(); reference = weakref.ref(owner, in_callback); del owner
    logging.warning("x")
    try: raise ValueError(number)
    except ValueError as error: capture(error)
gc.collect()
def at_end(): capture(ArithmeticError("at the end"))
atexit.register(at_end)
if "logcenter_sdk" in globals():
    assert logcenter_sdk.flush(20)
    stats = logcenter_sdk.stats()
    assert stats.captured == 200 * 5 == stats.sent + stats.dropped.get("nested", 0), stats
"""


def test_captures_in_the_garbage_collector_in_callbacks_handlers_and_at_the_end_are_counted(
    run: Run, collector: FakeCollector
) -> None:
    finished = both(run, collector, PLACES)

    assert 0 == finished.returncode
    assert 600 < occurrences(collector)
    assert "at the end" == collector.reports[-1]["error"]["message"]


MEMORY = """
{first}
import resource, sys
if "logcenter_sdk" in globals():  # the worker and its imports are there
    capture(KeyError("warm")); assert logcenter_sdk.flush(20)
class Grown(Exception): pass
def fill():
    kept = []
    try:
        while True: kept.append(bytearray(10_000_000))
    except MemoryError as error:
        while True:
            try: kept.append(bytearray(1_000))
            except MemoryError: break
        capture(error)
        capture(Grown("no room"), context={"x": "y" * 1000})
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + 100_000_000, -1))
fill()
resource.setrlimit(resource.RLIMIT_AS, (-1, -1))
print("went on")
if "logcenter_sdk" in globals():
    capture(ValueError("after")); assert logcenter_sdk.flush(20)
    stats = logcenter_sdk.stats()
    assert (stats.captured, stats.waiting) == (4, 0), stats
    assert stats.sent + sum(stats.dropped.values()) == 4, stats
"""


@pytest.mark.skipif(sys.platform != "linux", reason="needs a bound on memory")
def test_without_any_memory_left_the_application_goes_on(run: Run, collector: FakeCollector) -> None:
    finished = both(run, collector, MEMORY)

    assert (0, "went on\n") == (finished.returncode, finished.stdout)
    assert "after" == collector.reports[-1]["error"]["message"]
