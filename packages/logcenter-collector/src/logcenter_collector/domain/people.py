"""People who sign in: what is known of them, how long they stay signed in, and what they may be called."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from attrs import field, frozen

from logcenter_collector.domain.access import SCOPES_OF, Principal, PrincipalKind, Role

NAME_CHARACTERS: Final = 64
_NAME: Final = re.compile(rf"[a-z0-9][a-z0-9._@+-]{{0,{NAME_CHARACTERS - 1}}}")
LEAST_PASSWORD: Final = 10
MOST_PASSWORD: Final = 200

IDLE: Final = timedelta(days=14)
"""So long a session lasts without being used."""
LIFETIME: Final = timedelta(days=90)
"""So long a session lasts at most."""
NOTE_EVERY: Final = timedelta(minutes=10)
"""How exactly is known when a session was last used: a page view is no write."""
LINK_LIFETIME: Final = timedelta(hours=24)
INVITATION_LIFETIME: Final = timedelta(days=7)


class PeopleRefusedError(Exception):
    """Something about people is not done; ``saying`` is the key of the reason among the texts of the dashboard."""

    def __init__(self, saying: str, field: str | None = None) -> None:
        super().__init__(saying)
        self.saying = saying
        self.field = field
        """The field of the form, or of the body, that would have to be another."""


@frozen(kw_only=True)
class Account:
    """Somebody who signs in."""

    id: int
    name: str
    """What is typed to sign in, in lower case; the history and the audit log call them so."""
    display_name: str | None
    role: Role
    projects: frozenset[str] | None
    """The only projects that exist for them; None: all."""
    password_hash: str | None = field(repr=False)
    oidc_issuer: str | None = None
    oidc_subject: str | None = None
    created_at: datetime
    disabled_at: datetime | None = None
    last_signed_in_at: datetime | None = None

    @property
    def called(self) -> str:
        """How a page calls them."""
        return self.display_name or self.name

    @property
    def is_invited(self) -> bool:
        """Whether they have not come yet: they have nothing to sign in with."""
        return self.password_hash is None and self.oidc_subject is None

    @property
    def can_sign_in(self) -> bool:
        """Whether there is a way in for them."""
        return self.disabled_at is None and not self.is_invited

    @property
    def principal(self) -> Principal:
        """Who they are for what they ask."""
        return Principal(kind=PrincipalKind.PERSON, name=self.name, scopes=SCOPES_OF[self.role], projects=self.projects)


@frozen(kw_only=True)
class Session:
    """Somebody who is signed in, in one browser."""

    hash: bytes
    account_id: int | None
    token_hash: bytes | None
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    address: str | None
    user_agent: str | None

    def is_over(self, now: datetime) -> bool:
        """Whether it lasts no longer."""
        return now >= self.expires_at or now >= self.last_seen_at + IDLE

    def is_to_be_noted(self, now: datetime) -> bool:
        """Whether it is worth a write that it was used just now."""
        return now >= self.last_seen_at + NOTE_EVERY


@frozen(kw_only=True)
class Link:
    """A way in that works once: to make an account, or to set the password of one."""

    hash: bytes
    account_id: int | None
    role: Role
    created_at: datetime
    created_by: str
    expires_at: datetime
    used_at: datetime | None = None

    def is_over(self, now: datetime) -> bool:
        """Whether it opens nothing any more."""
        return self.used_at is not None or now >= self.expires_at


def account_name(typed: str) -> str:
    """Return the name that somebody typed as it is kept. Raises PeopleRefusedError."""
    name = unicodedata.normalize("NFKC", typed).strip().lower()
    if not _NAME.fullmatch(name):
        raise PeopleRefusedError("name_form", "name")
    return name


def name_from_claims(wanted: Iterable[str], taken: frozenset[str]) -> str:
    """Return a free account name like the first of what an identity provider calls somebody that can be one."""
    base = next((name for text in wanted if (name := _as_name(text))), "person")
    tries = (base, *(f"{base}-{number}" for number in range(2, len(taken) + 3)))
    return next(name for name in tries if name not in taken)


def _as_name(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9._@+-]+", "-", plain).strip("._@+-")[: NAME_CHARACTERS - 8]


def checked_password(typed: str, name: str, common: frozenset[str]) -> str:
    """Return a new password as it is hashed. Raises PeopleRefusedError for one that would be guessed."""
    password = as_hashed(typed)
    if len(password) < LEAST_PASSWORD:
        raise PeopleRefusedError("password_short", "password")
    if len(password) > MOST_PASSWORD:
        raise PeopleRefusedError("password_long", "password")
    plain = password.lower()
    if plain in common or len(set(plain)) == 1:
        raise PeopleRefusedError("password_common", "password")
    if plain == name or plain.replace(name, "") == "":
        raise PeopleRefusedError("password_is_name", "password")
    return password


def as_hashed(typed: str) -> str:
    """Return a password in the one spelling that keyboards and systems write differently."""
    return unicodedata.normalize("NFKC", typed)


def check_role(role: Role, projects: frozenset[str] | None) -> None:
    """Hold that administrators see everything: they make people, and so could let themselves in anywhere."""
    if role is Role.ADMIN and projects is not None:
        raise PeopleRefusedError("admin_everywhere", "projects")


def check_admin_remains(changed: Account, everybody: Iterable[Account]) -> None:
    """Refuse a change after which nobody could administrate. Raises PeopleRefusedError."""
    before = [account for account in everybody if account.role is Role.ADMIN and account.can_sign_in]
    after = [account for account in before if account.id != changed.id]
    remains = changed.role is Role.ADMIN and changed.can_sign_in
    if before and not after and not remains:
        raise PeopleRefusedError("last_admin", "role")


def local_path(wanted: str | None) -> str:
    """Return where to go after signing in: the path that was wanted, as long as it is one of ours."""
    if wanted is None or not re.fullmatch(r"/(?![/\\])[\x21-\x7e]*", wanted) or "\\" in wanted:
        return "/"
    return wanted
