import os
import stat
from pathlib import Path

import pytest

from logcenter_sdk.cache_folder import folder_for, is_own, make_own

HOME = {"HOME": "/home/ann"}


@pytest.mark.parametrize(
    ("base", "platform", "env"),
    [
        ("/home/ann/.cache", "linux", HOME),
        ("/var/cache/ann", "linux", {**HOME, "XDG_CACHE_HOME": "/var/cache/ann"}),
        ("/home/ann/.cache", "linux", {**HOME, "XDG_CACHE_HOME": "relative"}),
        ("/var/cache/ann", "linux", {"XDG_CACHE_HOME": "/var/cache/ann"}),
        ("/home/ann/Library/Caches", "darwin", {**HOME, "XDG_CACHE_HOME": "/var/cache/ann"}),
        ("/c/Local", "win32", {**HOME, "LOCALAPPDATA": "/c/Local"}),
    ],
)
def test_the_folder_lies_in_the_users_cache(base: str, platform: str, env: dict[str, str]) -> None:
    folder = folder_for("http://localhost:8002", "shop", env, platform=platform)

    assert folder is not None
    assert Path(base, "logcenter") == folder.parent


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
@pytest.mark.parametrize("env", [{}, {"HOME": ""}, {"HOME": "."}])
def test_without_a_home_there_is_none(env: dict[str, str], platform: str) -> None:
    assert folder_for("http://localhost:8002", "shop", env, platform=platform) is None


def test_a_directory_of_the_configuration_comes_first() -> None:
    folder = folder_for("http://localhost:8002", "shop", HOME, directory="/srv/spool")

    assert folder is not None
    assert Path("/srv/spool/logcenter") == folder.parent


def test_each_project_of_each_collector_has_its_own() -> None:
    folders = {folder_for(url, project, HOME) for url in ("http://a", "http://b") for project in ("x", "y", "x y")}

    assert 6 == len(folders)
    assert folder_for("http://a", "x", HOME) in folders


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = folder_for("http://a", "x", {"XDG_CACHE_HOME": str(tmp_path / "cache")}, platform="linux")
    assert found is not None
    return found


def test_what_is_made_is_open_to_its_owner_only(folder: Path) -> None:
    assert make_own(folder)
    assert [0o700] * 3 == [stat.S_IMODE(path.stat().st_mode) for path in (folder, *list(folder.parents)[:2])]


def test_what_others_could_enter_is_closed_to_them(folder: Path) -> None:
    make_own(folder)
    folder.chmod(0o777)

    assert is_own(folder)
    assert 0o700 == stat.S_IMODE(folder.stat().st_mode)


def test_a_home_that_is_missing_is_not_made(tmp_path: Path) -> None:
    folder = folder_for("http://a", "x", {"HOME": str(tmp_path / "nobody")}, platform="linux")
    assert folder is not None

    with pytest.raises(FileNotFoundError):
        make_own(folder)

    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize("level", [0, 1])
def test_a_link_is_not_followed(folder: Path, tmp_path: Path, level: int) -> None:
    elsewhere = tmp_path / "elsewhere"
    make_own(elsewhere / "logcenter" / folder.name)
    link = [folder, folder.parent][level]
    link.parent.mkdir(parents=True)
    link.symlink_to([elsewhere / "logcenter" / folder.name, elsewhere / "logcenter"][level])

    assert not make_own(folder)
    assert not is_own(folder)


def test_a_cache_that_is_itself_a_link_is_the_users_wish(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "large-disk").mkdir()
    (tmp_path / "cache").symlink_to(tmp_path / "large-disk")

    assert make_own(folder)


@pytest.mark.parametrize("level", [0, 1])
def test_somebody_elses_folder_is_not_ours(folder: Path, level: int, monkeypatch: pytest.MonkeyPatch) -> None:
    make_own(folder)
    other = [folder, folder.parent][level]
    if os.geteuid() == 0:
        os.chown(other, 12345, -1)
    else:  # only root can give a folder away
        monkeypatch.setattr(os, "geteuid", lambda: 12345)

    assert not is_own(folder)


def test_a_file_in_its_place_is_no_folder(folder: Path) -> None:
    folder.parent.mkdir(parents=True)
    folder.write_text("")

    assert not make_own(folder)
