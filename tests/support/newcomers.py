"""Somebody new who connects an application, by what the dashboard gives to paste."""

import os
import re
import sys
from html import unescape
from pathlib import Path
from typing import Final

from attrs import frozen

from support.collector import Collector
from support.visiting import Guest

ADMIN: Final = "an-administrators-token-for-tests"
"""Of a collector that is started with ``--admin-token``, and so demands keys."""


@frozen
class Newcomer:
    """They have made a project, and may make a key of it if one is needed."""

    collector: Collector
    guest: Guest
    project: str
    needs_key: bool

    def pastes(self, app: str) -> dict[str, str]:
        """Return the code that the page gives for an application, by the names of files."""
        path = f"/projects/{self.project}/connect"
        page = self.guest.post(f"{path}/key", app=app) if self.needs_key else self.guest.get(f"{path}?app={app}")
        assert page.status_code == 200, page.text
        return pastes_of(page.text)

    def only_issue(self) -> dict[str, object]:
        """Return the one issue that the project has."""
        headers = {"Authorization": f"Bearer {ADMIN}"} if self.needs_key else {}
        query = {"project_id": self.project}
        answer = self.collector.client.get("/api/v1/issues", params=query, headers=headers).raise_for_status()
        [issue] = answer.json()["items"]
        return dict(issue)


def newcomer(collector: Collector, project: str, *, is_closed: bool) -> Newcomer:
    """Return somebody with a new project, signed in where that is needed."""
    guest = Guest(collector.dashboard_url)
    if is_closed:
        assert guest.post("/sign-in/token", token=ADMIN).status_code == 303
    assert guest.post("/projects", project_id=project).status_code == 303
    return Newcomer(collector, guest, project, needs_key=is_closed)


def pastes_of(page: str) -> dict[str, str]:
    """Return the code of a page, by the names of files."""
    found = re.findall(r'data-file="([^"]+)"[^>]*><code>(.*?)</code>', page, re.DOTALL)
    return {name: unescape(code) for name, code in found}


def home(folder: Path) -> dict[str, str]:
    """Return the environment of a user who has set nothing, and for whom ``python`` is this one."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return {"PATH": path, "HOME": str(folder), "LANG": "C.UTF-8", "PYTHONWARNINGS": "error"}
