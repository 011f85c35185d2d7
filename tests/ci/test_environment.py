from logcenter_ci.environment import Build, detect

ACTIONS = {
    "GITHUB_ACTIONS": "true",
    "GITHUB_SERVER_URL": "https://git.example.org/",
    "GITHUB_REPOSITORY": "team/shop_backend",
    "GITHUB_RUN_NUMBER": "36",
    "GITHUB_RUN_ID": "1044",
    "GITHUB_RUN_ATTEMPT": "2",
    "GITHUB_JOB": "build-and-deploy",
    "GITHUB_WORKFLOW": "deploy.yaml",
    "GITHUB_REF_NAME": "main",
    "GITHUB_HEAD_REF": "",
    "GITHUB_SHA": "abc1234def5678",
    "GITHUB_ACTOR": "dev",
}
GITEA = ACTIONS | {"GITEA_ACTIONS": "true"}
FORGEJO = GITEA | {"FORGEJO_ACTIONS": "true"}
GITLAB = {
    "GITLAB_CI": "true",
    "CI_JOB_NAME": "unit",
    "CI_PIPELINE_ID": "9001",
    "CI_PIPELINE_IID": "17",
    "CI_COMMIT_REF_NAME": "main",
    "CI_COMMIT_SHA": "abc1234",
    "CI_PROJECT_URL": "https://gitlab.example.org/team/shop",
    "CI_REPOSITORY_URL": "https://gitlab-ci-token:s3cret@gitlab.example.org/team/shop.git",
    "CI_JOB_URL": "https://gitlab.example.org/team/shop/-/jobs/5",
    "GITLAB_USER_LOGIN": "dev",
}


def test_gitea_links_to_the_run_by_its_number() -> None:
    build = detect(GITEA)

    assert "gitea" == build.provider
    assert "36" == build.run_id
    assert "https://git.example.org/team/shop_backend/actions/runs/36?by_index=1" == build.run_url


def test_forgejo_links_to_the_run_by_its_number_though_its_runner_calls_itself_gitea_too() -> None:
    build = detect(FORGEJO)

    assert "forgejo" == build.provider
    assert "https://git.example.org/team/shop_backend/actions/runs/36" == build.run_url


def test_github_links_to_the_run_by_its_id() -> None:
    build = detect(ACTIONS)

    assert "github" == build.provider
    assert "1044" == build.run_id
    assert "https://git.example.org/team/shop_backend/actions/runs/1044" == build.run_url


def test_both_numbers_of_a_run_are_kept() -> None:
    build = detect(GITEA)

    assert ("36", "1044", "2") == (build.run_number, build.run_database_id, build.run_attempt)


def test_the_job_is_its_id_and_the_rest_is_read_as_it_stands() -> None:
    build = detect(GITEA)

    assert ("build-and-deploy", "deploy.yaml", "main") == (build.job, build.workflow, build.branch)
    assert ("abc1234def5678", "dev") == (build.commit, build.actor)
    assert "https://git.example.org/team/shop_backend.git" == build.repo_url


def test_the_branch_of_a_pull_request_is_the_one_that_is_to_be_merged() -> None:
    assert "fix-login" == detect(GITEA | {"GITHUB_HEAD_REF": "fix-login", "GITHUB_REF_NAME": "12/merge"}).branch


def test_without_a_server_there_is_no_link_to_the_run() -> None:
    assert detect({name: value for name, value in GITEA.items() if name != "GITHUB_SERVER_URL"}).run_url is None


def test_gitlab_is_read_without_the_token_that_its_repository_url_holds() -> None:
    build = detect(GITLAB)

    assert ("gitlab", "unit", "main", "9001", "17") == (
        build.provider,
        build.job,
        build.branch,
        build.run_id,
        build.run_number,
    )
    assert "https://gitlab.example.org/team/shop/-/jobs/5" == build.run_url
    assert "s3cret" not in str(build)


def test_outside_of_a_known_ci_nothing_is_made_up() -> None:
    assert Build() == detect({"HOME": "/home/dev", "GITHUB_SHA": "abc"})
