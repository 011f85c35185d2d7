"""The rules of alarms: list, add, change, remove."""

from typing import Any

from litestar import delete, get, post, put
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath

from logcenter_collector.alarms.sending import Dispatch
from logcenter_collector.domain.alarms.rule import AlarmRule
from logcenter_collector.ingest.decode import read_object
from logcenter_collector.ingest.refusal import RefusedError, invalid_fields
from logcenter_collector.store.alarms.rules import UnknownChannelsError
from logcenter_collector.web.api.alarm_shapes import AlarmRuleRequest, ShownAlarmRule, shown_rule, to_rule
from logcenter_collector.web.bodies import AnyRequest, read_json
from logcenter_collector.web.injected import InjectedBy, InjectedDispatch, InjectedNow
from logcenter_collector.web.openapi import array_of, ref
from logcenter_collector.web.problems import not_found
from logcenter_sdk.contract.limits import INTEGER_MAX
from logcenter_sdk.contract.problem import FieldError
from logcenter_sdk.contract.writing import to_wire


@get(
    "/api/v1/alarms/rules",
    sync_to_thread=True,
    summary="All rules of alarms",
    tags=["Alarms"],
    opt={"answers": array_of(ShownAlarmRule)},
)
def list_rules(dispatch: InjectedDispatch) -> list[dict[str, Any]]:
    """Return all rules, the oldest first."""
    return [to_wire(shown_rule(rule)) for rule in dispatch.alarms.rules.all()]


@post(
    "/api/v1/alarms/rules",
    status_code=200,
    summary="Add a rule",
    tags=["Alarms"],
    opt={"takes": ref(AlarmRuleRequest), "answers": ref(ShownAlarmRule)},
)
async def add_rule(request: AnyRequest, dispatch: InjectedDispatch, by: InjectedBy, now: InjectedNow) -> dict[str, Any]:
    """Add a rule and return it."""
    rule = to_rule(0, read_object(AlarmRuleRequest, await read_json(request)))
    try:
        created = await sync_to_thread(dispatch.alarms.rules.create, rule, by, now)
    except UnknownChannelsError as error:
        raise unknown_channels(error) from None
    return dict(to_wire(shown_rule(created)))


@get(
    "/api/v1/alarms/rules/{rule_id:int}",
    summary="One rule",
    tags=["Alarms"],
    opt={"answers": ref(ShownAlarmRule)},
)
async def get_rule(rule_id: FromPath[int], dispatch: InjectedDispatch) -> dict[str, Any]:
    """Return one rule."""
    # Where three handlers share a path, Litestar puts those with sync_to_thread into threads of threads.
    return dict(to_wire(shown_rule(await sync_to_thread(known_rule, dispatch, rule_id))))


@put(
    "/api/v1/alarms/rules/{rule_id:int}",
    summary="Set a rule",
    description="The whole of it: what the body does not name gets its default.",
    tags=["Alarms"],
    opt={"takes": ref(AlarmRuleRequest), "answers": ref(ShownAlarmRule)},
)
async def put_rule(
    request: AnyRequest, rule_id: FromPath[int], dispatch: InjectedDispatch, by: InjectedBy, now: InjectedNow
) -> dict[str, Any]:
    """Set a rule and return it."""
    rule = to_rule(rule_id, read_object(AlarmRuleRequest, await read_json(request)))
    try:
        is_known = 0 < rule_id <= INTEGER_MAX and await sync_to_thread(dispatch.alarms.rules.change, rule, by, now)
    except UnknownChannelsError as error:
        raise unknown_channels(error) from None
    if not is_known:
        raise rule_not_found(rule_id)
    return dict(to_wire(shown_rule(rule)))


@delete(
    "/api/v1/alarms/rules/{rule_id:int}",
    status_code=200,
    summary="Remove a rule",
    description="What waits because of it is not sent.",
    tags=["Alarms"],
    opt={"answers": ref(ShownAlarmRule)},
)
async def delete_rule(
    rule_id: FromPath[int], dispatch: InjectedDispatch, by: InjectedBy, now: InjectedNow
) -> dict[str, Any]:
    """Remove a rule and return what it was."""
    rule = await sync_to_thread(known_rule, dispatch, rule_id)
    await sync_to_thread(dispatch.alarms.rules.delete, rule_id, by, now)
    return dict(to_wire(shown_rule(rule)))


def rule_not_found(rule_id: int) -> RefusedError:
    """Return the refusal of a request for an unknown rule."""
    return not_found(f"rule {rule_id}")


def unknown_channels(error: UnknownChannelsError) -> RefusedError:
    """Return the refusal of a rule that names channels that do not exist."""
    return invalid_fields([FieldError("channel_ids", f"must be channels that exist: {error}")])


def known_rule(dispatch: Dispatch, rule_id: int) -> AlarmRule:
    """Return a rule. Raises RefusedError."""
    rule = dispatch.alarms.rules.get(rule_id) if 0 < rule_id <= INTEGER_MAX else None
    if rule is None:
        raise rule_not_found(rule_id)
    return rule
