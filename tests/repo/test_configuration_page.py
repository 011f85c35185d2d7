"""A setting that is not documented fails the build."""

import re

import attrs
import pytest

from logcenter_collector.settings import Settings, variable
from logcenter_sdk.config import VARIABLES, Config
from logcenter_sdk.contract.status import TRANSITIONS
from support.pages import PAGES
from support.tables import rows

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


@BOTH
def test_the_sdk_s_settings_are_on_the_page_and_nothing_else(ending: str) -> None:
    table = [row for row in rows(PAGES / "reference" / f"configuration.{ending}") if re.fullmatch(r"`[a-z_]+`", row[0])]

    assert {f"`{setting.name}`" for setting in attrs.fields(Config)} == {row[0] for row in table}
    for row in table:
        assert VARIABLES.get(row[0].strip("`"), "") in row[1]


@BOTH
def test_the_page_about_the_life_of_an_issue_has_the_one_table(ending: str) -> None:
    table = {
        row[0].strip("`"): tuple(re.findall(r"`(\w+)`", row[2]))
        for row in rows(PAGES / "explanation" / f"life-of-an-issue.{ending}")
        if row[0].strip("`") in TRANSITIONS
    }

    assert TRANSITIONS == table
