"""The texts of alarms: events in, a notice out, in one of the languages. Pure, but for the texts' files.

Everything that was reported (message, type, names, environments, people) goes through ``harmless`` first.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from attrs import asdict, frozen

from logcenter_collector.alarms.channels.notice import Notice
from logcenter_collector.domain.alarms.event import AlarmEvent, IssueFacts, Trigger
from logcenter_collector.domain.alarms.harmless import escaped, harmless
from logcenter_collector.texts import Catalogue, read_catalogue
from logcenter_sdk.contract.instants import format_instant
from logcenter_sdk.contract.limits import cut_characters
from logcenter_sdk.contract.status import Status

_FOLDER: Final = Path(__file__).parent / "locale"
LISTED: Final = 10
"""Issues that a digest lists."""
_IN_PAYLOAD: Final = 100
"""Events that the payload of a digest holds."""
_NAME: Final = 60
_PLACE: Final = 200
_MESSAGE: Final = 500
_ITEM: Final = 120
_PAYLOAD_MESSAGE: Final = 2000
_LINKED_PROJECTS: Final = 5
_UNTOUCHED: Final = frozenset({Trigger.NEW_ISSUE, Trigger.REGRESSION})


@frozen(kw_only=True)
class Wording:
    """How notices are worded for one receiver: their language, and where their links lead (empty: no links)."""

    language: str
    public_url: str = ""

    def single(self, event: AlarmEvent, delivery_id: str) -> Notice:
        """Return the notice of one event."""
        texts, facts = self._texts(), event.facts
        title = _title(texts, event)
        lines = list(_details(texts, event))
        url = self._issue_url(facts)
        payload = self._payload("alarm", delivery_id, title, url, [event])
        return _notice(payload, lines, texts("link.issue"))

    def digest(self, events: Sequence[AlarmEvent], delivery_id: str) -> Notice:
        """Return one notice for several events; of an issue that has more than one, the latest is listed."""
        texts = self._texts()
        listed = list({event.facts.issue_id: event for event in events}.values())
        title = _digest_title(texts, listed)
        lines = [_item(texts, event) for event in listed[:LISTED]]
        if len(listed) > LISTED:
            lines.append(texts("line.more", n=len(listed) - LISTED))
        url = self._inbox_url(listed)
        payload = self._payload("digest", delivery_id, title, url, events)
        return _notice(payload, lines, texts("link.inbox"))

    def trial(self, channel_name: str, delivery_id: str) -> Notice:
        """Return the notice that shows whether a channel works."""
        texts = self._texts()
        title = texts("title.trial")
        lines = [texts("line.trial", channel=harmless(channel_name, _NAME))]
        payload = self._payload("test", delivery_id, title, self._home(), [])
        return _notice(payload, lines, texts("link.home"))

    def _texts(self) -> Catalogue:
        return read_catalogue(_FOLDER, self.language)

    def _home(self) -> str | None:
        return f"{self.public_url.rstrip('/')}/" if self.public_url else None

    def _issue_url(self, facts: IssueFacts) -> str | None:
        home = self._home()
        return f"{home}issues/{facts.issue_id}" if home else None

    def _inbox_url(self, events: Iterable[AlarmEvent]) -> str | None:
        """Return the inbox with these issues in it, as closely as its filters allow."""
        projects = list(dict.fromkeys(event.facts.project_id for event in events))
        chosen = [("project", project) for project in projects] if len(projects) <= _LINKED_PROJECTS else []
        if all(event.trigger in _UNTOUCHED for event in events):
            chosen.append(("status", Status.NEW))
        home = self._home()
        return f"{home}?{urlencode(chosen)}".rstrip("?") if home else None

    def _payload(
        self, kind: str, delivery_id: str, title: str, url: str | None, events: Sequence[AlarmEvent]
    ) -> dict[str, Any]:
        return {
            "type": kind,
            "delivery_id": delivery_id,
            "title": title,
            "url": url,
            "count": len(events),
            "events": [self._event(event) for event in events[:_IN_PAYLOAD]],
        }

    def _event(self, event: AlarmEvent) -> dict[str, Any]:
        issue = asdict(event.facts)
        issue["id"] = issue.pop("issue_id")
        issue["message"] = cut_characters(event.facts.message, _PAYLOAD_MESSAGE)
        for name in ("first_seen", "last_seen"):
            issue[name] = format_instant(issue[name])
        issue["url"] = self._issue_url(event.facts)
        at = format_instant(event.at)
        return {"trigger": event.trigger, "at": at, "detail": dict(event.detail), "issue": issue}


def _notice(payload: dict[str, Any], lines: Sequence[str], url_text: str) -> Notice:
    return Notice(
        delivery_id=payload["delivery_id"],
        title=payload["title"],
        text="\n".join(lines),
        markdown="\n\n".join(escaped(line) for line in lines),
        url=payload["url"],
        url_text=url_text,
        payload=payload,
    )


def _details(texts: Catalogue, event: AlarmEvent) -> Iterable[str]:
    facts = event.facts
    yield harmless(facts.message, _MESSAGE)
    if facts.place:
        yield texts("line.place", place=harmless(facts.place, _PLACE))
    yield " · ".join(_seen(texts, facts))
    yield texts("line.count", n=facts.occurrence_count, first=_moment(facts.first_seen), last=_moment(facts.last_seen))
    if facts.regression_count:
        yield texts("line.regressions", n=facts.regression_count)
    if event.trigger is Trigger.STATUS and (before := event.detail.get("from")):
        yield _moved(texts, str(before), str(event.detail.get("actor") or ""))


def _seen(texts: Catalogue, facts: IssueFacts) -> Iterable[str]:
    yield texts(
        "line.seen",
        level=texts(f"level.{facts.level}"),
        source=texts(f"source.{facts.source}"),
        environment=harmless(facts.environment, _NAME),
    )
    if facts.version:
        yield texts("line.release", version=harmless(facts.version, _NAME))


def _moved(texts: Catalogue, before: str, actor: str) -> str:
    status = texts(f"status.{before}")
    if not actor:
        return texts("line.moved", before=status)
    return texts("line.moved_by", before=status, actor=harmless(actor, _NAME))


def _what(texts: Catalogue, event: AlarmEvent) -> str:
    return texts(f"what.{event.trigger}", **{**event.detail, "status": texts(f"status.{event.facts.status}")})


def _item(texts: Catalogue, event: AlarmEvent) -> str:
    facts = event.facts
    message = harmless(facts.message, _ITEM)
    line = "• " + texts("line.item", what=_what(texts, event), type=_type(facts), message=message)
    place = [harmless(facts.place, _ITEM)] if facts.place else []
    return " · ".join([line, *place, texts("line.times", n=facts.occurrence_count)])


def _title(texts: Catalogue, event: AlarmEvent) -> str:
    facts = event.facts
    return texts("title.one", project=_name(facts), what=_what(texts, event), type=_type(facts))


def _digest_title(texts: Catalogue, events: Sequence[AlarmEvent]) -> str:
    if len(events) == 1:
        return _title(texts, events[0])
    projects = {event.facts.project_id for event in events}
    if len(projects) == 1:
        return texts("title.digest", project=_name(events[0].facts), n=len(events))
    return texts("title.digest_many", n=len(events), projects=len(projects))


def _name(facts: IssueFacts) -> str:
    return harmless(facts.project_name or facts.project_id, _NAME)


def _type(facts: IssueFacts) -> str:
    return harmless(facts.error_type, _NAME)


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
