"""``python -m logcenter_sdk doctor``: every way in which reports may not arrive has words of its own."""

import errno
import json
import os
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import httpcore
import httpx
import pytest

import logcenter_sdk
from logcenter_sdk import integrations
from logcenter_sdk.cache_folder import folder_for
from logcenter_sdk.commands.asking import explained
from logcenter_sdk.commands.finding import Finding, Level
from logcenter_sdk.commands.origins import settings_of
from logcenter_sdk.commands.surroundings import FRAMEWORKS
from logcenter_sdk.config import Config
from logcenter_sdk.encoded import Encoded
from logcenter_sdk.release import Release
from logcenter_sdk.spool import Spool
from sdk.fake_collector import FakeCollector, Request, hang, reply
from support.collector import Collector


def doctor(*arguments: str, **env: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "logcenter_sdk", "doctor", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, **env},
    )


def found(url: str, *arguments: str, **env: str) -> dict[str, Finding]:
    """Run it and return what it found, by topic; the exit code must agree with it."""
    finished = doctor("--json", "--project", "shop", "--url", url, *arguments, **env)
    said = json.loads(finished.stdout)
    findings = [Finding(**{**each, "level": Level(each["level"])}) for each in said["findings"]]
    assert all(each.level is not Level.WRONG for each in findings) is said["ok"] is (finished.returncode == 0)
    return {each.topic: each for each in findings}


def test_a_real_collector_is_well_and_is_left_as_it_was(collector_process: Collector) -> None:
    findings = found(collector_process.api_url)

    assert dict.fromkeys(["settings", "collector", "storage", "access", "clock", "spool"], Level.OK) == {
        topic: each.level for topic, each in findings.items()
    }
    assert "version 0.1.0" in findings["collector"].text
    assert ([], []) == (collector_process.issues(), collector_process.get("/api/v1/projects"))


@pytest.fixture
def collector_process(start_collector: Callable[..., Collector]) -> Collector:
    return start_collector()


def test_it_says_what_is_configured_and_from_where(collector: FakeCollector) -> None:
    finished = doctor("--url", collector.url, LOG_CENTER_PROJECT="shop", LOG_CENTER_KEY="hush", APP_VERSION="1.2")

    assert 0 == finished.returncode
    lines = {line.split()[0]: line.split()[1:] for line in finished.stdout.splitlines() if line.startswith("  ")}
    assert [collector.url, "option", "--url"] == lines["url"]
    assert ["shop", "variable", "LOG_CENTER_PROJECT"] == lines["project_id"]
    assert ["set", "variable", "LOG_CENTER_KEY"] == lines["key"]
    assert ["1.2", "variable", "APP_VERSION"] == lines["version"]
    assert ["development", "default"] == lines["environment"]
    assert "hush" not in finished.stdout + finished.stderr


def test_no_secret_is_shown_wherever_it_stands() -> None:
    env = {"LOG_CENTER_TOKEN": "hush", "https_proxy": "http://me:hush@proxy:3128"}
    config = Config.from_env(env, url="https://me:hush@errors.example.org", release=Release())

    settings = {each.name: each for each in settings_of(config, env, {"url": "x"})}

    assert "hush" not in str(settings)
    assert ("http://proxy:3128", "variable https_proxy") == (settings["proxy"].value, settings["proxy"].origin)


def test_the_commit_of_a_checkout_comes_from_git() -> None:
    config = Config.from_env({}, release=Release(commit_hash="abc"))

    assert "Git" == {each.name: each.origin for each in settings_of(config, {}, {})}["commit_hash"]


def test_settings_that_cannot_work_are_said_and_nothing_is_asked() -> None:
    finished = doctor("--project", "my shop")

    assert 1 == finished.returncode
    assert f"logcenter-sdk {logcenter_sdk.__version__}, " == finished.stdout.partition("CPython")[0]
    assert "collector  " not in finished.stdout
    assert "wrong  settings   project_id (LOG_CENTER_PROJECT) must be" in finished.stdout


def test_a_missing_project_is_said_and_the_collector_is_looked_at_all_the_same(collector: FakeCollector) -> None:
    finished = doctor("--url", collector.url)

    assert 1 == finished.returncode
    assert "no project" in finished.stdout
    assert "ok     collector  answers" in finished.stdout


def test_a_name_that_nobody_knows_is_a_matter_of_dns() -> None:
    wrong = found("http://errors.invalid:8002")["collector"]

    assert (Level.WRONG, True) == (wrong.level, "errors.invalid" in wrong.text and "(DNS)" in wrong.text)


