"""Laws of what becomes of an event, whatever the rule and the clock."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import assume, given
from hypothesis import strategies as st

from logcenter_collector.domain.alarms import deciding
from logcenter_collector.domain.alarms.deciding import (
    ATTEMPTS,
    BACK_OFF,
    Attempt,
    Digest,
    Happening,
    Later,
    Single,
    after_doubt,
    after_refusal,
    after_sending,
    after_silence,
    counts_since,
    due_at,
    fold,
    matches,
    slot_of,
)
from logcenter_collector.domain.alarms.delivery import DeliveryState
from logcenter_collector.domain.alarms.event import Trigger
from logcenter_collector.domain.alarms.rule import QuietHours
from logcenter_sdk.contract.report import Level, Source
from logcenter_sdk.contract.status import Status
from support.alarm_rules import a_rule

ZONES = ("UTC", "Asia/Shanghai", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu")
INSTANTS = st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - of timezones
TIMES = st.times().map(lambda at: at.replace(second=0, microsecond=0))
WINDOWS = st.timedeltas(timedelta(seconds=1), timedelta(days=7))


@st.composite
def quiet_hours(draw: st.DrawFn) -> QuietHours:
    start, end = draw(TIMES), draw(TIMES)
    assume(start != end)
    return QuietHours(start=start, end=end, timezone=draw(st.sampled_from(ZONES)))


@given(quiet_hours(), INSTANTS)
def test_quiet_hours_end_later_than_now_within_a_day_and_when_the_clock_shows_their_end(
    quiet: QuietHours, now: datetime
) -> None:
    end = quiet.end_after(now)

    if end is not None:
        assert now < end <= now + timedelta(hours=26)
        # Where clocks are set forward there may be no such time: then it is the one that they show instead.
        shown = end.astimezone(ZoneInfo(quiet.timezone))
        assert abs(minutes_of(shown.time()) - minutes_of(quiet.end)) in {0, 30, 60, 1380, 1410}


@given(quiet_hours(), INSTANTS)
def test_a_moment_is_in_quiet_hours_as_the_clock_on_the_wall_says(quiet: QuietHours, now: datetime) -> None:
    clock = now.astimezone(ZoneInfo(quiet.timezone)).time()
    inside = quiet.start <= clock < quiet.end if quiet.start < quiet.end else clock >= quiet.start or clock < quiet.end

    assert inside is (quiet.end_after(now) is not None)


def minutes_of(clock: time) -> int:
    return clock.hour * 60 + clock.minute


def test_the_end_on_the_day_when_clocks_are_set_back_is_the_later_one() -> None:
    quiet = QuietHours(start=time(22), end=time(2, 30), timezone="Europe/Berlin")
    second_half_past_two = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)

    assert second_half_past_two - timedelta(hours=1) == quiet.end_after(datetime(2026, 10, 24, 23, tzinfo=UTC))
    assert second_half_past_two == quiet.end_after(datetime(2026, 10, 25, 1, 15, tzinfo=UTC))


@given(st.none() | quiet_hours(), INSTANTS)
def test_what_is_due_is_never_due_before_it_happened_nor_within_quiet_hours(
    quiet: QuietHours | None, at: datetime
) -> None:
    due = due_at(a_rule(quiet=quiet), at)

    assert at <= due
    assert quiet is None or quiet.end_after(at) is not None or at == due


FILTERS = st.fixed_dictionaries(
    {},
    optional={
        "project_id": st.none() | st.sampled_from(["a", "b"]),
        "sources": st.frozensets(st.sampled_from(Source)),
        "levels": st.frozensets(st.sampled_from(Level)),
        "environments": st.frozensets(st.sampled_from(["production", "staging"])),
        "enabled": st.booleans(),
        "trigger": st.sampled_from(Trigger),
        "statuses": st.frozensets(st.sampled_from(Status)),
    },
)
HAPPENINGS = st.builds(
    Happening,
    st.sampled_from(Trigger),
    st.sampled_from(["a", "b"]),
    st.sampled_from(Source),
    st.sampled_from(Level),
    st.sampled_from(["production", "staging"]),
    st.sampled_from(Status),
)


@given(FILTERS, HAPPENINGS)
def test_one_filter_less_never_lets_through_less(filters: dict[str, object], event: Happening) -> None:
    if matches(a_rule(**filters), event):
        for name in filters.keys() - {"trigger", "statuses", "enabled"}:
            assert matches(a_rule(**{key: value for key, value in filters.items() if key != name}), event)


@given(FILTERS, HAPPENINGS)
def test_what_matches_passes_every_filter_that_is_not_empty(filters: dict[str, object], event: Happening) -> None:
    rule = a_rule(**filters)
    passes = [
        rule.enabled,
        rule.trigger is event.trigger,
        rule.trigger is not Trigger.STATUS or event.status in rule.statuses,
        rule.project_id is None or rule.project_id == event.project_id,
        not rule.sources or event.source in rule.sources,
        not rule.levels or event.level in rule.levels,
        not rule.environments or event.environment in rule.environments,
    ]

    assert all(passes) is matches(rule, event)


@given(st.integers(1, 1440), INSTANTS, st.floats(0, 3 * 24 * 60))
def test_an_occurrence_counts_for_its_minutes_but_for_a_sixtieth_and_never_longer(
    minutes: int, at: datetime, passed: float
) -> None:
    rule = a_rule(minutes=minutes)
    now = at + timedelta(minutes=passed)

    counts = slot_of(rule, at) >= counts_since(rule, now)

    assert counts or passed > minutes * 59 / 60 - 0.001
    assert not counts or passed <= minutes + 0.001


BEGUN = st.lists(st.timedeltas(timedelta(minutes=-5), timedelta(minutes=5)), max_size=20)


@given(st.integers(0, 20), WINDOWS, st.integers(1, 2_000), BEGUN, INSTANTS)
def test_of_many_messages_no_more_than_the_rule_says_are_begun_within_the_pace(
    digest_over: int, window: timedelta, waiting: int, begun: list[timedelta], now: datetime
) -> None:
    rule = a_rule(digest_over=digest_over, window=window)
    pace = min(deciding.PACE, window)
    instants = [now + ago for ago in begun]
    recent = [at for at in instants if now - pace < at <= now]

    match fold(rule, waiting, instants, now):
        case Later(until):
            assert len(recent) >= max(1, digest_over)
            assert now < until <= now + pace
            assert not isinstance(fold(rule, waiting, instants, until), Later) or any(at > now for at in instants)
        case Single():
            assert len(recent) < max(1, digest_over)
            assert waiting <= max(1, digest_over)
        case Digest():
            assert len(recent) < max(1, digest_over)
            assert waiting > max(1, digest_over)


@given(quiet_hours(), st.integers(1, 20), INSTANTS)
def test_nothing_is_sent_within_quiet_hours_however_long_it_waited(
    quiet: QuietHours, waiting: int, now: datetime
) -> None:
    end = quiet.end_after(now)

    assert (end is not None) is (fold(a_rule(quiet=quiet), waiting, [], now) == Later(end or now))


ATTEMPT = st.builds(
    Attempt,
    rule=WINDOWS.map(lambda window: a_rule(window=window)),
    number=st.integers(1, ATTEMPTS + 2),
    failures=st.integers(0, 20),
    knows_repeats=st.booleans(),
)


@given(ATTEMPT, INSTANTS, st.none() | st.integers(-5, 10**9), st.booleans())
def test_a_refusal_is_tried_again_after_the_pause_that_was_asked_for_or_is_a_dead_letter(
    attempt: Attempt, now: datetime, retry_after: int | None, permanent: bool
) -> None:
    verdict = after_refusal(attempt, "no", now, retry_after=retry_after, permanent=permanent)

    if permanent or attempt.number >= ATTEMPTS:
        assert (DeliveryState.DEAD, None, now) == (verdict.state, verdict.again_at, verdict.free_at)
    else:
        assert (DeliveryState.REFUSED, None) == (verdict.state, verdict.free_at)
        assert verdict.again_at is not None
        asked_for = timedelta(seconds=min(retry_after or 0, 86_400))
        assert verdict.again_at - now >= max(BACK_OFF[min(attempt.failures, len(BACK_OFF) - 1)], asked_for)
    assert permanent is (verdict.rests_until is None)


@given(ATTEMPT, INSTANTS)
def test_what_is_in_doubt_is_told_again_within_the_window_only_to_who_knows_repeats(
    attempt: Attempt, gone_at: datetime
) -> None:
    for verdict in (after_doubt(attempt, "killed", gone_at), after_silence(attempt, "no answer", gone_at)):
        told_again = verdict.again_at or verdict.free_at
        assert told_again is not None
        assert told_again >= (gone_at if attempt.knows_repeats and verdict.again_at else gone_at + attempt.rule.window)
        assert (attempt.number >= ATTEMPTS) is (verdict.state is DeliveryState.DEAD)


@given(WINDOWS, INSTANTS)
def test_what_was_sent_keeps_the_next_one_back_for_the_window(window: timedelta, now: datetime) -> None:
    assert now + window == after_sending(a_rule(window=window), now).free_at


def test_a_message_is_tried_for_hours_before_it_is_given_up() -> None:
    now, failures = datetime(2026, 3, 2, tzinfo=UTC), 0
    for number in range(1, ATTEMPTS):
        attempt = Attempt(rule=a_rule(), number=number, failures=failures, knows_repeats=False)
        again_at = after_refusal(attempt, "no", now).again_at
        assert again_at is not None
        assert BACK_OFF[failures] == again_at - now
        now, failures = again_at, failures + 1
