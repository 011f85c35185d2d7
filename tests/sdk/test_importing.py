import json
import pkgutil
import subprocess
import sys
from importlib import metadata

import pytest

import logcenter_sdk
from logcenter_sdk import contract

CONTRACT_MODULES = sorted(f"{contract.__name__}.{module.name}" for module in pkgutil.iter_modules(contract.__path__))


def modules_after(code: str) -> set[str]:
    program = f"{code}\nimport sys, json; print(json.dumps(sorted(sys.modules)))"
    finished = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    return set(json.loads(finished.stdout))


NOTHING = modules_after("")
"""What the interpreter and this installation bring by themselves."""


def test_importing_the_package_brings_nothing_third_party() -> None:
    brought = modules_after("import logcenter_sdk") - NOTHING

    assert {"logcenter_sdk", "logcenter_sdk.version"} == {
        name for name in brought if name.split(".")[0] not in sys.stdlib_module_names
    }


def test_a_process_that_never_fails_pays_for_no_third_party_package_and_no_asyncio() -> None:
    brought = modules_after("import logcenter_sdk; logcenter_sdk.install_hook(project_id='shop')")

    assert set() == brought & {"attr", "attrs", "cattrs", "httpx", "httpcore", "asyncio", "logging", "ssl", "hashlib"}


@pytest.mark.parametrize(
    "use",
    [
        "from logcenter_sdk.scope import breadcrumb, present; breadcrumb('a'); present()",
        "from logcenter_sdk.plain import Allowance, plain_locals; plain_locals({'a': [1]}, Allowance(100))",
        "from logcenter_sdk.scrub import scrub; scrub({'context': {'a': 'b'}})",
    ],
    ids=["scope", "locals", "scrub"],
)
def test_what_the_callers_side_uses_needs_the_standard_library_only(use: str) -> None:
    brought = {name.split(".")[0] for name in modules_after(use) - NOTHING}

    assert {"logcenter_sdk"} == brought - sys.stdlib_module_names


@pytest.mark.parametrize("module", CONTRACT_MODULES)
def test_the_contract_brings_no_client_and_no_server_part(module: str) -> None:
    brought = modules_after(f"import {module}") - NOTHING

    forbidden = {"httpx", "cattrs", "msgspec", "litestar", "sqlalchemy", "socket", "_socket", "ssl", "asyncio"}
    assert set() == {name.split(".")[0] for name in brought} & forbidden
    assert set() == {name for name in brought if name.startswith("logcenter_")} - {
        "logcenter_sdk",
        "logcenter_sdk.version",
        "logcenter_sdk.contract",
        *CONTRACT_MODULES,
    }


def test_the_public_names_are_sorted_and_all_there() -> None:
    assert sorted(logcenter_sdk.__all__) == logcenter_sdk.__all__
    assert [] == [name for name in logcenter_sdk.__all__ if not hasattr(logcenter_sdk, name)]
    assert set(logcenter_sdk.__all__) <= set(dir(logcenter_sdk))


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="instal_hook"):
        logcenter_sdk.instal_hook  # type: ignore[attr-defined]  # noqa: B018 - that is the test


def test_the_version_is_that_of_the_package() -> None:
    assert metadata.version("logcenter-sdk") == logcenter_sdk.__version__
