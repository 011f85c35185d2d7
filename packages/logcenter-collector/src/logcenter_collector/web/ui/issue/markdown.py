"""An issue as Markdown, for a chat or a coding agent: what it takes to find the error, and nothing that draws it."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from attrs import frozen

from logcenter_collector.web.ui.excerpts import name_of, place_of
from logcenter_collector.web.ui.issue.frames import fold_frames, source_of_frame
from logcenter_collector.web.ui.languages import Catalogue
from logcenter_collector.web.ui.moments import exactly
from logcenter_sdk.contract.issue import Issue, IssueError
from logcenter_sdk.contract.project import Project
from logcenter_sdk.contract.report import Frame


@frozen(kw_only=True)
class Subject:
    """What is written of."""

    issue: Issue
    project: Project | None
    error: IssueError
    context: Mapping[str, Any]
    frames: tuple[Frame, ...]
    seen: datetime
    url: str


def write_markdown(subject: Subject, t: Catalogue) -> str:
    """Return the text, which ends with a line break. Whatever was reported stays within code."""
    blocks = [
        f"# {_plain(name_of(subject.issue))} (#{subject.issue.id})",
        fenced(subject.error.message),
        _state(subject.issue),
        "\n".join(_facts(subject, t)),
        f"## {t('issue.trace')}",
        fenced("\n".join(subject.error.stack_trace)) if subject.error.stack_trace else t("issue.no_trace"),
        *_frames(subject, t),
        *([f"## {t('issue.context')}", fenced(_json(subject.context), "json")] if subject.context else []),
        f"<{subject.url}>",
    ]
    return "\n\n".join(blocks) + "\n"


def _state(issue: Issue) -> str:
    """Return what needs no label."""
    said = (issue.status.value, issue.level.value, issue.source.value, place_of(issue))
    return " · ".join(in_code(text) for text in said if text)


def _facts(subject: Subject, t: Catalogue) -> Iterator[str]:
    issue, project = subject.issue, subject.project
    said = {
        "issue.project": issue.project_id,
        "issue.repository": project and project.repo_url,
        "issue.folder": project and project.local_path,
        "issue.environments": ", ".join(issue.environments),
        "issue.versions": ", ".join(issue.versions),
        "issue.commit": issue.commit_hash,
        "issue.count": f"{issue.occurrence_count:,}",
        "issue.first_seen": exactly(issue.first_seen),
        "issue.last_seen": exactly(issue.last_seen),
        "occurrence.time": exactly(subject.seen),
    }
    return (f"- {t(key)}: {in_code(value)}" for key, value in said.items() if value)


def _frames(subject: Subject, t: Catalogue) -> list[str]:
    own = [frame for group in fold_frames(subject.frames) if group.is_own for frame in group.frames]
    told = [block for frame in own for block in _frame(frame)]
    return [f"## {t('issue.own_frames')}", *told] if told else []


def _frame(frame: Frame) -> Iterator[str]:
    lines = source_of_frame(frame)
    if not lines and not frame.locals:
        return
    place = f"{frame.file_path or frame.module or '?'}" + (f":{frame.line_number}" if frame.line_number else "")
    yield f"### {in_code(place)}" + (f" {in_code(frame.function)}" if frame.function else "")
    if lines:
        width = max(len(f"{line.number or ''}") for line in lines)
        yield fenced(
            "\n".join(f"{'>' if line.is_here else ' '} {line.number or '':>{width}} {line.text}" for line in lines)
        )
    if frame.locals:
        yield fenced(_json(frame.locals), "json")


def fenced(text: str, language: str = "") -> str:
    """Return a text as a block of code; the fence is longer than any in the text."""
    fence = "`" * max(3, 1 + _longest_run(text))
    return f"{fence}{language}\n{text}\n{fence}"


def in_code(text: str) -> str:
    """Return a text as code within a line."""
    text = " ".join(text.split())
    ticks = "`" * (1 + _longest_run(text))
    room = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{ticks}{room}{text}{room}{ticks}"


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)


def _plain(text: str) -> str:
    """Return a text for a heading, with nothing in it that Markdown would read."""
    return re.sub(r"([\\`*_{}\[\]<>#|!&])", r"\\\1", " ".join(text.split()))


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)
