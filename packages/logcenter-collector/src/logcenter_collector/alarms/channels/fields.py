"""The settings of a channel: which there are, for a form and for hiding secrets, and what is wrong with them."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

import httpx
from attrs import frozen

from logcenter_collector.alarms.channels.notice import Channel
from logcenter_collector.texts import Catalogue, read_catalogue
from logcenter_sdk.contract.problem import FieldError

_CHARACTERS: Final = 2000
KEYWORD: Final = 100
"""Characters of a robot's keyword, which stands in every title."""
_TEXTS: Final = Path(__file__).parents[1] / "locale"
HIDDEN: Final = "********"
"""Stands for a secret that is set, wherever settings are shown."""


class InvalidSettingsError(ValueError):
    """The settings of a channel are wrong; ``errors`` names each wrong field and what to do about it."""

    def __init__(self, errors: Iterable[FieldError]) -> None:
        self.errors = tuple(errors)
        super().__init__("; ".join(f"{error.field} {error.message}" for error in self.errors))


@frozen(kw_only=True)
class ChannelField:
    """One setting of a channel, always a text."""

    name: str
    secret: bool = False
    """Never shown again: it lets whoever knows it write into the group, or sign in the collector's name."""
    needed: bool = False
    longest: int = _CHARACTERS


@frozen(kw_only=True)
class FormField:
    """A setting with its texts in one language, as a form shows it."""

    name: str
    label: str
    hint: str
    secret: bool
    needed: bool


@frozen(kw_only=True)
class ChannelKind:
    """One kind of channel: how it is called, its settings, and how it is opened."""

    name: str
    fields: tuple[ChannelField, ...]
    check: Callable[[Mapping[str, str]], Iterable[FieldError]]
    """What is wrong with settings of which all needed ones are there."""
    make: Callable[[Mapping[str, str]], Channel]

    def open(self, settings: Mapping[str, object]) -> Channel:
        """Return the channel with its settings. Raises InvalidSettingsError, which names every wrong field."""
        errors = tuple(_wrong(self.fields, settings))
        values = {field.name: str(settings.get(field.name) or "").strip() for field in self.fields}
        if errors or (errors := tuple(self.check(values))):
            raise InvalidSettingsError(errors)
        return self.make(values)

    def title(self, language: str) -> str:
        """Return what people call it."""
        return _texts(language)(f"channel.{self.name}")

    def form(self, language: str) -> tuple[FormField, ...]:
        """Return its settings with their texts."""
        texts = _texts(language)
        return tuple(
            FormField(
                name=field.name,
                label=texts(f"field.{self.name}.{field.name}.label"),
                hint=texts(f"field.{self.name}.{field.name}.hint"),
                secret=field.secret,
                needed=field.needed,
            )
            for field in self.fields
        )

    def shown(self, settings: Mapping[str, str]) -> dict[str, str]:
        """Return settings as they may be shown: ``HIDDEN`` in place of each secret."""
        secret = {field.name for field in self.fields if field.secret}
        return {name: HIDDEN if name in secret and value else value for name, value in settings.items()}

    def changed(self, settings: Mapping[str, str], to: Mapping[str, object]) -> dict[str, object]:
        """Return new settings in which a secret that came back as ``HIDDEN`` is the one that was there."""
        return {name: settings.get(name, "") if value == HIDDEN else value for name, value in to.items()}


def _texts(language: str) -> Catalogue:
    return read_catalogue(_TEXTS, language)


def _wrong(fields: tuple[ChannelField, ...], settings: Mapping[str, object]) -> Iterator[FieldError]:
    longest = {field.name: field.longest for field in fields}
    for name, value in settings.items():
        if name not in longest:
            yield FieldError(name, f"is no setting of this channel; it has {', '.join(longest)}")
        elif not isinstance(value, str):
            yield FieldError(name, "must be a text")
        elif len(value) > longest[name]:
            yield FieldError(name, f"must have at most {longest[name]} characters, not {len(value)}")
        elif not value.strip().isprintable():
            yield FieldError(name, "must be one line without control characters")
    for field in fields:
        value = settings.get(field.name, "")
        if field.needed and isinstance(value, str) and not value.strip():
            yield FieldError(field.name, "is needed")


def wrong_url(name: str, url: str) -> Iterator[FieldError]:
    """Yield what is wrong with the address of a receiver."""
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        yield FieldError(name, "must be an address such as https://example.org/alarms")
        return
    if parsed.scheme not in {"http", "https"} or not parsed.host:
        yield FieldError(name, "must begin with https:// or http:// and name a host")
    elif parsed.userinfo:
        yield FieldError(name, "must not hold a user name or password")


def wrong_robot_url(name: str, url: str, example: str, parameter: str | None = None) -> Iterator[FieldError]:
    """Yield what is wrong with the address of a robot: it has the path and the parameter of the vendor's ``example``.

    The host is not looked at, because the vendors' products run on servers of their customers too.
    """
    if errors := tuple(wrong_url(name, url)):
        yield from errors
        return
    asked, like = httpx.URL(url), httpx.URL(example)
    whole = asked.path == like.path if parameter else asked.path.startswith(like.path) and asked.path != like.path
    if not whole or (parameter and not asked.params.get(parameter)):
        yield FieldError(name, f"must be the robot's whole address, such as {example}…")
