"""What could not be delivered, kept on disk for the next process or for when the collector is back.

Each ``put`` is one file, written beside its place and renamed into it, so that it is there whole or not at all; a claim
is one rename too, which of several processes only one can make. There is no lock that a killed process could leave
behind. Nothing is flushed to the disk (fsync takes 5 ms and more, in the application's process): the system keeps what
was written when a process dies, in whatever way. Only a power cut may lose or damage files, and a checksum finds those.

Nothing here raises: where the disk fails, ``put`` says so and the reports stay with whoever has them.
"""

import functools
import os
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Concatenate, Final, NamedTuple, ParamSpec, TypeVar
from zlib import crc32

from logcenter_sdk import boundary
from logcenter_sdk.cache_folder import is_own, make_own
from logcenter_sdk.encoded import Encoded
from logcenter_sdk.spool_file import Claim, SpoolFile, new_file, pack, read_name, unpack

MAX_BYTES: Final = 20 * 1024 * 1024
MAX_REPORTS: Final = 10_000

_SECOND: Final = 10**9
_KEPT_NS: Final = 7 * 24 * 3600 * _SECOND
_CLAIM_NS: Final = 60 * _SECOND
"""After so long a claim is void: a request takes 3 s, and whoever claimed it hangs or has gone without a trace."""

_PUTS_UNCOUNTED: Final = 64

_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
_OLD: Final = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)

P = ParamSpec("P")
R = TypeVar("R")
S = TypeVar("S")
D = TypeVar("D")


def _or(default: D) -> Callable[[Callable[Concatenate[S, P], R]], Callable[Concatenate[S, P], R | D]]:
    """Decorate what the disk may spoil: it returns ``default`` then."""

    def decorate(method: Callable[Concatenate[S, P], R]) -> Callable[Concatenate[S, P], R | D]:
        @functools.wraps(method)
        def guarded(self: S, /, *args: P.args, **kwargs: P.kwargs) -> R | D:
            try:
                return method(self, *args, **kwargs)
            except (OSError, ValueError, MemoryError) as error:  # ValueError: a NUL in a path
                boundary.say(f"the spool cannot be used: {type(error).__name__}: {error}")
            except Exception as error:
                if boundary.raise_bugs:
                    raise
                boundary.say(f"the spool failed: {type(error).__name__}: {error}")
            return default

        return guarded

    return decorate


class Entry:
    """Reports that were claimed: nobody else has them until they are given back."""

    __slots__ = ("_finish", "encoded", "is_own")

    def __init__(
        self, encoded: tuple[Encoded, ...], finish: Callable[[tuple[Encoded, ...]], None], *, is_own: bool
    ) -> None:
        self.encoded = encoded
        self.is_own = is_own
        """Whether they were put by this very spool, not by another process."""
        self._finish = finish

    def done(self) -> None:
        """Forget them: they are delivered, or nobody wants them."""
        self._finish(())

    def give_back(self, rest: Sequence[Encoded]) -> None:
        """Keep ``rest`` for later, in their old place, and forget the others."""
        self._finish(tuple(rest))


class _Usage(NamedTuple):
    reports: int = 0
    bytes: int = 0
    changed_ns: int = -1
    """When the folder had last changed as this was known: another change makes it void."""
    puts: int = 0
    """How many puts ago it was counted. What others do within one tick of the disk's clock stays unseen until then."""

    def plus(self, reports: int, size: int) -> "_Usage":
        return self._replace(reports=self.reports + reports, bytes=self.bytes + size, puts=self.puts + 1)


