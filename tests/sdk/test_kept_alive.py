"""Nothing of the application lives longer because it was reported, and nothing piles up."""

import gc
import sys
import weakref
from collections.abc import Callable
from typing import Any, NoReturn

import pytest

import logcenter_sdk
from logcenter_sdk import client
from logcenter_sdk.settings import present_settings
from sdk.conftest import Run
from sdk.fake_collector import FakeCollector, reply


class Heavy:
    pass


class HeldError(Exception):
    pass


def fail() -> NoReturn:
    raise HeldError from ValueError("cause")


def watched(capture: Callable[[HeldError], Any]) -> "list[weakref.ref[Any]]":
    """Capture an error out of a frame with a local, and return references to both."""
    heavy = Heavy()
    try:
        fail()
    except HeldError as error:
        error.heavy = heavy  # type: ignore[attr-defined] # what hangs on it
        capture(error)
        return [weakref.ref(heavy), weakref.ref(error)]


NEEDS_VIEWS = pytest.mark.skipif(
    sys.version_info < (3, 13), reason="before, Python keeps a copy of the locals in a frame that was asked for them"
)
CAPTURES: dict[str, Callable[[Any], Any]] = {
    "once": logcenter_sdk.capture_exception,
    "twice": lambda error: [logcenter_sdk.capture_exception(error) for _ in range(2)],
    "with it in the context": lambda error: logcenter_sdk.capture_exception(error, context={"error": error}),
    "a repeat": lambda _: [logcenter_sdk.capture_exception(HeldError()) for _ in range(3)],
    "as a message": logcenter_sdk.capture_message,
}


@pytest.mark.parametrize("capture", CAPTURES.values(), ids=CAPTURES)
@pytest.mark.parametrize("locals_", [False, pytest.param(True, marks=NEEDS_VIEWS)])
@pytest.mark.parametrize("fails", [False, True])
def test_without_the_garbage_collector_errors_frames_and_locals_are_gone_at_once(
    collector: FakeCollector, capture: Callable[[HeldError], Any], locals_: bool, fails: bool
) -> None:
    client.configure(present_settings(project_id="shop", url=collector.url, capture_locals=locals_, ignore=["Nothing"]))
    if fails:
        collector.always = reply(503, {}, Retry_After="0")
    gc.collect()
    gc.disable()
    try:
        assert [None, None] == [reference() for reference in watched(capture)]
        logcenter_sdk.flush(0.2 if fails else 10)
    finally:
        gc.enable()
    assert logcenter_sdk.stats().captured


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("kinds", [1, 50, 100_000], ids=["equal", "50 kinds", "all different"])
def test_memory_does_not_grow_with_a_hundred_thousand_captures(run: Run, collector: FakeCollector, kinds: int) -> None:
    finished = run(
        """
        import gc, logcenter_sdk, resource
        logcenter_sdk.install_hook(project_id="shop", url="{url}")
        gc.disable()
        class Same(Exception): pass
        lines = [compile("raise Same(number)", f"<made {number}>", "exec") for number in range(50)]
        def rss():
            return int(open("/proc/self/statm").read().split()[1]) * resource.getpagesize()
        def capture(count):
            for number in range(count):
                try: exec(lines[number % min({kinds}, 50)])
                except Same as error: logcenter_sdk.capture_exception(error, context={"number": number})
                if {kinds} > 50 and number % 50 == 49: assert logcenter_sdk.flush(20)
            assert logcenter_sdk.flush(20)
        count = 100_000 if {kinds} <= 50 else 5_000
        capture(count // 2)
        before = rss()
        capture(count // 2)
        print((rss() - before) // 1_000_000, logcenter_sdk.stats().sent == count)
        """,
        url=collector.url,
        kinds=kinds,
    )

    grown, exact = finished.stdout.split()
    assert ("True", "") == (exact, finished.stderr)
    assert 8 > int(grown)
