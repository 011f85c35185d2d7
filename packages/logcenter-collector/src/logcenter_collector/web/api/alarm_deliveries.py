"""What became of the messages of alarms: list attempts, send dead letters after all or dismiss them."""

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any

from litestar import get, post
from litestar.params import FromPath, FromQuery, QueryParameter

from logcenter_collector.domain.alarms.delivery import DeliveryState
from logcenter_collector.ingest.refusal import RefusedError
from logcenter_collector.store.alarms.deliveries import Delivery, NoDeadLetterError
from logcenter_collector.web.api.alarm_shapes import ShownDelivery, shown_delivery
from logcenter_collector.web.api.issues import Cursor, Limit
from logcenter_collector.web.injected import InjectedBy, InjectedDispatch, InjectedNow
from logcenter_collector.web.openapi import page_of, ref
from logcenter_collector.web.problems import not_found
from logcenter_sdk.contract.limits import INTEGER_MAX
from logcenter_sdk.contract.problem import Problem
from logcenter_sdk.contract.writing import to_wire

ChannelNumber = Annotated[int | None, QueryParameter(ge=1, le=INTEGER_MAX, description="Only of this channel.")]


@get(
    "/api/v1/alarms/deliveries",
    sync_to_thread=True,
    summary="Every attempt to send an alarm, newest first",
    description="Of the last 30 days. `outcome=dead` lists the dead letters.",
    tags=["Alarms"],
    opt={"answers": page_of(ShownDelivery)},
)
def list_deliveries(
    dispatch: InjectedDispatch,
    outcome: FromQuery[DeliveryState | None] = None,
    channel_id: ChannelNumber = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> dict[str, Any]:
    """Return one page of attempts."""
    page = dispatch.alarms.deliveries.page(state=outcome, channel_id=channel_id, limit=limit, cursor=cursor)
    return {"items": [to_wire(shown_delivery(item)) for item in page.items], "next_cursor": page.next_cursor}


@post(
    "/api/v1/alarms/deliveries/{delivery_id:int}/retry",
    status_code=200,
    sync_to_thread=True,
    summary="Send a dead letter after all",
    description="At once, whatever was sent meanwhile; issues that another message is about to tell of are left to it.",
    tags=["Alarms"],
    opt={"answers": ref(ShownDelivery)},
)
def retry_delivery(
    delivery_id: FromPath[int], dispatch: InjectedDispatch, by: InjectedBy, now: InjectedNow
) -> dict[str, Any]:
    """Send a dead letter on its way again and return it."""
    return _closed(delivery_id, partial(dispatch.alarms.deliveries.retry, by=by, now=now))


@post(
    "/api/v1/alarms/deliveries/{delivery_id:int}/dismiss",
    status_code=200,
    sync_to_thread=True,
    summary="Dismiss a dead letter",
    description="It stays in the log, but nobody is reminded of it any more, and it cannot be sent again.",
    tags=["Alarms"],
    opt={"answers": ref(ShownDelivery)},
)
def dismiss_delivery(
    delivery_id: FromPath[int], dispatch: InjectedDispatch, by: InjectedBy, now: InjectedNow
) -> dict[str, Any]:
    """Let a dead letter be and return it."""
    return _closed(delivery_id, partial(dispatch.alarms.deliveries.dismiss, by=by, now=now))


def _closed(delivery_id: int, close: Callable[[int], Delivery | None]) -> dict[str, Any]:
    try:
        delivery = close(delivery_id) if 0 < delivery_id <= INTEGER_MAX else None
    except NoDeadLetterError as error:
        raise RefusedError(Problem(title="No dead letter", status=409, detail=str(error))) from None
    if delivery is None:
        raise not_found(f"delivery {delivery_id}")
    return dict(to_wire(shown_delivery(delivery)))
