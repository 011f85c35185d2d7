"""The channels of alarms: list, add, change, remove, try."""

from typing import Any

from litestar import delete, get, post, put
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath, FromQuery

from logcenter_collector.alarms.channels.fields import InvalidSettingsError
from logcenter_collector.alarms.channels.kinds import open_channel
from logcenter_collector.alarms.sending import Dispatch
from logcenter_collector.alarms.trying import try_channel
from logcenter_collector.domain.alarms.rule import Language
from logcenter_collector.ingest.decode import read_object
from logcenter_collector.ingest.refusal import RefusedError, invalid_fields
from logcenter_collector.store.alarms.channels import StoredChannel
from logcenter_collector.web.api.alarm_shapes import (
    AlarmChannelChange,
    AlarmChannelRequest,
    AlarmTest,
    ShownAlarmChannel,
    changed_settings,
    shown_channel,
    shown_outcome,
)
from logcenter_collector.web.bodies import AnyRequest, read_json
from logcenter_collector.web.injected import InjectedBy, InjectedDispatch, InjectedNow
from logcenter_collector.web.openapi import array_of, ref
from logcenter_collector.web.problems import not_found
from logcenter_sdk.contract.limits import INTEGER_MAX
from logcenter_sdk.contract.problem import FieldError
from logcenter_sdk.contract.writing import to_wire


@get(
    "/api/v1/alarms/channels",
    sync_to_thread=True,
    summary="All channels of alarms",
    description="Secrets are not shown.",
    tags=["Alarms"],
    opt={"answers": array_of(ShownAlarmChannel)},
)
def list_channels(dispatch: InjectedDispatch) -> list[dict[str, Any]]:
    """Return all channels, the oldest first."""
    return [to_wire(shown_channel(stored)) for stored in dispatch.alarms.channels.all()]


@post(
    "/api/v1/alarms/channels",
    status_code=200,
    summary="Add a channel",
    tags=["Alarms"],
    opt={"takes": ref(AlarmChannelRequest), "answers": ref(ShownAlarmChannel)},
)
async def add_channel(
    request: AnyRequest, dispatch: InjectedDispatch, by: InjectedBy, now: InjectedNow
) -> dict[str, Any]:
    """Add a channel and return it."""
    wanted = read_object(AlarmChannelRequest, await read_json(request))
    check_settings(wanted.kind, wanted.settings)
    create = dispatch.alarms.channels.create
    stored = await sync_to_thread(create, wanted.name.strip(), wanted.kind, wanted.settings, by, now)
    return dict(to_wire(shown_channel(stored)))


@get(
    "/api/v1/alarms/channels/{channel_id:int}",
    summary="One channel",
    tags=["Alarms"],
    opt={"answers": ref(ShownAlarmChannel)},
)
async def get_channel(channel_id: FromPath[int], dispatch: InjectedDispatch) -> dict[str, Any]:
    """Return one channel."""
    # Where three handlers share a path, Litestar puts those with sync_to_thread into threads of threads.
    return dict(to_wire(shown_channel(await sync_to_thread(known_channel, dispatch, channel_id))))


@put(
    "/api/v1/alarms/channels/{channel_id:int}",
    summary="Change a channel",
    description="Of its settings, all that the body does not name are emptied, but for secrets: they stay. What waits "
    "for it is sent at once.",
    tags=["Alarms"],
    opt={"takes": ref(AlarmChannelChange), "answers": ref(ShownAlarmChannel)},
)
async def change_channel(
    request: AnyRequest, channel_id: FromPath[int], dispatch: InjectedDispatch, by: InjectedBy, now: InjectedNow
) -> dict[str, Any]:
    """Change a channel and return it."""
    wanted = read_object(AlarmChannelChange, await read_json(request))
    stored = await sync_to_thread(known_channel, dispatch, channel_id)
    settings = changed_settings(stored, wanted.settings)
    check_settings(stored.kind, settings)
    await sync_to_thread(dispatch.alarms.channels.change, channel_id, wanted.name.strip(), settings, by, now)
    return dict(to_wire(shown_channel(await sync_to_thread(known_channel, dispatch, channel_id))))


@delete(
    "/api/v1/alarms/channels/{channel_id:int}",
    status_code=200,
    summary="Remove a channel",
    description="From every rule as well; what waits for it is not sent.",
    tags=["Alarms"],
    opt={"answers": ref(ShownAlarmChannel)},
)
async def delete_channel(
    channel_id: FromPath[int], dispatch: InjectedDispatch, by: InjectedBy, now: InjectedNow
) -> dict[str, Any]:
    """Remove a channel and return what it was."""
    stored = await sync_to_thread(known_channel, dispatch, channel_id)
    await sync_to_thread(dispatch.alarms.channels.delete, channel_id, by, now)
    return dict(to_wire(shown_channel(stored)))


@post(
    "/api/v1/alarms/channels/{channel_id:int}/test",
    status_code=200,
    sync_to_thread=True,
    summary="Send a test message",
    description="Sends now and answers what became of it, with the receiver's own words where it refused.",
    tags=["Alarms"],
    opt={"answers": ref(AlarmTest)},
)
def try_out_channel(
    channel_id: FromPath[int],
    dispatch: InjectedDispatch,
    by: InjectedBy,
    language: FromQuery[Language] = Language.ENGLISH,
) -> dict[str, Any]:
    """Send a test message and return its outcome."""
    outcome = try_channel(dispatch, channel_id, language, by) if 0 < channel_id <= INTEGER_MAX else None
    if outcome is None:
        raise channel_not_found(channel_id)
    return dict(to_wire(shown_outcome(outcome)))


def check_settings(kind: str, settings: Any) -> None:  # noqa: ANN401 - what somebody sent
    """Find out whether a channel can be opened with these settings. Raises RefusedError, with every wrong field."""
    try:
        open_channel(kind, settings)
    except InvalidSettingsError as error:
        named = (
            wrong if wrong.field == "kind" else FieldError(f"settings.{wrong.field}", wrong.message)
            for wrong in error.errors
        )
        raise invalid_fields(named) from None


def channel_not_found(channel_id: int) -> RefusedError:
    """Return the refusal of a request for an unknown channel."""
    return not_found(f"channel {channel_id}")


def known_channel(dispatch: Dispatch, channel_id: int) -> StoredChannel:
    """Return a channel. Raises RefusedError."""
    stored = dispatch.alarms.channels.get(channel_id) if 0 < channel_id <= INTEGER_MAX else None
    if stored is None:
        raise channel_not_found(channel_id)
    return stored
