"""Rules, channels and deliveries of alarms as they stand in requests and answers."""

from collections.abc import Iterator, Mapping
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Any, Final
from zoneinfo import ZoneInfo

from attrs import field, frozen

from logcenter_collector.alarms.channels.kinds import KINDS
from logcenter_collector.alarms.channels.notice import InDoubt, Outcome, Refused
from logcenter_collector.domain.alarms.delivery import DeliveryState
from logcenter_collector.domain.alarms.event import Trigger
from logcenter_collector.domain.alarms.rule import DIGEST_OVER, WINDOW, AlarmRule, Language, QuietHours
from logcenter_collector.ingest.refusal import invalid_fields
from logcenter_collector.store.alarms.channels import StoredChannel
from logcenter_collector.store.alarms.deliveries import Delivery
from logcenter_sdk.contract.limits import SHORT_CHARACTERS
from logcenter_sdk.contract.problem import FieldError
from logcenter_sdk.contract.report import PROJECT_ID, Level, Source
from logcenter_sdk.contract.status import Status

LONGEST_WINDOW: Final = timedelta(days=30)
MOST_MINUTES: Final = 24 * 60
MOST_OCCURRENCES: Final = 1_000_000_000
MOST_DIGEST_OVER: Final = 1_000
MOST_VALUES: Final = 100


class OneOf:
    """A validator: one or several of some words."""

    def __init__(self, words: type[StrEnum]) -> None:
        self._words = frozenset(word.value for word in words)
        self._says = f"must be one of {', '.join(word.value for word in words)}"

    def __call__(self, _instance: object, _field: object, value: Any) -> None:  # noqa: ANN401 - a text or several
        """Raise ValueError for any other."""
        if not self._words.issuperset([value] if isinstance(value, str) else value):
            raise ValueError(self._says)


class Within:
    """A validator: a number from one to another."""

    def __init__(self, least: int, most: int) -> None:
        self._least, self._most = least, most

    def __call__(self, _instance: object, _field: object, value: int | None) -> None:
        """Raise ValueError outside of them."""
        if value is not None and not self._least <= value <= self._most:
            raise ValueError(f"must be from {self._least} to {self._most}, not {value}")


def _some_name(_instance: object, _field: object, value: str) -> None:
    if not value.strip() or len(value) > SHORT_CHARACTERS or not value.isprintable():
        raise ValueError(f"must be 1 to {SHORT_CHARACTERS} printable characters")


def _project_id(_instance: object, _field: object, value: str | None) -> None:
    if value is not None and not PROJECT_ID.fullmatch(value):
        raise ValueError("must be the id of a project, or null for every project")


def _short_texts(_instance: object, _field: object, value: tuple[str, ...] | None) -> None:
    if value and (len(value) > MOST_VALUES or any(len(text) > SHORT_CHARACTERS for text in value)):
        raise ValueError(f"must be at most {MOST_VALUES} names of at most {SHORT_CHARACTERS} characters")


def _few(_instance: object, _field: object, value: tuple[int, ...] | None) -> None:
    if value and len(value) > MOST_VALUES:
        raise ValueError(f"must be at most {MOST_VALUES} channels")


def _clock(_instance: object, _field: object, value: str) -> None:
    try:
        time.fromisoformat(value)
    except ValueError:
        raise ValueError("must be a time of day such as 22:00") from None
    if len(value) != len("22:00"):
        raise ValueError("must be a time of day such as 22:00")


def _timezone(_instance: object, _field: object, value: str) -> None:
    try:
        ZoneInfo(value)
    except (ValueError, OSError, KeyError):  # KeyError is its "not found"
        raise ValueError("must be an IANA time zone such as Asia/Shanghai") from None


def _about(text: str, **schema: object) -> dict[str, Any]:
    return {"description": text, "schema": schema}


def _words(words: type[StrEnum]) -> dict[str, Any]:
    return {"items": {"type": "string", "enum": [word.value for word in words]}}


@frozen(kw_only=True)
class QuietHoursShape:
    """A part of every day in which nothing is sent; what falls into it is sent at its end."""

    start: str = field(validator=_clock, metadata=_about("`HH:MM`."))
    end: str = field(validator=_clock, metadata=_about("`HH:MM`; earlier than `start`: of the next day."))
    timezone: str = field(validator=_timezone, metadata=_about("IANA, such as `Asia/Shanghai`."))


