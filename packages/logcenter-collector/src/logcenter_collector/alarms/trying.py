"""Send a message by hand, to see whether a channel works."""

from typing import Final
from uuid import uuid4

from logcenter_collector.alarms.channels.notice import InDoubt, Outcome, Refused, Sent
from logcenter_collector.alarms.sending import Dispatch, open_stored, send
from logcenter_collector.alarms.wording import Wording
from logcenter_collector.domain.alarms.delivery import DeliveryState
from logcenter_collector.domain.alarms.rule import Language
from logcenter_collector.store.access.audit import By

_WORDS: Final = {Sent: DeliveryState.SENT, Refused: DeliveryState.REFUSED, InDoubt: DeliveryState.IN_DOUBT}


def try_channel(dispatch: Dispatch, channel_id: int, language: Language, by: By) -> Outcome | None:
    """Send a test message now and return what became of it; None where there is no such channel.

    Where it was taken, whatever waits because the channel failed goes at once. The audit log says who sent it, and
    what became of it: a message of a team's robot that no rule explains.
    """
    stored = dispatch.alarms.channels.get(channel_id)
    if stored is None:
        return None
    notice = Wording(language=language, public_url=dispatch.public_url).trial(stored.name, uuid4().hex)
    outcome = send(open_stored(stored), notice, dispatch.network)
    if isinstance(outcome, Sent) and stored.failures:
        dispatch.alarms.channels.works_again(channel_id)
    dispatch.alarms.channels.note_test(stored, _WORDS[type(outcome)], by, dispatch.clock())
    return outcome
