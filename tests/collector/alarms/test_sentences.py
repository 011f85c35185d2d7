"""Rules in words: of what they tell whom, and how often."""

from datetime import time, timedelta
from typing import Any

import pytest

from logcenter_collector.alarms.sentences import Sentences
from logcenter_collector.domain.alarms.event import Trigger
from logcenter_collector.domain.alarms.rule import QuietHours
from logcenter_sdk.contract.report import Level, Source
from logcenter_sdk.contract.status import Status
from support.alarm_rules import a_rule

PROJECTS = {"shop": "shop", "cart_api": "Cart"}
CHANNELS = {1: "Feishu ops", 2: "Mail"}
BAD = frozenset({Level.ERROR, Level.CRITICAL})
NIGHT = QuietHours(start=time(22), end=time(8), timezone="Asia/Shanghai")


def says(language: str = "en", **fields: Any) -> str:
    sentences = Sentences(language=language, projects=PROJECTS, channels=CHANNELS)
    return sentences.says(a_rule(**{"channel_ids": (1,), **fields}))


@pytest.mark.parametrize(
    ("expected", "fields"),
    [
        ("A new issue in any project → Feishu ops", {}),
        (
            "A new issue in shop, production, Error or worse → Feishu ops",
            {"project_id": "shop", "environments": frozenset({"production"}), "levels": BAD},
        ),
        (
            "An issue that comes back in Cart → Feishu ops, Mail",
            {"trigger": Trigger.REGRESSION, "project_id": "cart_api", "channel_ids": (1, 2)},
        ),
        (
            "An issue that occurs 100 times in 5 minutes in any project → Feishu ops",
            {"trigger": Trigger.RATE, "occurrences": 100, "minutes": 5},
        ),
        (
            "An issue that becomes Fixed or Verified in any project → Feishu ops",
            {"trigger": Trigger.STATUS, "statuses": frozenset({Status.VERIFIED, Status.FIXED})},
        ),
        (
            "A new issue in gone, pipeline or cluster, production or staging → nobody, as it has no channel",
            {
                "project_id": "gone",
                "sources": frozenset({Source.CICD, Source.DEPLOYMENT}),
                "environments": frozenset({"staging", "production"}),
                "channel_ids": (),
            },
        ),
    ],
)
def test_a_rule_says_of_what_it_tells_whom(expected: str, fields: dict[str, Any]) -> None:
    assert f"{expected}, at most one message per issue in an hour" == says(**fields)


@pytest.mark.parametrize(
    ("expected", "levels"),
    [
        ("Warning or worse", {Level.WARNING, Level.ERROR, Level.CRITICAL}),
        ("Critical", {Level.CRITICAL}),
        ("Warning or Error", {Level.WARNING, Level.ERROR}),
        ("Warning or Critical", {Level.WARNING, Level.CRITICAL}),
    ],
)
def test_levels_are_said_shortly_only_where_none_is_left_out(expected: str, levels: set[Level]) -> None:
    assert f"A new issue in any project, {expected} → " in says(levels=frozenset(levels))


@pytest.mark.parametrize(
    ("expected", "window"),
    [
        ("a day", timedelta(days=1)),
        ("2 days", timedelta(days=2)),
        ("36 hours", timedelta(hours=36)),
        ("90 minutes", timedelta(minutes=90)),
        ("a minute", timedelta(minutes=1)),
        ("61 seconds", timedelta(seconds=61)),
        ("a second", timedelta(seconds=1)),
    ],
)
def test_the_window_is_said_in_the_largest_unit_that_fits(expected: str, window: timedelta) -> None:
    assert says(window=window).endswith(f"at most one message per issue in {expected}")


def test_quiet_hours_are_said_with_their_time_zone() -> None:
    assert says(quiet=NIGHT).endswith(", none from 22:00 to 08:00 (Asia/Shanghai)")


def test_a_rule_says_the_same_in_chinese() -> None:
    fields = {"project_id": "shop", "environments": frozenset({"production"}), "levels": BAD, "quiet": NIGHT}

    what = "shop出现新问题，production，错误及以上 → Feishu ops"
    how_often = "每个问题 1 小时内最多一条，22:00 至 08:00 免打扰（Asia/Shanghai）"
    assert f"{what}，{how_often}" == says("zh-CN", **fields)
