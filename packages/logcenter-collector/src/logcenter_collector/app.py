"""The composition root: settings → store → ingest → routes → two ports."""

import asyncio
import gc
import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING

from attrs import frozen
from litestar.types import ASGIApp

from logcenter_collector.access.credentials import Credentials
from logcenter_collector.access.doorway import Doorway
from logcenter_collector.access.first_start import FirstStart, first_start
from logcenter_collector.access.links import link_address
from logcenter_collector.alarms.network import Network
from logcenter_collector.alarms.sender import Sender
from logcenter_collector.alarms.sending import Dispatch
from logcenter_collector.domain.forwarding import read_networks
from logcenter_collector.heap import give_back_what_is_free
from logcenter_collector.ingest.allowances import Allowances
from logcenter_collector.ingest.bookkeeping import Bookkeeping
from logcenter_collector.ingest.counts import Counts
from logcenter_collector.ingest.gate import Gate
from logcenter_collector.ingest.pipeline import Pipeline
from logcenter_collector.ingest.refusal_log import RefusalLog
from logcenter_collector.ingest.room import LEAST_ROOM_BYTES, Room
from logcenter_collector.ingest.runner import Runner
from logcenter_collector.server import Site, address_of, listen, serve
from logcenter_collector.settings import Settings
from logcenter_collector.store.access.audit import By
from logcenter_collector.store.base import StoreUnavailableError
from logcenter_collector.store.dialects import parse_url
from logcenter_collector.store.sql import SqlStore
from logcenter_collector.upkeep.jobs import Upkeep, upkeep_of
from logcenter_collector.upkeep.leased import new_holder
from logcenter_collector.web.bounded_protocol import BoundedProtocol
from logcenter_collector.web.headers import every_answer
from logcenter_collector.web.outside import BehindProxies, KnownHosts, allowed_names
from logcenter_collector.web.quick_protocol import quick_protocol
from logcenter_collector.web.routes import create_api
from logcenter_collector.web.status import CollectorStatus
from logcenter_collector.web.survey import Survey
from logcenter_collector.web.ui.app import create_dashboard
from logcenter_collector.web.ui.front import Front, open_front

if TYPE_CHECKING:
    from logcenter_collector.access.oidc import Oidc

log = logging.getLogger(__name__)


def utc_now() -> datetime:
    """Return the present instant; the one clock of the process."""
    return datetime.now(UTC)


@frozen(kw_only=True)
class Started:
    """What is said to whoever started the collector."""

    api_url: str
    dashboard_url: str
    is_open: bool
    first: FirstStart | None


@frozen(kw_only=True)
class Background:
    """What works beside the requests, in the order in which it starts."""

    runner: Runner
    bookkeeping: Bookkeeping
    upkeep: Upkeep
    credentials: Credentials
    sender: Sender

    def start(self) -> None:
        """Begin, inside the event loop."""
        for each in (self.runner, self.bookkeeping, self.upkeep, self.credentials, self.sender):
            each.start()

    async def stop(self) -> None:
        """End: first what is still to be committed and told, then what wrote of it."""
        await self.runner.stop()
        await asyncio.to_thread(self.sender.stop)
        await self.bookkeeping.stop()
        await asyncio.to_thread(self.upkeep.stop)
        await asyncio.to_thread(self.credentials.stop)


