"""From the bytes of a body to the contract's objects.

Bytes that are right take the fast way, straight into the contract's classes. Where that fails, the slow way decides
what is wrong, all of it, or reads what the fast way is too strict for (lone surrogates, a byte order mark).
"""

import codecs
import json
import math
import re
import zlib
from typing import Any, Final, NoReturn, TypeVar

import msgspec

from logcenter_collector.ingest.refusal import invalid_fields, not_json, too_deep, too_large, too_many
from logcenter_sdk.contract.fingerprint import fingerprint_of
from logcenter_sdk.contract.limits import BATCH_REPORTS
from logcenter_sdk.contract.problem import FieldError
from logcenter_sdk.contract.reading import InvalidFieldsError, read
from logcenter_sdk.contract.report import Report, normalise
from logcenter_sdk.contract.storable import storable_json

T = TypeVar("T")

_REPORT: Final = msgspec.json.Decoder(Report)
# Not a list: that has to be read to its end, and eight megabytes of empty lists take five hundred.
_BATCH: Final = msgspec.json.Decoder(
    msgspec.defstruct(
        "Batch",
        [(f"entry{number}", msgspec.Raw, None) for number in range(BATCH_REPORTS)],
        array_like=True,
        forbid_unknown_fields=True,
    )
)
_HEX: Final = "[0-9a-fA-F]"
_SURROGATES: Final = re.compile(
    rf"\\\\|\\u[dD][89abAB]{_HEX}{{2}}\\u[dD][c-fC-F]{_HEX}{{2}}|\\u[dD][89a-fA-F]{_HEX}{{2}}".encode()
)
"""An escaped backslash, a pair, half of a pair."""
_DIGITS: Final = bytes(ord("0") if chr(byte) in "0123456789" else ord(" ") for byte in range(256))
_NINETEEN_DIGITS: Final = b"0" * 19

SHALLOW: Final = 200
"""With so few brackets a body cannot be nested too deeply for us."""

GZIP_MEMBERS: Final = 100
"""How many members a gzip body may have. The rest is copied for each, so many tiny ones would stop us for a minute."""


def decode_report(body: bytes) -> Report:
    """Return the report of a body, which can be walked without recursing too deeply.

    Raises RefusedError with every wrong field named.
    """
    report = _decode_fast(body) or decode_object(Report, body)
    if body.count(b"[") + body.count(b"{") > SHALLOW:
        _check_depth(report)
    return report


def _decode_fast(body: bytes) -> Report | None:
    # The decoder takes integers of any size; the slow way measures them.
    if _NINETEEN_DIGITS in body.translate(_DIGITS):
        return None
    try:
        return _REPORT.decode(body)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None  # the slow way finds out all that is wrong


def _check_depth(report: Report) -> None:
    """Find out here what would fail where nobody can be told: the decoder goes deeper than we can."""
    try:
        normalise(report)
        fingerprint_of(report)
    except RecursionError:
        raise too_deep() from None


def split_batch(body: bytes) -> list[bytes]:
    """Return the bytes of each report of a batch. Raises RefusedError when the body is no array, or one of too many."""
    text = body.removeprefix(codecs.BOM_UTF8)
    try:
        return _entries(text)
    except msgspec.DecodeError:
        return _split_strictly(_without_lone_surrogates(text))


def _split_strictly(text: bytes) -> list[bytes]:
    try:
        return _entries(text)
    except msgspec.DecodeError as error:
        raise not_json(f"The body is not JSON: {error}") from None


def _entries(text: bytes) -> list[bytes]:
    """Return the bytes of each entry. Raises RefusedError, and DecodeError where it is no JSON."""
    try:
        entries = msgspec.structs.astuple(_BATCH.decode(text))
    except msgspec.ValidationError:
        if not text.lstrip().startswith(b"["):
            raise invalid_fields([FieldError("(body)", "must be an array of reports")]) from None
        raise too_many(BATCH_REPORTS, BATCH_REPORTS + 1) from None  # nobody counts the rest
    except RecursionError:
        raise too_deep() from None
    return [bytes(entry) for entry in entries if entry is not None]


def _without_lone_surrogates(text: bytes) -> bytes:
    """Return JSON with U+FFFD in the place of each half of a pair, which the decoder refuses."""
    return _SURROGATES.sub(lambda found: rb"\ufffd" if len(found[0]) == len(rb"\ufffd") else found[0], text)


def decode_object(cls: type[T], body: bytes) -> T:
    """Return an object of the contract. Raises RefusedError with every wrong field named."""
    return read_object(cls, decode_json(body))


def read_object(cls: type[T], payload: object) -> T:
    """Return an object of the contract of decoded JSON. Raises RefusedError with every wrong field named."""
    try:
        return read(cls, payload)
    except InvalidFieldsError as error:
        raise invalid_fields(error.errors) from None
    except RecursionError:
        raise too_deep() from None


def decode_json(body: bytes) -> Any:  # noqa: ANN401 - any JSON
    """Return the JSON value of a body, lone surrogates replaced. Raises RefusedError."""
    try:
        return storable_json(
            json.loads(body.decode("utf-8-sig"), parse_constant=_refuse_constant, parse_float=_finite_float)
        )
    except UnicodeDecodeError:
        raise not_json("The body is not UTF-8.") from None
    except RecursionError:
        raise too_deep() from None
    except ValueError as error:
        raise not_json(f"The body is not JSON: {error}") from None


def _finite_float(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _refuse_constant(text[:40])


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number that can be kept")


def decompress(body: bytes, limit: int) -> bytes:
    """Return a gzip body's content, never holding more than ``limit`` bytes of it. Raises RefusedError."""
    plain = b""
    for _ in range(GZIP_MEMBERS):  # gzip is one member or several, one after the other
        stream = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        try:
            plain += stream.decompress(body, limit + 1 - len(plain))
        except zlib.error:
            raise not_json("The body is not gzip, although Content-Encoding says so.") from None
        if len(plain) > limit:
            raise too_large(limit)
        if not stream.eof:
            raise not_json("The gzip body ends too early.")
        body = stream.unused_data
        if not body:
            return plain
    raise not_json(f"The gzip body has more than {GZIP_MEMBERS} members; compress it in one go.")
