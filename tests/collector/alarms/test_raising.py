"""What is put into the outbox: what a rule waits for, once within its window, and nothing else."""

from datetime import time, timedelta
from typing import Any

import pytest
from attrs import evolve

from logcenter_collector.domain.alarms.deciding import after_sending
from logcenter_collector.domain.alarms.event import Trigger
from logcenter_collector.domain.alarms.rule import QuietHours
from logcenter_collector.domain.muting import MuteWish
from logcenter_collector.store.sql import SqlStore
from logcenter_sdk.contract.report import Level, Source
from logcenter_sdk.contract.status import Status
from support.alarm_rules import SOMEBODY, Listener
from support.stores import START


@pytest.fixture
def listener(sql_store: SqlStore) -> Listener:
    return Listener(sql_store)


def test_a_new_issue_is_raised_once_for_each_channel_with_its_facts(listener: Listener) -> None:
    other = listener.add_channel()
    rule = listener.add_rule(channel_ids=(listener.channel_id, other))

    issue_id = listener.reporter.report(message="no such user", version="1.0").issue_id
    listener.reporter.report(message="no such user", version="1.0")

    assert [issue_id] == listener.waiting() == listener.waiting(other)
    [event] = listener.events(rule)
    facts = event.facts
    assert (Trigger.NEW_ISSUE, issue_id, Status.NEW) == (event.trigger, facts.issue_id, facts.status)
    assert (listener.reporter.project, "no such user", "1.0") == (facts.project_id, facts.message, facts.version)
    assert "app/users.py:12" == facts.place
    assert 2 == facts.occurrence_count


def test_of_a_pipeline_and_a_cluster_the_place_is_a_step_and_a_deployment(listener: Listener) -> None:
    rule = listener.add_rule()
    listener.reporter.report(source="cicd", context={"job_name": "build", "step_name": "test"})
    listener.reporter.report(source="deployment", context={"namespace": "shop", "deployment_name": "web"})

    assert ["build/test", "shop/web"] == [event.facts.place for event in listener.events(rule)]


def test_without_a_place_of_its_own_an_error_stands_where_its_innermost_own_frame_does(listener: Listener) -> None:
    rule = listener.add_rule()
    frames = [
        {"file_path": "main.py", "line_number": 1, "in_app": True},
        {"file_path": "views.py", "line_number": 9, "in_app": True},
        {"file_path": "lib/http.py", "line_number": 7, "in_app": False},
    ]
    listener.reporter.report(file_path=None, line_number=None, frames=frames)

    assert ["views.py:9"] == [event.facts.place for event in listener.events(rule)]


@pytest.mark.parametrize(
    ("filters", "changes", "is_told"),
    [
        ({}, {}, True),
        ({"project_id": None}, {}, True),
        ({"project_id": "another"}, {}, False),
        ({"enabled": False}, {}, False),
        ({"channel_ids": ()}, {}, False),
        ({"sources": frozenset({Source.CICD})}, {}, False),
        ({"sources": frozenset({Source.CICD, Source.RUNTIME})}, {}, True),
        ({"levels": frozenset({Level.CRITICAL})}, {}, False),
        ({"levels": frozenset({Level.CRITICAL})}, {"level": "critical"}, True),
        ({"environments": frozenset({"production"})}, {"environment": "staging"}, False),
        ({"environments": frozenset({"production"})}, {"environment": "production"}, True),
        ({}, {"type": "ProjectInit"}, False),
        ({"trigger": Trigger.RATE, "occurrences": 1, "minutes": 1}, {"type": "ProjectInit"}, False),
    ],
)
def test_a_rule_hears_of_what_its_filters_let_through_and_never_of_a_registration(
    listener: Listener, filters: dict[str, Any], changes: dict[str, Any], is_told: bool
) -> None:
    rule = listener.add_rule(**filters)

    issue_id = listener.reporter.report(**changes).issue_id

    assert ([issue_id] if is_told else []) == listener.waiting()
    listener.store.alarms.rules.delete(rule.id, SOMEBODY, START)


