"""The dashboard's door: who comes in, and as whom."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, Protocol

from attrs import frozen
from litestar import Request
from litestar.concurrency import sync_to_thread

from logcenter_collector.access.doorway import Doorway, NotSignedInError
from logcenter_collector.access.passwords import Passwords
from logcenter_collector.access.people import People
from logcenter_collector.access.sign_in import Browser, SignIn, Visitor
from logcenter_collector.access.throttle import Throttle
from logcenter_collector.domain.access import ANYONE, Principal
from logcenter_collector.domain.oidc import Flow, Identity, OidcSettings
from logcenter_collector.store.database import Database
from logcenter_collector.web.guard import Connection
from logcenter_collector.web.ui.cookies import Jar

_VISITOR: Final = "visitor"


class Provider(Protocol):
    """An identity provider: ``access/oidc.py``, which takes long to import, and most collectors have none."""

    settings: OidcSettings

    def begin(self, redirect_uri: str) -> tuple[str, Flow]:
        """Return where to send the browser, and what it has to bring back. Raises PeopleRefusedError."""
        ...

    def finish(self, answer: Mapping[str, str], flow: Flow | None, redirect_uri: str) -> Identity:
        """Return whom the provider says the browser belongs to. Raises PeopleRefusedError."""
        ...


@frozen(kw_only=True)
class Front:
    """What signing in and the pages of the administration are made with."""

    doorway: Doorway
    people: People
    sign_in: SignIn
    database: Database
    oidc: Provider | None = None
    is_secure: bool = False
    """Whether people come by TLS, as the public address says."""

    async def identify(self, connection: Connection) -> Principal:
        """Return who a request comes from. Raises NotSignedInError and StoreUnavailableError."""
        if self.doorway.is_open:
            return ANYONE
        request: Request[Any, Any, Any] = Request(connection.scope)
        visitor = await sync_to_thread(self.find_visitor, request)
        if visitor is None:
            raise NotSignedInError
        setattr(connection.state, _VISITOR, visitor)
        return visitor.principal

    def find_visitor(self, request: Request[Any, Any, Any]) -> Visitor | None:
        """Return who is signed in by the cookie of a request, or None."""
        secret = self.jar(request).session_of(request)
        return self.sign_in.visitor(secret) if secret else None

    def jar(self, request: Request[Any, Any, Any]) -> Jar:
        """Return what reads and makes the cookies of a request."""
        return Jar.of(request, is_secure=self.is_secure)

    def address_of(self, request: Request[Any, Any, Any]) -> str:
        """Return the dashboard's own address as the browser has it, without a slash at its end."""
        scheme = "https" if self.jar(request).is_secure else "http"
        return f"{scheme}://{request.headers.get('host', 'localhost')}"


def open_front(
    doorway: Doorway, clock: Callable[[], datetime], *, provider: Provider | None = None, is_secure: bool = False
) -> Front:
    """Return the door of a dashboard, whose people and sessions are in the database of the doorway."""
    database, passwords = doorway.credentials.database, Passwords()
    throttle = Throttle(clock)
    return Front(
        doorway=doorway,
        people=People(database, passwords, clock, doorway.credentials.changed),
        sign_in=SignIn(database=database, passwords=passwords, tokens=doorway, clock=clock, throttle=throttle),
        database=database,
        oidc=provider,
        is_secure=is_secure,
    )


def visitor_of(request: Request[Any, Any, Any]) -> Visitor | None:
    """Return who has passed the guard; None on pages for everybody, and of an open collector."""
    found = request.state.get(_VISITOR)
    assert found is None or isinstance(found, Visitor)
    return found


def principal_of(request: Request[Any, Any, Any]) -> Principal | None:
    """Return for whom the guard let a request through; None on pages for everybody, and before it did."""
    found = request.state.get("principal")
    assert found is None or isinstance(found, Principal)
    return found


def browser_of(request: Request[Any, Any, Any]) -> Browser:
    """Return where a request comes from."""
    return Browser(
        address=request.client.host if request.client else None, user_agent=request.headers.get("user-agent")
    )