async def run(settings: Settings, announce: Callable[[Started], None]) -> None:
    """Serve until SIGINT or SIGTERM; ``announce`` is called when both sites answer.

    Raises PortTakenError, and what SqlStore raises.
    """
    with (
        listen(settings.host, settings.port) as api_socket,
        listen(settings.host, settings.dashboard_port) as dashboard_socket,
    ):
        public = settings.public
        api_url = public.api or address_of(settings.host, api_socket.getsockname()[1])
        dashboard_url = public.dashboard or address_of(settings.host, dashboard_socket.getsockname()[1])
        store = SqlStore(settings.database_url)
        with suppress(StoreUnavailableError):  # the first batch tries again
            store.record([])  # reads the log of event ids now, and not while the first reporters wait
        credentials = Credentials(store.database)
        doorway = Doorway(credentials=credentials, openness=settings.openness, admin_token=settings.admin_token)
        pipeline = _pipeline(settings, store, doorway)
        runner, bookkeeping = pipeline.runner, _bookkeeping(store, pipeline)
        installed = version("logcenter-collector")
        dispatch = _dispatch(settings, store)
        api = create_api(
            store,
            pipeline,
            dispatch,
            doorway=doorway,
            clock=utc_now,
            cors_origins=settings.cors_origins,
            version=installed,
        )
        status = CollectorStatus(runner=runner, survey=Survey(store), version=installed, started_at=utc_now())
        front = open_front(
            doorway, utc_now, provider=_oidc(settings), is_secure=settings.public_url.startswith("https://")
        )
        dashboard = create_dashboard(
            store,
            dispatch,
            front=front,
            api_url=api_url,
            clock=utc_now,
            status=status,
            policy=settings.policy,
            intake=pipeline,
        )
        outside = _outside(settings, doorway)
        background = Background(
            runner=runner,
            bookkeeping=bookkeeping,
            upkeep=upkeep_of(store, settings.policy, utc_now),
            credentials=credentials,
            sender=Sender(dispatch),
        )
        background.start()
        try:
            first = _first_start(front, dashboard_url, has_admin_token=bool(settings.admin_token))
            announce(Started(api_url=api_url, dashboard_url=dashboard_url, is_open=doorway.is_open, first=first))
            database = parse_url(settings.database_url).get_backend_name()  # the whole of it may hold a password
            started = {"version": installed, "api": api_url, "dashboard": dashboard_url, "database": database}
            log.info("Started", extra=started)
            # What is there now stays: the collector of garbage went through all of it again and again, for 50 ms each.
            gc.collect()
            gc.freeze()
            give_back_what_is_free()
            headers = every_answer(settings.public_url)
            sites = [
                Site(outside(api), api_socket, quick_protocol(pipeline), headers),
                Site(outside(dashboard), dashboard_socket, BoundedProtocol, headers),
            ]
            await serve(sites, dashboard.state.pages.close)
        finally:
            await background.stop()
            store.close()
            log.info("Stopped", extra=runner.counts.totals)


def _outside(settings: Settings, doorway: Doorway) -> Callable[[ASGIApp], ASGIApp]:
    """Return what puts an application behind the checks of where a request comes from."""
    allowed = allowed_names(settings.allowed_hosts, settings.public_url)
    trusted = read_networks(settings.trusted_proxies)

    def outside(application: ASGIApp) -> ASGIApp:
        known = KnownHosts(application, doorway, allowed)
        return BehindProxies(known, trusted) if trusted else known

    return outside


def _oidc(settings: Settings) -> "Oidc | None":
    if settings.oidc is None:
        return None
    from logcenter_collector.access.oidc import Oidc  # noqa: PLC0415 - half a second that most collectors need not pay

    return Oidc(settings.oidc, utc_now)


def _pipeline(settings: Settings, store: SqlStore, doorway: Doorway) -> Pipeline:
    allowances = Allowances(settings.project_per_minute)
    runner = Runner(
        store,
        Counts(RefusalLog().hear),
        allowances.settle,
        queue_limit=settings.queue_limit,
        queue_bytes=settings.queue_bytes,
        batch_limit=settings.batch_limit,
    )
    gate = Gate(doorway, settings.require_ingest_key, settings.keyless_reports)
    room = Room(max(settings.queue_bytes, LEAST_ROOM_BYTES))
    return Pipeline(runner, utc_now, settings.report_bytes, gate, allowances, room=room)


def _dispatch(settings: Settings, store: SqlStore) -> Dispatch:
    return Dispatch(
        alarms=store.alarms,
        network=Network(policy=settings.addresses),
        public_url=settings.public.dashboard,
        clock=utc_now,
        holder=new_holder(),
    )


def _bookkeeping(store: SqlStore, pipeline: Pipeline) -> Bookkeeping:
    bookkeeping = Bookkeeping(store.database, pipeline.allowances, pipeline.gate, pipeline.clock)
    with suppress(StoreUnavailableError):  # the first second tries again
        bookkeeping.load()
    return bookkeeping


def _first_start(front: Front, dashboard_url: str, *, has_admin_token: bool) -> FirstStart | None:
    def make_link(by: By) -> str:
        return link_address(dashboard_url, front.people.link_for_administrator(by))

    credentials = front.doorway.credentials
    try:
        return first_start(credentials, utc_now(), has_admin_token=has_admin_token, make_link=make_link)
    except StoreUnavailableError as error:
        log.warning("No administrator's token could be made; the next start tries again: %s", error)
        return None
