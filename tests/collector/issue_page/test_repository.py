"""Addresses within a repository, as Gitea, GitHub and GitLab write them."""

from urllib.parse import urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from logcenter_collector.web.ui.issue.repository import Repository, repository_of, web_address

GITEA, GITHUB, GITLAB = (
    "https://git.acme.cn/acme/shop",
    "https://github.com/acme/shop",
    "https://gitlab.acme.cn/a/b/shop",
)


def known(repo_url: str) -> Repository:
    repository = repository_of(repo_url)
    assert repository is not None
    return repository


@pytest.mark.parametrize(
    ("expected", "repo_url"),
    [
        (GITHUB, "https://github.com/acme/shop"),
        (GITHUB, "https://github.com/acme/shop.git"),
        (GITHUB, " https://GitHub.com/acme/shop/ "),
        (GITHUB, "https://ada:secret@github.com/acme/shop.git"),
        (GITHUB, "git@github.com:acme/shop.git"),
        (GITHUB, "ssh://git@github.com:22/acme/shop.git"),
        (GITHUB, "git://github.com/acme/shop.git"),
        ("http://git.acme.cn:3000/acme/shop", "http://git.acme.cn:3000/acme/shop.git"),
        (GITLAB, "git@gitlab.acme.cn:a/b/shop.git"),
        ("https://git.acme.cn/acme/%E5%95%86%E5%BA%97", "https://git.acme.cn/acme/商店"),
    ],
)
def test_every_address_that_git_takes_leads_to_the_page_of_its_repository(expected: str, repo_url: str) -> None:
    assert expected == known(repo_url).url


@pytest.mark.parametrize(
    "repo_url",
    [
        None,
        "",
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///srv/git/shop.git",
        "/srv/git/shop.git",
        "../shop",
        "C:\\shop",
        "https://",
        "https://github.com",
        "https://github.com/../..",
        'https://github.com/"onclick="x',
        "https://[broken/acme",
        "https://git.acme.cn:port/acme/shop",
        "https://git.acme.cn/a b",
    ],
)
def test_what_has_no_page_on_the_web_is_no_repository(repo_url: str | None) -> None:
    assert repository_of(repo_url) is None


@pytest.mark.parametrize(
    ("expected", "repo_url"),
    [
        (f"{GITEA}/commit/a81f3c0", GITEA),
        (f"{GITHUB}/commit/a81f3c0", GITHUB),
        (f"{GITLAB}/-/commit/a81f3c0", GITLAB),
    ],
)
def test_a_commit_is_a_link(expected: str, repo_url: str) -> None:
    assert expected == known(repo_url).commit("a81f3c0")


@pytest.mark.parametrize("commit_hash", [None, "", "main", "a81", "a81f3c0/../..", "<script>"])
def test_what_is_no_commit_is_no_link(commit_hash: str | None) -> None:
    assert known(GITHUB).commit(commit_hash) is None


@pytest.mark.parametrize(
    ("expected", "repo_url"),
    [
        (f"{GITEA}/src/branch/fix/rates%231", GITEA),
        (f"{GITHUB}/tree/fix/rates%231", GITHUB),
        (f"{GITLAB}/-/tree/fix/rates%231", GITLAB),
    ],
)
def test_a_branch_is_a_link(expected: str, repo_url: str) -> None:
    assert expected == known(repo_url).branch("fix/rates#1")


@pytest.mark.parametrize(
    ("expected", "repo_url"),
    [
        (f"{GITEA}/pulls/12", GITEA),
        (f"{GITHUB}/pull/12", GITHUB),
        (f"{GITLAB}/-/merge_requests/12", GITLAB),
    ],
)
@pytest.mark.parametrize("text", ["12", "#12", "!12"])
def test_a_pull_request_is_a_link_by_its_number(expected: str, repo_url: str, text: str) -> None:
    assert expected == known(repo_url).pull(text)


@pytest.mark.parametrize("text", [None, "", "0", "x", "1/../2"])
def test_what_is_no_number_of_a_pull_request_is_no_link(text: str | None) -> None:
    assert known(GITHUB).pull(text) is None


@pytest.mark.parametrize(
    ("expected", "repo_url"),
    [
        (f"{GITEA}/src/commit/a81f3c0/shop/cart.py#L12", GITEA),
        (f"{GITHUB}/blob/a81f3c0/shop/cart.py#L12", GITHUB),
        (f"{GITLAB}/-/blob/a81f3c0/shop/cart.py#L12", GITLAB),
    ],
)
def test_a_line_of_a_file_is_a_link_at_its_commit(expected: str, repo_url: str) -> None:
    assert expected == known(repo_url).line("shop/cart.py", 12, commit_hash="a81f3c0")


@pytest.mark.parametrize(
    ("expected", "repo_url"),
    [
        (f"{GITEA}/src/branch/main/cart.py", GITEA),
        (f"{GITHUB}/blob/main/cart.py", GITHUB),
        (f"{GITLAB}/-/blob/main/cart.py", GITLAB),
    ],
)
def test_a_file_without_a_commit_is_a_link_on_its_branch(expected: str, repo_url: str) -> None:
    assert expected == known(repo_url).line("cart.py", None, commit_hash=None, branch="main")


@pytest.mark.parametrize("file_path", [None, "/app/cart.py", "../cart.py", "C:\\cart.py", "https://cdn.example/app.js"])
def test_a_file_of_elsewhere_is_no_link(file_path: str | None) -> None:
    assert known(GITHUB).line(file_path, 12, commit_hash="a81f3c0") is None


def test_a_line_that_is_at_no_known_commit_or_branch_is_no_link() -> None:
    assert known(GITHUB).line("cart.py", 12, commit_hash=None) is None


@pytest.mark.parametrize("text", ["https://git.example/1", "http://127.0.0.1:3000/runs/1?x=1"])
def test_addresses_of_the_web_are_links(text: str) -> None:
    assert text == web_address(text)


@pytest.mark.parametrize("text", ["javascript:alert(1)", "//evil.example", "https://", "ftp://x", "a b", "", None, 7])
def test_everything_else_is_no_link(text: object) -> None:
    assert web_address(text) is None


TEXTS = st.text(max_size=20) | st.sampled_from(["javascript:alert(1)", "a81f3c0", "main", "../..", '"><script>'])


@given(st.sampled_from(["", "https://", "git@h.io:", "ssh://h.io/"]), TEXTS, TEXTS, TEXTS)
@example("https://", "github.com/a", "<script>", "\u2028")
def test_whatever_is_typed_no_link_leads_out_of_the_repository(
    scheme: str, repo_url: str, name: str, file_path: str
) -> None:
    repository = repository_of(scheme + repo_url)
    if repository is None:
        return
    assert urlsplit(repository.url).scheme in {"http", "https"}
    links = [
        repository.commit(name),
        repository.branch(name),
        repository.pull(name),
        repository.line(file_path, 1, commit_hash=name, branch=name),
    ]
    for link in filter(None, links):
        assert link.startswith(f"{repository.url}/")
        assert not set(link) & set("<>\"' \n")
        assert ".." not in link.removeprefix(repository.url).split("/")
