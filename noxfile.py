"""The same sessions on a laptop and in CI: ``uv run nox`` runs all of them, ``uv run nox -s types`` one."""

import tempfile
from pathlib import Path

import nox

nox.needs_version = ">=2026.10"
nox.options.default_venv_backend = "uv"
nox.options.reuse_existing_virtualenvs = True
nox.options.sessions = ["lint", "types", "layers", "contract", "tests", "build"]

ROOT = Path(__file__).parent
DIST = ROOT / "dist"
ATHERIS_MINORS = ("11", "12", "13", "14")
"""Which Pythons atheris has wheels for."""
TEN_MINUTES = 600


def sync(session: nox.Session) -> None:
    """Bring the session's environment to what the workspace asks for."""
    session.run_install("uv", "sync", "--quiet", "--active", external=True)


@nox.session
def lint(session: nox.Session) -> None:
    """Format and every lint rule."""
    sync(session)
    session.run("ruff", "format", "--check", ".")
    session.run("ruff", "check", ".")


@nox.session
def types(session: nox.Session) -> None:
    """Strict types in packages, tests and examples."""
    sync(session)
    session.run("mypy")


@nox.session
def layers(session: nox.Session) -> None:
    """Who may import whom."""
    sync(session)
    session.run("lint-imports")


@nox.session
def contract(session: nox.Session) -> None:
    """Write contract/*.json and the configuration pages anew; a difference is then seen by ``git diff``."""
    sync(session)
    session.run("python", "contract/generate.py", *session.posargs)
    session.run("python", "docs/reference/generate.py")


@nox.session
def tests(session: nox.Session) -> None:
    """Run the whole suite, or what is given after ``--``."""
    sync(session)
    session.run("pytest", *session.posargs)


@nox.session
def faults(session: nox.Session) -> None:
    """Let databases, disks, clocks and collectors fail, at full size: some ten minutes."""
    sync(session)
    folders = session.posargs or ["tests/faults", "tests/fuzz", "tests/collector/store_contract"]
    session.run("pytest", "--durations=20", *folders, env={"LOG_CENTER_TEST_FAULTS": "full"})


@nox.session
def security(session: nox.Session) -> None:
    """Look for weak spots of ours and known ones of what we use; ``-- --strict`` fails where nobody could tell."""
    sync(session)
    session.install("bandit[toml]>=1.9", "pip-audit>=2.10")
    session.run("bandit", "--quiet", "--configfile", "pyproject.toml", "-ll", "--recursive", "packages")
    session.run("python", "tests/repo/check_advisories.py", *session.posargs)


@nox.session
def fuzz(session: nox.Session) -> None:
    """Attack every reader of what anybody may send, ten minutes in all; ``-- TARGET SECONDS`` for one of them."""
    sync(session)
    python = session.run("python", "-c", "import sys; print(*sys.version_info[:2], sys.platform)", silent=True)
    if str(python).split() not in [["3", minor, "linux"] for minor in ATHERIS_MINORS]:
        session.error(f"atheris has wheels for Linux and Python 3.{', 3.'.join(ATHERIS_MINORS)} only, not for {python}")
    session.install("atheris>=3")
    names, seconds = fuzz_plan(session)
    for name in names:
        corpus = Path(session.cache_dir) / "fuzz" / name
        corpus.mkdir(parents=True, exist_ok=True)
        flags = [f"-max_total_time={seconds}", "-timeout=10", "-rss_limit_mb=1024", "-max_len=65536", "-verbosity=0"]
        session.log(f"{name}: {seconds} s")
        session.run("python", "tests/fuzz/under_atheris.py", name, *flags, f"-artifact_prefix={corpus}/", str(corpus))


def fuzz_plan(session: nox.Session) -> tuple[list[str], int]:
    """Return which targets are attacked, and for how many seconds each."""
    listed = session.run(
        "python", "-c", "from fuzz.targets import TARGETS; print(*TARGETS)", silent=True, env={"PYTHONPATH": "tests"}
    )
    names = str(listed).split()
    if not session.posargs:
        return names, TEN_MINUTES // len(names)
    name, seconds = session.posargs
    if name not in names:
        session.error(f"there is no target {name}; there are {', '.join(names)}")
    return [name], int(seconds)


@nox.session
def build(session: nox.Session) -> None:
    """Build wheels and sdists; install the wheels in a clean place and use them there."""
    for old in DIST.glob("logcenter_*"):
        old.unlink()
    session.run("uv", "build", "--quiet", "--all-packages", "--out-dir", str(DIST), external=True)
    with tempfile.TemporaryDirectory(prefix="logcenter-wheels-") as folder:
        check_wheels(session, Path(folder))


def check_wheels(session: nox.Session, folder: Path) -> None:
    """Install our wheels by path, so that no index is ever asked for one of our names."""
    python = folder / "venv" / "bin" / "python"
    wheels = [str(wheel) for wheel in sorted(DIST.glob("*.whl"))]
    check = str(ROOT / "tests" / "repo" / "check_installed.py")
    with session.chdir(folder):
        session.run("uv", "venv", "--quiet", "venv", external=True)
        session.run("uv", "pip", "install", "--quiet", "--python", str(python), *wheels, external=True)
        session.run(str(python), "-I", check, str(DIST), external=True)
        check_sdk_alone(session)


def check_sdk_alone(session: nox.Session) -> None:
    """Install the SDK's wheel by itself and look at what came with it."""
    python, [wheel] = Path("alone") / "bin" / "python", sorted(DIST.glob("logcenter_sdk-*.whl"))
    session.run("uv", "venv", "--quiet", "alone", external=True)
    session.run("uv", "pip", "install", "--quiet", "--python", str(python), str(wheel), external=True)
    session.run(str(python), "-I", str(ROOT / "tests" / "repo" / "check_sdk_alone.py"), external=True)
