"""Rules in words, in one of the languages. Pure, but for the texts' files."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Final

from attrs import frozen

from logcenter_collector.domain.alarms.rule import AlarmRule
from logcenter_collector.texts import Catalogue, read_catalogue
from logcenter_sdk.contract.report import Level, Source
from logcenter_sdk.contract.status import Status

_FOLDER: Final = Path(__file__).parent / "locale"
_WORSE_AND_WORSE: Final = (Level.WARNING, Level.ERROR, Level.CRITICAL)
_UNITS: Final = (
    ("day", timedelta(days=1)),
    ("hour", timedelta(hours=1)),
    ("minute", timedelta(minutes=1)),
    ("second", timedelta(seconds=1)),
)


@frozen(kw_only=True)
class Sentences:
    """Says rules in one language, with the names of projects and channels."""

    language: str
    projects: Mapping[str, str]
    channels: Mapping[int, str]

    def says(self, rule: AlarmRule) -> str:
        """Return a rule in one sentence: of what it tells whom, and how often."""
        texts = read_catalogue(_FOLDER, self.language)
        told = [name for number in rule.channel_ids if (name := self.channels.get(number))]
        whole = texts(
            "says.whole",
            what=texts("says.comma").join(self._what(texts, rule)),
            whom=texts("says.comma").join(told) or texts("says.nobody"),
        )
        return texts("says.comma").join([whole, *_how_often(texts, rule)])

    def _what(self, texts: Catalogue, rule: AlarmRule) -> Iterator[str]:
        yield texts(
            f"says.{rule.trigger}",
            where=self._where(texts, rule),
            occurrences=rule.occurrences,
            minutes=rule.minutes,
            statuses=_either(texts, (texts(f"status.{each}") for each in Status if each in rule.statuses)),
        )
        if rule.sources:
            yield _either(texts, (texts(f"source.{each}") for each in Source if each in rule.sources))
        if rule.environments:
            yield _either(texts, sorted(rule.environments))
        if rule.levels:
            yield _levels(texts, rule.levels)

    def _where(self, texts: Catalogue, rule: AlarmRule) -> str:
        if rule.project_id is None:
            return texts("says.every_project")
        return self.projects.get(rule.project_id) or rule.project_id


def _how_often(texts: Catalogue, rule: AlarmRule) -> Iterator[str]:
    yield texts("says.window", time=_time(texts, rule.window))
    if quiet := rule.quiet:
        yield texts("says.quiet", start=f"{quiet.start:%H:%M}", end=f"{quiet.end:%H:%M}", timezone=quiet.timezone)


def _levels(texts: Catalogue, levels: frozenset[Level]) -> str:
    chosen = [level for level in _WORSE_AND_WORSE if level in levels]
    if len(chosen) > 1 and chosen == [*_WORSE_AND_WORSE[-len(chosen) :]]:
        return texts("says.or_worse", level=texts(f"level.{chosen[0]}"))
    return _either(texts, (texts(f"level.{level}") for level in chosen))


def _either(texts: Catalogue, words: Iterable[str]) -> str:
    return texts("says.or").join(words)


def _time(texts: Catalogue, time: timedelta) -> str:
    """Return a time in the largest unit that it is so many whole ones of."""
    name, unit = next((name, unit) for name, unit in _UNITS if not time % unit)
    return texts(f"time.{name}") if time == unit else texts(f"time.{name}s", n=time // unit)
