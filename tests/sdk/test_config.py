import subprocess
from pathlib import Path

import pytest

from logcenter_sdk.config import Config, ConfigError, proxy_for
from logcenter_sdk.release import Release, release_of, without_credentials

NO_RELEASE = Release()
COMMIT = "0123456789abcdef0123456789abcdef01234567"


def git(*arguments: str, at: Path) -> str:
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    command = ["git", *identity, "-c", "init.defaultBranch=main", "-c", "protocol.file.allow=always", *arguments]
    return subprocess.run(command, cwd=at, check=True, capture_output=True, text=True, timeout=30).stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    git("init", at=checkout)
    git("commit", "--allow-empty", "-m", "first", at=checkout)
    git("remote", "add", "origin", "https://me:secret@git.example.org/team/shop.git", at=checkout)
    return checkout


def test_without_anything_it_is_a_developer_with_a_collector_at_home() -> None:
    config = Config.from_env({}, release=NO_RELEASE)

    assert ("http://localhost:8002", "development", None, 3.0, False) == (
        config.url,
        config.environment,
        config.project_id,
        config.timeout_seconds,
        config.debug,
    )


def test_every_variable_sets_its_field() -> None:
    config = Config.from_env(
        {
            "LOG_CENTER_URL": "https://errors.example.org/",
            "LOG_CENTER_PROJECT": "shop",
            "ENVIRONMENT": "production",
            "LOG_CENTER_KEY": "k",
            "LOG_CENTER_TOKEN": "t",
            "LOG_CENTER_DEBUG": "1",
            "APP_VERSION": "1.2.3",
            "GITHUB_SHA": COMMIT,
            "GITHUB_SERVER_URL": "https://git.example.org",
            "GITHUB_REPOSITORY": "team/shop",
        }
    )

    assert (
        Config(
            url="https://errors.example.org",
            project_id="shop",
            environment="production",
            key="k",
            token="t",
            debug=True,
            version="1.2.3",
            commit_hash=COMMIT,
            repo_url="https://git.example.org/team/shop",
        )
        == config
    )


def test_an_override_comes_before_the_environment_and_none_is_no_override() -> None:
    env = {"LOG_CENTER_PROJECT": "shop", "ENVIRONMENT": "production", "LOG_CENTER_DEBUG": "yes"}

    config = Config.from_env(env, release=NO_RELEASE, project_id="other", environment=None, debug=False)

    assert ("other", "production", False) == (config.project_id, config.environment, config.debug)


def test_an_empty_variable_is_absent() -> None:
    empty = dict.fromkeys(["LOG_CENTER_URL", "LOG_CENTER_PROJECT", "ENVIRONMENT", "LOG_CENTER_KEY", "GITHUB_SHA"], "")

    assert Config(proxy=None) == Config.from_env(empty, release=NO_RELEASE)


@pytest.mark.parametrize("value", ["0", "false", "No", " off ", ""])
def test_debug_can_be_switched_off_in_words(value: str) -> None:
    assert not Config.from_env({"LOG_CENTER_DEBUG": value}, release=NO_RELEASE).debug


@pytest.mark.parametrize(
    ("field", "value", "advice"),
    [
        ("url", "localhost:8002", "LOG_CENTER_URL"),
        ("url", "http://", "LOG_CENTER_URL"),
        ("url", "http://a:notaport", "LOG_CENTER_URL"),
        ("project_id", "my shop", "LOG_CENTER_PROJECT"),
        ("key", "line\nbreak", "ASCII"),
        ("timeout_seconds", 0, "positive"),
    ],
)
def test_what_cannot_work_says_what_to_change(field: str, value: object, advice: str) -> None:
    with pytest.raises(ConfigError, match=advice):
        Config.from_env({}, release=NO_RELEASE, **{field: value})


def test_a_missing_project_is_said_when_it_is_needed() -> None:
    with pytest.raises(ConfigError, match="LOG_CENTER_PROJECT"):
        _ = Config().project


