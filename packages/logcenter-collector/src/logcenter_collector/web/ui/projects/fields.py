"""What is typed about a project, and what is wrong with it: the contract's own checks, in the reader's words."""

import re
from collections.abc import Mapping
from typing import Final

from logcenter_collector.ingest.decode import read_object
from logcenter_collector.web.ui.forms import Form
from logcenter_collector.web.ui.wrong_fields import wrong_fields
from logcenter_sdk.contract.project import Project, ProjectChange
from logcenter_sdk.contract.report import PROJECT_ID

FIELDS: Final = ("name", "repo_url", "local_path", "description")
_REPOSITORY: Final = re.compile(r"[a-z][a-z0-9+.-]*://[^\s/]+/\S+|[^\s@/:]+@[^\s:/]+:\S+", re.IGNORECASE)
"""https://host/path, ssh://host/path or git@host:path."""


def typed_in(form: Form) -> dict[str, str]:
    """Return what a form has of the fields: one that it does not have stays as it is."""
    return {name: form.text(name).replace("\r\n", "\n") for name in FIELDS if name in form.values}


def fields_of(project: Project) -> dict[str, str]:
    """Return what a project has in each field; a name that is only its id is none."""
    kept = {name: getattr(project, name) or "" for name in FIELDS}
    return {**kept, "name": "" if project.name == project.project_id else project.name}


def changes_in(typed: Mapping[str, str], before: Mapping[str, str]) -> dict[str, str | None]:
    """Return what differs; what was emptied is None."""
    return {name: text or None for name, text in typed.items() if text != before[name]}


def wrong_in(changes: Mapping[str, str | None]) -> frozenset[str]:
    """Return which changes cannot be made."""
    wrong = wrong_fields(lambda: read_object(ProjectChange, dict(changes)))
    repository = changes.get("repo_url")
    return wrong | {"repo_url"} if repository and not _REPOSITORY.fullmatch(repository) else wrong


def is_project_id(text: str) -> bool:
    """Whether this can be the id of a project that has pages: in an address, dots alone lead elsewhere."""
    return PROJECT_ID.fullmatch(text) is not None and text.strip(".") != ""
