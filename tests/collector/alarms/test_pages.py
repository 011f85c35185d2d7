"""The dashboard's pages of alarms, over HTTP, with a robot that checks signatures."""

import re
from collections.abc import Iterator
from contextlib import closing
from html import unescape
from time import monotonic, sleep
from typing import Any, Final

import pytest

from logcenter_collector.store.sql import SqlStore
from logcenter_collector.texts import LANGUAGES
from support.alarm_rules import SOMEBODY
from support.collector import Collector
from support.receiver import Receiver, receiving
from support.robots import PATH, SECRET, feishu
from support.sending import a_report, fresh_project
from support.stores import START
from support.visiting import Guest, text_of

CHANNELS: Final = "/admin/alarms/channels"
RULES: Final = "/admin/alarms/rules"
LOG: Final = "/admin/alarms/deliveries"
SCRIPT: Final = "<script>alert(1)</script>"
RULE: Final = {
    "name": "New ones",
    "enabled": "1",
    "trigger": "new_issue",
    "window": "1",
    "unit": "hours",
    "digest_over": "5",
    "timezone": "UTC",
    "language": "en",
}


@pytest.fixture(scope="module")
def robot() -> Iterator[Receiver]:
    with receiving(feishu) as receiver:
        yield receiver


@pytest.fixture
def guest(collector: Collector) -> Guest:
    return Guest(collector.dashboard_url)


def add_channel(guest: Guest, robot: Receiver, case: str = "plain", **fields: str) -> str:
    """Add a channel, and return its page."""
    form = {"kind": "feishu", "name": f"Robot {fresh_project()}", "setting.url": robot.url(PATH + case), **fields}
    answer = guest.post(CHANNELS, **form)
    assert answer.status_code == 303, text_of(answer.text)
    return answer.headers["location"].partition("?")[0]


def add_rule(guest: Guest, **fields: Any) -> None:
    answer = guest.post(RULES, **{**RULE, **fields})
    assert answer.status_code == 303, text_of(answer.text)


def shown(guest: Guest, path: str) -> str:
    """Return what a reader of a page sees."""
    answer = guest.get(path)
    assert answer.status_code == 200
    return text_of(answer.text)


def number_of(page: str) -> str:
    return page.rpartition("/")[2]


def log_of(guest: Guest, channel: str, text: str) -> str:
    """Return the log of a channel once a text stands in it."""
    deadline = monotonic() + 20
    while text not in (log := shown(guest, f"{LOG}?channel={number_of(channel)}").partition("Every attempt")[2]):
        assert monotonic() < deadline, log
        sleep(0.05)
    return log


def wrong_at(page: str) -> set[str]:
    """Return the fields at which something is said to be wrong."""
    return set(re.findall(r'<p class="error" id="([\w-]+)-wrong">', page))


def test_a_channel_is_listed_by_name_and_kind_with_the_rules_that_tell_it(guest: Guest, robot: Receiver) -> None:
    page = add_channel(guest, robot, name="Feishu ops")
    add_rule(guest, name="To the robot", channels=number_of(page))

    overview = shown(guest, "/admin/alarms")

    assert "Feishu ops Feishu or Lark robot nothing sent yet In the rules: To the robot" in overview


def test_every_kind_of_channels_has_a_form_in_every_language(guest: Guest) -> None:
    for code in LANGUAGES:
        page = guest.get(f"{CHANNELS}/new?lang={code}").text
        for kind in re.findall(r"\?kind=(\w+)", page):
            form = guest.get(f"{CHANNELS}/new?kind={kind}&lang={code}")
            assert f'<html lang="{code}">' in form.text
            assert 'name="setting.url"' in form.text


def test_a_channel_of_an_unknown_kind_is_no_page(guest: Guest) -> None:
    assert 404 == guest.get(f"{CHANNELS}/new?kind=pager").status_code


def test_what_is_wrong_with_a_channel_stands_at_each_field_and_the_rest_stays_typed(guest: Guest) -> None:
    form = {"kind": "webhook", "name": " ", "setting.url": "ftp://example.org", "setting.secret": "short"}

    answer = guest.post(CHANNELS, **form)

    assert 400 == answer.status_code
    assert {"name", "url-setting", "secret-setting"} == wrong_at(answer.text)
    assert 'value="ftp://example.org"' in answer.text
    assert "short" not in answer.text.partition("<form")[2].replace('class="short"', "")


