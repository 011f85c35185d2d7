"""The texts of alarms, in both languages, and what a reported text may not do in them."""

import json
import re
from datetime import timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from logcenter_collector.alarms.wording import _FOLDER, Wording
from logcenter_collector.domain.alarms.event import AlarmEvent, Trigger
from logcenter_collector.domain.alarms.harmless import escaped, harmless
from logcenter_collector.texts import LANGUAGES, read_catalogue
from logcenter_sdk.contract.report import Source
from logcenter_sdk.contract.status import Status
from support.alarms import FACTS, event, notice

PUBLIC = "https://logs.example.org/"
ENGLISH = Wording(language="en", public_url=PUBLIC)
CHINESE = Wording(language="zh-CN", public_url=PUBLIC)

REGRESSION = event(Trigger.REGRESSION, regression_count=2)
RATE = event(Trigger.RATE, {"occurrences": 50, "minutes": 10})
MOVED = event(Trigger.STATUS, {"from": "FIXING", "actor": "ana"}, status=Status.FIXED)


@pytest.mark.parametrize(
    ("what", "english", "chinese"),
    [
        (event(), "[Shop] New issue: ValueError", "[Shop] 新问题：ValueError"),
        (REGRESSION, "[Shop] Back again: ValueError", "[Shop] 问题复发：ValueError"),
        (RATE, "[Shop] 50 times in 10 min: ValueError", "[Shop] 10 分钟内 50 次：ValueError"),
        (MOVED, "[Shop] Fixed: ValueError", "[Shop] 已修复：ValueError"),
    ],
)
def test_the_title_says_project_event_and_type(what: AlarmEvent, english: str, chinese: str) -> None:
    assert english == ENGLISH.single(what, "d").title
    assert chinese == CHINESE.single(what, "d").title


def test_a_single_message_shows_frame_counts_environment_and_release() -> None:
    assert [
        "no such price",
        "Where: shop/prices.py:42",
        "Error · application · production · release 1.4.2",
        "Occurrences: 5, first 2026-03-01 08:30 UTC, last 2026-03-01 09:15 UTC",
    ] == ENGLISH.single(event(), "d").text.split("\n")


def test_a_single_message_in_chinese() -> None:
    assert [
        "no such price",
        "位置：shop/prices.py:42",
        "错误 · 应用 · production · 版本 1.4.2",
        "次数：5，首次 2026-03-01 08:30 UTC，最近 2026-03-01 09:15 UTC",
        "复发：2 次",
    ] == CHINESE.single(REGRESSION, "d").text.split("\n")


def test_what_is_unknown_is_left_out() -> None:
    told = ENGLISH.single(event(version=None, place=None, source=Source.DEPLOYMENT, project_name=""), "d")

    assert "[shop_backend] New issue: ValueError" == told.title
    assert ["no such price", "Error · cluster · production"] == told.text.split("\n")[:2]


@pytest.mark.parametrize(("actor", "line"), [("ana", "Before: Fixing; moved by ana"), ("", "Before: Fixing")])
def test_a_status_that_was_reached_says_from_where_and_by_whom(actor: str, line: str) -> None:
    moved = event(Trigger.STATUS, {"from": "FIXING", "actor": actor}, status=Status.FIXED)

    assert line == ENGLISH.single(moved, "d").text.split("\n")[-1]


def test_the_link_leads_to_the_issue() -> None:
    told = CHINESE.single(event(), "d")

    assert ("https://logs.example.org/issues/7", "打开问题") == (told.url, told.url_text)


def test_without_a_public_address_nothing_is_linked() -> None:
    wording = Wording(language="en")
    notices = [wording.single(event(), "d"), wording.digest([event()], "d"), wording.trial("ops", "d")]

    assert [None, None, None] == [told.url for told in notices]
    assert "http" not in json.dumps([told.payload for told in notices])


def events(count: int, **facts: Any) -> list[AlarmEvent]:
    return [event(issue_id=number, error_type=f"Error{number}", **facts) for number in range(1, count + 1)]


def test_a_digest_lists_ten_and_counts_the_rest() -> None:
    told = ENGLISH.digest(events(13), "d")

    lines = told.text.split("\n")
    assert "[Shop] 13 issues" == told.title
    assert "• New issue: Error1: no such price · shop/prices.py:42 · 5\N{MULTIPLICATION SIGN}" == lines[0]
    assert (11, "… and 3 more") == (len(lines), lines[-1])
    assert "[Shop] 13 个问题" == CHINESE.digest(events(13), "d").title


def test_a_digest_of_ten_has_no_rest() -> None:
    assert 10 == len(ENGLISH.digest(events(10), "d").text.split("\n"))


def test_a_digest_counts_issues_and_not_events_and_shows_the_latest() -> None:
    told = ENGLISH.digest([event(), event(Trigger.RATE, {"occurrences": 9, "minutes": 1})], "d")

    assert "[Shop] 9 times in 1 min: ValueError" == told.title
    assert told.text.startswith("• 9 times in 1 min: ValueError")
    assert 2 == told.payload["count"]


def test_a_digest_of_several_projects_counts_them() -> None:
    told = ENGLISH.digest([event(), event(issue_id=8, project_id="web", project_name="Web")], "d")

    assert "2 issues in 2 projects" == told.title
    assert f"{PUBLIC}?project=shop_backend&project=web&status=NEW" == told.url


