"""From what waits to the bytes that go out: render, before_send, scrub, encode, cut to size. The worker's."""

import json
import linecache
import sys
import time
from typing import Final, NamedTuple

from attrs import evolve

from logcenter_sdk.boundary import diagnose
from logcenter_sdk.config import Config
from logcenter_sdk.contract.limits import REPORT_BYTES
from logcenter_sdk.contract.report import Frame, Report
from logcenter_sdk.encoded import Encoded
from logcenter_sdk.fold import Waiting
from logcenter_sdk.location import present_layout, working_directory
from logcenter_sdk.render import Happened, report_of
from logcenter_sdk.scrub import scrub, scrub_frame
from logcenter_sdk.shrink import shrunk
from logcenter_sdk.sighting import Sighting
from logcenter_sdk.source import Sources
from logcenter_sdk.wire import to_bytes, to_wire

_STALE_SECONDS: Final = 5.0
"""How old a look at the source files may be."""
_MOST_FRAMES: Final = 4_000


class Parcel(NamedTuple):
    """A report on its way, and the name that it has in debug output."""

    name: str
    encoded: Encoded
    event_id: str = ""
    """Empty for what comes out of the spool."""
    is_own: bool = True
    """Whether it is of this process: what others left in the spool is not among its counts."""


class Packing:
    """Makes parcels, with the source files and the layout as they are now."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._seen_path: tuple[object, ...] | None = None
        self._looked_at = float("-inf")
        self._is_asking = False
        self._look()

    def pack(self, waiting: Waiting, *, is_late: bool = False) -> Parcel | None:
        """Return the report as it goes out; None where ``before_send`` wants none.

        It is not asked where it ``is_late``: the process ends, and it may take any time.
        """
        self._look()
        happened = Happened(waiting.event_id, waiting.occurrences, waiting.first_at, waiting.last_at)
        sighting = waiting.sighting if isinstance(waiting.sighting, Sighting) else waiting.sighting()
        made = report_of(sighting, happened, self._config, self._layout, self._sources)
        report = self._approved(made, is_late=is_late)
        if report is None:
            return None
        encoded = Encoded(waiting.occurrences, _fitting(self._body_of(report)))
        return Parcel(report.error.type, encoded, waiting.event_id)

    def _approved(self, report: Report, *, is_late: bool) -> Report | None:
        """Return what ``before_send`` makes of a report.

        Where it fails or cannot be asked (the worker hangs in it), the report goes without what it may have been meant
        to take out: context, locals, source.
        """
        if self._config.before_send is None:
            return report
        if is_late or self._is_asking:
            return evolve(report, context=None, frames=None)
        self._is_asking = True
        try:
            changed = self._config.before_send(report)
        except BaseException as error:  # noqa: BLE001 - the application's, in a thread of ours
            diagnose(f"before_send failed: {type(error).__name__}")
            return evolve(report, context=None, frames=None)
        finally:
            self._is_asking = False
        return changed if isinstance(changed, Report) else None

    def _body_of(self, report: Report) -> bytes:
        wire = to_wire(evolve(report, frames=None))
        body = to_bytes(scrub(wire) if self._config.scrub else wire)
        if not report.frames:
            return body
        return b'%b,"frames":[%b]}' % (body[:-1], b",".join(map(self._frame, report.frames)))

    def _frame(self, frame: Frame) -> bytes:
        """Return a frame as JSON. Frames without locals are the same object in one report after another."""
        known = self._frames.get(id(frame))
        if known is not None and known[0] is frame:
            return known[1]
        wire = to_wire(frame)
        body = to_bytes(scrub_frame(wire) if self._config.scrub else wire)
        if frame.locals is None and len(self._frames) < _MOST_FRAMES:
            self._frames[id(frame)] = frame, body
        return body

    def _look(self) -> None:
        """Look at ``sys.path`` and the source files again, where one has changed and where that was some time ago."""
        path = (*map(id, sys.path), working_directory())
        now = time.monotonic()
        if path == self._seen_path and now - self._looked_at < _STALE_SECONDS:
            return
        linecache.checkcache()
        self._seen_path, self._looked_at = path, now
        self._layout = present_layout(self._config.app_roots)
        self._sources = Sources(self._layout)
        self._frames: dict[int, tuple[Frame, bytes]] = {}


def _fitting(body: bytes) -> bytes:
    """Return a body that the collector's limit lets through: the first form of the report that is small enough."""
    if len(body) <= REPORT_BYTES:
        return body
    wire, step = json.loads(body), 0
    while len(body) > REPORT_BYTES and (smaller := shrunk(wire, step)) is not None:
        body = to_bytes(smaller)
        step += 1
    return body