@frozen(kw_only=True)
class AlarmRuleRequest:
    """What people want to be told of. Empty filters match all; several values of one are alternatives."""

    name: str = field(validator=_some_name)
    trigger: str = field(
        validator=OneOf(Trigger), metadata=_about("What it waits for.", enum=[each.value for each in Trigger])
    )
    project_id: str | None = field(default=None, validator=_project_id, metadata=_about("null: every project."))
    occurrences: int | None = field(
        default=None,
        validator=Within(1, MOST_OCCURRENCES),
        metadata=_about("Of `rate`: so many in `minutes`.", minimum=1),
    )
    minutes: int | None = field(
        default=None,
        validator=Within(1, MOST_MINUTES),
        metadata=_about("Of `rate`.", minimum=1, maximum=MOST_MINUTES),
    )
    statuses: tuple[str, ...] = field(
        default=(), validator=OneOf(Status), metadata=_about("Of `status`: which are told of.", **_words(Status))
    )
    sources: tuple[str, ...] = field(default=(), validator=OneOf(Source), metadata=_about("Filter.", **_words(Source)))
    levels: tuple[str, ...] = field(default=(), validator=OneOf(Level), metadata=_about("Filter.", **_words(Level)))
    environments: tuple[str, ...] = field(default=(), validator=_short_texts, metadata=_about("Filter."))
    window_seconds: int = field(
        default=int(WINDOW.total_seconds()),
        validator=Within(1, int(LONGEST_WINDOW.total_seconds())),
        metadata=_about("At most one message for an issue, rule and channel within it.", minimum=1),
    )
    digest_over: int = field(
        default=DIGEST_OVER,
        validator=Within(0, MOST_DIGEST_OVER),
        metadata=_about("More messages than this at once become one; so many go within a minute.", minimum=0),
    )
    quiet: QuietHoursShape | None = None
    channel_ids: tuple[int, ...] = field(default=(), validator=_few)
    language: str = field(
        default=Language.ENGLISH.value,
        validator=OneOf(Language),
        metadata=_about("Of its messages.", enum=[each.value for each in Language]),
    )
    enabled: bool = True


@frozen(kw_only=True)
class ShownAlarmRule(AlarmRuleRequest):
    """A rule as it is kept."""

    id: int


@frozen(kw_only=True)
class AlarmChannelRequest:
    """A channel to add."""

    name: str = field(validator=_some_name)
    kind: str = field(metadata=_about("What it is.", enum=[*KINDS]))
    settings: dict[str, Any] = field(metadata=_about("What its kind needs to know, see the guide."))


@frozen(kw_only=True)
class AlarmChannelChange:
    """What to set of a channel. A secret that is left out, or comes back as it is shown, stays as it is."""

    name: str = field(validator=_some_name)
    settings: dict[str, Any]


@frozen(kw_only=True)
class ShownAlarmChannel:
    """A channel as it is listed, with `********` in the place of secrets."""

    id: int
    name: str
    kind: str
    settings: dict[str, Any]
    failures: int = field(metadata=_about("How many attempts failed in a row."))
    rests_until: datetime | None = field(metadata=_about("Until when nothing is sent, because attempts failed."))


@frozen(kw_only=True)
class AlarmTest:
    """What became of a test message."""

    outcome: str = field(metadata=_about("", enum=["sent", "refused", "in_doubt"]))
    reason: str | None


@frozen(kw_only=True)
class ShownDelivery:
    """One attempt to send a message."""

    id: int
    message_id: str = field(metadata=_about("The same at every attempt of a message."))
    rule_id: int
    rule_name: str
    channel_id: int
    channel_name: str
    title: str
    issues: int = field(metadata=_about("How many issues the message tells of."))
    attempt: int
    state: str = field(metadata=_about("`dead`: a dead letter.", enum=[state.value for state in DeliveryState]))
    reason: str | None
    begun_at: datetime
    ended_at: datetime | None