@pytest.mark.parametrize(
    ("cause", "said"),
    [
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), "the name example.org is not known (DNS)"),
        (socket.gaierror(socket.EAI_AGAIN, "Try again"), "nobody answers what address example.org has (DNS)"),
        (OSError(errno.ENETUNREACH, "Network is unreachable"), "no route to example.org"),
        (OSError(errno.EHOSTUNREACH, "No route to host"), "no route to example.org"),
    ],
)
def test_what_lies_deepest_says_why_there_was_no_answer(cause: OSError, said: str) -> None:
    error = httpx.TransportError("failed")
    error.__cause__ = httpcore.ConnectError("failed")
    error.__cause__.__cause__ = cause

    assert said == explained(error, Config(url="http://example.org:8002")).reason


def test_a_port_where_nobody_listens_is_refused() -> None:
    wrong = found("http://127.0.0.1:1")["collector"]

    assert (Level.WRONG, "nobody listens at http://127.0.0.1:1 (connection refused)") == (wrong.level, wrong.text)


def test_a_collector_that_hangs_gave_no_answer(collector: FakeCollector) -> None:
    collector.always = hang

    assert f"no answer from {collector.url} within 3 s" == found(collector.url)["collector"].text


def test_a_port_without_tls_is_told_from_a_certificate_that_is_not_trusted(
    collector: FakeCollector, tls_address: str
) -> None:
    plain = found(collector.url.replace("http:", "https:"))["collector"]
    untrusted = found(tls_address)["collector"]

    assert ("no TLS with 127.0.0.1", "does the port speak TLS? If not, the address begins with http://") == (
        plain.text.partition(":")[0],
        plain.advice,
    )
    assert untrusted.text.startswith("the certificate of 127.0.0.1 is not trusted: self")
    assert "SSL_CERT_FILE" in (untrusted.advice or "")


def test_the_advice_about_certificates_is_right(tls_address: str, tmp_path: Path) -> None:
    trusted = found(tls_address, SSL_CERT_FILE=str(tmp_path / "certificate.pem"))["collector"]

    assert "does not speak HTTP" in trusted.text  # and no word of a certificate: it was taken


@pytest.fixture
def tls_address(tmp_path: Path) -> Iterator[str]:
    """A server with a certificate that it has signed itself."""
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2"]
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-keyout",
        str(key),
        "-out",
        str(certificate),
    ]
    try:
        subprocess.run([*command, *subject], check=True, capture_output=True, timeout=60)
    except FileNotFoundError:
        pytest.skip("needs openssl")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=greet_one, args=(listener, context))
        thread.start()
        yield f"https://127.0.0.1:{listener.getsockname()[1]}"
        thread.join(10)


def greet_one(listener: socket.socket, context: ssl.SSLContext) -> None:
    listener.settimeout(30)
    connection, _ = listener.accept()
    with connection:
        try:
            context.wrap_socket(connection, server_side=True).close()
        except OSError:
            return


def test_a_proxy_that_is_not_there_is_named(collector: FakeCollector) -> None:
    wrong = found("http://errors.example.org", http_proxy="http://me:hush@127.0.0.1:1")["collector"]

    assert "the proxy http://127.0.0.1:1 cannot be reached: nobody listens at http://127.0.0.1:1" in wrong.text
    assert "no_proxy" in (wrong.advice or "")
    assert [] == collector.requests


def test_a_proxy_that_wants_a_password_is_told_from_a_collector(collector: FakeCollector) -> None:
    collector.always = reply(407, {})

    wrong = found("http://errors.example.org", http_proxy=collector.url)["collector"]

    assert f"the proxy {collector.url} wants another user or password" == wrong.text


def test_a_tunnel_that_a_proxy_refuses_is_its_own_fault(collector: FakeCollector) -> None:
    wrong = found("https://errors.example.org", https_proxy=collector.url)["collector"]

    assert wrong.text.startswith(f"the proxy {collector.url} does not let it through: ")


def test_what_is_no_collector_is_told(collector: FakeCollector) -> None:
    collector.always = reply(302, {}, Location="https://errors.example.org/login")

    wrong = found(collector.url)["collector"]

    assert (Level.WRONG, True) == (wrong.level, "which leads to https://errors.example.org/login" in wrong.text)


def test_what_speaks_no_http_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=greet_as_ssh, args=(listener,))
        thread.start()
        wrong = found(f"http://127.0.0.1:{listener.getsockname()[1]}")["collector"]
        thread.join(10)

    assert "does not speak HTTP" in wrong.text


def greet_as_ssh(listener: socket.socket) -> None:
    listener.settimeout(30)
    connection, _ = listener.accept()
    with connection:
        connection.sendall(b"SSH-2.0-OpenSSH_9.6\r\n")
        connection.recv(1000)