def test_secrets_do_not_stand_in_its_repr() -> None:
    assert "hush" not in repr(Config(key="hush", token="hush", proxy="http://u:hush@proxy"))


def test_the_commit_is_read_from_a_checkout_and_from_below_it(repository: Path) -> None:
    below = repository / "src" / "deep"
    below.mkdir(parents=True)

    head = git("rev-parse", "HEAD", at=repository)

    assert Release(None, head, "https://git.example.org/team/shop.git") == release_of({}, repository)
    assert head == release_of({}, below).commit_hash


def test_the_commit_is_read_from_packed_refs_worktrees_submodules_and_detached_heads(
    repository: Path, tmp_path: Path
) -> None:
    git("pack-refs", "--all", at=repository)
    git("worktree", "add", "-b", "side", str(tmp_path / "side"), at=repository)
    git("commit", "--allow-empty", "-m", "second", at=tmp_path / "side")
    git("submodule", "add", str(repository), "sub", at=tmp_path / "side")
    git("worktree", "add", "--detach", str(tmp_path / "detached"), at=repository)

    for checkout in (repository, tmp_path / "side", tmp_path / "side" / "sub", tmp_path / "detached"):
        assert git("rev-parse", "HEAD", at=checkout) == release_of({}, checkout).commit_hash, checkout


def test_a_variable_comes_before_git(repository: Path) -> None:
    assert COMMIT == release_of({"CI_COMMIT_SHA": COMMIT}, repository).commit_hash


def test_a_damaged_or_missing_repository_gives_nothing(repository: Path, tmp_path: Path) -> None:
    (repository / ".git" / "HEAD").write_text("ref: ../../etc/passwd\n")
    (tmp_path / ".git").write_text("gitdir: nowhere\n")

    assert release_of({}, repository).commit_hash is None
    assert Release() == release_of({}, tmp_path)
    assert Release() == release_of({}, None)


def test_a_tag_that_is_built_is_the_version() -> None:
    assert "v1.2" == release_of({"GITHUB_REF_TYPE": "tag", "GITHUB_REF_NAME": "v1.2"}, None).version
    assert release_of({"GITHUB_REF_TYPE": "branch", "GITHUB_REF_NAME": "main"}, None).version is None


@pytest.mark.parametrize(
    ("expected", "url"),
    [
        ("https://git.example.org/a.git", "https://oauth2:glpat-x@git.example.org/a.git"),
        ("git@git.example.org:team/a.git", "git@git.example.org:team/a.git"),
        ("https://git.example.org:8443/a", "https://git.example.org:8443/a"),
    ],
)
def test_credentials_leave_a_repositorys_address(expected: str, url: str) -> None:
    assert expected == without_credentials(url)


@pytest.mark.parametrize(
    "url", ["http://localhost:8002", "http://127.0.0.1:8002", "http://[::1]:8002", "http://a.localhost"]
)
def test_no_proxy_stands_between_this_machine_and_itself(url: str) -> None:
    assert proxy_for(url, {"http_proxy": "http://proxy:3128", "ALL_PROXY": "http://proxy:3128"}) is None


def test_the_environments_proxy_applies_elsewhere_but_where_no_proxy_says() -> None:
    env = {"HTTPS_PROXY": "proxy:3128", "no_proxy": "example.org, .internal,10.0.0.7"}

    assert "http://proxy:3128" == proxy_for("https://errors.example.com", env)
    assert proxy_for("http://errors.example.com", env) is None
    assert proxy_for("https://errors.example.org", env) is None
    assert proxy_for("https://errors.internal", env) is None
    assert proxy_for("https://errors.example.com", {**env, "no_proxy": "*"}) is None


@pytest.mark.parametrize("name", ["environment", "version", "commit_hash", "repo_url"])
def test_what_the_collector_would_refuse_in_every_report_is_no_configuration(name: str) -> None:
    with pytest.raises(ConfigError, match=f"{name} must be a text, not 1.2"):
        Config.from_env({}, release=NO_RELEASE, **{name: 1.2})
