"""A setting that is not documented fails the build."""

import inspect
import re
import runpy

import attrs
import pytest

from logcenter_collector.settings import Settings, variable
from logcenter_sdk.config import Config
from logcenter_sdk.contract.status import TRANSITIONS
from logcenter_sdk.hooks import install_hook
from support.pages import PAGES
from support.tables import rows

GENERATOR = runpy.run_path(str(PAGES / "reference" / "generate.py"))
BOTH = pytest.mark.parametrize("ending", ["md", "zh-CN.md"])


@BOTH
def test_the_collector_s_settings_are_on_the_page_and_nothing_else(ending: str) -> None:
    documented = {row[0]: row[1] for row in rows(PAGES / "reference" / f"configuration.{ending}") if "`--" in row[0]}

    expected = {
        f"`--{setting.name.replace('_', '-')}`": f"`{variable(setting.name)}`" for setting in attrs.fields(Settings)
    }
    assert expected == documented


@BOTH
def test_the_page_states_the_collector_s_defaults(ending: str) -> None:
    documented = {row[0]: row[2] for row in rows(PAGES / "reference" / f"configuration.{ending}") if "`--" in row[0]}

    for setting in attrs.fields(Settings):
        if setting.default:
            assert f"`{setting.default}`" == documented[f"`--{setting.name.replace('_', '-')}`"]


def test_settings_and_rules_are_on_the_pages_as_the_code_has_them() -> None:
    pages = GENERATOR["generated"]()

    assert pages == {page: page.read_text(encoding="utf-8") for page in pages}, (
        "run: uv run python docs/reference/generate.py"
    )


def test_every_setting_has_its_text_in_both_languages_and_nothing_else_has() -> None:
    names = [setting.name for setting in attrs.fields(Config)]

    assert names == list(GENERATOR["english_texts"]())
    assert names == list(GENERATOR["chinese_texts"]())


def test_every_setting_can_be_given_to_install_hook() -> None:
    names = {setting.name for setting in attrs.fields(Config)}

    assert names == set(inspect.signature(install_hook).parameters)


@BOTH
def test_the_page_about_the_life_of_an_issue_has_the_one_table(ending: str) -> None:
    table = {
        row[0].strip("`"): tuple(re.findall(r"`(\w+)`", row[2]))
        for row in rows(PAGES / "explanation" / f"life-of-an-issue.{ending}")
        if row[0].strip("`") in TRANSITIONS
    }

    assert TRANSITIONS == table
