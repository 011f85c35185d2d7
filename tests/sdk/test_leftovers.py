"""What an earlier process left on disk is delivered by the next one, although that has no errors of its own."""

import os
from pathlib import Path

import pytest

from logcenter_sdk.cache_folder import folder_for
from logcenter_sdk.encoded import Encoded
from logcenter_sdk.leftovers import has_leftovers
from logcenter_sdk.settings import Settings, present_settings
from logcenter_sdk.spool import Spool
from sdk.conftest import Run
from sdk.fake_collector import FakeCollector

FAILING = """
import logcenter_sdk
logcenter_sdk.install_hook(project_id="shop", url="{url}")
raise ValueError("left behind")
"""

HEALTHY = """
import logcenter_sdk, sys, threading
logcenter_sdk.install_hook(project_id="{project}", url="{url}")
print(threading.active_count())
print(logcenter_sdk.flush(20), logcenter_sdk.stats().recovered)
print("httpx" in sys.modules)
"""


def leave_one(settings: Settings, folder: Path | None = None) -> None:
    folder = folder or folder_for("http://localhost:8002", "shop", settings.env)
    assert Spool(folder).put([Encoded(1, b"{}")])


def test_a_healthy_process_delivers_what_an_earlier_one_could_not(run: Run, collector: FakeCollector) -> None:
    collector.close()
    run(FAILING, url=collector.url)
    revived = FakeCollector(int(collector.url.rpartition(":")[2]))
    try:
        finished = run(HEALTHY, url=revived.url, project="shop")
    finally:
        revived.close()

    assert (["2", "True 1", "True"], "") == (finished.stdout.splitlines(), finished.stderr)
    assert ["left behind"] == [report["error"]["message"] for report in revived.reports]


def test_without_leftovers_no_thread_starts_and_nothing_is_imported(run: Run, collector: FakeCollector) -> None:
    run(FAILING, url="http://127.0.0.1:1")  # something is there, for another address

    finished = run(HEALTHY, url=collector.url, project="shop")

    assert (["1", "True 0", "False"], []) == (finished.stdout.splitlines(), collector.requests)


def test_what_still_cannot_be_delivered_stays_and_holds_nobody_up(run: Run) -> None:
    run(FAILING, url="http://127.0.0.1:1")

    finished = run(HEALTHY, url="http://127.0.0.1:1", project="shop")

    assert ["2", "True 0", "True"] == finished.stdout.splitlines()
    assert has_leftovers(present_settings(url="http://127.0.0.1:1", project_id="shop"))


def test_leftovers_are_those_of_this_address_and_project() -> None:
    leave_one(present_settings())

    assert has_leftovers(present_settings(project_id="shop"))
    assert has_leftovers(present_settings(project_id="shop", url="http://localhost:8002/"))
    assert not has_leftovers(present_settings(project_id="other"))
    assert not has_leftovers(present_settings(project_id="shop", url="http://localhost:8009"))
    assert not has_leftovers(present_settings())


def test_a_directory_of_the_settings_is_looked_into(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings = present_settings(project_id="shop", spool_directory="kept")
    leave_one(settings, folder_for("http://localhost:8002", "shop", settings.env, directory=str(tmp_path / "kept")))

    assert has_leftovers(settings)


def test_who_wants_no_spool_has_no_leftovers(monkeypatch: pytest.MonkeyPatch) -> None:
    leave_one(present_settings())
    monkeypatch.setenv("LOG_CENTER_SPOOL", "off")

    assert not has_leftovers(present_settings(project_id="shop"))
    assert not has_leftovers(present_settings(project_id="shop", spool=False))


@pytest.mark.parametrize("home", ["relative", "/dev/null", "/\0"])
def test_a_home_that_is_none_has_no_leftovers(home: str) -> None:
    settings = present_settings(project_id="shop")

    assert not has_leftovers(settings._replace(env={**os.environ, "XDG_CACHE_HOME": home, "HOME": home}))
