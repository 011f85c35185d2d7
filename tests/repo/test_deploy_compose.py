"""The Compose files: valid by the specification, reachable from this machine only, and true about what they start."""

import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from compose_spec import PyCompose

from logcenter_collector.settings import Settings, read_settings
from support.collector import Collector
from support.repository import ROOT

FOLDER = ROOT / "deploy" / "compose"
FILES = ("compose.yaml", "compose.two.yaml")
every_file = pytest.mark.parametrize("name", FILES)
_VARIABLE = re.compile(r"\$\{(?P<name>\w+)(?:(?P<operator>:[-?])(?P<word>[^}]*))?\}")
EXAMPLE = dict(re.findall(r"^(\w+)=(.*)$", (FOLDER / ".env.example").read_text(encoding="utf-8"), re.MULTILINE))
NEEDED = {"POSTGRES_PASSWORD": "chosen", "LOG_CENTER_ADMIN_TOKEN": "chosen-for-an-administrator"}
CHOSEN = {**EXAMPLE, **NEEDED}


class _Loader(yaml.SafeLoader):
    """YAML with Compose's tag that empties what an earlier file says."""


_Loader.add_constructor("!reset", lambda _loader, _node: [])


def interpolated(name: str, values: Mapping[str, str]) -> str:
    """Return a file's text with its variables, as Compose reads it. Raises ValueError where a needed one is missing."""

    def value_of(match: re.Match[str]) -> str:
        if given := values.get(match["name"]):
            return given
        if match["operator"] == ":?":
            raise ValueError(f"{match['name']}: {match['word']}")
        return match["word"] or ""

    return _VARIABLE.sub(value_of, (FOLDER / name).read_text(encoding="utf-8"))


def services(name: str, values: Mapping[str, str] = CHOSEN) -> dict[str, Any]:
    found: dict[str, Any] = yaml.load(interpolated(name, values), _Loader)["services"]
    return found


ONE, TWO = (services(name) for name in FILES)
POSTGRES, COLLECTOR, PROXY = ONE["postgres"], ONE["collector"], TWO["proxy"]
HAPROXY = (FOLDER / "haproxy.cfg").read_text(encoding="utf-8")


@every_file
def test_it_is_valid_by_the_compose_specification(name: str) -> None:
    parsed = PyCompose.from_yaml(interpolated(name, CHOSEN))

    assert list(services(name)) == parsed.service_names()


def test_an_unknown_key_is_no_valid_compose() -> None:
    with pytest.raises(ValueError, match="helthcheck"):
        PyCompose.from_yaml(interpolated("compose.yaml", CHOSEN).replace("healthcheck", "helthcheck"))


def test_the_example_names_every_variable_and_no_other() -> None:
    read = {
        match["name"] for name in FILES for match in _VARIABLE.finditer((FOLDER / name).read_text(encoding="utf-8"))
    }

    assert set(EXAMPLE) == read


@pytest.mark.parametrize("name", NEEDED)
def test_nothing_starts_before_every_secret_is_chosen(name: str) -> None:
    with pytest.raises(ValueError, match=name):
        services("compose.yaml", {**CHOSEN, name: ""})
    assert "" == EXAMPLE[name]
    assert ".env\n" == (FOLDER / ".gitignore").read_text(encoding="utf-8")


@pytest.mark.parametrize("values", [CHOSEN, NEEDED], ids=["example", "nothing said"])
def test_its_ports_are_those_of_the_collector_on_this_machine_only(values: dict[str, str]) -> None:
    expected = [f"127.0.0.1:{port}:{port}" for port in (Settings().port, Settings().dashboard_port)]

    assert expected == services("compose.yaml", values)["collector"]["ports"]
    assert expected == services("compose.two.yaml", values)["proxy"]["ports"]
    assert ["collector"] == [name for name, service in ONE.items() if "ports" in service]


