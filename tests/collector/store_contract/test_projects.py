"""Projects: created by their first report, or by hand."""

from logcenter_collector.store.base import Store
from logcenter_sdk.contract.project import Project
from support.stores import START, Reporter


def test_the_first_report_of_a_project_creates_it(reporter: Reporter) -> None:
    assert reporter.store.project(reporter.project) is None

    reporter.report()

    expected = Project(
        project_id=reporter.project, name=reporter.project, repo_url=None, local_path=None, description=None,
        created_at=reporter.now, updated_at=reporter.now,
    )  # fmt: skip
    assert expected == reporter.store.project(reporter.project)
    assert expected in reporter.store.projects()


def test_a_report_fills_the_repository_where_there_is_none_and_later_ones_change_nothing(reporter: Reporter) -> None:
    reporter.report()
    reporter.store.record([reporter.arrival(repo_url=url) for url in (None, "https://git.example/a")])
    filled_at = reporter.now
    reporter.report(repo_url="https://git.example/b")

    project = reporter.store.project(reporter.project)
    assert project is not None
    assert ("https://git.example/a", filled_at) == (project.repo_url, project.updated_at)


def test_what_is_set_by_hand_stays_and_what_is_not_named_stays_too(reporter: Reporter) -> None:
    store, project_id = reporter.store, reporter.project
    store.put_project(project_id, {"name": "Shop", "repo_url": "https://git.example/a"}, START)

    reporter.report(repo_url="https://git.example/b")
    project = store.put_project(project_id, {"name": None, "local_path": "/srv/shop"}, reporter.now)

    assert (project_id, "https://git.example/a", "/srv/shop") == (project.name, project.repo_url, project.local_path)
    assert (START, reporter.now) == (project.created_at, project.updated_at)


def test_setting_nothing_creates_an_unknown_project_and_leaves_a_known_one(reporter: Reporter) -> None:
    created = reporter.store.put_project(reporter.project, {}, START)
    reporter.wait(hours=1)

    assert created == reporter.store.put_project(reporter.project, {}, reporter.now)


def test_a_repository_that_was_emptied_is_filled_by_the_next_report(reporter: Reporter) -> None:
    reporter.store.put_project(reporter.project, {"repo_url": None}, START)

    reporter.report(repo_url="https://git.example/c")

    project = reporter.store.project(reporter.project)
    assert project is not None
    assert "https://git.example/c" == project.repo_url


def test_projects_are_listed_by_id_in_the_order_of_characters(store: Store) -> None:
    names = ["zz-B", "zz-a", "zz_", "zz.1"]
    for name in names:
        store.put_project(name, {}, START)

    listed = [project.project_id for project in store.projects() if project.project_id in names]

    assert ["zz-B", "zz-a", "zz.1", "zz_"] == listed
