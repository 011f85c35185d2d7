"""The form of a rule: what stands in it, and what the API would be asked for it."""

import re
from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from typing import Any, Final
from zoneinfo import available_timezones

from attrs import frozen

from logcenter_collector.domain.alarms.event import Trigger
from logcenter_collector.domain.alarms.rule import DIGEST_OVER, AlarmRule, Language
from logcenter_collector.ingest.decode import read_object
from logcenter_collector.web.api.alarm_shapes import AlarmRuleRequest, to_rule
from logcenter_collector.web.ui.forms import Form
from logcenter_collector.web.ui.wrong_fields import wrong_fields

UNITS: Final = {"minutes": timedelta(minutes=1), "hours": timedelta(hours=1), "days": timedelta(days=1)}
_SECONDS: Final = "seconds"
_DIGITS: Final = 18
_TEXTS: Final = (
    "name",
    "trigger",
    "occurrences",
    "minutes",
    "project",
    "environments",
    "window",
    "unit",
    "digest_over",
    "quiet_start",
    "quiet_end",
    "timezone",
    "language",
    "enabled",
)
_CHOICES: Final = ("statuses", "sources", "levels", "channels")
_FIELDS: Final = {
    "project_id": "project",
    "window_seconds": "window",
    "quiet.start": "quiet_start",
    "quiet.end": "quiet_end",
    "quiet.timezone": "timezone",
    "channel_ids": "channels",
}
"""What the form calls fields of a request that have another name there."""


@frozen(kw_only=True)
class RuleFields:
    """What stands in the fields of the form."""

    texts: Mapping[str, str]
    chosen: Mapping[str, frozenset[str]]

    def request(self) -> dict[str, Any]:
        """Return what the API would be asked for; what another trigger needs is left out."""
        texts, trigger = self.texts, self.texts["trigger"]
        asked: dict[str, Any] = {
            "name": texts["name"],
            "trigger": trigger,
            "project_id": texts["project"] or None,
            "statuses": sorted(self.chosen["statuses"]) if trigger == Trigger.STATUS else [],
            "sources": sorted(self.chosen["sources"]),
            "levels": sorted(self.chosen["levels"]),
            "environments": [name for each in re.split("[,，]", texts["environments"]) if (name := each.strip())],
            "window_seconds": self._window(),
            "digest_over": _number(texts["digest_over"]),
            "quiet": self._quiet(),
            "channel_ids": [_number(number) for number in sorted(self.chosen["channels"])],
            "language": texts["language"],
            "enabled": bool(texts["enabled"]),
        }
        if trigger == Trigger.RATE:
            asked |= {name: _number(texts[name]) for name in ("occurrences", "minutes")}
        return asked

    def rule(self, rule_id: int) -> AlarmRule:
        """Return the rule. Raises RefusedError."""
        return to_rule(rule_id, read_object(AlarmRuleRequest, self.request()))

    def wrong(self) -> frozenset[str]:
        """Return the fields that the API would refuse."""
        return in_form(wrong_fields(lambda: self.rule(0)))

    def _window(self) -> object:
        number = _number(self.texts["window"])
        unit = UNITS.get(self.texts["unit"], timedelta(seconds=1))
        return number * (unit // timedelta(seconds=1)) if isinstance(number, int) else number

    def _quiet(self) -> dict[str, str] | None:
        start, end = self.texts["quiet_start"], self.texts["quiet_end"]
        return {"start": start, "end": end, "timezone": self.texts["timezone"]} if start or end else None


def in_form(names: frozenset[str]) -> frozenset[str]:
    """Return fields of a request as the form calls them."""
    return frozenset(_FIELDS.get(name, name) for name in names)


def fields_of_new(language: Language) -> RuleFields:
    """Return what stands in the form of a new rule, for a reader of a language."""
    zone = "Asia/Shanghai" if language is Language.CHINESE else "UTC"
    texts = dict.fromkeys(_TEXTS, "")
    texts |= {"trigger": Trigger.NEW_ISSUE.value, "window": "1", "unit": "hours", "digest_over": str(DIGEST_OVER)}
    texts |= {"timezone": zone, "language": language.value, "enabled": "1"}
    return RuleFields(texts=texts, chosen=dict.fromkeys(_CHOICES, frozenset()))


def fields_of_rule(rule: AlarmRule) -> RuleFields:
    """Return what stands in the form of a rule that there is."""
    window, unit = _in_largest_unit(rule.window)
    texts = {
        "name": rule.name,
        "trigger": rule.trigger.value,
        "occurrences": str(rule.occurrences or ""),
        "minutes": str(rule.minutes or ""),
        "project": rule.project_id or "",
        "environments": ", ".join(sorted(rule.environments)),
        "window": str(window),
        "unit": unit,
        "digest_over": str(rule.digest_over),
        "quiet_start": f"{rule.quiet.start:%H:%M}" if rule.quiet else "",
        "quiet_end": f"{rule.quiet.end:%H:%M}" if rule.quiet else "",
        "timezone": rule.quiet.timezone if rule.quiet else fields_of_new(rule.language).texts["timezone"],
        "language": rule.language.value,
        "enabled": "1" if rule.enabled else "",
    }
    chosen: dict[str, frozenset[str]] = {
        "statuses": frozenset(rule.statuses),
        "sources": frozenset(rule.sources),
        "levels": frozenset(rule.levels),
        "channels": frozenset(map(str, rule.channel_ids)),
    }
    return RuleFields(texts=texts, chosen=chosen)


def fields_of_form(form: Form) -> RuleFields:
    """Return what was typed."""
    texts = {name: form.text(name) for name in _TEXTS}
    return RuleFields(texts=texts, chosen={name: form.several(name) for name in _CHOICES})


@cache
def timezones() -> tuple[str, ...]:
    """Return the time zones to choose from; there are more names for the same ones, which may be typed."""
    zones = available_timezones()
    return ("UTC", *sorted(zone for zone in zones if "/" in zone and not zone.startswith(("Etc/", "SystemV/"))))


def _in_largest_unit(time: timedelta) -> tuple[int, str]:
    for name, unit in reversed(UNITS.items()):
        if not time % unit:
            return time // unit, name
    return int(time.total_seconds()), _SECONDS


def _number(typed: str) -> int | str:
    """Return a whole number that was typed; anything else as it is, so that it is refused."""
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) <= _DIGITS else typed