def test_a_collector_that_cannot_store_is_told_from_one_that_is_away(collector: FakeCollector) -> None:
    collector.answer("/readyz", reply(503, {"detail": "The disk is full."}))

    findings = found(collector.url)

    assert (Level.OK, Level.WRONG) == (findings["collector"].level, findings["storage"].level)
    assert "503: The disk is full." in findings["storage"].text


@pytest.mark.parametrize(("variable", "shown"), [("LOG_CENTER_KEY", "key"), ("LOG_CENTER_TOKEN", "token")])
def test_a_key_that_is_refused_is_told_without_making_an_issue(
    collector: FakeCollector, variable: str, shown: str
) -> None:
    collector.answer("/api/v1/logs/report/batch", reply(403, {"detail": "It is of another project."}))

    access = found(collector.url, **{variable: "k"})["access"]

    assert (Level.WRONG, f"the collector refuses {shown} (403: It is of another project.)") == (
        access.level,
        access.text,
    )
    assert [] == collector.reports


def test_where_a_key_is_wanted_and_none_is_set_it_says_so(collector: FakeCollector) -> None:
    collector.answer("/api/v1/logs/report/batch", reply(401, {"title": "Unauthorized"}))

    assert "the collector refuses no key (401: Unauthorized)" == found(collector.url)["access"].text


def test_a_collector_without_a_batch_route_leaves_access_unchecked(collector: FakeCollector) -> None:
    collector.answer("/api/v1/logs/report/batch", reply(404, {}))

    access = found(collector.url)["access"]

    assert (Level.NOTE, "not checked: the collector answered 404") == (access.level, access.text)


def at(ahead: timedelta) -> Callable[[BaseHTTPRequestHandler, Request], None]:
    def behave(handler: BaseHTTPRequestHandler, request: Request) -> None:
        date = format_datetime(datetime.now(UTC) + ahead, usegmt=True)
        handler.date_time_string = lambda timestamp=None: date  # type: ignore[method-assign] # noqa: ARG005 - as it is called
        reply(200, {"status": "ok"})(handler, request)

    return behave


def test_a_clock_that_is_ahead_is_told(collector: FakeCollector) -> None:
    collector.answer("/healthz", at(timedelta(hours=-1)))

    clock = found(collector.url)["clock"]

    assert (Level.NOTE, True, True) == (
        clock.level,
        "s ahead of the collector's" in clock.text,
        "its own time in place" in clock.text,
    )


def test_a_clock_that_is_behind_is_told(collector: FakeCollector) -> None:
    collector.answer("/healthz", at(timedelta(minutes=1)))

    assert "s behind the collector's" in found(collector.url)["clock"].text


def test_what_waits_on_disk_is_counted(collector: FakeCollector) -> None:
    assert Spool(folder_for(collector.url, "shop", os.environ)).put([Encoded(1, b"{}"), Encoded(9, b"{}")])

    spool = found(collector.url)["spool"]

    assert (Level.NOTE, True) == (spool.level, spool.text.startswith("2 reports (0 KiB) wait in "))
    assert "send-spool" in (spool.advice or "")


def test_a_spool_that_cannot_be_written_is_told(collector: FakeCollector, tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    spool = found(collector.url, "--spool-directory", str(tmp_path / "file" / "spool"))["spool"]

    assert (Level.NOTE, True) == (spool.level, "cannot be" in spool.text)


def test_a_spool_that_is_off_or_has_no_home_is_told(collector: FakeCollector) -> None:
    assert "switched off" in found(collector.url, LOG_CENTER_SPOOL="off")["spool"].text
    assert "has no home" in found(collector.url, XDG_CACHE_HOME="", HOME="")["spool"].text


def test_looking_makes_no_folder(collector: FakeCollector, tmp_path: Path) -> None:
    found(collector.url)

    assert not (tmp_path / "cache").exists()


def test_what_is_careless_is_noted() -> None:
    finished = doctor("--url", "http://errors.invalid", "--project", "shop", LOG_CENTER_KEY="k", LOG_CENTER_SCRUB="0")

    assert "key and token travel unencrypted" in finished.stdout
    assert "scrub is off" in finished.stdout


def test_every_integration_is_looked_for_that_a_package_is_a_sign_of() -> None:
    [folder] = integrations.__path__
    modules = {path.stem for path in Path(folder).glob("*.py")}

    assert {"__init__", "about", "aws_lambda", "logging", "own_scope", "wsgi"} >= modules - FRAMEWORKS.keys()
    assert set() == FRAMEWORKS.keys() - modules
