"""The first page of alarms: rules in words, and channels with how they did of late."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from attrs import frozen
from litestar import Request, Response

from logcenter_collector.alarms.channels.kinds import KINDS
from logcenter_collector.alarms.sending import Dispatch
from logcenter_collector.alarms.sentences import Sentences
from logcenter_collector.domain.alarms.rule import AlarmRule
from logcenter_collector.store.alarms.channels import StoredChannel
from logcenter_collector.store.alarms.deliveries import Delivery
from logcenter_collector.web.injected import InjectedDispatch, InjectedView
from logcenter_collector.web.ui.handlers import shows
from logcenter_collector.web.ui.site import InjectedSite
from logcenter_sdk.contract.project import Project

ALARMS: Final = "/admin/alarms"


@frozen(kw_only=True)
class ChannelLine:
    """A channel of the list."""

    channel: StoredChannel
    kind: str
    latest: Delivery | None
    """What became of the latest message."""
    rules: tuple[AlarmRule, ...]
    """Those that tell it."""


@shows(ALARMS)
def alarms(
    request: Request[Any, Any, Any], site: InjectedSite, view: InjectedView, dispatch: InjectedDispatch
) -> Response[str]:
    """Show the rules and the channels."""
    language = site.texts(request).code
    rules, channels = dispatch.alarms.rules.all(), dispatch.alarms.channels.all()
    sentences = sentences_in(language, view.projects(), channels)
    return site.page(
        request,
        "admin_alarms.html",
        section="alarms",
        done="done" in request.query_params,
        rules=[(rule, sentences.says(rule)) for rule in rules],
        lines=[_line(dispatch, channel, rules, language) for channel in channels],
    )


def sentences_in(language: str, projects: Iterable[Project], channels: Iterable[StoredChannel]) -> Sentences:
    """Return what says rules in a language."""
    return Sentences(
        language=language,
        projects={project.project_id: project.name or project.project_id for project in projects},
        channels={channel.id: channel.name for channel in channels},
    )


def kind_title(kind: str, language: str) -> str:
    """Return what people call a kind of channels; one that this collector does not know by its own name."""
    return KINDS[kind].title(language) if kind in KINDS else kind


def _line(dispatch: Dispatch, channel: StoredChannel, rules: Sequence[AlarmRule], language: str) -> ChannelLine:
    latest = dispatch.alarms.deliveries.page(channel_id=channel.id, limit=1, cursor=None).items
    return ChannelLine(
        channel=channel,
        kind=kind_title(channel.kind, language),
        latest=latest[0] if latest else None,
        rules=tuple(rule for rule in rules if channel.id in rule.channel_ids),
    )
