"""Everything that Apprise knows: e-mail, Slack, Teams, Telegram, Discord and many more, by an address of its own kind.

Apprise opens its connections itself, so it runs in a child process (``apprise_child``) that refuses every connection
and every file that it has no business with. What is refused there depends on nobody's care here.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from typing import ClassVar, Final

from attrs import frozen

from logcenter_collector.alarms.channels.fields import ChannelField, ChannelKind
from logcenter_collector.alarms.channels.notice import InDoubt, Notice, Outcome, Refused, Sent
from logcenter_collector.alarms.network import Network
from logcenter_sdk.contract.problem import FieldError

LOCAL: Final = frozenset({"blink1", "dbus", "gio", "glib", "gnome", "kde", "macosx", "qt", "syslog", "windows", "file"})
"""What begins an address that goes to this very machine, or is none of Apprise's services."""
_SCHEME: Final = re.compile(r"([a-z0-9]{2,20})://\S+", re.IGNORECASE)
_KEPT: Final = ("LANG", "PYTHONPATH", "SSL_CERT_DIR", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "SYSTEMROOT", "TZ")
"""Of the environment; above all no proxy, which would connect in the collector's place."""


@frozen(kw_only=True)
class Apprise:
    """One service of Apprise."""

    url: str
    knows_repeats: ClassVar[bool] = False

    def send(self, notice: Notice, network: Network) -> Outcome:
        """Let a child process send it; one that takes too long is ended."""
        body = "\n".join(part for part in (notice.text, notice.url) if part)
        work = {"url": self.url, "title": notice.title, "body": body, "policy": _wire(network)}
        try:
            done = subprocess.run(
                [sys.executable, "-B", "-P", "-m", "logcenter_collector.alarms.channels.apprise_child"],
                input=json.dumps(work).encode(),
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                timeout=network.seconds,
                check=False,
                env={name: os.environ[name] for name in _KEPT if name in os.environ},
            )
        except subprocess.TimeoutExpired:
            return InDoubt(reason="it took too long")
        except OSError as error:
            return Refused(reason=f"no process for Apprise: {error.strerror}")
        return _outcome(done.stdout, done.returncode)


def _wire(network: Network) -> dict[str, object]:
    policy = network.policy
    return {"everything": policy.everything, "allowed": [str(allowed) for allowed in policy.allowed]}


def _outcome(printed: bytes, returncode: int) -> Outcome:
    try:
        result = json.loads(printed)
    except ValueError:
        return InDoubt(reason=f"Apprise ended with exit code {returncode}")
    match result["outcome"]:
        case "sent":
            return Sent()
        case "in doubt":
            return InDoubt(reason=result["reason"])
        case _:
            return Refused(reason=result["reason"], permanent=result["permanent"])


def _check(settings: Mapping[str, str]) -> Iterator[FieldError]:
    match = _SCHEME.fullmatch(settings["url"])
    if match is None:
        yield FieldError("url", "must be one address as Apprise has them, such as mailto://… or slack://…")
    elif match[1].lower() in LOCAL:
        yield FieldError("url", f"must lead to a service in the network; {match[1]}:// does not")


KIND: Final = ChannelKind(
    name="apprise",
    fields=(ChannelField(name="url", secret=True, needed=True),),
    check=_check,
    make=lambda settings: Apprise(**settings),
)
