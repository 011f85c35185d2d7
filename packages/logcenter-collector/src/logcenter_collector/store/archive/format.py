"""The file of a backup: lines of JSON, compressed with zstd. ``zstdcat FILE | less`` shows it.

    {"format": "logcenter-backup", "version": 1, "schema": "0001", …, "rows": {"projects": 3, …}}
    {"table": "projects", "columns": {"project_id": "text", …}}
    ["shop", "Shop", …]                                     a row for each line; bytes are base64
    …
    {"digest": "…"}                                         BLAKE2b of all the lines before it

A file that was cut or changed is found out by its last line.
"""

from base64 import b64decode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import blake2b
from typing import Any, BinaryIO, Final

import msgspec
from attrs import frozen

from logcenter_collector.store.compression import zstd

FORMAT: Final = "logcenter-backup"
VERSION: Final = 1
_LEVEL: Final = 3
_DIGEST_BYTES: Final = 32

Row = list[Any]


class DamagedBackupError(Exception):
    """The file is no backup, or not as it was written."""


class Header(msgspec.Struct, kw_only=True):
    """The first line: where the backup comes from, and how many rows of each table there are."""

    format: str = FORMAT
    version: int = VERSION
    schema: str
    made_at: str
    made_by: str
    made_of: str
    rows: dict[str, int]
    earliest: int | None = None
    """When the earliest occurrence arrived that is only part of a sample, in microseconds: for partitions."""


class TableLine(msgspec.Struct):
    """The line before the rows of a table: the kind of value of each of its columns (text, int, bool or bytes)."""

    table: str
    columns: dict[str, str]


class EndLine(msgspec.Struct):
    """The last line."""

    digest: str


class BackupWriter:
    """Writes the lines."""

    def __init__(self, file: BinaryIO, header: Header) -> None:
        self._zstd = zstd.ZstdFile(file, "wb", level=_LEVEL)
        self._digest = blake2b(digest_size=_DIGEST_BYTES)
        self._encoder = msgspec.json.Encoder()
        self.write(header)

    def write(self, *lines: object) -> None:
        """Write lines."""
        encoded = b"".join([self._encoder.encode(line) + b"\n" for line in lines])
        self._digest.update(encoded)
        self._zstd.write(encoded)

    def close(self) -> None:
        """Write the last line."""
        self._zstd.write(self._encoder.encode(EndLine(self._digest.hexdigest())) + b"\n")
        self._zstd.close()


@frozen
class TablePart:
    """A table of a backup; its rows have to be read before the next table."""

    name: str
    columns: Mapping[str, str]
    rows: Iterator[Row]


class BackupReader:
    """Reads the lines, and finds out whether they are all there and unchanged. Raises DamagedBackupError."""

    def __init__(self, file: BinaryIO) -> None:
        self._zstd = zstd.ZstdFile(file, "rb")
        self._digest = blake2b(digest_size=_DIGEST_BYTES)
        self._line = b""
        with _damages():
            self.header = msgspec.json.decode(self._next(), type=Header)
        if (self.header.format, self.header.version) != (FORMAT, VERSION):
            raise DamagedBackupError("It is no backup of this collector, or one of a newer collector.")

    def tables(self) -> Iterator[TablePart]:
        """Yield the tables; at the end it is known that nothing is missing."""
        with _damages():
            self._next()
            while not self._line.startswith(b'{"digest"'):
                table = msgspec.json.decode(self._line, type=TableLine)
                yield TablePart(table.table, table.columns, self._rows(table.columns))
            end = msgspec.json.decode(self._line, type=EndLine)
            if end.digest != self._digest.hexdigest() or self._zstd.read(1):
                raise DamagedBackupError("It is not as it was written: its checksum is another one.")

    def _rows(self, columns: Mapping[str, str]) -> Iterator[Row]:
        packed = [place for place, kind in enumerate(columns.values()) if kind == "bytes"]
        decoder = msgspec.json.Decoder(Row)
        with _damages():
            while self._next().startswith(b"["):
                row = decoder.decode(self._line)
                for place in packed:
                    row[place] = None if row[place] is None else b64decode(row[place])
                yield row

    def _next(self) -> bytes:
        """Read a line; what came before it counts for the checksum."""
        self._digest.update(self._line)
        self._line = self._zstd.readline()
        if not self._line.endswith(b"\n"):
            raise DamagedBackupError("It ends too early.")
        return self._line


@contextmanager
def _damages() -> Iterator[None]:
    try:
        yield
    except (zstd.ZstdError, EOFError, ValueError, TypeError, IndexError) as error:  # msgspec's errors are ValueErrors
        raise DamagedBackupError(f"It cannot be read: {error}") from error
