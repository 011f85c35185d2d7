"""Under gevent, whose greenlets share one thread: nothing blocks all of them, and nothing is lost."""

import pytest

from sdk.conftest import Run
from sdk.fake_collector import FakeCollector, hang
from sdk.test_hostile import WITH, WITHOUT, both, ended, occurrences

pytest.importorskip("gevent")

PATCH = "from gevent import monkey; monkey.patch_all(); "
GREENLETS = """
{first}
import gevent, threading, time
ticks = 0
def tick():
    global ticks
    while True: ticks += 1; gevent.sleep(0.01)
gevent.spawn(tick)
def work(number):
    for _ in range(5):
        try: raise ValueError(number)
        except ValueError as error: capture(error)
        gevent.sleep(0.005)
gevent.joinall([gevent.spawn(work, number) for number in range(20)])
def fail(): raise KeyError("thread")
thread = threading.Thread(target=fail); thread.start(); thread.join()
before = ticks
if "logcenter_sdk" in globals(): assert logcenter_sdk.flush(20)
gevent.sleep(0.1)
assert ticks > before
raise OSError("main")
"""


@pytest.mark.parametrize("order", ["patched first", "installed first"])
def test_greenlets_threads_and_the_main_program_are_reported(run: Run, collector: FakeCollector, order: str) -> None:
    program = GREENLETS.replace("{first}", PATCH + "{first}" if order == "patched first" else "{first}; " + PATCH)
    finished = both(run, collector, program)

    assert 1 == finished.returncode
    assert 102 == occurrences(collector)
    assert {"ValueError", "KeyError", "OSError"} == {report["error"]["type"] for report in collector.reports}


def test_a_collector_that_hangs_stops_no_greenlet_and_not_the_end(run: Run, collector: FakeCollector) -> None:
    collector.always = hang
    program = """
        {first}
        import gevent, time
        capture(ValueError("x"))
        started = time.monotonic()
        for _ in range(50): gevent.sleep(0.01)
        print(time.monotonic() - started < 3)
        """
    first = WITH.replace("{url}", collector.url)

    assert ended(run(program, first=PATCH + WITHOUT)) == ended(run(program, first=PATCH + first))
