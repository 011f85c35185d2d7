"""The process that Apprise runs in: one message comes by standard input, what became of it goes to standard output.

An audit hook sees every connection, file and process that Python code asks for, before it is there. Allowed are
connections to addresses that the policy allows, and reading what belongs to Python; nothing else. So no address of
Apprise's kind reaches into the private network or reads a file of this machine, whatever a service makes of it.
"""

import json
import logging
import mimetypes
import os
import smtplib
import sys
import sysconfig
from collections.abc import Callable, Iterable
from http import HTTPStatus
from ipaddress import ip_network
from pathlib import Path
from typing import IO, Any, Final

import requests
from attrs import define, field
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, NewConnectionError

from logcenter_collector.domain.alarms.addresses import AddressPolicy
from logcenter_sdk.contract.limits import cut_characters

_REASON: Final = 300
_MEMORY: Final = 384 * 1024 * 1024
_WRITES: Final = os.O_WRONLY | os.O_RDWR
_NOT_SENT: Final = (ConnectTimeoutError, NewConnectionError)
_PROCESSES: Final = (
    "os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "os.startfile", "os.system", "subprocess.Popen",
    "syslog.openlog", "syslog.syslog",
)  # fmt: skip


class Guard:
    """The audit hook. A connection that it refuses is noted, for the reason of the failure."""

    def __init__(self, policy: AddressPolicy, readable: Iterable[str]) -> None:
        self.refused: list[str] = []
        self._policy = policy
        self._readable = tuple(readable)
        self._checks: dict[str, Callable[..., None]] = {
            "open": self._may_open,
            "socket.connect": self._may_connect,
            "socket.sendmsg": self._may_connect,
            "socket.sendto": self._may_connect,
            **dict.fromkeys(_PROCESSES, self._may_not),
        }

    def __call__(self, event: str, args: tuple[Any, ...]) -> None:
        """Raise PermissionError for what may not be."""
        if check := self._checks.get(event):
            check(*args)

    def _may_connect(self, _socket: object, address: object) -> None:
        if address is None:  # a datagram on a socket that is connected already
            return
        if refusal := self._refusal(address[0] if isinstance(address, tuple) else address):
            self.refused.append(refusal)
            raise PermissionError(refusal)

    def _refusal(self, host: object) -> str | None:
        try:
            kind = self._policy.refusal(host) if isinstance(host, str) else "a socket of this machine"
        except ValueError:
            return f"{host} is a name (or a socket of this machine) where this service needs an address"
        return kind and f"{host} is {kind}; whoever runs the collector may allow it"

    def _may_open(self, path: object, _mode: object, flags: int) -> None:
        if isinstance(path, int):
            return
        name = os.path.abspath(os.fsdecode(path))  # type: ignore[arg-type] # noqa: PTH100 - a Path would cost more
        if flags & _WRITES or not name.startswith(self._readable):
            raise PermissionError(f"{name} is no business of a message")

    def _may_not(self, *_: object) -> None:
        raise PermissionError("a message starts no process")


@define
class Traffic:
    """What went over the wire: a service may fail after it took the message, or while nobody knows."""

    taken: int = 0
    unanswered: bool = False
    said: list[str] = field(factory=list)

    def watch(self) -> None:
        """Look at every HTTP request and every mail from now on."""
        http_send, mail_data = requests.Session.send, smtplib.SMTP.data

        def send(*args: Any, **kwargs: Any) -> requests.Response:  # noqa: ANN401 - whatever requests passes
            try:
                response = http_send(*args, **kwargs)
            except (requests.RequestException, MemoryError) as error:  # of MemoryError, its answer is the cause
                self.unanswered |= _may_have_arrived(error)
                raise
            self.taken += HTTPStatus.OK <= response.status_code < HTTPStatus.MULTIPLE_CHOICES
            return response

        def data(*args: Any) -> tuple[int, bytes]:  # noqa: ANN401 - whatever smtplib passes
            try:
                code, text = mail_data(*args)
            except smtplib.SMTPDataError:
                raise
            except (OSError, smtplib.SMTPException):
                self.unanswered = True
                raise
            self.taken += code == 250  # noqa: PLR2004 - SMTP's word for: it is mine now
            return code, text

        requests.Session.send = send  # type: ignore[method-assign]
        smtplib.SMTP.data = data  # type: ignore[assignment,method-assign]


