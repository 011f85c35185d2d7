"""The command ``logcenter-collector``."""

import argparse
import asyncio
import os
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path

import platformdirs
from attrs import evolve, fields

from logcenter_collector.logs import configure as configure_log
from logcenter_collector.settings import Settings, SettingsError, default_database_url, read_settings, variable


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code: 0, or 1 with one clear line on stderr."""
    given = _parser().parse_args(arguments)
    try:
        settings = _with_database(read_settings(os.environ, vars(given)))
        configure_log(settings.log_format)
        return _serve(settings)
    except SettingsError as error:
        return _fail(str(error))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="logcenter-collector",
        description="Log Center: one inbox for the errors of application, pipeline, cluster.",
    )
    parser.add_argument("--version", action="version", version=version("logcenter-collector"))
    commands = parser.add_subparsers(dest="command", required=True)
    serve = commands.add_parser("serve", help="serve the API and the dashboard until Ctrl-C")
    for setting in fields(Settings):
        about = f"{setting.metadata['about']} (variable {variable(setting.name)})"
        flag = f"--{setting.name.replace('_', '-')}"
        if isinstance(setting.default, tuple):
            serve.add_argument(flag, type=_comma_separated, metavar="A,B", help=about)
        else:
            serve.add_argument(flag, type=type(setting.default), metavar=setting.name.upper(), help=about)
    return parser


def _comma_separated(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _with_database(settings: Settings) -> Settings:
    """Choose the database file in the user's data folder where none is named. Raises SettingsError."""
    if settings.database_url:
        return settings
    folder = Path(platformdirs.user_data_path("logcenter"))
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        hint = "name another database with --database-url sqlite:///PATH"
        raise SettingsError(f"cannot create {folder}: {error.strerror}; {hint}") from error
    return evolve(settings, database_url=default_database_url(folder))


def _serve(settings: Settings) -> int:
    # Imported here, so that --help and wrong flags answer at once.
    from logcenter_collector.app import run  # noqa: PLC0415
    from logcenter_collector.server import PortTakenError  # noqa: PLC0415
    from logcenter_collector.store.base import StoreUnavailableError  # noqa: PLC0415
    from logcenter_collector.store.dialects import UnknownDatabaseError, without_password  # noqa: PLC0415
    from logcenter_collector.store.migrate import NewerDatabaseError  # noqa: PLC0415

    database = without_password(settings.database_url)

    def announce(api_url: str, dashboard_url: str) -> None:
        print(  # noqa: T201
            f"Log Center is listening. API {api_url} (its pages: {api_url}/docs), dashboard {dashboard_url}, "
            f"database {database}. Ctrl-C ends it.",
            flush=True,
        )

    try:
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            runner.run(run(settings, announce))
    except PortTakenError as error:
        return _fail(f"{error}; choose another with --port and --dashboard-port")
    except StoreUnavailableError as error:
        return _fail(f"{database}: {error}; is the folder there and writable?")
    except (UnknownDatabaseError, NewerDatabaseError) as error:
        return _fail(str(error))
    except KeyboardInterrupt:
        return 0
    return 0


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Return what makes the fast event loop, which Windows does not have; None is the usual one."""
    try:
        import uvloop  # noqa: PLC0415 - see above
    except ImportError:
        return None
    return uvloop.new_event_loop


def _fail(message: str) -> int:
    print(f"logcenter-collector: {message}", file=sys.stderr)  # noqa: T201
    return 1