def test_a_secret_is_written_and_never_shown(guest: Guest, robot: Receiver) -> None:
    page = add_channel(guest, robot, "signed", **{"setting.secret": SECRET})

    shown_page = guest.get(page).text

    assert SECRET not in shown_page
    assert robot.url(PATH) not in shown_page
    assert 2 == shown_page.count('placeholder="set; leave empty to keep it"')


def test_a_secret_of_which_nothing_is_typed_stays_and_goes_only_when_asked(guest: Guest, robot: Receiver) -> None:
    page = add_channel(guest, robot, "signed", **{"setting.secret": SECRET})

    assert 303 == guest.post(page, name="Renamed").status_code
    assert "Renamed" in shown(guest, page)
    assert "The receiver took it." in text_of(guest.post(f"{page}/test").text)

    assert 303 == guest.post(page, name="Renamed", **{"without.secret": "1"}).status_code
    assert "It was not sent." in text_of(guest.post(f"{page}/test").text)


def test_a_wrong_change_of_a_channel_shows_the_form_again_and_changes_nothing(guest: Guest, robot: Receiver) -> None:
    page = add_channel(guest, robot, name="Before")

    answer = guest.post(page, name="After", **{"setting.url": "https://example.org/"})

    assert 400 == answer.status_code
    assert {"url-setting"} == wrong_at(answer.text)
    assert 'value="After"' in answer.text
    assert 'value="Before"' in guest.get(page).text


def test_a_test_message_arrives_in_the_language_of_whoever_sends_it(guest: Guest, robot: Receiver) -> None:
    page = add_channel(guest, robot, name="群")

    answer = guest.post(f"{page}/test?lang=zh-CN")

    assert "对方已接收" in answer.text
    assert "测试消息" == robot.messages()[-1]["content"]["post"]["zh_cn"]["title"]


@pytest.mark.parametrize(
    ("case", "says", "words"),
    [
        ("signed", "It was not sent.", "sign match fail or timestamp is not within one hour"),
        ("keyword", "It was not sent.", "Key Words Not Found"),
        ("gateway", "It was sent, and no answer came.", "504"),
    ],
)
def test_a_test_message_that_is_not_taken_shows_why(
    guest: Guest, robot: Receiver, case: str, says: str, words: str
) -> None:
    page = add_channel(guest, robot, case)

    answer = text_of(guest.post(f"{page}/test").text)

    assert says in answer
    assert words in answer


def test_the_page_of_a_channel_explains_what_its_end_means_for_rules(guest: Guest, robot: Receiver) -> None:
    page, other = add_channel(guest, robot), add_channel(guest, robot)
    add_rule(guest, name="Only there", channels=[number_of(page)])
    add_rule(guest, name="There and elsewhere", channels=[number_of(page), number_of(other)])

    explained = shown(guest, page).partition("Delete the channel")[2]
    assert "These rules use it." in explained
    assert "Only there then tells nobody There and elsewhere Delete" in explained

    assert 303 == guest.post(f"{page}/delete").status_code
    assert 404 == guest.get(page).status_code
    assert "nobody, as it has no channel" in shown(guest, "/admin/alarms")


def test_a_rule_is_listed_in_words_and_its_form_shows_it_again(guest: Guest, robot: Receiver) -> None:
    name = f"Robot {fresh_project()}"
    channel = add_channel(guest, robot, name=name)
    fields = {
        "trigger": "rate",
        "occurrences": "100",
        "minutes": "5",
        "project": "shop",
        "environments": "production，staging",
        "sources": ["runtime"],
        "levels": ["ERROR", "CRITICAL"],
        "channels": number_of(channel),
        "window": "2",
        "quiet_start": "22:00",
        "quiet_end": "08:00",
        "timezone": "Asia/Shanghai",
    }
    add_rule(guest, **fields)

    overview = guest.get("/admin/alarms").text
    assert (
        "An issue that occurs 100 times in 5 minutes in shop, application, production or staging, Error or worse → "
        f"{name}, at most one message per issue in 2 hours, none from 22:00 to 08:00 (Asia/Shanghai)"
    ) in text_of(overview)

    page = guest.get(re.findall(rf'"({RULES}/\d+)"', overview)[-1]).text
    typed = dict(re.findall(r'<input (?:type="time" )?name="(\w+)" value="([^"]*)"', page))
    assert {
        "occurrences": "100",
        "minutes": "5",
        "environments": "production, staging",
        "window": "2",
    }.items() <= typed.items()
    assert {"quiet_start": "22:00", "quiet_end": "08:00", "timezone": "Asia/Shanghai"}.items() <= typed.items()
    assert ["rate", "runtime", "ERROR", "CRITICAL", number_of(channel)] == re.findall(
        r'name="(?:trigger|sources|levels|channels)" value="(\w+)" checked', page
    )


