"""``/api/v1/alarms``: whom to tell and when, and what became of it, over HTTP."""

from collections.abc import Callable, Iterator
from datetime import datetime
from time import monotonic, sleep
from typing import Any

import pytest

from support.collector import Collector, start
from support.receiver import Receiver, Reply, receiving
from support.sending import a_report, another_error, fresh_project

PATH = "/api/v1/alarms"
SECRET = "a secret of a webhook"
RULE = {"name": "New ones", "trigger": "new_issue"}


@pytest.fixture(scope="module")
def collector(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Collector]:
    """One collector for the tests of this file."""
    folder = tmp_path_factory.mktemp("alarms")
    collector = start(folder / "logcenter.db", "--allow-private-webhooks", "127.0.0.0/8")
    yield collector
    assert collector.stop() == 0


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving(lambda _: Reply()) as receiver:
        yield receiver


def send(collector: Collector, method: str, path: str, body: object = None, status: int = 200) -> Any:
    """Return the JSON of an answer that must have a status."""
    response = collector.client.request(method, f"{PATH}{path}", json=body)
    assert status == response.status_code, response.text
    return response.json()


def add_channel(collector: Collector, url: str) -> Any:
    body = {"name": "Team", "kind": "webhook", "settings": {"url": url, "secret": SECRET}}
    return send(collector, "POST", "/channels", body)


def errors_of(answer: Any) -> set[str]:
    return {error["field"] for error in answer["errors"]}


def wait_until(condition: Callable[[], Any]) -> Any:
    """Return what a condition gives once it is true."""
    deadline = monotonic() + 20
    while not (found := condition()):
        assert monotonic() < deadline
        sleep(0.02)
    return found


def test_a_channel_is_added_listed_changed_and_removed_and_never_shows_its_secret(collector: Collector) -> None:
    added = add_channel(collector, "https://hooks.example.org/a")
    path = f"/channels/{added['id']}"
    changed = send(collector, "PUT", path, {"name": "Ops", "settings": {"url": "https://hooks.example.org/b"}})
    again = send(collector, "PUT", path, {"name": "Ops", "settings": changed["settings"]})
    emptied = send(collector, "PUT", path, {"name": "Ops", "settings": {**changed["settings"], "secret": ""}})

    assert {"url": "https://hooks.example.org/a", "secret": "********"} == added["settings"]
    assert ("Ops", "********") == (changed["name"], changed["settings"]["secret"])
    assert again == changed
    assert "" == emptied["settings"]["secret"]
    assert emptied in send(collector, "GET", "/channels")
    assert emptied == send(collector, "GET", path) == send(collector, "DELETE", path)
    assert 404 == send(collector, "GET", path, status=404)["status"]
    assert SECRET not in collector.client.get(f"{PATH}/channels").text


def test_a_channel_that_cannot_be_opened_is_refused_with_every_wrong_field(collector: Collector) -> None:
    wrong = {"name": "", "kind": "webhook", "settings": {}}
    assert {"name"} == errors_of(send(collector, "POST", "/channels", wrong, 400))
    wrong = {"name": "x", "kind": "pigeon", "settings": {}}
    assert {"kind"} == errors_of(send(collector, "POST", "/channels", wrong, 400))
    wrong = {"name": "x", "kind": "webhook", "settings": {"url": "ftp://x", "colour": "red"}}
    assert {"settings.colour"} <= errors_of(send(collector, "POST", "/channels", wrong, 400))


