"""The composition root: settings → store → ingest → routes → two ports."""

import asyncio
import gc
import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from importlib.metadata import version

from attrs import frozen
from litestar.types import ASGIApp

from logcenter_collector.access.credentials import Credentials
from logcenter_collector.access.doorway import Doorway
from logcenter_collector.access.first_start import FirstStart, first_start
from logcenter_collector.domain.forwarding import read_networks
from logcenter_collector.heap import give_back_what_is_free
from logcenter_collector.ingest.counts import Counts
from logcenter_collector.ingest.pipeline import Pipeline
from logcenter_collector.ingest.refusal_log import RefusalLog
from logcenter_collector.ingest.runner import Runner
from logcenter_collector.server import Site, listen, serve
from logcenter_collector.settings import Settings
from logcenter_collector.store.base import StoreUnavailableError
from logcenter_collector.store.dialects import parse_url
from logcenter_collector.store.sql import SqlStore
from logcenter_collector.upkeep.jobs import upkeep_of
from logcenter_collector.web.bounded_protocol import BoundedProtocol
from logcenter_collector.web.guard import by_openness
from logcenter_collector.web.headers import EVERY_ANSWER, only_by_tls
from logcenter_collector.web.outside import BehindProxies, KnownHosts, allowed_names
from logcenter_collector.web.quick_protocol import quick_protocol
from logcenter_collector.web.routes import create_api
from logcenter_collector.web.status import CollectorStatus
from logcenter_collector.web.survey import Survey
from logcenter_collector.web.ui.app import create_dashboard

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


async def run(settings: Settings, announce: Callable[[Started], None]) -> None:
    """Serve until SIGINT or SIGTERM; ``announce`` is called when both sites answer.

    Raises PortTakenError, and what SqlStore raises.
    """
    with (
        listen(settings.host, settings.port) as api_socket,
        listen(settings.host, settings.dashboard_port) as dashboard_socket,
    ):
        api_url = settings.public_url.rstrip("/") or _address(settings.host, api_socket.getsockname()[1])
        store = SqlStore(settings.database_url)
        with suppress(StoreUnavailableError):  # the first batch tries again
            store.record([])  # reads the log of event ids now, and not while the first reporters wait
        runner = Runner(
            store,
            Counts(RefusalLog().hear),
            queue_limit=settings.queue_limit,
            queue_bytes=settings.queue_bytes,
            batch_limit=settings.batch_limit,
        )
        credentials = Credentials(store.database)
        doorway = Doorway(credentials=credentials, openness=settings.openness, admin_token=settings.admin_token)
        pipeline = Pipeline(runner, utc_now, settings.report_bytes)
        installed = version("logcenter-collector")
        api = create_api(
            store,
            pipeline,
            doorway=doorway,
            clock=utc_now,
            cors_origins=settings.cors_origins,
            version=installed,
        )
        status = CollectorStatus(runner=runner, survey=Survey(store), version=installed, started_at=utc_now())
        dashboard = create_dashboard(
            store, identify=by_openness(doorway, utc_now), api_url=api_url, clock=utc_now, status=status
        )
        allowed = allowed_names(settings.allowed_hosts, settings.public_url)
        trusted = read_networks(settings.trusted_proxies)

        def outside(application: ASGIApp) -> ASGIApp:
            known = KnownHosts(application, doorway, allowed)
            return BehindProxies(known, trusted) if trusted else known

        upkeep = upkeep_of(store, settings.policy, utc_now)
        runner.start()
        upkeep.start()
        credentials.start()
        try:
            dashboard_url = _address(settings.host, dashboard_socket.getsockname()[1])
            first = _first_start(credentials, has_admin_token=bool(settings.admin_token))
            announce(Started(api_url=api_url, dashboard_url=dashboard_url, is_open=doorway.is_open, first=first))
            database = parse_url(settings.database_url).get_backend_name()  # the whole of it may hold a password
            started = {"version": installed, "api": api_url, "dashboard": dashboard_url, "database": database}
            log.info("Started", extra=started)
            # What is there now stays: the collector of garbage went through all of it again and again, for 50 ms each.
            gc.collect()
            gc.freeze()
            give_back_what_is_free()
            by_tls = only_by_tls(settings.public_url)
            sites = [
                Site(outside(api), api_socket, quick_protocol(pipeline), (*EVERY_ANSWER, *by_tls)),
                Site(outside(dashboard), dashboard_socket, BoundedProtocol, by_tls),
            ]
            await serve(sites, dashboard.state.pages.close)
        finally:
            await runner.stop()
            await asyncio.to_thread(upkeep.stop)
            await asyncio.to_thread(credentials.stop)
            store.close()
            log.info("Stopped", extra=runner.counts.totals)


def _first_start(credentials: Credentials, *, has_admin_token: bool) -> FirstStart | None:
    try:
        return first_start(credentials, utc_now(), has_admin_token=has_admin_token)
    except StoreUnavailableError as error:
        log.warning("No administrator's token could be made; the next start tries again: %s", error)
        return None


def _address(host: str, port: int) -> str:
    """Return an address that a browser on this machine can open."""
    name = {"0.0.0.0": "localhost", "::": "localhost", "127.0.0.1": "localhost"}.get(host, host)  # noqa: S104
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"
