"""The systemd unit: systemd finds no fault with it, and it starts what exists, with the rights that it needs."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from logcenter_collector.cli import _parser
from logcenter_collector.settings import variable
from support.pages import snippet
from support.repository import ROOT

FOLDER = ROOT / "deploy" / "systemd"
UNIT = FOLDER / "logcenter-collector.service"
TEXT = UNIT.read_text(encoding="utf-8")
needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")


def values(name: str) -> list[str]:
    """Return what the unit says after ``name=``, in order."""
    return re.findall(rf"^{name}=(.*)$", TEXT, re.MULTILINE)


def analyze(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["systemd-analyze", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        stdin=subprocess.DEVNULL,
    )


@needs_systemd
def test_systemd_finds_no_fault_with_it(tmp_path: Path) -> None:
    # Where it is installed on a server nothing is here; any program that can be executed will do.
    here = tmp_path / UNIT.name
    here.write_text(re.sub(r"(?<=ExecStart=)\S+", sys.executable, TEXT), encoding="utf-8")

    done = analyze("verify", here)

    assert (0, "") == (done.returncode, done.stderr)


@needs_systemd
def test_systemd_finds_it_well_confined() -> None:
    done = analyze("security", "--offline=true", "--threshold=15", "--no-pager", UNIT)  # 1.5 of 10

    assert 0 == done.returncode, done.stdout


def test_no_directive_is_set_twice_by_mistake() -> None:
    names = re.findall(r"^(\w+)=", TEXT, re.MULTILINE)

    assert {"SystemCallFilter"} == {name for name in names if names.count(name) > 1}


def test_it_starts_what_the_page_installs() -> None:
    [command] = values("ExecStart")
    page = (ROOT / "docs" / "how-to" / "collector.md").read_text(encoding="utf-8")

    program, *arguments = command.split()
    assert "serve" == _parser().parse_args(arguments).command
    assert f"{Path(program).parent / 'pip'} install ./logcenter_sdk" in page
    assert f"install -D --mode=0644 {UNIT.name} /etc/systemd/system/{UNIT.name}" in page
    assert f"systemctl enable --now {UNIT.stem}" in page


def test_it_reads_the_settings_that_the_page_installs_and_can_do_without() -> None:
    [file] = values("EnvironmentFile")
    page = (ROOT / "docs" / "how-to" / "collector.md").read_text(encoding="utf-8")

    assert file.startswith("-")
    assert (FOLDER / "collector.env.example").is_file()
    assert f"install -D --mode=0600 collector.env.example {file.removeprefix('-')}" in page


def test_the_page_sets_the_administrator_s_token_that_the_settings_leave_out() -> None:
    page = (ROOT / "docs" / "how-to" / "collector.md").read_text(encoding="utf-8")
    example = (FOLDER / "collector.env.example").read_text(encoding="utf-8")

    [(pattern, replacement)] = re.findall(r"s/(\^#LOG_CENTER_ADMIN_TOKEN=\.\*)/(LOG_CENTER_ADMIN_TOKEN=)\$\(", page)

    assert 1 == len(re.findall(pattern, example, re.MULTILINE))
    assert variable("admin_token") + "=" == replacement


def test_it_runs_as_the_user_that_the_page_creates_and_writes_only_its_own_folder() -> None:
    [user], [folder], [database] = values("User"), values("StateDirectory"), values("Environment")
    page = (ROOT / "docs" / "how-to" / "collector.md").read_text(encoding="utf-8")

    assert [user] == re.findall(r"^useradd .* (\S+)$", page, re.MULTILINE)
    assert database.startswith(f"LOG_CENTER_DATABASE_URL=sqlite:////var/lib/{folder}/")
    assert ["strict"] == values("ProtectSystem")
    assert [] == values("ReadWritePaths")


@pytest.mark.parametrize("ending", ["md", "zh-CN.md"])
def test_the_page_shows_the_unit_as_it_is(ending: str) -> None:
    assert TEXT == snippet(f"how-to/collector.{ending}", UNIT.name)
