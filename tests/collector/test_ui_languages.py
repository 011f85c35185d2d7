"""The dashboard's texts: both languages complete, and the right one chosen."""

import ast
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

from logcenter_collector.web.ui import problem_pages, site
from logcenter_collector.web.ui.languages import LANGUAGES, catalogue, choose_language
from logcenter_collector.web.ui.moments import ahead
from logcenter_sdk.contract.report import Level, Source
from logcenter_sdk.contract.status import Status

TEMPLATES = sorted((Path(site.__file__).parent / "templates").glob("*.html"))
MODULES = sorted(Path(site.__file__).parent.rglob("*.py"))
ENGLISH = catalogue("en").texts


def keys_of(template: Path) -> Iterator[tuple[str, bool]]:
    """Yield each key that a template asks for, and whether that is only the key's beginning."""
    tree = Environment(autoescape=True).parse(template.read_text(encoding="utf-8"))
    for call in tree.find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name == "t":
            key = call.args[0]
            if isinstance(key, nodes.Const):
                yield key.value, False
            else:
                assert isinstance(key, nodes.Concat)
                assert isinstance(key.nodes[0], nodes.Const)
                yield key.nodes[0].value, True


def keys_in(module: Path) -> Iterator[tuple[str, bool]]:
    """Yield the same of Python code, which calls the catalogue ``t`` as well."""
    for call in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(call, ast.Call) and call.args and ast.unparse(call.func) in {"t", "self.t"}:
            match call.args[0]:
                case ast.Constant(value=str(key)):
                    yield key, False
                case ast.JoinedStr(values=[ast.Constant(value=str(key)), *_]):
                    yield key, True


ASKED = [
    *((path, *pair) for path in TEMPLATES for pair in keys_of(path)),
    *((path, *pair) for path in MODULES for pair in keys_in(path)),
]


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_language_has_the_same_keys(code: str) -> None:
    assert sorted(ENGLISH) == sorted(catalogue(code).texts)


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_language_fills_in_the_same_placeholders(code: str) -> None:
    def placeholders(text: str) -> set[str]:
        return {part.partition("}")[0] for part in text.split("{")[1:]}

    assert {key: placeholders(text) for key, text in ENGLISH.items()} == {
        key: placeholders(text) for key, text in catalogue(code).texts.items()
    }


@pytest.mark.parametrize("path", sorted({path for path, _, _ in ASKED}), ids=lambda path: path.name)
def test_templates_and_code_ask_for_known_keys_only(path: Path) -> None:
    unknown = [
        key
        for asking, key, is_prefix in ASKED
        if asking == path and not (any(known.startswith(key) for known in ENGLISH) if is_prefix else key in ENGLISH)
    ]

    assert [] == unknown


OWN_WORDS = {"Log Center", "Ctrl K", "curl", "shop_backend", "https://git.example.org/team/shop.git"}
"""What is the same in every language."""


def words_of(template: Path) -> list[str]:
    """Return what a template itself says in words, in its text and in the attributes that are read aloud."""
    source = re.sub(r"\{#.*?#\}|\{%.*?%\}", "", template.read_text(encoding="utf-8"), flags=re.DOTALL)
    source = re.sub(r"\{\{.*?\}\}", "", source, flags=re.DOTALL)
    said = re.findall(r'(?:placeholder|title|aria-label|alt)="([^"]*)"', source)
    source = re.sub(r"<code>.*?</code>|<!doctype html>", "", source, flags=re.DOTALL)
    said += re.sub(r"<[^>]*>", "\n", source).split("\n")
    said = [text for text in said if '="' not in text and not text.startswith("/")]  # macros for tags and addresses
    return [text.strip(" ·") for text in said if re.search(r"[A-Za-z]{2}", text)]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_template_says_anything_in_words_of_its_own(path: Path) -> None:
    assert set() == set(words_of(path)) - OWN_WORDS


@pytest.mark.parametrize("path", sorted(site.STATIC.glob("*.js")), ids=lambda path: path.name)
def test_no_script_says_anything_in_words_of_its_own(path: Path) -> None:
    code = re.sub(r"//.*", "", path.read_text(encoding="utf-8"))

    assert [] == re.findall(r"""["'`>][A-Z][a-z]+ [a-z]+""", code)


def test_no_text_is_left_over_that_nothing_shows() -> None:
    unused = [
        known
        for known in ENGLISH
        if not any(known.startswith(key) if is_prefix else known == key for _, key, is_prefix in ASKED)
    ]

    assert [] == unused


def test_every_name_of_the_contract_and_every_problem_has_its_text() -> None:
    names = [
        *(f"status.{status}" for status in Status),
        *(f"source.{source}" for source in Source),
        *(f"level.{level}" for level in Level),
        *(f"language.{code}" for code in LANGUAGES),
        *(f"problem.{saying}_{part}" for saying in problem_pages.SAYINGS.values() for part in ("title", "text")),
    ]

    assert [] == [name for name in names if name not in ENGLISH]


@pytest.mark.parametrize(
    ("expected", "asked", "remembered", "accepted"),
    [
        ("en", None, None, ""),
        ("zh-CN", "zh-CN", "en", "en"),
        ("zh-CN", None, "zh-CN", "en"),
        ("zh-CN", "tlh", None, "zh"),
        ("zh-CN", None, None, "zh-Hans-CN,zh;q=0.9,en;q=0.8"),
        ("zh-CN", None, None, "fr-FR, zh-TW;q=0.4, en;q=0.3"),
        ("en", None, None, "de, en-GB;q=0.7, zh;q=0.3"),
        ("en", None, None, "zh;q=0, en;q=0.1"),
        ("en", None, None, "zh;q=much"),
        ("en", None, "../../etc/passwd", "*"),
    ],
)
def test_the_language_is_the_one_asked_for_else_remembered_else_the_browsers(
    expected: str, asked: str | None, remembered: str | None, accepted: str
) -> None:
    assert expected == choose_language(asked, remembered, accepted)


@pytest.mark.parametrize(
    ("expected", "left"),
    [
        ("just now", timedelta(seconds=-5)),
        ("just now", timedelta()),
        ("in 1 min", timedelta(seconds=1)),
        ("in 2 min", timedelta(seconds=61)),
        ("in 1 h", timedelta(hours=1)),
        ("in 2 h", timedelta(hours=1, seconds=1)),
        ("in 1 d", timedelta(days=1)),
        ("2026-04-01", timedelta(days=30)),
    ],
)
def test_what_is_to_come_is_said_in_units_that_are_rounded_up(expected: str, left: timedelta) -> None:
    now = datetime(2026, 3, 2, tzinfo=UTC)

    assert expected == ahead(now + left, now, catalogue("en"))
