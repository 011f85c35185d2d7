"""Projects: what owns issues, and the repository to fix them in."""

from datetime import datetime
from pathlib import PurePosixPath, PureWindowsPath

from attrs import field, frozen

from logcenter_sdk.contract.limits import FILE_PATH_CHARACTERS, MESSAGE_BYTES, SHORT_CHARACTERS, AtMost


def _absolute_path(_instance: object, _field: object, value: str | None) -> None:
    if not value:
        return
    AtMost(FILE_PATH_CHARACTERS)(_instance, _field, value)
    if not (PurePosixPath(value).is_absolute() or PureWindowsPath(value).is_absolute()):
        raise ValueError(f"must be an absolute path, such as /srv/app, not {value[:60]!r}")


@frozen(kw_only=True)
class ProjectChange:
    """Body of ``PUT /api/v1/projects/{project_id}``: what it names is set, null empties it, the rest stays."""

    name: str | None = field(default=None, validator=AtMost(SHORT_CHARACTERS))
    repo_url: str | None = field(default=None, validator=AtMost(FILE_PATH_CHARACTERS))
    local_path: str | None = field(default=None, validator=_absolute_path)
    description: str | None = field(default=None, validator=AtMost(MESSAGE_BYTES))


@frozen(kw_only=True)
class Project:
    """A project as the API answers it."""

    project_id: str
    name: str
    repo_url: str | None
    local_path: str | None
    description: str | None
    created_at: datetime
    updated_at: datetime
