"""Write what other languages read: JSON Schema and openapi.json, generated from the code.

``python contract/generate.py`` writes them beside this file; a test holds that they have not drifted.
"""

import json
from importlib.metadata import version
from pathlib import Path
from typing import Any

from logcenter_collector.web.routes import describe_api
from logcenter_sdk.contract.issue import Issue, Occurrence, StatusChange, TransitionRequest
from logcenter_sdk.contract.project import Project, ProjectChange
from logcenter_sdk.contract.report import Report
from logcenter_sdk.contract.schema import DIALECT, json_schema

FOLDER = Path(__file__).parent
_SCHEMAS = (Report, Issue, Occurrence, StatusChange, TransitionRequest, Project, ProjectChange)


def generated() -> dict[str, str]:
    """Return the text of each generated file, by its path below this folder."""
    texts = {
        f"schema/{_file_name(cls)}": {"$schema": DIALECT, "title": cls.__name__} | json_schema(cls) for cls in _SCHEMAS
    }
    return {
        name: _as_text(value)
        for name, value in (texts | {"openapi.json": describe_api(version("logcenter-collector"))}).items()
    }


def _file_name(cls: type[Any]) -> str:
    words = "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in cls.__name__)
    return f"{words.removeprefix('-')}.schema.json"


def _as_text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


if __name__ == "__main__":
    for name, text in generated().items():
        path = FOLDER / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
