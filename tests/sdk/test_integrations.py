"""What holds for every integration."""

import json
import pkgutil
import subprocess
import sys

import pytest

from logcenter_sdk import integrations

NAMES = sorted(module.name for module in pkgutil.iter_modules(integrations.__path__))
FRAMEWORKS = {
    "apscheduler",
    "celery",
    "django",
    "fastapi",
    "flask",
    "litestar",
    "quart",
    "rq",
    "starlette",
    "structlog",
}
BUILT_ON = {"quart": {"flask"}, "celery": {"django"}}  # Celery looks for Django by itself


@pytest.mark.parametrize("name", NAMES)
def test_a_module_imports_no_framework_but_its_own(name: str) -> None:
    program = f"import logcenter_sdk.integrations.{name}, sys, json; print(json.dumps(sorted(sys.modules)))"
    finished = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)

    brought = {module.partition(".")[0] for module in json.loads(finished.stdout)}
    assert set() == brought & FRAMEWORKS - {name} - BUILT_ON.get(name, set())
    assert name in FRAMEWORKS or set() == brought & {"attr", "attrs", "cattrs", "httpx", "asyncio", "ssl"}
