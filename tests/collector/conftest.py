"""What tests of the collector share: its command."""

import os

import pytest

from logcenter_collector.cli import main
from support.command import Finished, Run


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