class Spool:
    """A bounded store in one folder (``cache_folder.folder_for``), for any number of processes and threads.

    Processes or threads that put at the very same moment may go over the bound, each by 64 entries at most.
    """

    def __init__(
        self,
        folder: Path | None,
        *,
        max_bytes: int = MAX_BYTES,
        max_reports: int = MAX_REPORTS,
        clock_ns: Callable[[], int] = time.time_ns,
    ) -> None:
        """Make a spool that has not looked at its disk yet; without a folder it takes nothing."""
        self._folder = folder
        self._max_bytes = max_bytes
        self._max_reports = max_reports
        self._clock_ns = clock_ns
        self._usage = _Usage()
        self._listed: deque[SpoolFile] = deque()
        self._own: set[str] = set()

    @property
    def place(self) -> str:
        """Where it is, for people."""
        return "memory" if self._folder is None else str(self._folder)

    @_or(default=False)
    def has_entries(self) -> bool:
        """Whether anything is there, claimed or not."""
        return self._folder is not None and _is_there(self._folder) and bool(self._list(self._folder))

    @_or(default=False)
    def put(self, encoded: Sequence[Encoded]) -> bool:
        """Keep reports as one entry; return whether they are kept, which needs room for all of them."""
        if not encoded:
            return True
        if self._folder is None or not make_own(self._folder):
            return False
        content = pack(encoded)
        present = self._count(self._folder)
        after = present.plus(len(encoded), len(content))
        if after.reports > self._max_reports or after.bytes > self._max_bytes:
            return False
        self._write(self._folder, self._clock_ns(), len(encoded), content, is_own=True)
        self._remember(present, after, self._folder)
        return True

    @_or(default=None)
    def claim(self) -> Entry | None:
        """Return the oldest entry that nobody else has claimed; None where there is none."""
        if self._folder is None or not _is_there(self._folder):
            return None
        for file in self._claimable(self._folder):
            if (entry := self._take(self._folder, file)) is not None:
                return entry
        return None

    def _claimable(self, folder: Path) -> Iterator[SpoolFile]:
        """Yield what was there when the folder was last listed, then what is there now.

        Listing thousands of files for each of them would take longer than sending them.
        """
        yield from _emptying(self._listed)
        me = self._me()
        self._listed.extend(sorted(file for file in self._list(folder) if not _is_held(file, me)))
        yield from _emptying(self._listed)

    def _take(self, folder: Path, file: SpoolFile) -> Entry | None:
        claimed = folder / file.claimed(self._me())
        try:
            (folder / file.name).rename(claimed)
        except (FileNotFoundError, PermissionError):  # somebody else was quicker; on Windows he has it open
            return None
        try:
            encoded = unpack(_read(claimed, file.bytes))
        except ValueError as error:
            boundary.say(f"removed {file.name} from the spool: it {error}")
            claimed.unlink(missing_ok=True)
            return None
        except OSError:  # it cannot be read now: it stays claimed for a while
            return None
        return Entry(encoded, partial(self._finish, file, claimed, encoded), is_own=file.name in self._own)

    @_or(default=None)
    def _finish(self, file: SpoolFile, claimed: Path, encoded: tuple[Encoded, ...], rest: tuple[Encoded, ...]) -> None:
        """End a claim. Where that takes two steps, being killed between them sends reports twice and loses none."""
        if rest == encoded or (rest and not self._wrote_rest(file, claimed, rest)):
            claimed.rename(claimed.with_name(file.waiting()))
        else:
            claimed.unlink(missing_ok=True)
            self._own.discard(file.name)

    def _wrote_rest(self, file: SpoolFile, claimed: Path, rest: tuple[Encoded, ...]) -> bool:
        """Write what is left of an entry as one of the same age; False where the disk takes nothing."""
        claimed.stat()  # raises where the claim had become void: somebody else has all of it then
        try:
            self._write(claimed.parent, file.created_ns, len(rest), pack(rest), is_own=file.name in self._own)
        except OSError:
            return False
        return True

    def _count(self, folder: Path) -> _Usage:
        """Return what the folder holds: what is known of it, as long as nobody else changes it."""
        changed_ns = folder.stat().st_mtime_ns
        if self._usage.changed_ns != changed_ns or self._usage.puts >= _PUTS_UNCOUNTED:
            files = self._list(folder)
            self._usage = _Usage(sum(file.reports for file in files), sum(file.bytes for file in files), changed_ns)
        return self._usage

    def _remember(self, before: _Usage, after: _Usage, folder: Path) -> None:
        """Know what the folder holds after a put, unless another thread has put meanwhile: the next one counts then."""
        known, self._usage = self._usage is before, _Usage()
        if known:
            with suppress(OSError):
                self._usage = after._replace(changed_ns=folder.stat().st_mtime_ns)

    def _write(self, folder: Path, created_ns: int, reports: int, content: bytes, *, is_own: bool) -> None:
        file = new_file(created_ns, reports, len(content), os.urandom(6).hex())
        part = folder / file.part(self._me())
        if is_own:
            self._own.add(file.name)  # before it is there: another thread may claim it as soon as it is
        try:
            with open(os.open(part, _NEW, 0o600), "wb") as opened:  # noqa: PTH123 - Path.open gives no mode to files
                opened.write(content)
            part.rename(folder / file.name)
        except OSError:
            self._own.discard(file.name)
            with suppress(OSError):
                part.unlink()
            raise

    def _list(self, folder: Path) -> list[SpoolFile]:
        """Return the files of the folder, and remove what nobody will send any more."""
        me = self._me()
        files = []
        with os.scandir(folder) as found:
            for each in found:
                file = read_name(each.name) if each.is_file(follow_symlinks=False) else None
                if file is not None and not _is_over(file, me):
                    files.append(file)
                elif not each.is_dir(follow_symlinks=False):
                    with suppress(OSError):
                        os.unlink(each.path)  # noqa: PTH108 - a Path for each of thousands is slow
        return files

    def _me(self) -> Claim:
        return Claim(_place(), os.getpid(), self._clock_ns())


