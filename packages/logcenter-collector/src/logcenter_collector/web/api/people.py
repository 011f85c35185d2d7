"""People: list, invite, change, and links for new passwords."""

from typing import Any

from litestar import get, patch, post
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath

from logcenter_collector.access.links import link_address
from logcenter_collector.access.people import People, Terms
from logcenter_collector.domain.access import Role
from logcenter_collector.domain.people import Account
from logcenter_collector.ingest.decode import read_object
from logcenter_collector.ingest.refusal import RefusedError
from logcenter_collector.store.access.audit import By
from logcenter_collector.web.api.people_shapes import InvitedPerson, NewPerson, Person, PersonChange, SignInLink
from logcenter_collector.web.bodies import AnyRequest, read_json
from logcenter_collector.web.injected import InjectedBy, InjectedPeople
from logcenter_collector.web.openapi import array_of, ref
from logcenter_collector.web.problems import not_found
from logcenter_sdk.contract.limits import INTEGER_MAX
from logcenter_sdk.contract.writing import to_wire


@get(
    "/api/v1/people",
    sync_to_thread=True,
    summary="Everybody who signs in, by name",
    tags=["Access"],
    opt={"answers": array_of(Person)},
)
def list_people(people: InjectedPeople) -> list[dict[str, Any]]:
    """Return all accounts."""
    return [to_wire(Person(**_shown(account))) for account in people.everybody()]


@post(
    "/api/v1/people",
    status_code=200,
    summary="Invite somebody",
    description="The answer holds the one-time link by which they choose their password, this once.",
    tags=["Access"],
    opt={"takes": ref(NewPerson), "answers": ref(InvitedPerson)},
)
async def invite_person(request: AnyRequest, people: InjectedPeople, by: InjectedBy) -> dict[str, Any]:
    """Add somebody and return them with their link."""
    wanted = read_object(NewPerson, await read_json(request))
    projects = None if wanted.projects is None else frozenset(wanted.projects)
    terms = Terms(role=Role(wanted.role), projects=projects, display_name=wanted.display_name or None)
    account, secret = await sync_to_thread(people.invite, wanted.name, terms, by)
    return dict(to_wire(InvitedPerson(**_shown(account), link=link_address("", secret))))


@patch(
    "/api/v1/people/{account_id:int}",
    summary="Change what somebody may do",
    description="Sets what the body names and leaves the rest; somebody who can administrate has to stay.",
    tags=["Access"],
    opt={"takes": ref(PersonChange), "answers": ref(Person)},
)
async def change_person(
    request: AnyRequest, account_id: FromPath[int], people: InjectedPeople, by: InjectedBy
) -> dict[str, Any]:
    """Set what the body names and return what holds now."""
    payload = await read_json(request)
    change = read_object(PersonChange, payload)
    account = await sync_to_thread(_change, people, account_id, change, frozenset(payload), by)
    return dict(to_wire(Person(**_shown(account))))


@post(
    "/api/v1/people/{account_id:int}/link",
    status_code=200,
    sync_to_thread=True,
    summary="Make a link for a new password",
    description="It works once within 24 hours, and any earlier one no more.",
    tags=["Access"],
    opt={"answers": ref(SignInLink)},
)
def make_link(account_id: FromPath[int], people: InjectedPeople, by: InjectedBy) -> dict[str, Any]:
    """Make a link and return it."""
    secret = people.link_for(account_id, by) if 0 < account_id <= INTEGER_MAX else None
    if secret is None:
        raise _nobody(account_id)
    return dict(to_wire(SignInLink(link=link_address("", secret))))


def _change(people: People, account_id: int, change: PersonChange, named: frozenset[str], by: By) -> Account:
    """Set what is named. Raises RefusedError where there is no such account, and PeopleRefusedError."""
    known = people.account(account_id) if 0 < account_id <= INTEGER_MAX else None
    if known is None:
        raise _nobody(account_id)
    changed: Account | None = known
    if named & {"role", "projects", "display_name"}:
        terms = Terms(
            role=Role(change.role) if change.role else known.role,
            projects=_chosen(change) if "projects" in named else known.projects,
            display_name=change.display_name if "display_name" in named else known.display_name,
        )
        changed = people.change(account_id, terms, by)
    if change.disabled is not None and change.disabled is (known.disabled_at is None):
        changed = people.disable(account_id, by) if change.disabled else people.enable(account_id, by)
    if changed is None:
        raise _nobody(account_id)
    return changed


def _chosen(change: PersonChange) -> frozenset[str] | None:
    return None if change.projects is None else frozenset(change.projects)


def _nobody(account_id: int) -> RefusedError:
    return not_found(f"account {account_id}")


def _shown(account: Account) -> dict[str, Any]:
    return {
        "id": account.id,
        "name": account.name,
        "display_name": account.display_name,
        "role": account.role.value,
        "projects": None if account.projects is None else tuple(sorted(account.projects)),
        "invited": account.is_invited,
        "disabled": account.disabled_at is not None,
        "signs_in_with": account.oidc_issuer,
        "created_at": account.created_at,
        "last_signed_in_at": account.last_signed_in_at,
    }