def test_the_collector_waits_for_the_database_that_it_is_told_of() -> None:
    url = urlsplit(COLLECTOR["environment"]["LOG_CENTER_DATABASE_URL"])

    assert {"postgres": {"condition": "service_healthy"}} == COLLECTOR["depends_on"]
    assert ("postgresql", "postgres", "/" + POSTGRES["environment"]["POSTGRES_DB"]) == (
        url.scheme,
        url.hostname,
        url.path,
    )
    assert [POSTGRES["environment"][f"POSTGRES_{name}"] for name in ("USER", "PASSWORD")] == [
        url.username,
        url.password,
    ]
    assert {"pg_isready", "--host=127.0.0.1", "--username=logcenter", "--dbname=logcenter"} < set(
        POSTGRES["healthcheck"]["test"]
    )


def test_the_collector_lets_nobody_in_but_by_the_secret_that_was_chosen() -> None:
    settings = read_settings(COLLECTOR["environment"], {"host": "0.0.0.0"})

    assert NEEDED["LOG_CENTER_ADMIN_TOKEN"] == settings.admin_token
    assert not settings.openness.is_open(has_accounts=False)


def test_what_may_be_dropped_can_be_said_in_the_example() -> None:
    chosen = {"LOG_CENTER_RETENTION_DAYS": "30", "LOG_CENTER_DISK_BUDGET": "20GB"}
    environment = services("compose.yaml", {**CHOSEN, **chosen})["collector"]["environment"]

    assert chosen == {name: str(environment[name]) for name in chosen}
    assert chosen.keys() <= EXAMPLE.keys()


def test_the_database_lies_on_a_named_volume_where_the_image_keeps_it() -> None:
    # Version 18 of the image moved it; a volume at the old place is refused, or would be left empty.
    assert ("postgres:18", ["postgres:/var/lib/postgresql"]) == (POSTGRES["image"], POSTGRES["volumes"])
    assert {"postgres": None} == yaml.load(interpolated("compose.yaml", CHOSEN), _Loader)["volumes"]


def test_the_collector_is_built_from_this_checkout() -> None:
    context = (FOLDER / COLLECTOR["build"]["context"]).resolve()

    assert ROOT == context
    assert (context / COLLECTOR["build"]["dockerfile"]).is_file()
    assert "build" == COLLECTOR["pull_policy"]


@pytest.mark.parametrize("service", [COLLECTOR, PROXY], ids=["collector", "proxy"])
def test_what_listens_has_no_rights(service: dict[str, Any]) -> None:
    assert (True, ["ALL"], ["no-new-privileges:true"]) == (
        service["read_only"],
        service["cap_drop"],
        service["security_opt"],
    )


def test_the_check_of_the_collector_sees_whether_one_is_ready(shared_collector: Collector) -> None:
    _, _, *arguments = COLLECTOR["healthcheck"]["test"]

    def exit_code(port: str) -> int:
        command = [sys.executable, *(argument.replace("8002", port) for argument in arguments)]
        return subprocess.run(command, capture_output=True, timeout=30, check=False).returncode

    assert "/readyz" in arguments[-1]
    assert 0 == exit_code(shared_collector.api_url.rpartition(":")[2])
    assert 0 != exit_code("1")


def test_two_collectors_stand_behind_the_proxy_s_ports() -> None:
    servers = re.findall(r"server-template \S+ (\d+) (\w+):(\d+) .*\bcheck\b", HAPROXY)

    assert [] == TWO["collector"]["ports"]
    assert 2 == TWO["collector"]["deploy"]["replicas"]
    assert [port.rpartition(":")[2] for port in PROXY["ports"]] == re.findall(r"bind :(\d+)", HAPROXY)
    assert [("collector", "8002"), ("collector", "8003")] == [(name, port) for _, name, port in servers]
    assert all(int(places) >= TWO["collector"]["deploy"]["replicas"] for places, _, _ in servers)
    assert "option httpchk GET /readyz" in HAPROXY


@pytest.mark.skipif(shutil.which("haproxy") is None, reason="needs haproxy")
def test_haproxy_takes_its_configuration() -> None:
    command = ["haproxy", "-c", "-dW", "-f", str(FOLDER / "haproxy.cfg")]  # -dW: a warning is an error

    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)

    assert 0 == done.returncode, done.stderr