class _Ear(logging.Handler):
    """Keeps what Apprise says of a failure."""

    def __init__(self, said: list[str]) -> None:
        super().__init__(logging.WARNING)
        self._said = said

    def emit(self, record: logging.LogRecord) -> None:
        self._said.append(record.getMessage())


def _may_have_arrived(error: requests.RequestException | MemoryError) -> bool:
    """Whether the request may have gone out whole before it failed."""
    if isinstance(error, MemoryError):
        return True
    if isinstance(error, requests.exceptions.ConnectTimeout | requests.exceptions.SSLError):
        return False
    cause = error.args[0] if error.args else None
    if isinstance(cause, MaxRetryError) and isinstance(cause.reason, _NOT_SENT):
        return False
    return isinstance(error, requests.ConnectionError | requests.Timeout | requests.exceptions.ChunkedEncodingError)


def readable() -> list[str]:
    """Return what may be read: Python's own folders, and the files of the system that its library looks into."""
    folders = {*sys.path, sys.prefix, sys.base_prefix, *sysconfig.get_paths().values(), "/usr/share/zoneinfo"}
    files = {*map(str, mimetypes.knownfiles), "/etc/localtime", os.devnull}
    certificates = {os.environ[name] for name in ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE") if name in os.environ}
    return [*(str(Path(folder)) + os.sep for folder in folders if folder), *files, *certificates]


def deliver(work: dict[str, Any], guard: Guard) -> dict[str, object]:
    """Send a message as Apprise does, once, and return what became of it."""
    import apprise  # noqa: PLC0415 - behind the guard

    traffic = Traffic()
    traffic.watch()
    logging.getLogger("apprise").addHandler(_Ear(traffic.said))
    asset = apprise.AppriseAsset(storage_mode="memory", allow_templates=False)
    asset.app_id = asset.app_desc = "Log Center"
    service = apprise.Apprise.instantiate(work["url"], asset=asset)
    if service is None:
        return _refused("Apprise does not understand this address", traffic, permanent=True)
    service.retry = 0  # the outbox tries again
    service.optional = False  # a failure would be called a success
    targets = len(service)
    title = cut_characters(work["title"], service.title_maxlen or 250)
    body = cut_characters(work["body"], max(service.body_maxlen - len(title) - 2, 100))
    sender = apprise.Apprise(asset=asset)
    sender.add(service)
    if sender.notify(body=body, title=title, body_format=apprise.NotifyFormat.TEXT):
        return {"outcome": "sent"}
    if guard.refused:
        return _refused(guard.refused[0], Traffic(), permanent=True)
    if traffic.unanswered:
        return {"outcome": "in doubt", "reason": _reason("no answer came", traffic)}
    if traffic.taken and targets > 1:
        return {"outcome": "in doubt", "reason": _reason("only some of the receivers took it", traffic)}
    return _refused("Apprise could not send it", traffic, permanent=False)


def _refused(reason: str, traffic: Traffic, *, permanent: bool) -> dict[str, object]:
    return {"outcome": "refused", "reason": _reason(reason, traffic), "permanent": permanent}


def _reason(reason: str, traffic: Traffic) -> str:
    return cut_characters(" ".join(": ".join([reason, *traffic.said]).split()), _REASON)


def bound_memory() -> None:
    """Let an answer without end break this process and not the machine."""
    if sys.platform != "win32":
        import resource  # noqa: PLC0415 - not everywhere

        resource.setrlimit(resource.RLIMIT_DATA, (_MEMORY, _MEMORY))


def main(incoming: IO[bytes], outgoing: IO[bytes]) -> None:
    """Send the one message that ``incoming`` holds, behind the guard."""
    bound_memory()
    work = json.loads(incoming.read())
    allowed = tuple(ip_network(network) for network in work["policy"]["allowed"])
    guard = Guard(AddressPolicy(everything=work["policy"]["everything"], allowed=allowed), readable())
    sys.addaudithook(guard)
    outgoing.write(json.dumps(deliver(work, guard)).encode())
    outgoing.flush()
    os._exit(0)  # Apprise leaves threads behind that would be waited for


if __name__ == "__main__":
    result = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a service prints is no result
    main(sys.stdin.buffer, result)
