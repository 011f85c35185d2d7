"""The command ``logcenter-collector``."""

import argparse
import asyncio
import os
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Final

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
    except SettingsError as error:
        return _fail(str(error))
    return _run(settings, given)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="logcenter-collector",
        description="Log Center: one inbox for the errors of application, pipeline, cluster.",
    )
    parser.add_argument("--version", action="version", version=version("logcenter-collector"))
    commands = parser.add_subparsers(dest="command", required=True)
    serve = commands.add_parser("serve", help="serve the API and the dashboard until Ctrl-C")
    _add_settings(serve, [setting.name for setting in fields(Settings)])
    for name, about, names, file in _DATABASE_COMMANDS:
        command = commands.add_parser(name, help=about, description=f"{about[0].upper()}{about[1:]}.")
        _add_settings(command, names)
        if file:
            command.add_argument("file", type=Path, metavar="FILE", help=file)
    return parser


_LIMITS: Final = ("database_url", "retention_days", "disk_budget")
_DATABASE_COMMANDS: Final = (
    ("migrate", "bring the database to the newest schema, as every start does", ("database_url",), ""),
    ("maintain", "forget, drop what is too old and keep to the budget, now and to the end", _LIMITS, ""),
    ("doctor", "say how the database is, and end with 1 where something is wrong", _LIMITS, ""),
    ("backup", "write all that the database holds into a file, while others go on", ("database_url",), "to write"),
    ("restore", "load a backup into an empty database of any kind", ("database_url",), "to read"),
)


def _add_settings(parser: argparse.ArgumentParser, names: Sequence[str]) -> None:
    for setting in (setting for setting in fields(Settings) if setting.name in names):
        about = f"{setting.metadata['about']} (variable {variable(setting.name)})"
        flag = f"--{setting.name.replace('_', '-')}"
        if isinstance(setting.default, tuple):
            parser.add_argument(flag, type=_comma_separated, metavar="A,B", help=about)
        elif isinstance(setting.default, bool):
            parser.add_argument(flag, action=argparse.BooleanOptionalAction, default=None, help=about)
        else:
            read = _readable(setting.metadata["read"]) if "read" in setting.metadata else type(setting.default)
            parser.add_argument(flag, type=read, metavar=setting.name.upper(), help=about)


def _readable(read: Callable[[str], object]) -> Callable[[str], object]:
    """Return a reader whose complaint the usage shows."""

    def read_argument(text: str) -> object:
        try:
            return read(text)
        except SettingsError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return read_argument


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


def _run(settings: Settings, given: argparse.Namespace) -> int:
    # Imported here, so that --help and wrong flags answer at once.
    from logcenter_collector.commands.backup import backup  # noqa: PLC0415
    from logcenter_collector.commands.doctor import doctor  # noqa: PLC0415
    from logcenter_collector.commands.errors import CommandError  # noqa: PLC0415
    from logcenter_collector.commands.maintain import maintain  # noqa: PLC0415
    from logcenter_collector.commands.migrate import migrate  # noqa: PLC0415
    from logcenter_collector.commands.restore import restore  # noqa: PLC0415
    from logcenter_collector.store.base import StoreUnavailableError  # noqa: PLC0415
    from logcenter_collector.store.dialects import UnknownDatabaseError, without_password  # noqa: PLC0415
    from logcenter_collector.store.migrate import NewerDatabaseError  # noqa: PLC0415

    run: dict[str, Callable[[], int]] = {
        "serve": lambda: _serve(settings),
        "migrate": lambda: migrate(settings),
        "maintain": lambda: maintain(settings),
        "doctor": lambda: doctor(settings),
        "backup": lambda: backup(settings, given.file),
        "restore": lambda: restore(settings, given.file),
    }
    try:
        return run[given.command]()
    except StoreUnavailableError as error:
        name = without_password(settings.database_url)
        hint = "; is the folder there and writable?" if name.startswith("sqlite") else ""
        return _fail(f"{name}: {error}{hint}")
    except (UnknownDatabaseError, NewerDatabaseError, CommandError) as error:
        return _fail(str(error))
    except KeyboardInterrupt:
        return 0


def _serve(settings: Settings) -> int:
    from logcenter_collector.announcement import words  # noqa: PLC0415
    from logcenter_collector.app import Started, run  # noqa: PLC0415
    from logcenter_collector.heap import share_one_heap  # noqa: PLC0415
    from logcenter_collector.server import PortTakenError  # noqa: PLC0415
    from logcenter_collector.store.dialects import without_password  # noqa: PLC0415

    database = without_password(settings.database_url)

    def announce(started: Started) -> None:
        print("\n".join(words(started, database)), flush=True)  # noqa: T201

    share_one_heap()
    try:
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            runner.run(run(settings, announce))
    except PortTakenError as error:
        return _fail(f"{error}; choose another with --port and --dashboard-port")
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