def test_a_rule_is_added_listed_set_and_removed(collector: Collector) -> None:
    channel = add_channel(collector, "https://hooks.example.org/a")["id"]
    body = {
        "name": "Storms",
        "trigger": "rate",
        "project_id": "shop",
        "occurrences": 100,
        "minutes": 5,
        "statuses": [],
        "sources": ["runtime"],
        "levels": ["CRITICAL", "ERROR"],
        "environments": ["production"],
        "window_seconds": 600,
        "digest_over": 3,
        "quiet": {"start": "22:00", "end": "07:00", "timezone": "Asia/Shanghai"},
        "channel_ids": [channel],
        "language": "zh-CN",
        "enabled": False,
    }

    added = send(collector, "POST", "/rules", body)
    path = f"/rules/{added['id']}"

    assert {**body, "id": added["id"], "levels": ["ERROR", "CRITICAL"]} == added
    assert added in send(collector, "GET", "/rules")
    plain = send(collector, "PUT", path, RULE)
    assert ("New ones", None, 3_600, 5, True) == (
        plain["name"],
        plain["project_id"],
        plain["window_seconds"],
        plain["digest_over"],
        plain["enabled"],
    )
    assert plain == send(collector, "GET", path) == send(collector, "DELETE", path)
    assert 404 == send(collector, "PUT", path, RULE, 404)["status"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"trigger": "tuesday"}, "trigger"),
        ({"trigger": "rate"}, "occurrences"),
        ({"trigger": "rate", "occurrences": 5}, "minutes"),
        ({"trigger": "rate", "occurrences": 0, "minutes": 1}, "occurrences"),
        ({"trigger": "status"}, "statuses"),
        ({"trigger": "status", "statuses": ["GONE"]}, "statuses"),
        ({"levels": ["error"]}, "levels"),
        ({"environments": ["x" * 201]}, "environments"),
        ({"window_seconds": 0}, "window_seconds"),
        ({"digest_over": -1}, "digest_over"),
        ({"channel_ids": [2**40]}, "channel_ids"),
        ({"channel_ids": ["1"]}, "channel_ids"),
        ({"language": "de"}, "language"),
        ({"quiet": {"start": "25:00", "end": "07:00", "timezone": "UTC"}}, "quiet.start"),
        ({"quiet": {"start": "22", "end": "07:00", "timezone": "UTC"}}, "quiet.start"),
        ({"quiet": {"start": "22:00", "end": "07:00", "timezone": "Mars/Base"}}, "quiet.timezone"),
        ({"quiet": {"start": "22:00", "end": "07:00", "timezone": "../etc"}}, "quiet.timezone"),
        ({"quiet": {"start": "22:00", "end": "22:00", "timezone": "UTC"}}, "quiet.end"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused_with_the_field_named(
    collector: Collector, changes: dict[str, Any], field: str
) -> None:
    answer = send(collector, "POST", "/rules", {**RULE, **changes}, 400)

    assert field in {name.partition("[")[0] for name in errors_of(answer)}


def test_a_new_issue_is_told_of_by_the_running_collector(collector: Collector, receiver: Receiver) -> None:
    project = fresh_project()
    channel = add_channel(collector, receiver.url("/hook"))["id"]
    send(collector, "POST", "/rules", {**RULE, "project_id": project, "channel_ids": [channel]})

    issue_id = collector.report(a_report(project))["id"]
    sent = wait_until(lambda: send(collector, "GET", f"/deliveries?outcome=sent&channel_id={channel}")["items"])

    [message] = receiver.messages()
    assert [issue_id] == [event["issue"]["id"] for event in message["events"]]
    assert [(channel, 1, "sent", None)] == [
        (each["channel_id"], each["attempt"], each["state"], each["reason"]) for each in sent
    ]
    assert datetime.fromisoformat(sent[0]["begun_at"]) <= datetime.fromisoformat(sent[0]["ended_at"])


def test_a_dead_letter_is_listed_with_its_reason_and_sent_after_all(collector: Collector, receiver: Receiver) -> None:
    project = fresh_project()
    channel = add_channel(collector, receiver.url("/hook"))["id"]
    send(collector, "POST", "/rules", {**RULE, "project_id": project, "channel_ids": [channel]})
    receiver.answer = lambda _: Reply(410)
    collector.report(a_report(project, **another_error()))
    [dead] = wait_until(lambda: send(collector, "GET", f"/deliveries?outcome=dead&channel_id={channel}")["items"])
    receiver.answer = lambda _: Reply()

    retried = send(collector, "POST", f"/deliveries/{dead['id']}/retry")
    wait_until(lambda: send(collector, "GET", f"/deliveries?outcome=sent&channel_id={channel}")["items"])

    assert "410" in dead["reason"]
    assert {**dead, "state": "retried"} == retried
    assert 409 == send(collector, "POST", f"/deliveries/{dead['id']}/retry", status=409)["status"]
    assert 404 == send(collector, "POST", f"/deliveries/{2**60}/retry", status=404)["status"]
    first = send(collector, "GET", f"/deliveries?channel_id={channel}&limit=1")
    second = send(collector, "GET", f"/deliveries?channel_id={channel}&limit=1&cursor={first['next_cursor']}")
    assert ["sent", "retried"] == [page["items"][0]["state"] for page in (first, second)]
    assert None is second["next_cursor"]
    assert {"cursor"} == errors_of(send(collector, "GET", "/deliveries?cursor=x", status=400))
    assert {"outcome"} == errors_of(send(collector, "GET", "/deliveries?outcome=lost", status=400))


def test_a_test_message_answers_what_became_of_it(collector: Collector, receiver: Receiver) -> None:
    path = f"/channels/{add_channel(collector, receiver.url('/hook'))['id']}/test"

    assert {"outcome": "sent", "reason": None} == send(collector, "POST", path)
    receiver.answer = lambda _: Reply(503)
    refused = send(collector, "POST", f"{path}?language=zh-CN")

    assert "refused" == refused["outcome"]
    assert "503" in refused["reason"]
    assert 404 == send(collector, "POST", f"/channels/{2**60}/test", status=404)["status"]
    assert {"language"} == errors_of(send(collector, "POST", f"{path}?language=de", status=400))
