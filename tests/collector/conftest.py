"""What tests of the collector share: its command, and a store on each kind of database."""

import os
from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from logcenter_collector.cli import main
from logcenter_collector.store.sql import SqlStore
from support.command import Finished, Run

if TYPE_CHECKING:
    from support.postgres import Postgres


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the command in this process, which saves a second for each, with variables as given."""
    for name in [name for name in os.environ if name.startswith("LOG_CENTER_")]:
        monkeypatch.delenv(name)

    def run_main(*arguments: str, **variables: str) -> Finished:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        try:
            code: object = main(arguments)
        except SystemExit as end:
            code = end.code
        assert isinstance(code, int)
        return Finished(code, *capsys.readouterr())

    return run_main


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def sql_store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqlStore]:
    """A store on each kind of database, for all tests of a module, which look only at projects of their own."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('shared') / 'logcenter.db'}"
    else:
        postgres: Postgres = request.getfixturevalue("postgres")
        url = postgres.new_database()
    with closing(SqlStore(url)) as store:
        yield store
