"""What a process pays for a reporter that it never needs. ``startup.py SDK URL watch|measure``.

Next to nothing is imported before the clock runs: what the SDK imports is what is measured.
"""

import os
import sys
import time

WATCHED = {
    "subprocess.Popen": "processes",
    "os.fork": "processes",
    "os.posix_spawn": "processes",
    "socket.connect": "connections",
}


def main() -> None:
    """Import and initialise, then look at what there is."""
    name, url, how = sys.argv[1:]
    seen: dict[str, list[str]] = {"processes": [], "connections": [], "written": []}
    if how == "watch":
        sys.addaudithook(lambda event, args: _note(seen, event, args))
    wall, cpu = time.perf_counter(), time.process_time()
    __import__(f"adapters.{name}")
    sdk = sys.modules[f"adapters.{name}"]
    sdk.init(url)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    kib, threads, files = resident_kib(), len(os.listdir("/proc/self/task")), len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - pathlib is an import
    from saying import say

    counts = {what: len(found) for what, found in seen.items()}
    say("result", wall=wall, cpu=cpu, kib=kib, threads=threads, files=files, modules=len(sys.modules), **counts)


def _note(seen: dict[str, list[str]], event: str, arguments: tuple[object, ...]) -> None:
    """Note processes, connections and files that are opened to write; not Python's own caches of bytecode."""
    if event in WATCHED:
        seen[WATCHED[event]].append(str(arguments))
    elif event == "open" and _writes(*arguments):
        seen["written"].append(str(arguments))


def _writes(path: object, _mode: object, flags: object) -> bool:
    """Whether a file is opened to write; what is open already, and comes as its number, was noted before."""
    if not isinstance(path, str) or "__pycache__" in path or path == os.devnull:
        return False
    return isinstance(flags, int) and bool(flags & (os.O_WRONLY | os.O_RDWR))


def resident_kib() -> int:
    """Return the resident memory of this process."""
    with open("/proc/self/status", encoding="ascii", errors="replace") as status:  # noqa: PTH123 - pathlib is an import
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))


if __name__ == "__main__":
    main()
