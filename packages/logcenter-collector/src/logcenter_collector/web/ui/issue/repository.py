"""Addresses within a repository, as Gitea, GitHub and GitLab write them. Nothing but http and https is ever a link.

The host's name says which of them it is; what is neither GitHub nor GitLab has the forms of Gitea and Forgejo.
"""

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote, urlsplit

from attrs import frozen

_FORMS: Final[Mapping[str, Mapping[str, str]]] = {
    "github": {"commit": "commit", "branch": "tree", "at_branch": "blob", "at_commit": "blob", "pull": "pull"},
    "gitlab": {
        "commit": "-/commit",
        "branch": "-/tree",
        "at_branch": "-/blob",
        "at_commit": "-/blob",
        "pull": "-/merge_requests",
    },
    "gitea": {
        "commit": "commit",
        "branch": "src/branch",
        "at_branch": "src/branch",
        "at_commit": "src/commit",
        "pull": "pulls",
    },
}
_COMMIT: Final = re.compile(r"[0-9a-fA-F]{7,64}")
_NUMBER: Final = re.compile(r"[#!]?([1-9][0-9]{0,17})")
_SCP: Final = re.compile(r"(?:[\w.-]+@)?([\w.-]+):(?!//)/?(.+)")
"""``git@host:owner/name``: as Git itself writes the address of a repository on SSH."""
_SSH: Final = frozenset({"ssh", "git", "git+ssh"})


def web_address(text: object) -> str | None:
    """Return a text that is an http or https address of somewhere; None for everything else."""
    if not isinstance(text, str) or any(character.isspace() for character in text):
        return None
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    return text if parts.scheme in {"http", "https"} and parts.hostname else None


@frozen
class Repository:
    """A repository on the web."""

    url: str
    """Without a slash or ``.git`` at its end, and without a password."""
    forms: Mapping[str, str]

    def commit(self, commit_hash: str | None) -> str | None:
        """Return the address of a commit; None for what cannot be one."""
        return self._to("commit", commit_hash) if commit_hash and _COMMIT.fullmatch(commit_hash) else None

    def branch(self, name: str | None) -> str | None:
        """Return the address of a branch."""
        return self._to("branch", name) if name and _is_path(name) else None

    def pull(self, text: str | None) -> str | None:
        """Return the address of a pull request that is named by its number, such as ``12``, ``#12`` or ``!12``."""
        number = _NUMBER.fullmatch(text or "")
        return self._to("pull", number[1]) if number else None

    def line(
        self, file_path: str | None, line_number: int | None, *, commit_hash: str | None, branch: str | None = None
    ) -> str | None:
        """Return the address of a line of a file, at a commit or else on a branch; None for files of elsewhere."""
        if not file_path or not _is_path(file_path):
            return None
        anchor = f"#L{line_number}" if line_number and line_number > 0 else ""
        path = quote(file_path)
        if commit_hash and _COMMIT.fullmatch(commit_hash):
            return f"{self._to('at_commit', commit_hash)}/{path}{anchor}"
        return f"{self._to('at_branch', branch)}/{path}{anchor}" if branch and _is_path(branch) else None

    def _to(self, form: str, name: str) -> str:
        return f"{self.url}/{self.forms[form]}/{quote(name)}"


def repository_of(repo_url: str | None) -> Repository | None:
    """Return the repository of an address of any kind that Git takes; None where there is no page for it."""
    found = _split(repo_url.strip()) if repo_url else None
    if found is None:
        return None
    scheme, host, path = found
    path = path.strip("/").removesuffix(".git").rstrip("/")
    if not path or not _is_path(path):
        return None
    kind = next((kind for kind in ("github", "gitlab") if kind in host), "gitea")
    return Repository(f"{scheme}://{host}/{quote(path, safe='/~%')}", _FORMS[kind])


def _split(address: str) -> tuple[str, str, str] | None:
    if any(character.isspace() or character in "<>\"'\\" for character in address):
        return None
    try:
        parts = urlsplit(address)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return None
    if parts.scheme in {"http", "https"} and host:
        return parts.scheme, f"{host}:{port}" if port else host, parts.path
    if parts.scheme in _SSH and host:  # its port is that of SSH
        return "https", host, parts.path
    scp = _SCP.fullmatch(address) if "://" not in address else None
    return ("https", scp[1].lower(), scp[2]) if scp and "." in scp[1] else None


def _is_path(text: str) -> bool:
    """Whether a text is a path within something: no way out of it, and not one from the root of a machine."""
    return not text.startswith("/") and ":" not in text and "\\" not in text and ".." not in text.split("/")
