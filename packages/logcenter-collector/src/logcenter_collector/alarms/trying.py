"""Send a message by hand, to see whether a channel works."""

from uuid import uuid4

from logcenter_collector.alarms.channels.notice import Outcome, Sent
from logcenter_collector.alarms.sending import Dispatch, open_stored, send
from logcenter_collector.alarms.wording import Wording
from logcenter_collector.domain.alarms.rule import Language


def try_channel(dispatch: Dispatch, channel_id: int, language: Language) -> Outcome | None:
    """Send a test message now and return what became of it; None where there is no such channel.

    Where it was taken, whatever waits because the channel failed goes at once.
    """
    stored = dispatch.alarms.channels.get(channel_id)
    if stored is None:
        return None
    notice = Wording(language=language, public_url=dispatch.public_url).trial(stored.name, uuid4().hex)
    outcome = send(open_stored(stored), notice, dispatch.network)
    if isinstance(outcome, Sent) and stored.failures:
        dispatch.alarms.channels.works_again(channel_id)
    return outcome
