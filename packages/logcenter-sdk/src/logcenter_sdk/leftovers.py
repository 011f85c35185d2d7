"""Whether an earlier process left reports on disk: asked at the start of a process that has no errors of its own.

So it has to be cheap: where the user has no spool at all, which is the rule, it is one look at one folder.
"""

import os
from typing import Final

from logcenter_sdk.cache_folder import folder_for, shared_folder
from logcenter_sdk.settings import Settings
from logcenter_sdk.variables import DEFAULT_URL

_TO_SEND: Final = (".report", ".claim")
"""How files end that wait for somebody who sends them; whoever made a claim may have been killed."""


def has_leftovers(settings: Settings) -> bool:
    """Return whether files wait in the spool of these settings. Never raises."""
    project_id = settings.text("project_id")
    if not project_id or not settings.switch("spool", default=True):
        return False
    try:
        return _waits(settings, project_id)
    except (OSError, ValueError):  # nobody's home, somebody else's folder, a NUL in a path
        return False


def _waits(settings: Settings, project_id: str) -> bool:
    directory = settings.text("spool_directory")
    shared = shared_folder(settings.env, directory=directory)
    if shared is None or not shared.is_dir():
        return False
    url = (settings.text("url") or DEFAULT_URL).rstrip("/")
    folder = folder_for(url, project_id, settings.env, directory=directory)
    if folder is None:
        return False
    with os.scandir(folder) as found:
        return any(each.name.endswith(_TO_SEND) for each in found)
