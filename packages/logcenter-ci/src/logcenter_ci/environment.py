"""Which build this is: the CI provider's environment variables → a ``Build``.

Pure: the variables are passed in. A provider is one row of ``_PROVIDERS``: the variable that marks it, and its reader.
"""

from collections.abc import Callable, Mapping
from typing import Final

from attrs import frozen

Variables = Mapping[str, str]


@frozen(kw_only=True)
class Build:
    """The run of a pipeline that a step belongs to; None where the provider doesn't say."""

    provider: str | None = None
    workflow: str | None = None
    job: str | None = None
    """The job's id, never its display name: re-runs and matrix labels must not change the fingerprint."""
    branch: str | None = None
    commit: str | None = None
    actor: str | None = None
    repo_url: str | None = None
    run_id: str | None = None
    """What names the run in its page's address: the run's number on Gitea and Forgejo, its id elsewhere."""
    run_number: str | None = None
    run_database_id: str | None = None
    run_attempt: str | None = None
    run_url: str | None = None


def detect(variables: Variables) -> Build:
    """Return the build that these variables describe; an empty one outside of every known CI."""
    for marker, read in _PROVIDERS:
        if variables.get(marker):
            return read(variables)
    return Build()


def _gitea(variables: Variables) -> Build:
    # Since 1.26 the page's path takes the database id; by_index=1 says that this is the number, and older
    # versions, which know numbers only, ignore it.
    return _actions("gitea", variables, run_id=variables.get("GITHUB_RUN_NUMBER"), query="?by_index=1")


def _forgejo(variables: Variables) -> Build:
    return _actions("forgejo", variables, run_id=variables.get("GITHUB_RUN_NUMBER"))


def _github(variables: Variables) -> Build:
    return _actions("github", variables, run_id=variables.get("GITHUB_RUN_ID"))


def _actions(provider: str, variables: Variables, *, run_id: str | None, query: str = "") -> Build:
    """Read what GitHub Actions and its relatives have in common."""
    get = _present(variables)
    repository = _address(get("GITHUB_SERVER_URL"), get("GITHUB_REPOSITORY"))
    return Build(
        provider=provider,
        workflow=get("GITHUB_WORKFLOW"),
        job=get("GITHUB_JOB"),
        # In a pull request the ref is a merge ref that no person knows; the head ref is the branch.
        branch=get("GITHUB_HEAD_REF") or get("GITHUB_REF_NAME"),
        commit=get("GITHUB_SHA"),
        actor=get("GITHUB_ACTOR"),
        repo_url=repository and f"{repository}.git",
        run_id=run_id or None,
        run_number=get("GITHUB_RUN_NUMBER"),
        run_database_id=get("GITHUB_RUN_ID"),
        run_attempt=get("GITHUB_RUN_ATTEMPT"),
        run_url=f"{repository}/actions/runs/{run_id}{query}" if repository and run_id else None,
    )


def _gitlab(variables: Variables) -> Build:
    get = _present(variables)
    project_url = get("CI_PROJECT_URL")  # CI_REPOSITORY_URL holds a token
    return Build(
        provider="gitlab",
        workflow=get("CI_PIPELINE_NAME"),
        job=get("CI_JOB_NAME"),
        branch=get("CI_MERGE_REQUEST_SOURCE_BRANCH_NAME") or get("CI_COMMIT_REF_NAME"),
        commit=get("CI_COMMIT_SHA"),
        actor=get("GITLAB_USER_LOGIN"),
        repo_url=project_url and f"{project_url}.git",
        run_id=get("CI_PIPELINE_ID"),
        run_number=get("CI_PIPELINE_IID"),
        run_database_id=get("CI_PIPELINE_ID"),
        run_url=get("CI_JOB_URL") or get("CI_PIPELINE_URL"),
    )


def _present(variables: Variables) -> Callable[[str], str | None]:
    """Return a look-up for which an empty variable is an absent one, as most runners mean it."""
    return lambda name: variables.get(name) or None


def _address(server: str | None, repository: str | None) -> str | None:
    return f"{server.rstrip('/')}/{repository}" if server and repository else None


# The order decides: a Forgejo runner sets all three markers of the Actions family, a Gitea runner two.
_PROVIDERS: Final[tuple[tuple[str, Callable[[Variables], Build]], ...]] = (
    ("FORGEJO_ACTIONS", _forgejo),
    ("GITEA_ACTIONS", _gitea),
    ("GITHUB_ACTIONS", _github),
    ("GITLAB_CI", _gitlab),
)
