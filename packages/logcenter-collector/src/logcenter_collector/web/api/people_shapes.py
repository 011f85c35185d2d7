"""People as they stand in requests and answers."""

from datetime import datetime
from typing import Final

from attrs import field, frozen
from attrs.validators import optional

from logcenter_collector.domain.access import Role
from logcenter_collector.domain.people import NAME_CHARACTERS
from logcenter_sdk.contract.limits import SHORT_CHARACTERS
from logcenter_sdk.contract.report import PROJECT_ID

_ROLES: Final = {"schema": {"enum": [role.value for role in Role]}}
_PROJECTS: Final = {"description": "The only ones that exist for them; null: all. Administrators always have all."}


def _role(_instance: object, _field: object, value: str) -> None:
    if value not in set(Role):
        raise ValueError(f"must be one of {', '.join(Role)}")


def _shown(_instance: object, _field: object, value: str | None) -> None:
    if value is not None and (len(value) > SHORT_CHARACTERS or not value.isprintable()):
        raise ValueError(f"must be at most {SHORT_CHARACTERS} printable characters, or null")


def _project_ids(_instance: object, _field: object, value: tuple[str, ...] | None) -> None:
    if value is not None and not (value and all(PROJECT_ID.fullmatch(each) for each in value)):
        raise ValueError("must be one or more ids of projects, or null for all")


@frozen(kw_only=True)
class NewPerson:
    """Body of ``POST /api/v1/people``."""

    name: str = field(metadata={"description": f"To sign in: 1 to {NAME_CHARACTERS} of a-z, 0-9, . _ @ + -"})
    role: str = field(validator=_role, metadata=_ROLES)
    display_name: str | None = field(default=None, validator=_shown)
    projects: tuple[str, ...] | None = field(default=None, validator=_project_ids, metadata=_PROJECTS)


@frozen(kw_only=True)
class PersonChange:
    """Body of ``PATCH /api/v1/people/{account_id}``: what is left out stays."""

    role: str | None = field(default=None, validator=optional(_role), metadata=_ROLES)
    display_name: str | None = field(default=None, validator=_shown)
    projects: tuple[str, ...] | None = field(default=None, validator=_project_ids, metadata=_PROJECTS)
    disabled: bool | None = field(default=None, metadata={"description": "Signed out at once, own tokens included."})


@frozen(kw_only=True)
class Person:
    """Somebody who signs in."""

    id: int
    name: str
    display_name: str | None
    role: str
    projects: tuple[str, ...] | None
    invited: bool = field(metadata={"description": "Has not come yet."})
    disabled: bool
    signs_in_with: str | None = field(metadata={"description": "The identity provider; null: a password."})
    created_at: datetime
    last_signed_in_at: datetime | None


@frozen(kw_only=True)
class SignInLink:
    """A one-time link, which nobody can ask for again."""

    link: str = field(metadata={"description": "A path on the dashboard; whoever opens it chooses the password."})


@frozen(kw_only=True)
class InvitedPerson(Person):
    """Somebody who was just added, with their one-time link."""

    link: str = field(metadata={"description": "A path on the dashboard; whoever opens it chooses the password."})
