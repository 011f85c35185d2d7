import asyncio
import json
import posixpath
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logcenter_sdk.location import (
    Layout,
    Place,
    folder,
    is_application,
    layout_of,
    present_layout,
    relative_path,
    standing,
)
from logcenter_sdk.sighting import place_of
from sdk.conftest import Run
from sdk.fake_collector import FakeCollector

LAYOUT = Layout(
    app_roots=(),
    search_path=("/srv/app", "/usr/lib/python3.11", "/srv/app/.venv/lib/python3.11/site-packages"),
    standard_library=("/usr/lib/python3.11",),
)
APP = Place("/srv/app/shop/views.py", 42, "shop.views")
LIBRARY = Place("/srv/app/.venv/lib/python3.11/site-packages/requests/api.py", 59, "requests.api")
STANDARD = Place("/usr/lib/python3.11/json/decoder.py", 355, "json.decoder")
FROZEN = Place("<frozen importlib._bootstrap>", 241, "importlib._bootstrap")
GENERATED = Place("<string>", 3, "shop.models")


def locate(places: Sequence[Place], layout: Layout) -> tuple[str | None, int | None]:
    """Return the path and line that a report of this stack (outermost first) carries."""
    if not places:
        return None, None
    index, _ = standing([place.file for place in places], lambda file: is_application(file, layout))
    return relative_path(places[index], layout), places[index].line


def location_of(error: BaseException, layout: Layout) -> tuple[str | None, int | None]:
    place = place_of(error, lambda file: is_application(file, layout))
    return (None, None) if place is None else (relative_path(place, layout), place.line)


class Case(NamedTuple):
    says: str
    places: tuple[Place, ...]
    expected: tuple[str | None, int | None]


@pytest.mark.parametrize(
    "case",
    [
        Case("the innermost application frame", (APP, APP._replace(line=7), LIBRARY, STANDARD), ("shop/views.py", 7)),
        Case("a library's only where there is none", (LIBRARY, STANDARD), ("json/decoder.py", 355)),
        Case("an installed package, whatever the environment", (STANDARD, LIBRARY), ("requests/api.py", 59)),
        Case("a class's line before its generated code's", (APP, GENERATED), ("shop/views.py", 42)),
        Case("generated code before a library", (GENERATED, STANDARD), ("<string>", 3)),
        Case("frozen code is the standard library", (APP, FROZEN), ("shop/views.py", 42)),
        Case("only frozen code", (FROZEN,), ("<frozen importlib._bootstrap>", 241)),
        Case("nothing", (), (None, None)),
        Case(
            "Debian's packages",
            (APP, Place("/usr/lib/python3/dist-packages/yaml/__init__.py", 1, "yaml")),
            ("shop/views.py", 42),
        ),
        Case("a name that only looks like a root's", (Place("/srv/app2/x.py", 1, None),), ("/srv/app2/x.py", 1)),
        Case("a file below no root by its module", (Place("/x/y/a/b/c.py", 1, "a.b.c"),), ("a/b/c.py", 1)),
        Case("a package below no root by its module", (Place("/x/a/b/__init__.py", 1, "a.b"),), ("a/b/__init__.py", 1)),
        Case("a main file below no root by its name", (Place("/x/y/main.py", 1, "__main__"),), ("main.py", 1)),
        Case("a module that does not fit is no help", (Place("/x/y/z.py", 1, "a.b"),), ("/x/y/z.py", 1)),
        Case("a relative name stays", (Place("./shop/gen.py", 1, None),), ("shop/gen.py", 1)),
        Case("a frame without a line", (APP._replace(line=None),), ("shop/views.py", None)),
    ],
    ids=lambda case: case.says,
)
def test_the_frame_that_stands_for_a_stack_is(case: Case) -> None:
    assert case.expected == locate(case.places, LAYOUT)


def test_the_path_is_relative_to_the_longest_root() -> None:
    layout = LAYOUT._replace(search_path=("/", "/srv", "/srv/app"), app_roots=("/srv/app/shop",))

    assert ("views.py", 42) == locate([APP], layout)


def test_a_root_inside_the_installed_packages_makes_them_application_code() -> None:
    layout = LAYOUT._replace(app_roots=("/srv/app/.venv/lib/python3.11/site-packages/requests",))

    assert ("api.py", 59) == locate([LIBRARY, STANDARD], layout)


def test_an_environment_below_the_application_root_is_still_installed() -> None:
    assert ("shop/views.py", 42) == locate([APP, LIBRARY], LAYOUT._replace(app_roots=("/srv/app",)))


def test_windows_paths_have_slashes_and_no_capitals_of_their_own() -> None:
    layout = layout_of([], ["c:\\App\\", "C:\\Python311\\Lib"], "C:\\")

    assert ("Shop/views.py", 3) == locate([Place("C:\\app\\Shop\\views.py", 3)], layout)
    assert ("Shop/views.py", 3) == locate([Place("\\\\?\\C:\\app\\Shop\\views.py", 3)], layout)


def test_an_empty_entry_of_the_search_path_is_the_working_directory() -> None:
    assert ("x.py", 1) == locate([Place("/home/x.py", 1)], layout_of([], ["", 3, b"x"], "/home"))


names = st.from_regex(r"[a-z_][a-z0-9_]{0,8}", fullmatch=True).filter(lambda name: not name.endswith("-packages"))