def test_a_regression_is_raised_and_a_repeat_is_not(listener: Listener) -> None:
    rule = listener.add_rule(trigger=Trigger.REGRESSION)
    issue_id = listener.reporter.report().issue_id
    listener.reporter.report()
    listener.reporter.fix(issue_id)
    assert [] == listener.waiting()

    listener.reporter.report()

    [event] = listener.events(rule)
    assert (Trigger.REGRESSION, Status.NEW, 1) == (event.trigger, event.facts.status, event.facts.regression_count)


def test_a_status_that_is_reached_is_raised_and_others_are_not(listener: Listener) -> None:
    rule = listener.add_rule(trigger=Trigger.STATUS, statuses=frozenset({Status.FIXED}))
    issue_id = listener.reporter.report().issue_id
    listener.reporter.move(issue_id, "VERIFYING", "PENDING_FIX", "FIXING")
    assert [] == listener.waiting()

    listener.reporter.move(issue_id, "FIXED", actor="mei")

    [event] = listener.events(rule)
    assert (Status.FIXED, {"from": "FIXING", "actor": "mei"}) == (event.facts.status, event.detail)


def test_moves_of_a_registration_are_never_raised(listener: Listener) -> None:
    listener.add_rule(trigger=Trigger.STATUS, statuses=frozenset(Status))
    issue_id = listener.reporter.report(type="ProjectInit").issue_id

    listener.reporter.move(issue_id, "VERIFYING")

    assert [] == listener.waiting()


def test_so_many_in_so_many_minutes_are_raised_and_one_less_is_not(listener: Listener) -> None:
    rule = listener.add_rule(trigger=Trigger.RATE, occurrences=5, minutes=10)
    issue_id = listener.reporter.report(occurrences=3).issue_id
    listener.reporter.report()
    assert [] == listener.waiting()

    listener.reporter.report()

    [event] = listener.events(rule)
    assert [issue_id] == listener.waiting()
    assert {"occurrences": 5, "minutes": 10} == event.detail


def test_what_happened_longer_ago_does_not_count(listener: Listener) -> None:
    listener.add_rule(trigger=Trigger.RATE, occurrences=5, minutes=10)
    listener.reporter.report(occurrences=4)
    listener.reporter.wait(minutes=10)

    listener.reporter.report(occurrences=4)
    assert [] == listener.waiting()
    listener.reporter.wait(minutes=9)
    issue_id = listener.reporter.report().issue_id

    assert [issue_id] == listener.waiting()


def test_occurrences_elsewhere_do_not_count_for_a_rule_of_one_environment(listener: Listener) -> None:
    listener.add_rule(trigger=Trigger.RATE, occurrences=3, minutes=10, environments=frozenset({"production"}))
    arrivals = [listener.reporter.arrival(environment=name) for name in ("staging", "production", "production")]
    listener.store.record(arrivals)
    assert [] == listener.waiting()

    issue_id = listener.reporter.report(environment="production").issue_id

    assert [issue_id] == listener.waiting()


def test_within_the_window_of_a_message_nothing_is_raised_and_after_it_something_is(listener: Listener) -> None:
    rule = listener.add_rule(trigger=Trigger.RATE, occurrences=1, minutes=1, window=timedelta(hours=1))
    issue_id = listener.reporter.report().issue_id
    draft, number = listener.begin(rule)
    listener.reporter.report()
    listener.store.alarms.outbox.end(number, draft.message_id, listener.channel_id, after_sending(rule, listener.now))

    listener.reporter.wait(minutes=59)
    listener.reporter.report()
    assert [] == listener.waiting()
    listener.reporter.wait(minutes=1)
    listener.reporter.report()

    assert [issue_id] == listener.waiting()


def test_what_falls_into_quiet_hours_waits_for_their_end(listener: Listener) -> None:
    quiet = QuietHours(start=time(22), end=time(7), timezone="Asia/Shanghai")
    rule = listener.add_rule(quiet=quiet)
    listener.reporter.now = START.replace(hour=15)  # 23:00 in Shanghai
    issue_id = listener.reporter.report().issue_id

    assert [issue_id] == listener.waiting()
    assert () == listener.events(rule)
    listener.reporter.now = START.replace(hour=23, minute=0, second=0, microsecond=0)
    assert 1 == len(listener.events(rule))


