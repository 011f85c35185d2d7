"""A webhook of one's own: JSON, signed as the Standard Webhooks specification has it.

Three headers: ``webhook-id`` (the same at every attempt), ``webhook-timestamp`` (seconds) and ``webhook-signature``,
``v1,`` and the base64 of the HMAC-SHA256 of ``id.timestamp.body``. A secret that begins with ``whsec_`` is base64, as
that specification's libraries want it; any other text is the key itself.
"""

import base64
import binascii
import hashlib
import hmac
import json
import time
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import ClassVar, Final

from attrs import frozen

from logcenter_collector.alarms.channels.fields import ChannelField, ChannelKind, wrong_url
from logcenter_collector.alarms.channels.notice import Notice, Outcome, Sent
from logcenter_collector.alarms.channels.robots import post, refused_by_status
from logcenter_collector.alarms.network import Answer, Network
from logcenter_sdk.contract.problem import FieldError

_ENCODED: Final = "whsec_"
_LEAST_SECRET: Final = 16


@frozen(kw_only=True)
class Webhook:
    """One receiver."""

    url: str
    secret: str = ""
    knows_repeats: ClassVar[bool] = True

    def send(self, notice: Notice, network: Network) -> Outcome:
        """Post the events; every 2xx means that they were taken."""
        body = json.dumps(notice.payload, ensure_ascii=False).encode("utf-8", "replace")
        answer = post(network, self.url, body, self._headers(notice.delivery_id, body))
        if not isinstance(answer, Answer):
            return answer
        taken = HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES
        return Sent() if taken else refused_by_status(answer)

    def _headers(self, delivery_id: str, body: bytes) -> dict[str, str]:
        timestamp = str(int(time.time()))
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "log-center",
            "webhook-id": delivery_id,
            "webhook-timestamp": timestamp,
        }
        if self.secret:
            headers["webhook-signature"] = sign(delivery_id, timestamp, body, self.secret)
        return headers


def sign(delivery_id: str, timestamp: str, body: bytes, secret: str) -> str:
    """Return the signature of a body, with its version."""
    signed = f"{delivery_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(_key(secret), signed, hashlib.sha256)).decode()


def _key(secret: str) -> bytes:
    """Return the bytes of a secret. Raises binascii.Error."""
    if secret.startswith(_ENCODED):
        return base64.b64decode(secret.removeprefix(_ENCODED), validate=True)
    return secret.encode()


def _check(settings: Mapping[str, str]) -> Iterator[FieldError]:
    yield from wrong_url("url", settings["url"])
    if settings["secret"]:
        yield from _wrong_secret(settings["secret"])


def _wrong_secret(secret: str) -> Iterator[FieldError]:
    try:
        key = _key(secret)
    except binascii.Error:
        yield FieldError("secret", f"is no base64 after {_ENCODED}")
        return
    if len(key) < _LEAST_SECRET:
        yield FieldError("secret", f"must have at least {_LEAST_SECRET} bytes, not {len(key)}; leave it empty for none")


KIND: Final = ChannelKind(
    name="webhook",
    fields=(ChannelField(name="url", needed=True), ChannelField(name="secret", secret=True)),
    check=_check,
    make=lambda settings: Webhook(**settings),
)