def to_rule(rule_id: int, request: AlarmRuleRequest) -> AlarmRule:
    """Return the rule of a request. Raises RefusedError where fields do not go together."""
    if errors := tuple(_disagreements(request)):
        raise invalid_fields(errors)
    is_rate = request.trigger == Trigger.RATE
    return AlarmRule(
        id=rule_id,
        name=request.name.strip(),
        project_id=request.project_id,
        trigger=Trigger(request.trigger),
        occurrences=(is_rate and request.occurrences) or 0,
        minutes=(is_rate and request.minutes) or 0,
        statuses=frozenset(map(Status, request.statuses)),
        sources=frozenset(map(Source, request.sources)),
        levels=frozenset(map(Level, request.levels)),
        environments=frozenset(request.environments),
        window=timedelta(seconds=request.window_seconds),
        digest_over=request.digest_over,
        quiet=None if request.quiet is None else _to_quiet_hours(request.quiet),
        channel_ids=tuple(dict.fromkeys(request.channel_ids)),
        language=Language(request.language),
        enabled=request.enabled,
    )


def _disagreements(request: AlarmRuleRequest) -> Iterator[FieldError]:
    if request.trigger == Trigger.RATE:
        for name in ("occurrences", "minutes"):
            if getattr(request, name) is None:
                yield FieldError(name, "is missing: the trigger rate needs it")
    if request.trigger == Trigger.STATUS and not request.statuses:
        yield FieldError("statuses", "must name at least one: the trigger status needs it")
    if request.quiet and request.quiet.start == request.quiet.end:
        yield FieldError("quiet.end", "must be another time than quiet.start")


def _to_quiet_hours(shape: QuietHoursShape) -> QuietHours:
    start, end = time.fromisoformat(shape.start), time.fromisoformat(shape.end)
    return QuietHours(start=start, end=end, timezone=shape.timezone)


def shown_rule(rule: AlarmRule) -> ShownAlarmRule:
    """Return a rule as it is answered."""
    return ShownAlarmRule(
        id=rule.id,
        name=rule.name,
        trigger=rule.trigger.value,
        project_id=rule.project_id,
        occurrences=rule.occurrences or None,
        minutes=rule.minutes or None,
        statuses=_sorted(rule.statuses, Status),
        sources=_sorted(rule.sources, Source),
        levels=_sorted(rule.levels, Level),
        environments=tuple(sorted(rule.environments)),
        window_seconds=int(rule.window.total_seconds()),
        digest_over=rule.digest_over,
        quiet=None if rule.quiet is None else _shown_quiet_hours(rule.quiet),
        channel_ids=rule.channel_ids,
        language=rule.language.value,
        enabled=rule.enabled,
    )


def _shown_quiet_hours(quiet: QuietHours) -> QuietHoursShape:
    return QuietHoursShape(start=f"{quiet.start:%H:%M}", end=f"{quiet.end:%H:%M}", timezone=quiet.timezone)


def _sorted(chosen: frozenset[Any], words: type[StrEnum]) -> tuple[str, ...]:
    return tuple(word.value for word in words if word in chosen)


def shown_channel(stored: StoredChannel) -> ShownAlarmChannel:
    """Return a channel as it is answered."""
    return ShownAlarmChannel(
        id=stored.id,
        name=stored.name,
        kind=stored.kind,
        settings=shown_settings(stored),
        failures=stored.failures,
        rests_until=stored.rests_until,
    )


def shown_settings(stored: StoredChannel) -> dict[str, Any]:
    """Return the settings of a channel without its secrets; nothing of a kind that this collector does not know."""
    kind = KINDS.get(stored.kind)
    return dict(kind.shown(stored.settings)) if kind else {}


def changed_settings(stored: StoredChannel, to: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the new settings of a channel; a secret that is left out, or comes back hidden, is the one there was."""
    kind = KINDS.get(stored.kind)
    if kind is None:
        return to
    secrets = {each.name for each in kind.fields if each.secret}
    hidden = {name: value for name, value in kind.shown(stored.settings).items() if name in secrets}
    return kind.changed(stored.settings, {**hidden, **to})


def shown_outcome(outcome: Outcome) -> AlarmTest:
    """Return what became of a test message as it is answered."""
    match outcome:
        case Refused(reason=reason):
            return AlarmTest(outcome="refused", reason=reason)
        case InDoubt(reason=reason):
            return AlarmTest(outcome="in_doubt", reason=reason)
        case _:
            return AlarmTest(outcome="sent", reason=None)


def shown_delivery(delivery: Delivery) -> ShownDelivery:
    """Return an attempt as it is answered."""
    return ShownDelivery(
        **{each: getattr(delivery, each) for each in _DELIVERY},
        state=delivery.state.value,
    )


_DELIVERY: Final = tuple(name for name in ShownDelivery.__annotations__ if name != "state")
