"""What can be connected to a project, and how: the steps for each, with the code to paste.

The code stands in ``snippets/``, as templates whose marks (``«url»``, ``§ if key``) occur in none of these languages.
"""

from pathlib import Path
from typing import Final

from attrs import frozen
from jinja2 import Environment, FileSystemLoader, StrictUndefined

_FOLDER: Final = Path(__file__).parent / "snippets"
_TEMPLATES: Final = Environment(
    loader=FileSystemLoader(_FOLDER),
    autoescape=False,  # noqa: S701 - code of many languages; the page that shows it escapes it
    undefined=StrictUndefined,
    variable_start_string="«",
    variable_end_string="»",
    line_statement_prefix="§",
)


@frozen(kw_only=True)
class Target:
    """Where reports are to go."""

    project_id: str
    url: str
    key: str | None
    """What to show as the project's key; None where it demands none."""


@frozen
class Step:
    """Something to paste. Its texts are found by its name, its code by its file."""

    name: str
    file: str
    needs_key: bool = False
    """Whether there is nothing to do where no key is demanded."""
    is_long: bool = False
    """Whether it is shown only when somebody opens it."""

    def code(self, target: Target) -> str:
        """Return what to paste."""
        template = _TEMPLATES.get_template(f"{self.file}.jinja")
        return template.render(project=target.project_id, url=target.url, key=target.key)


@frozen
class Application:
    """Something that reports: ``name`` as in the URL, ``title`` as everybody calls it."""

    name: str
    title: str
    steps: tuple[Step, ...]

    def steps_to(self, target: Target) -> tuple[Step, ...]:
        """Return what there is to do."""
        return tuple(step for step in self.steps if target.key is not None or not step.needs_key)


_INSTALL: Final = Step("install_sdk", "install-sdk.sh")
_KEY: Final = Step("key", "key.sh", needs_key=True)
_TRY: Final = Step("try_sdk", "try-sdk.sh")

APPLICATIONS: Final = (
    Application("python", "Python", (_INSTALL, Step("program", "program.py"), _KEY, _TRY)),
    Application("django", "Django", (_INSTALL, Step("settings", "settings.py"), _KEY, _TRY)),
    Application("fastapi", "FastAPI", (_INSTALL, Step("main", "main.py"), _KEY, _TRY)),
    Application(
        "javascript",
        "JavaScript",
        (
            Step("javascript_file", "log-center.js", is_long=True),
            Step("javascript_start", "start.html"),
            Step("javascript_try", "try.js"),
        ),
    ),
    Application(
        "flutter",
        "Flutter",
        (Step("flutter_file", "log_center.dart", is_long=True), Step("flutter_start", "main.dart")),
    ),
    Application(
        "gitea",
        "Gitea Actions",
        (Step("gitea_secret", "key.txt", needs_key=True), Step("gitea_workflow", "workflow.yaml")),
    ),
    Application(
        "kubernetes",
        "Kubernetes",
        (
            Step("kubernetes_image", "image.sh"),
            Step("kubernetes_secret", "secret.sh", needs_key=True),
            Step("kubernetes_file", "logcenter.yaml", is_long=True),
            Step("kubernetes_apply", "apply.sh"),
        ),
    ),
    Application("curl", "curl", (Step("curl", "report.sh"),)),
)


def application_called(name: str | None) -> Application:
    """Return the application that a URL names; the first one for anything else."""
    return next((each for each in APPLICATIONS if each.name == name), APPLICATIONS[0])