def test_a_change_of_a_rule_is_followed_by_the_next_batch(listener: Listener) -> None:
    rule = listener.add_rule(enabled=False)
    listener.reporter.report()
    assert [] == listener.waiting()

    listener.store.alarms.rules.change(evolve(rule, enabled=True), SOMEBODY, START)
    issue_id = listener.reporter.report(line_number=99).issue_id

    assert [issue_id] == listener.waiting()


def test_a_muted_issue_is_silent_until_the_mute_is_over_and_then_alarms_as_usual(listener: Listener) -> None:
    listener.add_rule(trigger=Trigger.RATE, occurrences=2, minutes=10)
    issue_id = listener.reporter.report().issue_id
    listener.store.mute(issue_id, MuteWish(until=listener.now + timedelta(minutes=5)), listener.now)

    listener.reporter.report(occurrences=50)
    assert [] == listener.waiting()
    listener.reporter.wait(minutes=5)
    listener.reporter.report()

    assert [issue_id] == listener.waiting()


def test_an_issue_that_is_muted_for_so_many_more_alarms_with_the_last_of_them(listener: Listener) -> None:
    listener.add_rule(trigger=Trigger.RATE, occurrences=1, minutes=1, window=timedelta(seconds=1))
    issue_id = listener.reporter.report(line_number=7).issue_id
    listener.store.mute(issue_id, MuteWish(more=3), listener.now)

    listener.reporter.report(line_number=7, occurrences=2)
    assert [] == listener.waiting()
    listener.reporter.report(line_number=7)

    assert [issue_id] == listener.waiting()


def test_only_the_muted_ones_of_a_batch_are_silent(listener: Listener) -> None:
    listener.add_rule(trigger=Trigger.RATE, occurrences=2, minutes=1)
    muted = listener.reporter.report(line_number=1).issue_id
    listener.store.mute(muted, MuteWish(more=1_000), listener.now)

    arrivals = [listener.reporter.arrival(line_number=line, occurrences=2) for line in (1, 2)]
    answers = listener.store.record(arrivals)

    assert [answers[1].issue_id] == listener.waiting()


def test_a_regression_of_a_muted_issue_alarms_and_so_does_what_follows(listener: Listener) -> None:
    back = listener.add_rule(trigger=Trigger.REGRESSION)
    reached = listener.add_rule(trigger=Trigger.STATUS, statuses=frozenset({Status.NEW}))
    often = listener.add_rule(trigger=Trigger.RATE, occurrences=1, minutes=1)
    issue_id = listener.reporter.report().issue_id
    listener.reporter.fix(issue_id)
    listener.store.mute(issue_id, MuteWish(more=1_000), listener.now)
    assert [] == listener.waiting()

    listener.reporter.report()

    assert [[issue_id]] * 3 == [
        [event.facts.issue_id for event in listener.events(rule)] for rule in (back, reached, often)
    ]


def test_a_status_that_somebody_moves_a_muted_issue_to_is_raised(listener: Listener) -> None:
    listener.add_rule(trigger=Trigger.STATUS, statuses=frozenset({Status.VERIFYING}))
    issue_id = listener.reporter.report().issue_id
    listener.store.mute(issue_id, MuteWish(more=1_000), listener.now)

    listener.reporter.move(issue_id, "VERIFYING")

    assert [issue_id] == listener.waiting()


def test_what_waits_of_an_issue_is_not_told_any_more_when_it_is_muted_but_for_statuses(listener: Listener) -> None:
    new = listener.add_rule()
    reached = listener.add_rule(trigger=Trigger.STATUS, statuses=frozenset({Status.VERIFYING}))
    issue_id, other = (listener.reporter.report(line_number=line).issue_id for line in (1, 2))
    listener.reporter.move(issue_id, "VERIFYING")

    listener.store.mute(issue_id, MuteWish(more=10), listener.now)

    assert [[other], [issue_id]] == [
        [event.facts.issue_id for event in listener.events(rule)] for rule in (new, reached)
    ]


def test_a_message_that_is_being_sent_when_its_issue_is_muted_goes_on(listener: Listener) -> None:
    rule = listener.add_rule()
    issue_id = listener.reporter.report().issue_id
    listener.begin(rule)

    listener.store.mute(issue_id, MuteWish(more=10), listener.now)

    assert [issue_id] == listener.waiting()
