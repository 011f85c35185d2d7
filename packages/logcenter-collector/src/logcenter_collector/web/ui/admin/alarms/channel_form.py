"""The form of a channel: the fields of its kind, in which secrets are written and never shown."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from attrs import frozen

from logcenter_collector.alarms.channels.fields import ChannelKind, FormField
from logcenter_collector.web.ui.forms import Form

SETTING: Final = "setting."
"""Begins the names of a kind's own fields in the form."""
WITHOUT: Final = "without."
"""Begins the names of the boxes that take a secret away."""


@frozen(kw_only=True)
class Entry:
    """A field as the form shows it."""

    field: FormField
    value: str
    """Empty for every secret."""
    is_kept: bool
    """Whether there is a secret that stays when nothing is typed."""
    is_wrong: bool


def entries(
    kind: ChannelKind, language: str, values: Mapping[str, Any], kept: Mapping[str, Any], wrong: frozenset[str]
) -> Iterator[Entry]:
    """Yield the fields with their values; ``kept`` are the settings that the channel has already."""
    for field in kind.form(language):
        yield Entry(
            field=field,
            value="" if field.secret else str(values.get(field.name) or ""),
            is_kept=field.secret and bool(kept.get(field.name)),
            is_wrong=f"settings.{field.name}" in wrong,
        )


def typed_settings(kind: ChannelKind, form: Form) -> dict[str, str]:
    """Return the settings of a new channel."""
    return {field.name: form.text(f"{SETTING}{field.name}") for field in kind.fields}


def typed_changes(kind: ChannelKind, form: Form) -> dict[str, str]:
    """Return the settings of a changed channel: a secret of which nothing was typed is left out, unless it is to go."""
    typed = typed_settings(kind, form)
    left_out = {
        field.name
        for field in kind.fields
        if field.secret and not typed[field.name] and not form.text(f"{WITHOUT}{field.name}")
    }
    return {name: value for name, value in typed.items() if name not in left_out}
