"""Which build is running: version, commit and repository, from the variables of CI systems and platforms or from Git.

Git's own files are read (no subprocess): a repository, a worktree or a submodule, loose and packed references.
"""

import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import urlsplit

COMMIT_VARIABLES: Final = (
    "GITHUB_SHA",  # GitHub, Gitea and Forgejo Actions
    "CI_COMMIT_SHA",  # GitLab, Woodpecker
    "GIT_COMMIT",  # Jenkins
    "BITBUCKET_COMMIT",
    "CIRCLE_SHA1",
    "TRAVIS_COMMIT",
    "BUILDKITE_COMMIT",
    "DRONE_COMMIT_SHA",
    "BUILD_SOURCEVERSION",  # Azure Pipelines
    "CODEBUILD_RESOLVED_SOURCE_VERSION",
    "COMMIT_SHA",  # Google Cloud Build
    "SOURCE_COMMIT",
    "HEROKU_BUILD_COMMIT",
    "HEROKU_SLUG_COMMIT",
    "VERCEL_GIT_COMMIT_SHA",
    "RENDER_GIT_COMMIT",
    "RAILWAY_GIT_COMMIT_SHA",
)
VERSION_VARIABLES: Final = ("APP_VERSION", "CI_COMMIT_TAG", "BITBUCKET_TAG", "CIRCLE_TAG", "HEROKU_RELEASE_VERSION")
REPO_VARIABLES: Final = ("CI_PROJECT_URL", "GIT_URL", "CI_REPO_URL", "BITBUCKET_GIT_HTTP_ORIGIN")

_COMMIT: Final = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_LONGEST_FILE: Final = 4 * 1024 * 1024


class Release(NamedTuple):
    """A build; what is not known is None."""

    version: str | None = None
    commit_hash: str | None = None
    repo_url: str | None = None


def release_of(env: Mapping[str, str], directory: Path | None) -> Release:
    """Return the build that ``env`` names, and where it does not, the one that ``directory`` is a checkout of."""
    git = _git_directories(directory) if directory else None
    return Release(
        version=_first(env, VERSION_VARIABLES) or _github_tag(env),
        commit_hash=_first(env, COMMIT_VARIABLES) or (_head_commit(*git) if git else None),
        repo_url=without_credentials(_first(env, REPO_VARIABLES) or _github_repo(env) or "")
        or (_origin(git[1]) if git else None),
    )


def application_directory() -> Path | None:
    """Return where the running program lies: the main script's folder, else the working directory.

    A main script inside the Python installation (``python -m``, gunicorn) says nothing about the application.
    """
    try:
        main = getattr(sys.modules.get("__main__"), "__file__", None)
        if main and not any(Path(main).is_relative_to(prefix) for prefix in (sys.prefix, sys.base_prefix)):
            return Path(main).absolute().parent
        return Path.cwd()
    except (OSError, TypeError, ValueError):
        return None


def without_credentials(url: str) -> str:
    """Return a repository's address without the user name and password that CI systems put into it."""
    if "://" not in url or "@" not in url:
        return url
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def _first(env: Mapping[str, str], names: tuple[str, ...]) -> str | None:
    return next((env[name] for name in names if env.get(name)), None)


def _github_tag(env: Mapping[str, str]) -> str | None:
    return env.get("GITHUB_REF_NAME") or None if env.get("GITHUB_REF_TYPE") == "tag" else None


def _github_repo(env: Mapping[str, str]) -> str | None:
    server, repository = env.get("GITHUB_SERVER_URL"), env.get("GITHUB_REPOSITORY")
    return f"{server}/{repository}" if server and repository else None


def _git_directories(directory: Path) -> tuple[Path, Path] | None:
    """Return the checkout's own Git directory and the one it shares with other worktrees; they are mostly the same."""
    for folder in (directory, *directory.parents):
        entry = folder / ".git"
        if (entry / "HEAD").is_file():
            return entry, entry
        if (pointer := _read(entry)).startswith("gitdir:"):
            own = folder / pointer.removeprefix("gitdir:").strip()
            shared = _read(own / "commondir").strip()
            return own, own / shared if shared else own
    return None


def _head_commit(own: Path, shared: Path) -> str | None:
    head = _read(own / "HEAD").strip()
    if not head.startswith("ref:"):
        return _commit(head)
    name = head.removeprefix("ref:").strip()
    loose = _commit(_read(own / name)) or _commit(_read(shared / name))
    return loose or next((_commit(line) for line in _packed(shared) if line.endswith(f" {name}")), None)


def _packed(shared: Path) -> Iterator[str]:
    yield from _read(shared / "packed-refs").splitlines()


def _commit(text: str) -> str | None:
    match = _COMMIT.match(text)
    return match.group() if match else None


def _origin(shared: Path) -> str | None:
    section = ""
    for line in map(str.strip, _read(shared / "config").splitlines()):
        if line.startswith("["):
            section = line
        elif section == '[remote "origin"]' and (match := re.fullmatch(r"url\s*=\s*(.+)", line)):
            return without_credentials(match.group(1)) or None
    return None


def _read(path: Path) -> str:
    """Return a file's text, or nothing where there is none to read."""
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            return file.read(_LONGEST_FILE)
    except (OSError, ValueError):
        return ""
