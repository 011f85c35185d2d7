"""A file of the spool: what its name says, and how reports stand in it. Pure: names and bytes.

A name says all that is needed to decide about a file, so that a folder of thousands is judged by one listing:
``created-reports-bytes-token.place-pid-since.part`` while a process writes it, ``….report`` when it is whole, and
``….place-pid-since.claim`` while a process sends it. The instants are nanoseconds since 1970.
"""

import re
import zlib
from collections.abc import Sequence
from typing import Final, NamedTuple

from logcenter_sdk.encoded import Encoded

_NAME: Final = re.compile(
    r"(?P<stem>(?P<created>\d{20})-(?P<reports>\d{1,9})-(?P<bytes>\d{1,12})-[0-9a-f]{12})\."
    r"(?:report|(?P<place>[0-9a-f]{8})-(?P<pid>\d{1,10})-(?P<since>\d{20})\.(?:part|claim))"
)
_HEAD: Final = b"logcenter-spool-1 "
_CHECKSUM_BYTES: Final = 8


class Claim(NamedTuple):
    """Which process has a file, and since when."""

    place: str
    """Eight hexadecimal digits that stand for where process ids mean the same: a machine, a container."""
    pid: int
    since_ns: int


class SpoolFile(NamedTuple):
    """What the name of a file says."""

    name: str
    stem: str
    created_ns: int
    reports: int
    bytes: int
    claim: Claim | None = None

    @property
    def is_whole(self) -> bool:
        """Whether all of it was written."""
        return not self.name.endswith(".part")

    def part(self, claim: Claim) -> str:
        """Return its name while a process writes it."""
        return f"{self.stem}.{_words(claim)}.part"

    def waiting(self) -> str:
        """Return its name while it waits for whoever sends it."""
        return f"{self.stem}.report"

    def claimed(self, claim: Claim) -> str:
        """Return its name while a process sends it."""
        return f"{self.stem}.{_words(claim)}.claim"


def _words(claim: Claim) -> str:
    return f"{claim.place}-{claim.pid}-{claim.since_ns:020d}"


def new_file(created_ns: int, reports: int, size: int, token: str) -> SpoolFile:
    """Return a file that is to be written; ``token`` (twelve hexadecimal digits) makes its name the only one."""
    stem = f"{created_ns:020d}-{reports}-{size}-{token}"
    return SpoolFile(f"{stem}.report", stem, created_ns, reports, size)


def read_name(name: str) -> SpoolFile | None:
    """Return what a name says; None where it is none of ours."""
    match = _NAME.fullmatch(name)
    if match is None or not name.isascii():
        return None
    claim = Claim(match["place"], int(match["pid"]), int(match["since"])) if match["place"] else None
    return SpoolFile(name, match["stem"], int(match["created"]), int(match["reports"]), int(match["bytes"]), claim)


def pack(encoded: Sequence[Encoded]) -> bytes:
    """Return reports as a file holds them: compressed, as they are much alike, to a tenth and less.

    With a checksum: nothing is flushed to the disk, so a power cut may cut a file.
    """
    reports = b"".join(b"%d %d\n%b\n" % (one.occurrences, len(one.body), one.body) for one in encoded)
    content = zlib.compress(reports, 1)
    return b"%b%08x\n%b" % (_HEAD, zlib.crc32(content), content)


def unpack(content: bytes) -> tuple[Encoded, ...]:
    """Return the reports of a file. Raises ValueError where it is not as it was written."""
    start = len(_HEAD) + _CHECKSUM_BYTES + 1
    if content[:start] != b"%b%08x\n" % (_HEAD, zlib.crc32(content[start:])):
        raise ValueError("is no file of the spool, or was damaged")
    rest = zlib.decompress(content[start:])
    found = []
    while rest:
        sizes, _, rest = rest.partition(b"\n")
        occurrences, size = map(int, sizes.split(b" "))
        found.append(Encoded(occurrences, rest[:size]))
        rest = rest[size + 1 :]
    return tuple(found)
