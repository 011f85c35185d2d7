"""What administrators do with people, and what people do with their own account."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from attrs import evolve, field, frozen
from sqlalchemy import Connection

from logcenter_collector.access.passwords import Passwords
from logcenter_collector.access.secrets import LINK_PREFIX, hashed, new_secret
from logcenter_collector.domain.access import Role
from logcenter_collector.domain.oidc import Identity
from logcenter_collector.domain.people import (
    INVITATION_LIFETIME,
    LINK_LIFETIME,
    Account,
    Link,
    PeopleRefusedError,
    account_name,
    check_admin_remains,
    check_role,
    name_from_claims,
)
from logcenter_collector.store.access.accounts import (
    account_named,
    account_of_subject,
    add_account,
    load_account,
    load_accounts,
    save_account,
)
from logcenter_collector.store.access.audit import AuditEntry, By, write_audit
from logcenter_collector.store.access.links import (
    add_link,
    drop_links_of,
    forget_ended_links,
    load_link,
    use_up_link,
)
from logcenter_collector.store.access.sessions import end_sessions_of
from logcenter_collector.store.database import Database


@frozen(kw_only=True)
class Terms:
    """What an administrator decides about somebody."""

    role: Role
    projects: frozenset[str] | None = None
    display_name: str | None = None


@frozen(kw_only=True)
class OpenLink:
    """A link that still works, and whose account it opens; None: it makes one."""

    link: Link
    account: Account | None


@frozen
class People:
    """Everybody who signs in. Every method is a transaction; ``changed`` is called after it."""

    database: Database
    passwords: Passwords
    clock: Callable[[], datetime]
    changed: Callable[[], None] = field(default=lambda: None)

    def everybody(self) -> tuple[Account, ...]:
        """Return all accounts, by name."""
        with self.database.read() as connection:
            return load_accounts(connection)

    def account(self, account_id: int) -> Account | None:
        """Return one account, or None."""
        with self.database.read() as connection:
            return load_account(connection, account_id)

    def invite(self, typed_name: str, terms: Terms, by: By) -> tuple[Account, str]:
        """Add somebody, and return them with the secret of their link. Raises PeopleRefusedError."""
        name, now = account_name(typed_name), self.clock()
        check_role(terms.role, terms.projects)
        with self.database.write() as connection:
            if not any(account.role is Role.ADMIN for account in load_accounts(connection)) and not by.principal.name:
                raise PeopleRefusedError("first_admin", "role")
            account = add_account(connection, _new_account(name, terms, now))
            _note(connection, by, now, "account.invite", account, _of_terms(account))
            secret = _link_for(connection, account, INVITATION_LIFETIME, by, now)
        self.changed()
        return account, secret

    def change(self, account_id: int, terms: Terms, by: By) -> Account | None:
        """Give somebody another role, other projects, another name to be shown. Raises PeopleRefusedError."""
        check_role(terms.role, terms.projects)
        more = {"role": terms.role, "projects": terms.projects, "display_name": terms.display_name}
        return self._save(account_id, more, "account.change", by)

    def disable(self, account_id: int, by: By) -> Account | None:
        """Let somebody in no more, and end their sessions and links. Raises PeopleRefusedError."""
        return self._save(account_id, {"disabled_at": self.clock()}, "account.disable", by)

    def enable(self, account_id: int, by: By) -> Account | None:
        """Let somebody in again."""
        return self._save(account_id, {"disabled_at": None}, "account.enable", by)

    def link_for(self, account_id: int, by: By) -> str | None:
        """Return the secret of a new link by which somebody sets a new password; None when there is no such account."""
        now = self.clock()
        with self.database.write() as connection:
            account = load_account(connection, account_id)
            if account is None:
                return None
            _note(connection, by, now, "account.link", account)
            return _link_for(connection, account, LINK_LIFETIME, by, now)

    def link_for_administrator(self, by: By, *, name: str | None = None) -> str:
        """Return the secret of a new link: to make an administrator's account, or for the password of one by name.

        Raises PeopleRefusedError when nobody has that name.
        """
        now = self.clock()
        with self.database.write() as connection:
            account = None if name is None else account_named(connection, account_name(name))
            if name is not None and account is None:
                raise PeopleRefusedError("nobody", "name")
            write_audit(connection, AuditEntry(at=now, by=by, action="account.link", subject=name))
            return _link_for(connection, account, LINK_LIFETIME, by, now)

    def open_link(self, secret: str) -> OpenLink | None:
        """Return what a link opens; None when it is over, or never was."""
        with self.database.read() as connection:
            return _open(connection, hashed(secret), self.clock())

    def use_link(self, secret: str, typed_name: str, password: str, address: str | None) -> Account:
        """Make the account of a link, or set its password, and return it.

        Raises PeopleRefusedError and PasswordsBusyError; the link is used up only when neither happens.
        """
        opened = self.open_link(secret)
        if opened is None:
            raise PeopleRefusedError("link_over")
        name = opened.account.name if opened.account else account_name(typed_name)
        password_hash = self.passwords.hash_new(password, name)
        now = self.clock()
        with self.database.write() as connection:
            if not use_up_link(connection, hashed(secret), now):
                raise PeopleRefusedError("link_over")
            account = _account_of_link(connection, opened, name, password_hash, now)
            by = By(principal=account.principal, address=address)
            _note(connection, by, now, "account.password" if opened.account else "account.create", account)
            end_sessions_of(connection, account.id)
        self.changed()
        return account

    def known_by(self, identity: Identity, role: Role, address: str | None) -> Account:
        """Return the account of somebody whom the identity provider knows; their first time makes it.

        Raises PeopleRefusedError.
        """
        now = self.clock()
        with self.database.write() as connection:
            account = account_of_subject(connection, identity.issuer, identity.subject)
            if account is not None:
                if account.disabled_at is not None:
                    raise PeopleRefusedError("disabled")
                return account
            # By a name of their own: who chooses names at the provider would otherwise choose an account here.
            taken = frozenset(known.name for known in load_accounts(connection))
            new = _new_account(
                name_from_claims(identity.names, taken), Terms(role=role, display_name=identity.display_name), now
            )
            account = add_account(connection, evolve(new, oidc_issuer=identity.issuer, oidc_subject=identity.subject))
            by = By(principal=account.principal, address=address)
            _note(connection, by, now, "account.create", account, {"by": identity.issuer, **_of_terms(account)})
        self.changed()
        return account

    def change_password(self, account_id: int, old: str, new: str, by: By, *, session: bytes) -> None:
        """Set one's own password, and end one's other sessions. Raises PeopleRefusedError and PasswordsBusyError."""
        account = self.account(account_id)
        if account is None or not self.passwords.check(old, account.password_hash):
            raise PeopleRefusedError("old_password", "old")
        password_hash = self.passwords.hash_new(new, account.name)
        now = self.clock()
        with self.database.write() as connection:
            known = load_account(connection, account_id)
            if known is None or known.password_hash != account.password_hash:
                raise PeopleRefusedError("old_password", "old")
            save_account(connection, evolve(known, password_hash=password_hash))
            _note(connection, by, now, "account.password", known)
            drop_links_of(connection, account_id)
            end_sessions_of(connection, account_id, but=session)

    def _save(self, account_id: int, more: Mapping[str, Any], action: str, by: By) -> Account | None:
        now = self.clock()
        with self.database.write() as connection:
            known = load_account(connection, account_id)
            if known is None:
                return None
            account = evolve(known, **more)
            check_admin_remains(account, load_accounts(connection))
            save_account(connection, account)
            if account.disabled_at is not None:
                end_sessions_of(connection, account.id)
                drop_links_of(connection, account.id)
            _note(connection, by, now, action, account, _of_terms(account) if action == "account.change" else {})
        self.changed()
        return account


def _new_account(name: str, terms: Terms, now: datetime, password_hash: str | None = None) -> Account:
    return Account(
        id=0,
        name=name,
        display_name=terms.display_name,
        role=terms.role,
        projects=terms.projects,
        password_hash=password_hash,
        created_at=now,
    )


def _link_for(connection: Connection, account: Account | None, lifetime: timedelta, by: By, now: datetime) -> str:
    """Add a link, the only one of its account, and return its secret."""
    forget_ended_links(connection, now)
    if account is not None:
        drop_links_of(connection, account.id)
    secret = new_secret(LINK_PREFIX)
    link = Link(
        hash=hashed(secret),
        account_id=account.id if account else None,
        role=account.role if account else Role.ADMIN,
        created_at=now,
        created_by=by.principal.name,
        expires_at=now + lifetime,
    )
    add_link(connection, link)
    return secret


def _open(connection: Connection, link_hash: bytes, now: datetime) -> OpenLink | None:
    link = load_link(connection, link_hash)
    if link is None or link.is_over(now):
        return None
    if link.account_id is None:
        return OpenLink(link=link, account=None)
    account = load_account(connection, link.account_id)
    if account is None or account.disabled_at is not None:
        return None
    return OpenLink(link=link, account=account)


def _account_of_link(connection: Connection, opened: OpenLink, name: str, password_hash: str, now: datetime) -> Account:
    if opened.account is None:
        return add_account(connection, _new_account(name, Terms(role=opened.link.role), now, password_hash))
    known = load_account(connection, opened.account.id)
    if known is None or known.disabled_at is not None:
        raise PeopleRefusedError("link_over")
    account = evolve(known, password_hash=password_hash)
    save_account(connection, account)
    return account


def _of_terms(account: Account) -> Mapping[str, Any]:
    projects = None if account.projects is None else sorted(account.projects)
    return {"role": account.role, "projects": projects}


def _note(  # noqa: PLR0913, PLR0917 - who did what to whom
    connection: Connection,
    by: By,
    now: datetime,
    action: str,
    account: Account,
    detail: Mapping[str, Any] | None = None,
) -> None:
    more = {"name": account.name, **(detail or {})}
    write_audit(connection, AuditEntry(at=now, by=by, action=action, subject=str(account.id), detail=more))
