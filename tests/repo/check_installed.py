"""Use the installed wheels as a stranger would; run by ``nox -s build`` with the Python of a clean environment.

Not a test module: pytest is not installed where this runs.
"""

import importlib
import pkgutil
import re
import subprocess
import sys
import tempfile
import urllib.request
from importlib.metadata import PackageNotFoundError, distribution, version
from pathlib import Path

REQUIREMENTS = {
    "logcenter-sdk": {"attrs", "cattrs", "httpx"},
    "logcenter-ci": {"attrs", "logcenter-sdk"},
    "logcenter-k8s": {"attrs", "kubernetes", "logcenter-sdk"},
    "logcenter-collector": {
        "alembic", "attrs", "backports-zstd", "httptools", "jinja2", "litestar", "logcenter-sdk", "msgspec",
        "platformdirs", "prometheus-client", "psycopg", "sqlalchemy", "uvicorn", "uvloop",
    },
}  # fmt: skip
FRAMEWORKS = {
    "apscheduler", "asgiref", "celery", "django", "fastapi", "flask", "quart", "rest_framework", "rq", "starlette",
    "structlog",
}  # fmt: skip
"""What an integration needs and its user has; none of our packages may bring it along."""
NOT_IMPORTABLE = (".migrations.env", ".migrations.versions", ".__main__", ".testing.fixtures")
"""Alembic runs its environment itself; ``__main__`` is run, not imported; fixtures are pytest's."""


def modules_of(package: str) -> list[str]:
    """Return the names of all modules of an installed package."""
    found = pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}.", onerror=lambda _name: None)
    return [package, *(module.name for module in found if not any(part in module.name for part in NOT_IMPORTABLE))]


def import_all(package: str) -> int:
    """Import every module; only an integration may miss the framework that it is for."""
    names = modules_of(package)
    for name in names:
        try:
            importlib.import_module(name)
        except ModuleNotFoundError as error:
            if ".integrations." not in name or (error.name or "").partition(".")[0] not in FRAMEWORKS:
                raise
    return len(names)


def check_metadata(name: str, dist: Path) -> None:
    """Hold what the wheel requires, its sibling's pin and what it ships."""
    installed = distribution(name)
    lines = [line for line in installed.requires or [] if "extra ==" not in line]
    required = {match.group() for line in lines if (match := re.match(r"[A-Za-z0-9._-]+", line))}
    assert required == REQUIREMENTS[name], f"{name} requires {sorted(required)}"
    pins = [line for line in lines if line.startswith("logcenter-")]
    assert all(line == f"logcenter-sdk=={version(name)}" for line in pins), pins
    package = importlib.import_module(name.replace("-", "_"))
    home = Path(str(package.__file__)).parent.resolve()
    assert (home / "py.typed").is_file(), f"{name}: no py.typed"
    assert home.is_relative_to(Path(sys.prefix).resolve()), f"{name} was imported from {home}"
    assert list(dist.glob(f"{name.replace('-', '_')}-{version(name)}.tar.gz")), f"{name}: no sdist"
    texts = {Path(str(file)).name for file in installed.files or []}
    assert "LICENSE" in texts, f"{name}: no LICENSE"


def check_script(name: str) -> None:
    """Start the console script."""
    script = Path(sys.prefix) / "bin" / name
    done = subprocess.run(
        [str(script), "--help"], capture_output=True, text=True, timeout=60, check=False, stdin=subprocess.DEVNULL
    )
    assert done.returncode == 0, f"{name} --help: {done.stderr}"
    assert "usage" in done.stdout.lower(), done.stdout


def check_pages(folder: Path) -> None:
    """Start the installed collector and look at its pages: templates and assets have to be in the wheel."""
    script, database = Path(sys.prefix) / "bin" / "logcenter-collector", folder / "wheels.db"
    command = [str(script), "serve", "--port=0", "--dashboard-port=0", f"--database-url=sqlite:///{database}"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        announced = re.search(r"API (http://\S+) .*dashboard (http://[^\s,]+),", line)
        assert announced, f"the collector did not start: {line!r}"
        for address in (f"{announced[1]}/readyz", f"{announced[1]}/docs", f"{announced[1]}/openapi.json", announced[2]):
            with urllib.request.urlopen(address, timeout=30) as answer:
                assert answer.read(), f"{address} is empty"  # any other status than 200 raises
    finally:
        process.terminate()
        process.communicate(timeout=30)
    assert process.returncode == 0, f"the collector ended with {process.returncode}"


def main() -> None:
    """Check every package; the first fault ends it."""
    dist = Path(sys.argv[1])
    for name in sorted(FRAMEWORKS):
        try:
            version(name)
        except PackageNotFoundError:
            continue
        raise AssertionError(f"our wheels brought {name} along")
    for name in REQUIREMENTS:
        check_metadata(name, dist)
        modules = import_all(name.replace("-", "_"))
        check_script(name)
        print(f"{name} {version(name)}: {modules} modules imported, console script runs")
    with tempfile.TemporaryDirectory() as folder:
        check_pages(Path(folder))
    print("the collector serves its API, its pages and its dashboard")


if __name__ == "__main__":
    main()