@settings(deadline=None)
@given(st.lists(names, min_size=1, max_size=4), st.lists(names, min_size=1, max_size=4), st.lists(names, max_size=3))
def test_one_error_is_at_one_place_on_every_host(here: list[str], there: list[str], inside: list[str]) -> None:
    file = posixpath.join(*inside, "module.py")

    places = {
        locate([Place(f"{root}/{file}", 5)], Layout((), (root,), ("/usr/lib/python3.11",)))
        for root in ("/" + "/".join(here), "/" + "/".join(there), "C:/" + "/".join(there), "")
    }

    assert {(file, 5)} == places


@settings(deadline=None)
@given(st.text(alphabet="ab./\\:<>", max_size=20))
def test_cleaning_a_path_twice_is_cleaning_it_once(path: str) -> None:
    assert folder(path) == folder(folder(path))


def raised(error: Exception) -> Exception:
    try:
        raise error  # noqa: TRY301 - to give it a traceback
    except Exception as caught:  # noqa: BLE001 - whatever was passed
        return caught


def below(error: Exception) -> Exception:
    """An error of the application that was raised one function further down."""
    try:
        raise_it(error)
    except Exception as caught:  # noqa: BLE001 - whatever was passed
        return caught
    raise AssertionError


def raise_it(error: Exception) -> None:
    raise error


def in_library(text: str) -> Exception:
    """An error that no frame of the application is part of."""
    try:
        json.loads(text)
    except ValueError as caught:
        return caught.with_traceback(caught.__traceback__ and caught.__traceback__.tb_next)
    raise AssertionError


def line_of(function: Callable[..., object]) -> int:
    return function.__code__.co_firstlineno + 1


@pytest.mark.parametrize(
    "group",
    [
        ExceptionGroup("first of all", [raised(ExceptionGroup("inner", [below(ValueError())])), raised(OSError())]),
        ExceptionGroup("library first", [in_library("x"), below(ValueError()), raised(OSError())]),
    ],
    ids=lambda group: group.message,
)
def test_a_group_is_at_its_first_leaf_in_the_application(group: ExceptionGroup[Exception]) -> None:
    assert line_of(raise_it) == location_of(raised(group), present_layout(()))[1]


def test_a_group_without_the_applications_leaves_is_at_its_first_leaf() -> None:
    file, _ = location_of(raised(ExceptionGroup("x", [in_library("x"), in_library("y")])), present_layout(()))

    assert "json/decoder.py" == file


def test_a_group_whose_leaf_was_never_raised_is_where_the_group_was() -> None:
    group = raised(ExceptionGroup("x", [ValueError()]))

    assert line_of(raised) + 1 == location_of(group, present_layout(()))[1]


def test_the_first_failing_task_of_a_task_group_is_the_place() -> None:
    async def fail() -> None:
        json.loads("{")

    async def main() -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(fail())

    with pytest.raises(ExceptionGroup) as caught:
        asyncio.run(main())

    file, line = location_of(caught.value, present_layout(()))
    assert ("test_location.py", fail.__code__.co_firstlineno + 1) == (str(file).rpartition("/")[2], line)


def test_a_syntax_error_without_frames_is_at_its_own_line() -> None:
    error = SyntaxError("invalid syntax", ("/srv/app/shop/bad.py", 9, 1, "x x", 9, 2))

    assert ("shop/bad.py", 9) == location_of(error, LAYOUT)
    assert (None, None) == location_of(SyntaxError("nothing known"), LAYOUT)


def zipapp(folder: Path) -> list[str]:
    import zipapp as maker

    source = folder / "source"
    source.mkdir()
    (source / "__main__.py").write_text((folder / "main.py").read_text())
    maker.create_archive(source, folder / "app.pyz")
    return [str(folder / "app.pyz")]


def package(folder: Path) -> list[str]:
    (folder / "pkg").mkdir()
    (folder / "pkg" / "__init__.py").touch()
    (folder / "pkg" / "mod.py").write_text((folder / "main.py").read_text())
    return ["-m", "pkg.mod"]


def script(folder: Path) -> list[str]:
    return [str(folder / "main.py")]


def safe_script(folder: Path) -> list[str]:
    return ["-P", str(folder / "main.py")]


def command(folder: Path) -> list[str]:
    return ["-c", (folder / "main.py").read_text()]


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        (script, "main.py"),
        (safe_script, "main.py"),
        (package, "pkg/mod.py"),
        (zipapp, "__main__.py"),
        (command, "<string>"),
    ],
)
def test_a_program_is_named_alike_however_it_is_started(
    run: Run, collector: FakeCollector, tmp_path: Path, start: Callable[[Path], list[str]], expected: str
) -> None:
    (tmp_path / "main.py").write_text(
        "import json, logcenter_sdk\n"
        f"logcenter_sdk.install_hook(project_id='shop', url='{collector.url}')\n"
        "json.loads('x')\n"
    )

    run(
        """
        import subprocess, sys
        subprocess.run([sys.executable, *{arguments}], stderr=subprocess.DEVNULL)
        """,
        arguments=start(tmp_path),
    )

    [report] = collector.reports
    assert (expected, 3) == (report["error"]["file_path"], report["error"]["line_number"])
