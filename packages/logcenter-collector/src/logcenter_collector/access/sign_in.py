"""Signing in and out, and who is signed in."""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Final, Protocol

from attrs import evolve, frozen
from sqlalchemy import Connection

from logcenter_collector.access.passwords import Passwords
from logcenter_collector.access.secrets import SESSION_PREFIX, hashed, new_secret
from logcenter_collector.access.throttle import Throttle
from logcenter_collector.domain.access import Principal, Scope
from logcenter_collector.domain.people import LIFETIME, Account, PeopleRefusedError, Session, account_name
from logcenter_collector.store.access.accounts import account_named, load_account, note_sign_in, save_account
from logcenter_collector.store.access.audit import AuditEntry, By, write_audit
from logcenter_collector.store.access.sessions import (
    add_session,
    end_session,
    forget_ended_sessions,
    load_session,
    note_use,
    sessions_of,
)
from logcenter_collector.store.base import StoreUnavailableError
from logcenter_collector.store.database import Database
from logcenter_sdk.contract.limits import SHORT_CHARACTERS

log = logging.getLogger(__name__)
_NO_NAME: Final = "?"
"""What attempts at names count for that nobody can have."""


class TokenDoor(Protocol):
    """Who knows what a token is good for."""

    def principal_of_hash(self, token_hash: bytes, now: datetime) -> Principal | None:
        """Return whoever holds the token of a hash; None if nobody does, or not any more."""
        ...


@frozen(kw_only=True)
class Browser:
    """Where somebody signs in from."""

    address: str | None = None
    user_agent: str | None = None


@frozen(kw_only=True)
class Visitor:
    """Somebody who is signed in."""

    principal: Principal
    session: Session
    account: Account | None
    """None: signed in by a token."""

    @property
    def called(self) -> str:
        """How a page calls them."""
        return self.account.called if self.account else self.principal.name


@frozen(kw_only=True)
class SignIn:
    """The dashboard's door. Thread-safe; every method may ask the database."""

    database: Database
    passwords: Passwords
    tokens: TokenDoor
    clock: Callable[[], datetime]
    throttle: Throttle

    def by_password(self, typed_name: str, password: str, browser: Browser) -> str:
        """Sign in, and return the secret of the new session.

        Whatever is wrong, the answer and the time it takes are the same. Raises PeopleRefusedError,
        TooManyAttemptsError and PasswordsBusyError.
        """
        name = _name_or_none(typed_name)
        self.throttle.begin(name or _NO_NAME, browser.address)
        with self.database.read() as connection:
            account = account_named(connection, name) if name else None
        is_right = self.passwords.check(password, account.password_hash if account else None)
        if account is None or not is_right or not account.can_sign_in:
            log.warning(
                "Somebody could not sign in", extra={"address": browser.address, "account": account and account.name}
            )
            raise PeopleRefusedError("wrong_password")
        self.throttle.succeeded(name, browser.address)
        rehashed = self.passwords.rehashed(password, account.password_hash or "")
        with self.database.write() as connection:
            known = load_account(connection, account.id)
            if known is None or not known.can_sign_in or known.password_hash != account.password_hash:
                raise PeopleRefusedError("wrong_password")
            if rehashed:
                save_account(connection, evolve(known, password_hash=rehashed))
            return self.begin(connection, known, browser, "password")

    def by_token(self, token: str, browser: Browser) -> str:
        """Sign in with a token, and return the secret of the new session.

        Raises PeopleRefusedError and TooManyAttemptsError.
        """
        self.throttle.begin(None, browser.address)
        now, token_hash = self.clock(), hashed(token)
        principal = self.tokens.principal_of_hash(token_hash, now)
        if principal is None:
            log.warning("Somebody could not sign in by a token", extra={"address": browser.address})
            raise PeopleRefusedError("wrong_token")
        if Scope.READ not in principal.scopes:
            raise PeopleRefusedError("token_reads_not")
        self.throttle.succeeded(None, browser.address)
        with self.database.write() as connection:
            by = By(principal=principal, address=browser.address)
            write_audit(connection, AuditEntry(at=now, by=by, action="session.begin", detail={"by": "token"}))
            return self._add(connection, browser, now, token_hash=token_hash)

    def again(self, account: Account, browser: Browser, how: str) -> str:
        """Sign in somebody who has shown already who they are, and return the secret of the new session."""
        with self.database.write() as connection:
            known = load_account(connection, account.id)
            if known is None or known.disabled_at is not None:
                raise PeopleRefusedError("wrong_password")
            return self.begin(connection, known, browser, how)

    def begin(self, connection: Connection, account: Account, browser: Browser, how: str) -> str:
        """Begin the session of an account in a transaction that does more, and return its secret."""
        now = self.clock()
        by = By(principal=account.principal, address=browser.address)
        write_audit(connection, AuditEntry(at=now, by=by, action="session.begin", detail={"by": how}))
        note_sign_in(connection, account.id, now)
        return self._add(connection, browser, now, account_id=account.id)

    def _add(
        self,
        connection: Connection,
        browser: Browser,
        now: datetime,
        *,
        account_id: int | None = None,
        token_hash: bytes | None = None,
    ) -> str:
        forget_ended_sessions(connection, now)
        secret = new_secret(SESSION_PREFIX)
        session = Session(
            hash=hashed(secret),
            account_id=account_id,
            token_hash=token_hash,
            created_at=now,
            last_seen_at=now,
            expires_at=now + LIFETIME,
            address=browser.address,
            user_agent=browser.user_agent and browser.user_agent[:SHORT_CHARACTERS],
        )
        add_session(connection, session)
        return secret

    def visitor(self, secret: str) -> Visitor | None:
        """Return who is signed in by a session's secret, or None."""
        now = self.clock()
        with self.database.read() as connection:
            session = load_session(connection, hashed(secret))
            if session is None or session.is_over(now):
                return None
            account = None if session.account_id is None else load_account(connection, session.account_id)
        if session.is_to_be_noted(now):
            self._note_use(session, now)
        if session.token_hash is not None:
            principal = self.tokens.principal_of_hash(session.token_hash, now)
            return None if principal is None else Visitor(principal=principal, session=session, account=None)
        if account is None or account.disabled_at is not None:
            return None
        return Visitor(principal=account.principal, session=session, account=account)

    def _note_use(self, session: Session, now: datetime) -> None:
        try:
            with self.database.write() as connection:
                note_use(connection, session.hash, now)
        except StoreUnavailableError as error:  # a full disk keeps nobody from reading
            log.debug("When a session was used could not be written: %s", error)

    def sessions_of(self, account: Account) -> tuple[Session, ...]:
        """Return the sessions of an account that last yet, the one used last first."""
        now = self.clock()
        with self.database.read() as connection:
            return tuple(session for session in sessions_of(connection, account.id) if not session.is_over(now))

    def end(self, visitor: Visitor, session_hash: bytes, address: str | None) -> bool:
        """End a session of one's own, this or another, and return whether it was one."""
        with self.database.write() as connection:
            session = load_session(connection, session_hash)
            if session is None or not _is_own(session, visitor):
                return False
            by = By(principal=visitor.principal, address=address)
            write_audit(connection, AuditEntry(at=self.clock(), by=by, action="session.end"))
            return end_session(connection, session_hash)


def _is_own(session: Session, visitor: Visitor) -> bool:
    if session.hash == visitor.session.hash:
        return True
    return visitor.account is not None and session.account_id == visitor.account.id


def _name_or_none(typed: str) -> str | None:
    try:
        return account_name(typed)
    except PeopleRefusedError:
        return None
