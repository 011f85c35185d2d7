"""What other languages read is generated from the code, and what is committed is what would be generated."""

import importlib.util
from pathlib import Path

_FOLDER = Path(__file__).parents[2] / "contract"


def _generated() -> dict[str, str]:
    spec = importlib.util.spec_from_file_location("generate", _FOLDER / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return dict(module.generated())


def test_the_generated_files_have_not_drifted_from_the_code() -> None:
    committed = {
        str(path.relative_to(_FOLDER)): path.read_text(encoding="utf-8")
        for path in (*_FOLDER.glob("schema/*.json"), _FOLDER / "openapi.json")
    }

    assert committed == _generated(), "run: uv run python contract/generate.py"
