"""The threads that send alarms: one that looks what is due, and one for each channel that has something to send.

They only read and write the database as everybody does, so reports never wait for a receiver; a channel that is slow
keeps its own thread busy and no other.
"""

import logging
import threading
from time import monotonic
from typing import Final

from attrs import define, field

from logcenter_collector.alarms.sending import CLAIM, Dispatch
from logcenter_collector.store.base import StoreUnavailableError

log = logging.getLogger(__name__)

LOOK_SECONDS: Final = 1.0
"""How often it looks for what other collectors raised, and what is due only now."""
RELOAD_SECONDS: Final = 2.0
"""How often it reads the rules, which other collectors may have changed, and renews its claims."""
REST_SECONDS: Final = 0.2
"""Between two looks, whatever wakes it: in a storm every batch does."""
HELD_BACK_SECONDS: Final = 1.0
"""Until the next look at a channel for which all that is due was held back."""
AT_ONCE: Final = 16
"""Channels that are worked at at the same time."""
STOP_SECONDS: Final = 15.0
"""How long an end waits for messages under way: as long as one takes. Who is killed earlier leaves it in doubt."""


@define
class Sender:
    """Sends alarms from its start to its stop."""

    dispatch: Dispatch
    _busy: dict[int, threading.Thread] = field(factory=dict)
    _held_back_until: dict[int, float] = field(factory=dict)
    _thread: threading.Thread = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._thread = threading.Thread(target=self._run, name="logcenter-alarms", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End after the messages that are under way, and after some seconds at the latest."""
        self.dispatch.stopping.set()
        self.dispatch.alarms.rulebook.wake()
        until = monotonic() + STOP_SECONDS
        if self._thread.is_alive():
            self._thread.join(STOP_SECONDS)
        for thread in self._busy.values():  # nobody starts another one any more
            thread.join(max(0.0, until - monotonic()))

    def _run(self) -> None:
        rulebook, stopping = self.dispatch.alarms.rulebook, self.dispatch.stopping
        reload_at = monotonic()
        while not stopping.is_set():
            try:
                if monotonic() >= reload_at:
                    reload_at = monotonic() + RELOAD_SECONDS
                    rulebook.reload()
                    self._renew()
                self._look()
            except StoreUnavailableError as error:
                log.debug("Alarms are looked for later: %s", error)
            except Exception:
                log.exception("Alarms could not be looked for")
            if stopping.wait(REST_SECONDS):
                return
            rulebook.wait(LOOK_SECONDS)

    def _renew(self) -> None:
        if busy := [channel_id for channel_id, thread in self._busy.items() if thread.is_alive()]:
            dispatch = self.dispatch
            dispatch.alarms.outbox.renew(busy, dispatch.holder, dispatch.clock() + CLAIM)

    def _look(self) -> None:
        self._busy = {number: thread for number, thread in self._busy.items() if thread.is_alive()}
        if not self.dispatch.alarms.rulebook.rules:
            return  # what waited went with its rule
        for channel_id in self.dispatch.alarms.outbox.channels_due(self.dispatch.clock()):
            is_held_back = self._held_back_until.get(channel_id, 0.0) > monotonic()
            if channel_id not in self._busy and not is_held_back and len(self._busy) < AT_ONCE:
                name = f"logcenter-alarms-{channel_id}"
                thread = threading.Thread(target=self._work, args=(channel_id,), name=name, daemon=True)
                self._busy[channel_id] = thread
                thread.start()

    def _work(self, channel_id: int) -> None:
        try:
            if not self.dispatch.work_at(channel_id):
                self._held_back_until[channel_id] = monotonic() + HELD_BACK_SECONDS
        except StoreUnavailableError as error:
            log.debug("A channel of alarms is worked at later: %s", error)
        except Exception:
            log.exception("Alarms could not be sent by channel %d", channel_id)
