"""What the dashboard gives to paste is what the how-to pages show, so that both are tested as one."""

import re

from logcenter_collector.web.ui.projects.applications import APPLICATIONS, Application, Target, application_called
from support.pages import snippet
from support.repository import ROOT

DOCUMENTED = Target(project_id="shop_web", url="http://localhost:8002", key=None)


def code(app: str, file: str, project: str = "shop_web") -> str:
    target = Target(project_id=project, url=DOCUMENTED.url, key=None)
    return {step.file: step.code(target) for step in application_called(app).steps}[file]


def test_the_files_for_browsers_are_those_of_the_page() -> None:
    for name in ("log-center.js", "start.html"):
        assert snippet("how-to/javascript.md", name) == code("javascript", name) + "\n"


def test_the_file_for_flutter_is_that_of_the_page() -> None:
    assert snippet("how-to/flutter.md", "log_center.dart") == code("flutter", "log_center.dart", "my_app") + "\n"


def test_the_step_for_gitea_is_that_of_the_page_with_the_project_and_the_address_in_it() -> None:
    shown = snippet("how-to/gitea-actions.md", "workflow.yaml")
    filled = shown.replace("${{ vars.LOG_CENTER_URL }}", '"http://localhost:8002"')
    filled = filled.replace("${{ github.event.repository.name }}", '"shop_web"')

    assert filled == code("gitea", "workflow.yaml") + "\n"


def mentions(app: Application, target: Target) -> str:
    return "\n".join(step.code(target) for step in app.steps_to(target))


def test_every_application_is_told_the_project_the_address_and_a_key_that_is_needed() -> None:
    target = Target(project_id="my-project", url="https://logs.example.org", key="lck_a_key")

    for app in APPLICATIONS:
        text = mentions(app, target)
        assert [app.name, True, True, True] == [
            app.name,
            "my-project" in text,
            "https://logs.example.org" in text,
            "lck_a_key" in text,
        ]
        assert not re.search(r"[«»§]", text)


def test_nothing_speaks_of_a_key_where_none_is_needed() -> None:
    for app in APPLICATIONS:
        assert "LOG_CENTER_KEY" not in mentions(app, DOCUMENTED)


def test_every_code_belongs_to_a_step() -> None:
    folder = ROOT / "packages/logcenter-collector/src/logcenter_collector/web/ui/projects/snippets"

    assert {path.name for path in folder.iterdir()} == {
        f"{step.file}.jinja" for app in APPLICATIONS for step in app.steps
    }
