"""Pages that are open are told what changes, by server-sent events: one look at the database serves all of them."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from time import monotonic
from typing import Final

from attrs import define, evolve, field
from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromQuery, SkipValidation
from litestar.response import Stream

from logcenter_collector.access.doorway import NotSignedInError
from logcenter_collector.domain.access import Scope
from logcenter_collector.domain.query_language import WrongQueryError
from logcenter_collector.ingest.refusal import invalid_fields, unavailable
from logcenter_collector.store.base import LiveMark, Store, StoreUnavailableError
from logcenter_collector.web.bodies import AnyRequest
from logcenter_collector.web.guard import Identify, by_of
from logcenter_collector.web.ui.live_news import HEARTBEAT, Edition, Memory, News, Reader, welcome
from logcenter_collector.web.ui.search import place_in
from logcenter_collector.web.ui.site import language_of
from logcenter_sdk.contract.limits import INTEGER_MAX
from logcenter_sdk.contract.problem import FieldError

LOOK_SECONDS: Final = 0.5
HEARTBEAT_SECONDS: Final = 15.0
"""So often a quiet page gets a sign of life, and every page is asked whether its session has ended."""
LISTENERS: Final = 200
SHOWN: Final = 200
"""Issues of one page that are watched."""
_DIGITS: Final = 19
WAITING: Final = 100
"""Messages that wait for a slow reader; then it is sent away, and its browser comes back."""

log = logging.getLogger(__name__)


@define(eq=False)
class Listener:
    """A page that is open."""

    request: AnyRequest
    reader: Reader
    messages: asyncio.Queue[bytes | None] = field(factory=lambda: asyncio.Queue(WAITING))
    """None is the end."""

    def tell(self, message: bytes | None) -> None:
        """Leave a message; who does not read them is told that it is over."""
        if self.messages.full():
            while not self.messages.empty():
                self.messages.get_nowait()
            message = None
        self.messages.put_nowait(message)


@define(eq=False)
class Live:
    """Tells all open pages what changes. It looks at the database only while there are any."""

    store: Store
    clock: Callable[[], datetime]
    identify: Identify
    look_seconds: float = LOOK_SECONDS
    heartbeat_seconds: float = HEARTBEAT_SECONDS
    _listeners: set[Listener] = field(factory=set, init=False)
    _memory: Memory = field(factory=Memory, init=False)
    _mark: LiveMark | None = field(default=None, init=False)
    _looking: asyncio.Task[None] | None = field(default=None, init=False)
    _begun: asyncio.Event = field(factory=asyncio.Event, init=False)
    _is_closed: bool = field(default=False, init=False)

    @property
    def is_full(self) -> bool:
        """Whether no further page can be told."""
        return self._is_closed or len(self._listeners) >= LISTENERS

    @property
    def is_looking(self) -> bool:
        """Whether the database is asked."""
        return self._looking is not None

    async def join(self, listener: Listener, after: int | None) -> bytes:
        """Begin to tell a page, and return what it has missed since an issue. Raises StoreUnavailableError."""
        self._listeners.add(listener)
        if self._looking is None:
            self._looking = asyncio.create_task(self._look_again_and_again(), name="logcenter-live")
        await self._begun.wait()  # what comes from now on is found by the looks, what came before right here
        return await self._catch_up(listener.reader, after)

    def leave(self, listener: Listener) -> None:
        """Tell a page nothing any more."""
        self._listeners.discard(listener)

    def close(self) -> None:
        """End all streams, so that the server can stop."""
        self._is_closed = True
        for listener in self._listeners:
            listener.tell(None)

    async def _catch_up(self, reader: Reader, after: int | None) -> bytes:
        assert self._mark is not None
        newest = self._mark.issue_id
        newer = await asyncio.to_thread(self.store.newer_issues, newest if after is None else after, reader.shown)
        self._memory.learn(newer)
        return welcome(newer, reader, max([newest, *(issue.id for issue in newer)]), self.clock())

    async def _look_again_and_again(self) -> None:
        try:
            while self._listeners:
                await self._look()
                await asyncio.sleep(self.look_seconds)
        finally:
            self._looking, self._mark, self._memory = None, None, Memory()
            self._begun.clear()

    async def _look(self) -> None:
        watched = {issue_id for listener in self._listeners for issue_id in listener.reader.shown}
        try:
            if self._mark is None:
                self._mark = await asyncio.to_thread(self.store.live_mark)
            changes = await asyncio.to_thread(self.store.live_changes, self._mark, watched, self.clock())
        except StoreUnavailableError:
            return
        except Exception:
            log.exception("The dashboard could not look for what changed")
            return
        self._mark = changes.mark
        news = self._memory.compare(changes)
        self._begun.set()
        if news.issues:
            await self._spread(news)

    async def _spread(self, news: News) -> None:
        now = self.clock()
        editions: dict[tuple[object, ...], Edition] = {}
        for listener in tuple(self._listeners):
            reader = listener.reader
            edition = editions.setdefault(reader.key, Edition(news, reader, now))
            if message := edition.messages(reader.shown):
                listener.tell(message)
            await asyncio.sleep(0)  # reports get their turn between two of hundreds of pages


@get("/live")
async def live(
    request: AnyRequest,
    pages: NamedDependency[SkipValidation[Live]],
    after: FromQuery[str] = "",
    shown: FromQuery[str] = "",
) -> Stream:
    """Tell a page what changes until it is closed, or its reader is not signed in any more.

    ``after`` is the newest issue when the page was made, ``shown`` the issues on it; the filters are those of the
    inbox. Raises RefusedError: 400 for a search that is not understood, 503 when too many pages are open.
    """
    if pages.is_full:
        raise unavailable(f"{LISTENERS} pages are told what changes already; load this one again.", 60)
    try:
        query = place_in(request.query_params).query(pages.clock())
    except WrongQueryError as error:
        raise invalid_fields([FieldError("q", wrong.message) for wrong in error.wrong]) from None
    reader = Reader(
        query=query,
        principal=by_of(request).principal,
        t=language_of(request),
        shown=_ids_in(shown),
    )
    stream = _stream(pages, Listener(request, reader), _first_number(request.headers.get("last-event-id"), after))
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return Stream(stream, media_type="text/event-stream", headers=headers)


async def _stream(pages: Live, listener: Listener, after: int | None) -> AsyncIterator[bytes]:
    try:
        yield await pages.join(listener, after)
        async for message in _messages(pages, listener):
            yield message
    except StoreUnavailableError:
        return  # the browser comes back after some seconds
    finally:
        pages.leave(listener)


async def _messages(pages: Live, listener: Listener) -> AsyncIterator[bytes]:
    asked = monotonic()
    while True:
        try:
            message = await asyncio.wait_for(listener.messages.get(), pages.heartbeat_seconds)
        except TimeoutError:
            message = HEARTBEAT
        if monotonic() - asked >= pages.heartbeat_seconds:
            if not await _still_welcome(pages, listener):
                return
            asked = monotonic()
        if message is None:
            return
        yield message


async def _still_welcome(pages: Live, listener: Listener) -> bool:
    """Look again who it is: sessions end, and what somebody may see changes."""
    try:
        principal = await pages.identify(listener.request)
    except NotSignedInError:
        return False
    listener.reader = evolve(listener.reader, principal=principal)
    return principal.may(Scope.READ)


def _ids_in(text: str) -> frozenset[int]:
    numbers = (_number_in(part) for part in text.split(",")[:SHOWN])
    return frozenset(number for number in numbers if number is not None)


def _first_number(*texts: str | None) -> int | None:
    """Return the number of the first text that is one."""
    return next((number for text in texts if (number := _number_in(text)) is not None), None)


def _number_in(text: str | None) -> int | None:
    """Return a number of an issue; None for anything else."""
    if text is None or not (text.isascii() and text.isdecimal()) or len(text) > _DIGITS:
        return None
    return min(int(text), INTEGER_MAX)