class MemorySpool:
    """The same where the disk cannot be used, for one process only. After a fork the child needs a new one."""

    def __init__(self, *, max_bytes: int = MAX_BYTES, max_reports: int = MAX_REPORTS) -> None:
        self._room_bytes = max_bytes
        self._room_reports = max_reports
        self._entries: deque[tuple[Encoded, ...]] = deque()
        self._lock = threading.Lock()
        self.place = "memory"
        """Where it is, for people."""

    def has_entries(self) -> bool:
        """Whether anything is there that is not claimed."""
        return bool(self._entries)

    def put(self, encoded: Sequence[Encoded]) -> bool:
        """Keep reports as one entry; return whether they are kept, which needs room for all of them."""
        kept = tuple(encoded)
        with self._lock:
            if len(kept) > self._room_reports or _bytes(kept) > self._room_bytes:
                return False
            self._take_room(kept)
            if kept:
                self._entries.append(kept)
        return True

    def claim(self) -> Entry | None:
        """Return the oldest entry that nobody else has claimed; None where there is none."""
        with self._lock:
            if not self._entries:
                return None
            encoded = self._entries.popleft()
        return Entry(encoded, partial(self._finish, [encoded]), is_own=True)

    def _finish(self, claimed: list[tuple[Encoded, ...]], rest: tuple[Encoded, ...]) -> None:
        with self._lock:
            if not claimed:
                return  # it was finished before
            self._give_room(claimed.pop())
            self._take_room(rest)
            if rest:
                self._entries.appendleft(rest)

    def _take_room(self, encoded: tuple[Encoded, ...]) -> None:
        self._room_reports -= len(encoded)
        self._room_bytes -= _bytes(encoded)

    def _give_room(self, encoded: tuple[Encoded, ...]) -> None:
        self._room_reports += len(encoded)
        self._room_bytes += _bytes(encoded)


def _bytes(encoded: Sequence[Encoded]) -> int:
    return sum(len(one.body) for one in encoded)


def _is_there(folder: Path) -> bool:
    try:
        return is_own(folder)
    except FileNotFoundError:
        return False


def _emptying(files: deque[SpoolFile]) -> Iterator[SpoolFile]:
    while True:
        try:
            yield files.popleft()  # other threads may do the same
        except IndexError:
            return


def _read(path: Path, size: int) -> bytes:
    """Return a file's content. Raises ValueError where it is of another size than its name says."""
    with open(os.open(path, _OLD), "rb") as opened:  # noqa: PTH123 - Path.open follows links
        content = opened.read(size + 1)
    if len(content) != size:
        raise ValueError("is of another size than it was")
    return content


def _place() -> str:
    """Return what stands for the range in which process ids mean the same as here."""
    if sys.platform == "win32":
        return "00000000"
    try:
        namespace = os.stat("/proc/self/ns/pid").st_ino  # noqa: PTH116 - of Linux, for each claim
    except OSError:
        namespace = 0
    return f"{crc32(f'{os.uname().nodename} {namespace}'.encode('utf-8', 'replace')):08x}"


def _is_over(file: SpoolFile, me: Claim) -> bool:
    """Whether nobody will send a file any more: it is old, or whoever wrote it was killed."""
    return me.since_ns - file.created_ns > _KEPT_NS or not (file.is_whole or _is_held(file, me))


def _is_held(file: SpoolFile, me: Claim) -> bool:
    """Whether somebody has a file: a process that lives, or of which that cannot be said, for a minute."""
    claim = file.claim
    if claim is None or abs(me.since_ns - claim.since_ns) > _CLAIM_NS:  # a clock may have been set back
        return False
    return claim.place != me.place or _is_alive(claim.pid)


def _is_alive(pid: int) -> bool:
    if sys.platform == "win32":
        return True  # there, signal 0 is Ctrl-C
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True  # another user's
    return True
