"""The load: wrk, with a script that fills the holes of our templates anew for every request.

wrk is a C program: it takes a small part of the cores that it shares with the server. It is a closed loop: each
connection sends its next report when the last one is answered. Its latencies are corrected for coordinated omission.
"""

import json
import os
import secrets
import shutil
import string
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Final

from attrs import frozen

from reports import LINES_PER_FILE, Mix, Template

REPORT_PATH: Final = "/api/v1/logs/report"

_HOLE, _NEW_LINE = "\1", "\2"
"""What stands for a hole and for a line's end in the file of templates, where each has one line. JSON has neither."""
_SCRIPT: Final = string.Template("""
local bit = require("bit")
local tohex, bxor, lshift, rshift = bit.tohex, bit.bxor, bit.lshift, bit.rshift
local threads = 0

function setup(thread)
  threads = threads + 1
  thread:set("number", threads)
end

local templates, picks, count, state, tag, tail, second = {}, {}, 0, 0, "", "", ""

local function split(line)
  local parts, from = {}, 1
  while true do
    local at = line:find("\\1", from, true)
    parts[#parts + 1] = line:sub(from, (at or 0) - 1)
    if not at then return parts end
    from = at + 1
  end
end

function init(args)
  local head = "POST $path HTTP/1.1\\r\\nHost: 127.0.0.1\\r\\nContent-Type: application/json\\r\\n"
  head = head .. "${headers}Content-Length: $size\\r\\n\\r\\n"
  for line in io.lines("$templates") do
    local parts = split((line:gsub("\\2", "\\n")))
    parts[1] = head .. parts[1]
    templates[#templates + 1] = parts
  end
  for pick in io.lines("$picks") do picks[#picks + 1] = tonumber(pick) + 1 end
  state = bxor($seed, number * 0x9e3779b)
  if state == 0 then state = 1 end
  tag = tohex(bxor($seed, number))
  tail = "-" .. tohex(number, 4) .. "-4$a-8$b-$c"
  count = number * 7919
end

-- xorshift32: every number but 0 once before one comes again, so no event id comes twice.
local function draw()
  state = bxor(state, lshift(state, 13))
  state = bxor(state, rshift(state, 17))
  state = bxor(state, lshift(state, 5))
  return tohex(state)
end

function request()
  if count % 256 == 0 or second == "" then second = os.date("!%Y-%m-%dT%H:%M:%S.") end
  local p = templates[picks[count % #picks + 1]]
  local event_id = draw() .. tail
  local timestamp = second .. string.format("%06dZ", count % 1000000)
  local request_id = tohex(count) .. event_id:sub(1, 8)
  local user_id = string.format("%06d", (count * 31) % 1000000)
  local file = tag .. tohex(math.floor(count / $lines))
  local line = string.format("%04d", 1000 + count % $lines)
  count = count + 1
  return $request
end

function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format(
    '\\nRESULT {"requests": %d, "refused": %d, "broken": %d, "seconds": %f, ' ..
    '"p50_ms": %f, "p99_ms": %f, "max_ms": %f}\\n',
    summary.requests, errors.status, errors.connect + errors.read + errors.write + errors.timeout,
    summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, latency.max / 1e3))
end
""")


@frozen(kw_only=True)
class Result:
    """What a run of wrk says about itself."""

    requests: int
    """Answered ones, whatever the answer."""
    refused: int
    """Answers of 400 and above."""
    broken: int
    """Connections that failed, and answers that took longer than wrk waits."""
    seconds: float
    p50_ms: float
    p99_ms: float
    max_ms: float
    generator_seconds: float
    """CPU that wrk itself took."""

    @property
    def acknowledged(self) -> int:
        """Answers of 200."""
        return self.requests - self.refused

    @property
    def rate(self) -> float:
        """Acknowledged reports a second."""
        return self.acknowledged / self.seconds


def exactness(stored: int, results: Sequence[Result], connections: int) -> str:
    """Say whether what is stored agrees with what was acknowledged in all runs on one database.

    It may be more by one report for each connection and run: wrk hangs up on the last one and never sees its answer.
    """
    surplus = stored - sum(result.acknowledged for result in results)
    allowed = connections * len(results)
    failed = sum(result.refused + result.broken for result in results)
    verdict = f"{surplus:+} of {allowed} cut off: {'exact' if 0 <= surplus <= allowed else 'WRONG'}"
    return f"{verdict}, {failed} refused or broken" if failed else verdict


class Load:
    """A running wrk."""

    def __init__(self, port: int, script: Path, connections: int, seconds: int) -> None:
        wrk = find_wrk()
        url = f"http://127.0.0.1:{port}"
        options = ["-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s", "-s", str(script)]
        self._process = subprocess.Popen([wrk, *options, url], stdout=subprocess.PIPE, text=True)

    def result(self) -> Result:
        """Wait for the end and return what was measured."""
        output: IO[str] | None = self._process.stdout
        assert output is not None
        with output:
            said = output.read()
        _, status, usage = os.wait4(self._process.pid, 0)
        self._process.returncode = os.waitstatus_to_exitcode(status)
        if "RESULT " not in said:
            raise RuntimeError(f"wrk ended with {self._process.returncode} and said: {said}")
        measured = json.loads(said.rpartition("RESULT ")[2])
        return Result(**measured, generator_seconds=usage.ru_utime + usage.ru_stime)


def find_wrk() -> str:
    """Return where wrk is; end the program where it is not installed."""
    wrk = shutil.which("wrk")
    if wrk is None:
        sys.exit("wrk is missing; Debian and Ubuntu have it: apt install wrk")
    return wrk


def write_script(mix: Mix, folder: Path, path: str = REPORT_PATH, key: str = "") -> Path:
    """Write what wrk needs for a mix into the folder, and return the script. Each script has event ids of its own.

    ``key`` is an ingest key that every report shows.
    """
    run = secrets.token_hex(9)
    first = mix.templates[0]
    templates, picks, script = (folder / f"{run}.{end}" for end in ("templates", "picks", "lua"))
    templates.write_text("".join(f"{_line(each)}\n" for each in mix.templates), encoding="utf-8")
    picks.write_text("".join(f"{pick}\n" for pick in mix.picks), encoding="ascii")
    text = _SCRIPT.substitute(
        templates=templates,
        picks=picks,
        path=path,
        headers=f"X-Log-Center-Key: {key}\\r\\n" if key else "",
        size=first.size,
        seed=f"0x{run[:7]}",
        lines=LINES_PER_FILE,
        request=_concatenation(first),
        a=run[:3],
        b=run[3:6],
        c=run[6:],
    )
    script.write_text(text, encoding="utf-8")
    return script


def _line(template: Template) -> str:
    return _HOLE.join(template.literals).replace("\n", _NEW_LINE)


def _concatenation(template: Template) -> str:
    """Return the Lua expression of a filled request; templates of one mix have the same holes in the same order."""
    joined = " .. ".join(f"p[{number}] .. {hole}" for number, hole in enumerate(template.holes, start=1))
    return f"{joined} .. p[{len(template.literals)}]"