@pytest.mark.parametrize(
    ("wrong", "fields"),
    [
        ({"name"}, {"name": "  "}),
        ({"trigger"}, {"trigger": "full_moon"}),
        ({"rate"}, {"trigger": "rate", "occurrences": "many"}),
        ({"statuses"}, {"trigger": "status"}),
        ({"project"}, {"project": "no such id!"}),
        ({"environments"}, {"environments": "e" * 201}),
        ({"sources"}, {"sources": ["rumour"]}),
        ({"levels"}, {"levels": ["ERROR", "BAD"]}),
        ({"channels"}, {"channels": ["999999"]}),
        ({"channels"}, {"channels": ["first"]}),
        ({"language"}, {"language": "tlh"}),
        ({"window"}, {"window": "0"}),
        ({"window"}, {"window": "31", "unit": "days"}),
        ({"window"}, {"window": "1.5"}),
        ({"digest_over"}, {"digest_over": "-1"}),
        ({"quiet"}, {"quiet_start": "22:00"}),
        ({"quiet"}, {"quiet_start": "22:00", "quiet_end": "22:00"}),
        ({"timezone"}, {"quiet_start": "22:00", "quiet_end": "08:00", "timezone": "Mars/Base"}),
        ({"name", "window", "digest_over"}, {"name": "", "window": "", "digest_over": "9" * 30}),
    ],
)
def test_what_is_wrong_with_a_rule_stands_at_each_field(guest: Guest, wrong: set[str], fields: dict[str, Any]) -> None:
    answer = guest.post(RULES, **{**RULE, **fields})

    assert 400 == answer.status_code
    assert wrong == wrong_at(answer.text)
    assert "Nothing was saved." in answer.text


def test_what_another_trigger_would_need_is_not_looked_at(guest: Guest) -> None:
    assert 303 == guest.post(RULES, **{**RULE, "occurrences": "many", "statuses": ["LOST"]}).status_code


def test_a_rule_is_changed_switched_off_and_deleted(guest: Guest) -> None:
    add_rule(guest, name="A rule of one day")
    page = re.findall(rf'"({RULES}/\d+)"', guest.get("/admin/alarms").text)[-1]

    assert 303 == guest.post(page, **{**RULE, "name": "Another name", "enabled": ""}).status_code
    assert "Another name off A new issue in any project" in shown(guest, "/admin/alarms")

    assert 400 == guest.post(page, **{**RULE, "window": "0"}).status_code
    assert 303 == guest.post(f"{page}/delete").status_code
    assert 404 == guest.get(page).status_code


def test_a_message_that_arrived_stands_in_the_log(collector: Collector, guest: Guest, robot: Receiver) -> None:
    channel, project = add_channel(guest, robot), fresh_project()
    add_rule(guest, name="Tell the robot", project=project, channels=number_of(channel))

    collector.report(a_report(project))

    assert f"[{project}] New issue: ValueError Tell the robot" in log_of(guest, channel, "Sent")
    assert f"[{project}] New issue: ValueError" in {
        message["content"]["post"]["zh_cn"]["title"] for message in robot.messages()
    }
    assert "Nothing fits." in shown(guest, f"{LOG}?channel={number_of(channel)}&state=dead")


def test_a_dead_letter_is_told_of_on_every_page_of_the_administration_and_can_be_sent_again(
    collector: Collector, guest: Guest, robot: Receiver
) -> None:
    channel, project = add_channel(guest, robot, "signed", **{"setting.secret": "wrong"}), fresh_project()
    add_rule(guest, project=project, channels=number_of(channel))
    collector.report(a_report(project))

    assert "Dead letter refused with code 19021: sign match fail" in log_of(guest, channel, "Send again")
    assert "One alarm could not be delivered." in shown(guest, "/admin/people")

    guest.post(channel, name="Repaired", **{"setting.secret": SECRET})
    retry = re.findall(r'action="(\S+/retry)"', guest.get(f"{LOG}?state=dead").text)[0]
    assert "It is on its way again." in shown(guest, guest.post(retry).headers["location"])
    assert "Sent again" in log_of(guest, channel, "Repaired 1 Sent ")
    assert "could not be delivered" not in shown(guest, "/admin/people")
    assert 409 == guest.post(retry).status_code