def test_a_digest_of_moves_links_to_their_projects_in_any_status() -> None:
    assert f"{PUBLIC}?project=shop_backend" == ENGLISH.digest([MOVED], "d").url


def test_a_digest_of_many_projects_links_to_the_whole_inbox() -> None:
    many = [event(issue_id=number, project_id=f"p{number}", status=Status.FIXED) for number in range(9)]
    moved = [AlarmEvent(trigger=Trigger.STATUS, facts=one.facts, at=one.at) for one in many]

    assert PUBLIC == ENGLISH.digest(moved, "d").url


def test_the_payload_of_a_digest_holds_a_hundred_events_and_counts_all() -> None:
    payload = ENGLISH.digest(events(130), "d").payload

    assert ("digest", 130, 100) == (payload["type"], payload["count"], len(payload["events"]))
    assert 300_000 > len(json.dumps(ENGLISH.digest(events(130, message="x" * 8000), "d").payload))


@pytest.mark.parametrize(
    ("language", "title", "text"),
    [
        ("en", "Test message", "If you can read this, the channel “ops” works."),
        ("zh-CN", "测试消息", "如果您能看到这条消息，说明渠道“ops”可用。"),
    ],
)
def test_a_test_message_names_its_channel(language: str, title: str, text: str) -> None:
    told = Wording(language=language).trial("ops", "d")

    assert (title, text, "test") == (told.title, told.text, told.payload["type"])


def test_both_languages_have_the_same_texts_and_placeholders() -> None:
    first, *others = [
        {key: set(re.findall(r"{(\w+)}", text)) for key, text in read_catalogue(_FOLDER, code).texts.items()}
        for code in LANGUAGES
    ]
    assert all(first == other for other in others)


MENTIONS = [
    '<at user_id="all">everybody</at>',
    "@all",
    "@everyone and @here",
    "<!channel>",
    "<@userid>",
    "\N{FULLWIDTH COMMERCIAL AT}所有人",
    "[click](https://evil.example)",
    "![](https://evil.example/pixel.png)",
    "https://evil.example",
    "www.evil.example",
    "&lt;at user_id=&quot;all&quot;&gt;",
    "\u202eright to left\u202c",
]


@pytest.mark.parametrize("text", MENTIONS)
def test_no_reported_text_goes_out_as_it_came(text: str) -> None:
    facts: dict[str, Any] = {
        "message": text, "error_type": text, "environment": text, "version": text, "place": text, "project_name": text
    }  # fmt: skip
    told = Wording(language="en").single(event(**facts), "d")
    digest = Wording(language="en").digest([event(**facts)], "d")
    trial = Wording(language="en").trial(text, "d")

    for made in (told, digest, trial):
        assert text not in made.title + made.text + made.markdown


ACTIVE = re.compile(r"<[@!a-z/]|@\w|\]\(|://|\bwww[.]|&[#\w]|[\n\r\u2028\u202e]", re.IGNORECASE)


@given(st.one_of(st.text(), st.lists(st.sampled_from([*MENTIONS, " ", "\n", "x"])).map("".join)))
def test_a_harmless_line_has_nothing_that_a_chat_acts_upon(text: str) -> None:
    line = harmless(text, 200)

    assert ACTIVE.search(line) is None
    assert harmless(line, 400) == line


@given(st.text(st.characters(exclude_categories=["Cs", "Cc", "Cf", "Zl", "Zp"]), max_size=200))
def test_a_harmless_line_looks_as_what_was_reported(text: str) -> None:
    assert " ".join(text.split()) == harmless(text, 200).replace("\N{ZERO WIDTH SPACE}", "")


@given(st.text(max_size=5000), st.integers(20, 500))
def test_a_harmless_line_is_bounded(text: str, limit: int) -> None:
    assert limit >= len(harmless(text, limit).replace("\N{ZERO WIDTH SPACE}", ""))


COMMONMARK = MarkdownIt("commonmark")


@given(st.one_of(st.text(), st.text(alphabet="*_`[]()<>#!&~|\\-+=.1 a")))
def test_commonmark_shows_an_escaped_line_as_it_is(text: str) -> None:
    line = harmless(text, 200)
    tokens = COMMONMARK.parse(escaped(line))

    inline = [token for token in tokens if token.type == "inline"]
    kinds = {child.type for token in inline for child in token.children or []}
    shown = "".join(child.content for token in inline for child in token.children or [])
    assert {"text"} >= kinds - {"text_special"}
    assert line == shown
    assert {"paragraph_open", "inline", "paragraph_close"} >= {token.type for token in tokens}


def test_the_markdown_is_the_text_in_paragraphs() -> None:
    told = notice(message="__init__ of snake_case failed")

    assert told.markdown.startswith("\\_\\_init\\_\\_ of snake_case failed\n\nWhere: shop/prices.py:42\n\n")


def test_moments_are_told_in_utc() -> None:
    shanghai = FACTS.first_seen.astimezone(timezone(timedelta(hours=8)))
    assert "first 2026-03-01 08:30 UTC" in ENGLISH.single(event(first_seen=shanghai), "d").text
