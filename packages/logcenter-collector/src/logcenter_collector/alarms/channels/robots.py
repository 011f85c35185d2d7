"""What robots of chat services have in common: JSON out, and an answer with a code that may refuse in a 200."""

import json
from bisect import bisect_right
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, Final

from attrs import frozen

from logcenter_collector.alarms.channels.notice import InDoubt, Outcome, Refused, Sent
from logcenter_collector.alarms.network import Answer, Network, UnansweredError, UnreachableError
from logcenter_sdk.contract.limits import cut_bytes, cut_characters

_REASON: Final = 300
_CUT: Final = "…"
_GATEWAY: Final = frozenset({HTTPStatus.BAD_GATEWAY, HTTPStatus.GATEWAY_TIMEOUT})
"""Somebody between us and the receiver got no answer."""
_LONGEST_WAIT: Final = 24 * 3600


@frozen(kw_only=True)
class Advice:
    """What a refusal means to whoever runs the collector."""

    about: str = ""
    retry_after: int | None = None
    permanent: bool = False


Advise = Callable[[int, str], Advice]


def tell(network: Network, url: str, message: Mapping[str, Any], advise: Advise, names: tuple[str, str]) -> Outcome:
    """Send a message to a robot; ``names`` are the members of its answer that hold the code and what it says."""
    body = json.dumps(message, ensure_ascii=False).encode("utf-8", "replace")
    answer = post(network, url, body, {"Content-Type": "application/json; charset=utf-8"})
    return _judged(answer, advise, names) if isinstance(answer, Answer) else answer


def post(network: Network, url: str, body: bytes, headers: Mapping[str, str]) -> Answer | Refused | InDoubt:
    """Send a body; return the answer, or what became of it without one."""
    try:
        return network.post(url, body, headers)
    except UnreachableError as error:
        return Refused(reason=_short(str(error)), permanent=error.permanent)
    except UnansweredError as error:
        return InDoubt(reason=_short(str(error)))


def refused_by_status(answer: Answer) -> Refused:
    """Return the refusal that a status other than 2xx is."""
    status = answer.status
    name = HTTPStatus(status).phrase if status in HTTPStatus.__members__.values() else ""
    reason = f"answered {status} {name}".rstrip()
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        reason += ": redirects are not followed, so give the address that it leads to"
    return Refused(reason=reason, retry_after=retry_after(answer), permanent=status == HTTPStatus.GONE)


def retry_after(answer: Answer) -> int | None:
    """Return the seconds of ``Retry-After``; a date there is not read, and a day is the longest wait."""
    text = answer.headers.get("retry-after", "").strip()
    return min(int(text), _LONGEST_WAIT) if text.isascii() and text.isdecimal() else None


def utf8_bytes(text: str) -> int:
    """Return the size of a text."""
    return len(text.encode("utf-8", "replace"))


def json_bytes(text: str) -> int:
    """Return the size of a text within JSON, where some characters are written as two."""
    return utf8_bytes(json.dumps(text, ensure_ascii=False))


def fit(text: str, room: int, size: Callable[[str], int] = utf8_bytes) -> str:
    """Return ``text`` so that its size is at most ``room``: whole lines as far as they fit, then a mark."""
    if size(text) <= room:
        return text
    lines = text.split("\n")
    kept = bisect_right(range(1, len(lines)), room, key=lambda count: size("\n".join([*lines[:count], _CUT])))
    if kept:
        return "\n".join([*lines[:kept], _CUT])
    halves = (cut_bytes(lines[0], room >> halvings) for halvings in range(room.bit_length()))
    return next((cut for cut in halves if size(cut) <= room), _CUT)


def with_keyword(title: str, keyword: str) -> str:
    """Return a title that holds the keyword without which the robot takes nothing."""
    return title if keyword in title else f"{title} · {keyword}"


def _judged(answer: Answer, advise: Advise, names: tuple[str, str]) -> Outcome:
    code, says = _verdict(answer.body, names)
    if code == 0 and answer.status == HTTPStatus.OK:
        return Sent()
    if code:
        advice = advise(code, says.lower())
        reason = ": ".join(part for part in (f"refused with code {code}", says, advice.about) if part)
        return Refused(reason=_short(reason), retry_after=advice.retry_after, permanent=advice.permanent)
    if answer.status in _GATEWAY:
        return InDoubt(reason=f"answered {answer.status}: a gateway got no answer")
    if answer.status == HTTPStatus.OK:
        return Refused(reason="answered 200, but not as a robot does; is the address right?")
    return refused_by_status(answer)


def _verdict(body: bytes, names: tuple[str, str]) -> tuple[int | None, str]:
    """Return the code of an answer and what it says; None where it has no code."""
    try:
        members = json.loads(body)
    except (ValueError, RecursionError):
        return None, ""
    if not isinstance(members, dict):
        return None, ""
    code, says = (members.get(name) for name in names)
    return code if isinstance(code, int) else None, says if isinstance(says, str) else ""


def _short(reason: str) -> str:
    return cut_characters(" ".join(reason.split()), _REASON)