def test_a_dead_letter_that_is_dismissed_is_told_of_no_more(
    collector: Collector, guest: Guest, robot: Receiver
) -> None:
    channel, project = add_channel(guest, robot, "signed", **{"setting.secret": "wrong"}), fresh_project()
    add_rule(guest, project=project, channels=number_of(channel))
    collector.report(a_report(project))
    log_of(guest, channel, "Dead letter")

    dismiss = re.findall(r'action="(\S+/dismiss)"', guest.get(f"{LOG}?channel={number_of(channel)}").text)[0]
    told = shown(guest, guest.post(dismiss).headers["location"])

    assert "It is dismissed: it stays in the log and is not sent." in told
    assert "Dismissed refused with code 19021" in log_of(guest, channel, "Dismissed")
    assert "could not be delivered" not in shown(guest, "/admin/people")
    assert 409 == guest.post(dismiss).status_code


def test_a_message_that_was_refused_shows_when_it_is_tried_again(
    collector: Collector, guest: Guest, robot: Receiver
) -> None:
    channel, project = add_channel(guest, robot, "overloaded"), fresh_project()
    add_rule(guest, name="To the busy one", project=project, channels=number_of(channel))
    collector.report(a_report(project))

    assert "Refused answered 503 Service Unavailable next attempt in 1 min" in log_of(guest, channel, "Refused")
    waiting = shown(guest, f"{LOG}?state=waiting&channel={number_of(channel)}")
    assert "Waiting 1 issue due in 1 min" in waiting
    assert "failed 1 time in a row, tried again in 1 min" in shown(guest, "/admin/alarms")


def test_the_log_goes_on_from_page_to_page(collector: Collector, guest: Guest, robot: Receiver) -> None:
    channel, project = add_channel(guest, robot), fresh_project()
    add_rule(guest, project=project, channels=number_of(channel), digest_over="1000")
    collector.report_batch([a_report(project, line_number=number) for number in range(51)])
    log_of(guest, channel, "Older »")

    first = guest.get(f"{LOG}?channel={number_of(channel)}").text
    older = unescape(re.findall(r'rel="next" href="([^"]+)"', first)[0])
    second = guest.get(older).text

    assert (50, 1) == (first.count("[" + project), second.count("[" + project))
    assert "Back to the newest" in second


def test_stored_markup_stays_text_on_every_page(collector: Collector, guest: Guest, robot: Receiver) -> None:
    channel, project = add_channel(guest, robot, "keyword", name=SCRIPT, **{"setting.keyword": SCRIPT}), fresh_project()
    add_rule(guest, name=SCRIPT, environments=f"{SCRIPT}, production", project=project, channels=number_of(channel))
    rule = re.findall(rf'"({RULES}/\d+)"', guest.get("/admin/alarms").text)[-1]
    collector.report(a_report(project, type=SCRIPT))
    log_of(guest, channel, "Dead letter")

    for path in ("/admin/alarms", channel, rule, f"{LOG}?channel={number_of(channel)}"):
        page = guest.get(path).text
        assert SCRIPT not in page
        assert SCRIPT in unescape(page)
    guest.post(f"{channel}/delete")
    assert "its rule or channel is gone" in log_of(guest, channel, SCRIPT)


def test_a_channel_of_another_version_of_the_collector_can_be_deleted_and_nothing_else(
    collector: Collector, guest: Guest
) -> None:
    with closing(SqlStore(collector.database_url)) as store:
        strange = store.alarms.channels.create("Pager", "pager", {"number": "secret"}, SOMEBODY, START)
    page = f"{CHANNELS}/{strange.id}"

    assert "This collector does not know channels of the kind pager." in shown(guest, page)
    assert "secret" not in guest.get(page).text
    assert "Its settings are wrong" in text_of(guest.post(f"{page}/test").text)
    assert 404 == guest.post(page, name="Mine").status_code
    assert 303 == guest.post(f"{page}/delete").status_code


@pytest.mark.parametrize("cursor", ["x", "-1", "9" * 40])
def test_a_place_in_the_log_that_is_none_is_a_page_that_says_so(guest: Guest, cursor: str) -> None:
    assert 400 == guest.get(f"{LOG}?cursor={cursor}").status_code


def test_numbers_that_no_database_knows_are_no_pages(guest: Guest) -> None:
    pages = [f"{CHANNELS}/{2**70}", f"{RULES}/{2**70}"]

    assert [404, 404] == [guest.get(page).status_code for page in pages]
    assert 404 == guest.post(f"{LOG}/{2**70}/retry").status_code
