"""Every page exists in two languages with the same code, and its links lead somewhere."""

import ast
import json
import pkgutil
import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from support.pages import PAGES, fences, headings
from support.repository import ROOT

ENGLISH = sorted(path for path in PAGES.rglob("*.md") if not path.name.endswith(".zh-CN.md"))
CHINESE = sorted(PAGES.rglob("*.zh-CN.md"))
TWO_LANGUAGES = [ROOT / "README.md", ROOT / "SECURITY.md", *ENGLISH]
ONE_LANGUAGE = [ROOT / f"{name}.md" for name in ("ARCHITECTURE", "CONTRIBUTING", "CHANGELOG", "tests/README")]
ALL = [
    *TWO_LANGUAGES,
    ROOT / "README.zh-CN.md",
    ROOT / "SECURITY.zh-CN.md",
    *CHINESE,
    *ONE_LANGUAGE,
    *ROOT.glob("packages/*/README.md"),
]
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
IMAGE = re.compile(r"!\[[^\]]*\]\(([^)\s]+)\)")
READERS: dict[str, Callable[[str], object]] = {
    "python": ast.parse,
    "json": json.loads,
    "toml": tomllib.loads,
    "yaml": lambda text: list(yaml.safe_load_all(text)),
}


def page_id(page: Path) -> str:
    return str(page.relative_to(ROOT))


def twin(page: Path) -> Path:
    return page.with_name(page.name.replace(".md", ".zh-CN.md"))


@pytest.mark.parametrize("page", TWO_LANGUAGES, ids=page_id)
def test_a_page_has_a_twin_in_chinese_with_the_same_code(page: Path) -> None:
    assert twin(page).is_file()
    assert fences(page) == fences(twin(page))


@pytest.mark.parametrize("page", TWO_LANGUAGES, ids=page_id)
def test_twins_point_at_each_other_first(page: Path) -> None:
    assert twin(page).name == LINK.findall(page.read_text(encoding="utf-8"))[0]
    assert page.name == LINK.findall(twin(page).read_text(encoding="utf-8"))[0]


@pytest.mark.parametrize("page", CHINESE, ids=page_id)
def test_a_chinese_page_has_an_english_one(page: Path) -> None:
    assert page.with_name(page.name.replace(".zh-CN", "")).is_file()


@pytest.mark.parametrize("page", CHINESE, ids=page_id)
def test_a_chinese_page_leads_to_chinese_pages(page: Path) -> None:
    own = page.name.replace(".zh-CN", "")
    inside = [target for target in LINK.findall(page.read_text(encoding="utf-8")) if target.endswith(".md")]
    english = [target for target in inside if not target.endswith(".zh-CN.md") and target != own]

    assert [] == [target for target in english if twin((page.parent / target).resolve()).is_file()]


@pytest.mark.parametrize("page", ALL, ids=page_id)
def test_every_link_leads_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")

    assert [] == [target for target in LINK.findall(text) + IMAGE.findall(text) if not leads_somewhere(page, target)]


def leads_somewhere(page: Path, target: str) -> bool:
    if re.match(r"https?://", target):
        return True
    name, _, anchor = target.partition("#")
    file = (page.parent / name).resolve() if name else page
    return file.exists() and (not anchor or anchor in headings(file))


@pytest.mark.parametrize("page", [page for page in ALL if page.parent.is_relative_to(PAGES)], ids=page_id)
def test_every_page_is_in_the_index(page: Path) -> None:
    index = PAGES / ("index.zh-CN.md" if page.name.endswith(".zh-CN.md") else "index.md")
    listed = {(PAGES / target).resolve() for target in LINK.findall(index.read_text(encoding="utf-8"))}

    assert page == index or page in listed


@pytest.mark.parametrize("page", TWO_LANGUAGES, ids=page_id)
def test_every_name_of_the_sdk_on_a_page_exists(page: Path) -> None:
    for name in set(re.findall(r"\blogcenter_sdk(?:\.[A-Za-z_]+)+\b(?!-)", page.read_text(encoding="utf-8"))):
        assert pkgutil.resolve_name(name) is not None


@pytest.mark.parametrize("page", ALL, ids=page_id)
def test_every_block_of_code_can_be_read(page: Path) -> None:
    for fence in fences(page):
        if reader := READERS.get(fence.language):
            reader(fence.text)
