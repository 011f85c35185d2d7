"""docs/how-to/javascript.md, run as it stands in a real browser, from another origin than the collector's."""

import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from logcenter_sdk.contract.fingerprint import fingerprint_of
from logcenter_sdk.contract.reading import read
from logcenter_sdk.contract.report import Report
from support.browsers import in_every_browser
from support.collector import Collector
from support.newcomers import ADMIN, newcomer
from support.pages import snippet
from support.recorder import Recorder, recording

APP = """\
import { startLogCenter, capture, reportServerErrors, locate } from "/log-center.js";
window.others = [];
window.addEventListener("unhandledrejection", (event) => window.others.push(typeof event.reason));
window.logCenter = { capture, reportServerErrors, locate };
startLogCenter(OPTIONS);
window.crash = () => {
  throw new TypeError("no map");
};
"""
CRASH_LINE = 7
LATER = "setTimeout(() => crash(), 0)"


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    with recording() as running:
        yield running


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        del format, args


@pytest.fixture
def site(tmp_path: Path) -> Iterator[str]:
    """The address of a site on an origin of its own that serves ``tmp_path``."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(tmp_path)))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


Open = Callable[..., Page]


@pytest.fixture
def open_app(browser: Browser, site: str, tmp_path: Path) -> Iterator[Open]:
    """Open a page that has pasted the file, started with the given address and options."""
    pages: list[Page] = []

    def open_page(url: str, options: str = "") -> Page:
        start = f'{{ url: "{url}", project: "shop_web", environment: "production", {options} }}'
        (tmp_path / "log-center.js").write_text(snippet("how-to/javascript.md", "log-center.js"), encoding="utf-8")
        (tmp_path / "app.js").write_text(APP.replace("OPTIONS", start), encoding="utf-8")
        (tmp_path / "index.html").write_text('<!doctype html><script type="module" src="/app.js"></script>')
        page = browser.new_page()
        pages.append(page)
        page.goto(site)
        page.wait_for_function("window.crash !== undefined")
        return page

    yield open_page
    for page in pages:
        page.close()


@in_every_browser
def test_an_uncaught_error_arrives_as_a_json_beacon_after_a_preflight(
    open_app: Open, recorder: Recorder, site: str
) -> None:
    open_app(recorder.url).evaluate(LATER)

    report = recorder.wait_for(1)[0]
    assert ["OPTIONS", "POST"] == recorder.methods
    assert ["application/json"] == recorder.content_types
    assert ["/api/v1/logs/report"] == recorder.paths
    assert ("shop_web", "production", "ERROR") == (report["project_id"], report["environment"], report["level"])
    assert ("TypeError", "no map") == (report["error"]["type"], report["error"]["message"])
    assert (f"{site}/app.js", CRASH_LINE) == (report["error"]["file_path"], report["error"]["line_number"])
    assert "TypeError: no map" == report["error"]["stack_trace"][0]
    assert f"{site}/" == report["context"]["url"]


def test_as_text_plain_it_arrives_without_a_preflight(open_app: Open, recorder: Recorder) -> None:
    open_app(recorder.url, 'contentType: "text/plain"').evaluate(LATER)

    assert "TypeError" == recorder.wait_for(1)[0]["error"]["type"]
    assert ["POST"] == recorder.methods
    assert ["text/plain"] == recorder.content_types


@in_every_browser
def test_an_unhandled_rejection_arrives(open_app: Open, recorder: Recorder, site: str) -> None:
    open_app(recorder.url).evaluate("() => { Promise.resolve().then(() => crash()); }")

    report = recorder.wait_for(1)[0]
    assert (f"{site}/app.js", CRASH_LINE) == (report["error"]["file_path"], report["error"]["line_number"])
    assert "promise" == report["context"]["unhandled"]


NO_ERRORS = {
    "'just text'": "just text",
    "undefined": "undefined",
    "({ code: 7 })": '{"code":7}',
    "Object.create(null)": "{}",
    "(() => { const a = {}; a.a = a; return a; })()": "a value that cannot be shown",
}


def test_rejections_with_no_error_still_arrive(open_app: Open, recorder: Recorder) -> None:
    page = open_app(recorder.url)

    for thrown in NO_ERRORS:
        page.evaluate(f"() => {{ Promise.reject({thrown}); }}")

    errors = [report["error"] for report in recorder.wait_for(len(NO_ERRORS))]
    assert set(NO_ERRORS.values()) == {error["message"] for error in errors}
    assert {("NonError", None, None)} == {(error["type"], error["file_path"], error["line_number"]) for error in errors}


@in_every_browser
def test_the_contract_reads_what_arrives_and_groups_it_by_file_and_line(open_app: Open, recorder: Recorder) -> None:
    page = open_app(recorder.url, 'version: "1.2.3", commit: "abc"')
    page.evaluate(LATER)
    page.evaluate("logCenter.capture(new RangeError('too far'), { step: 3 })")

    reports = [read(Report, report) for report in recorder.wait_for(2)]
    first, second = sorted(reports, key=lambda report: "step" in (report.context or {}))
    assert ("1.2.3", "abc") == (first.version, first.commit_hash)
    assert fingerprint_of(first) != fingerprint_of(second)
    assert 3 == (second.context or {})["step"]


def _occurrences(report: dict[str, Any]) -> int:
    """What to sort by: two requests of a browser may overtake each other."""
    return int(report.get("occurrences", 1))


def test_a_storm_goes_out_as_one_report_and_one_count(open_app: Open, recorder: Recorder) -> None:
    page = open_app(recorder.url)
    page.evaluate("() => { for (let n = 0; n < 200; n++) setTimeout(() => crash(), 0); }")
    recorder.wait_for(1)
    page.evaluate("() => new Promise((done) => setTimeout(done, 50))")

    page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide'))")

    first, rest = sorted(recorder.wait_for(2), key=_occurrences)
    assert "occurrences" not in first
    assert 199 == rest["occurrences"]
    assert rest["first_timestamp"] <= rest["timestamp"]


@in_every_browser
def test_leaving_the_page_sends_what_was_counted(open_app: Open, recorder: Recorder, site: str) -> None:
    page = open_app(recorder.url)
    page.evaluate("() => { for (let n = 0; n < 3; n++) try { crash(); } catch (e) { logCenter.capture(e); } }")

    page.goto(f"{site}/log-center.js")

    assert [1, 2] == sorted(map(_occurrences, recorder.wait_for(2)))


def test_one_error_object_is_reported_once(open_app: Open, recorder: Recorder) -> None:
    page = open_app(recorder.url)
    page.evaluate("() => { window.e = new Error('once'); logCenter.capture(e); logCenter.capture(e); }")
    page.evaluate("setTimeout(() => { throw e; }, 0)")
    page.evaluate(LATER)

    assert ["no map", "once"] == sorted(report["error"]["message"] for report in recorder.wait_for(2))


@pytest.mark.parametrize("beacon", ["undefined", "() => false"])
def test_where_no_beacon_goes_out_fetch_takes_over(open_app: Open, recorder: Recorder, beacon: str) -> None:
    page = open_app(recorder.url)

    page.evaluate(f"() => {{ Object.defineProperty(navigator, 'sendBeacon', {{ value: {beacon} }}); }}")
    page.evaluate(LATER)

    assert "TypeError" == recorder.wait_for(1)[0]["error"]["type"]
    assert ["OPTIONS", "POST"] == recorder.methods


def test_a_body_too_large_for_a_beacon_arrives(open_app: Open, recorder: Recorder) -> None:
    open_app(recorder.url).evaluate("logCenter.capture(new Error('big'), { log: 'x'.repeat(200000) })")

    assert 200_000 == len(recorder.wait_for(1)[0]["context"]["log"])


@in_every_browser
@pytest.mark.parametrize("beacon", ["navigator.sendBeacon", "undefined", "() => { throw new Error('blocked'); }"])
def test_an_absent_collector_makes_no_further_error(open_app: Open, beacon: str) -> None:
    with recording() as gone:
        nobody = gone.url
    page = open_app(nobody)

    page.evaluate(f"() => {{ Object.defineProperty(navigator, 'sendBeacon', {{ value: {beacon} }}); }}")
    page.evaluate("() => { window.errors = 0; addEventListener('error', () => window.errors++); }")
    page.evaluate(LATER)
    page.evaluate("() => new Promise((done) => setTimeout(done, 300))")

    assert 1 == page.evaluate("window.errors")
    assert [] == page.evaluate("window.others")


def test_a_key_travels_in_the_address(open_app: Open, recorder: Recorder) -> None:
    open_app(recorder.url + "/", 'key: "a b"').evaluate(LATER)

    recorder.wait_for(1)
    assert ["/api/v1/logs/report?key=a%20b"] == recorder.paths


def test_a_context_that_is_no_json_does_not_lose_the_error(open_app: Open, recorder: Recorder) -> None:
    open_app(recorder.url).evaluate("logCenter.capture(new Error('kept'), { big: 10n })")

    assert "kept" == recorder.wait_for(1)[0]["error"]["message"]


AXIOS = """
(url) => {
  const axios = { interceptors: { response: { use(ok, bad) { axios.bad = bad; } } } };
  logCenter.reportServerErrors(axios);
  const failure = (status, url) =>
    Object.assign(new Error(`Request failed with status code ${status}`), {
      name: "AxiosError", config: { method: "get", url }, response: { status } });
  return Promise.all([[404, "/a"], [503, "/users/7?token=s"], [503, "/users/8"]].map(([status, path]) =>
    axios.bad(failure(status, path)).then(() => "swallowed", (error) => error.message)));
}
"""


def test_an_answer_of_500_and_above_is_reported_and_still_rejected(open_app: Open, recorder: Recorder) -> None:
    page = open_app(recorder.url)

    assert 3 == len([text for text in page.evaluate(AXIOS) if text.startswith("Request failed")])
    page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide'))")
    first, folded = sorted(recorder.wait_for(2), key=lambda report: str(report["context"]["request"]))
    assert ["axios", "GET", "/users/:id", "503"] == first["fingerprint"]
    assert ("/users/7", 503) == (first["context"]["request"], first["context"]["status"])
    assert (1, "/users/8") == (folded["occurrences"], folded["context"]["request"])


AT = "https://app.example.org/assets/index.js"
STACKS: list[tuple[str, str, str, str | None, int | None]] = [
    ("Chrome", "TypeError: x", f"TypeError: x\n    at render ({AT}:27:15)\n    at {AT}:9:1", AT, 27),
    ("Chrome, no function", "TypeError: x", f"TypeError: x\n    at {AT}:27:15", AT, 27),
    ("Chrome, async", "Error: x", f"Error: x\n    at async load ({AT}:27:15)", AT, 27),
    ("Chrome, async, no function", "Error: x", f"Error: x\n    at async {AT}:27:15", AT, 27),
    ("Chrome, new", "Error: x", f"Error: x\n    at new Cart ({AT}:27:15)", AT, 27),
    ("Chrome, alias", "Error: x", f"Error: x\n    at Object.get [as map] ({AT}:27:15)", AT, 27),
    ("Chrome, built-in first", "Error: x", f"Error: x\n    at Array.map (<anonymous>)\n    at f ({AT}:27:15)", AT, 27),
    ("Chrome, Promise.all", "Error: x", f"Error: x\n    at async Promise.all (index 0)\n    at f ({AT}:27:15)", AT, 27),
    ("Chrome, console", "Error: x", f"Error: x\n    at <anonymous>:1:7\n    at f ({AT}:27:15)", AT, 27),
    ("Chrome, eval", "Error: x", f"Error: x\n    at eval (eval at f ({AT}:27:3), <anonymous>:1:7)", AT, 27),
    (
        "Chrome, eval in eval",
        "Error: x",
        f"Error: x\n    at eval (eval at <anonymous> (eval at f ({AT}:27:3)), <anonymous>:1:7)",
        AT,
        27,
    ),
    ("Chrome, query", "Error: x", f"Error: x\n    at f ({AT}?v=12:27:15)", AT, 27),
    ("Chrome, parentheses", "Error: x", "Error: x\n    at f (https://e.org/a(1).js:3:4)", "https://e.org/a(1).js", 3),
    ("Chrome, port only", "Error: x", "Error: x\n    at http://localhost:5173/:3:4", "http://localhost:5173/", 3),
    ("Chrome, a place in the message", "Error: see a.js:1:2", f"Error: see a.js:1:2\n    at f ({AT}:27:15)", AT, 27),
    ("Chrome, lines in the message", "Error: a\nb.js:1:2", f"Error: a\nb.js:1:2\n    at f ({AT}:27:15)", AT, 27),
    ("Firefox", "TypeError: x", f"render@{AT}:27:15\nmain@{AT}:9:1\n", AT, 27),
    ("Firefox, no function", "TypeError: x", f"@{AT}:27:15\n", AT, 27),
    ("Firefox, async", "Error: x", f"async*load@{AT}:27:15\n", AT, 27),
    ("Firefox, nested function", "Error: x", f"render/<@{AT}:27:15\n", AT, 27),
    ("Firefox, eval", "Error: x", f"f@{AT} line 27 > eval:1:7\nmain@{AT}:9:1\n", AT, 27),
    ("Firefox, Function", "Error: x", f"anonymous@{AT} line 27 > Function:1:7\n", AT, 27),
    ("Firefox, eval in eval", "Error: x", f"f@{AT} line 27 > eval line 1 > eval:1:7\n", AT, 27),
    ("Firefox, @ in the path", "Error: x", "f@https://e.org/@team/a.js:3:4\n", "https://e.org/@team/a.js", 3),
    ("Safari", "TypeError: x", f"render@{AT}:27:15\nglobal code@{AT}:9:1", AT, 27),
    ("Safari, no function", "TypeError: x", f"{AT}:27:15\nglobal code@{AT}:9:1", AT, 27),
    ("Safari, no function, @", "Error: x", "https://e.org/@team/a.js:3:4", "https://e.org/@team/a.js", 3),
    ("Safari, native first", "Error: x", f"map@[native code]\nrender@{AT}:27:15", AT, 27),
    ("Safari, eval", "Error: x", f"eval code@\neval@[native code]\nrender@{AT}:27:15", AT, 27),
    ("Safari, module", "Error: x", f"module code@{AT}:27:15", AT, 27),
    ("no stack", "Error: x", "", None, None),
    ("nothing to read", "Error: x", "Error: x", None, None),
]


def test_stacks_of_chrome_firefox_and_safari_are_read(open_app: Open, recorder: Recorder) -> None:
    page = open_app(recorder.url)

    read_places: dict[str, Any] = {
        name: page.evaluate("([stack, header]) => logCenter.locate(stack, header)", [stack, header])
        for name, header, stack, _file, _line in STACKS
    }

    expected = {name: {"file": file, "line": line} if file else None for name, _h, _s, file, line in STACKS}
    assert expected == read_places


def test_the_start_for_pages_without_a_build_step_runs(
    open_app: Open, browser: Browser, site: str, tmp_path: Path
) -> None:
    open_app("http://localhost:1")
    (tmp_path / "plain.html").write_text("<!doctype html>" + snippet("how-to/javascript.md", "start.html"))
    page = browser.new_page()
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))

    page.goto(f"{site}/plain.html")
    page.wait_for_load_state()
    page.close()

    assert [] == failures


def wait_for_issue(collector: Collector, project: str) -> dict[str, Any]:
    until = monotonic() + 10
    while monotonic() < until:
        if issues := collector.issues(project_id=project):
            return issues[0]
        sleep(0.05)
    pytest.fail(f"no issue of {project} arrived")


@pytest.mark.parametrize("content_type", ["application/json", "text/plain"])
@pytest.mark.parametrize("beacon", ["beacon", "fetch"])
def test_a_real_collector_takes_reports_of_another_origin(
    open_app: Open, shared_collector: Collector, site: str, content_type: str, beacon: str
) -> None:
    project = f"{beacon}_{content_type.replace('/', '_')}"
    page = open_app(shared_collector.api_url, f'project: "{project}", contentType: "{content_type}"')
    if beacon == "fetch":
        page.evaluate("() => { Object.defineProperty(navigator, 'sendBeacon', { value: undefined }); }")

    page.evaluate(LATER)

    issue = wait_for_issue(shared_collector, project)
    assert ("TypeError", "no map") == (issue["error"]["type"], issue["error"]["message"])
    assert (f"{site}/app.js", CRASH_LINE) == (issue["error"]["file_path"], issue["error"]["line_number"])


def test_a_storm_is_counted_exactly_by_a_real_collector(open_app: Open, shared_collector: Collector) -> None:
    page = open_app(shared_collector.api_url, 'project: "storm"')
    page.evaluate("() => { for (let n = 0; n < 200; n++) try { crash(); } catch (e) { logCenter.capture(e); } }")

    page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide'))")

    until = monotonic() + 10
    while wait_for_issue(shared_collector, "storm")["occurrence_count"] < 200 and monotonic() < until:
        sleep(0.05)
    assert 200 == wait_for_issue(shared_collector, "storm")["occurrence_count"]


def test_a_page_of_another_origin_can_read_nothing(open_app: Open, shared_collector: Collector) -> None:
    page = open_app(shared_collector.api_url)

    read = page.evaluate(
        "(url) => fetch(url).then(() => 'read', () => 'refused')", f"{shared_collector.api_url}/api/v1/issues"
    )

    assert "refused" == read


@pytest.mark.parametrize("flags", [(), ("--admin-token", ADMIN)], ids=["open", "closed"])
def test_what_the_dashboard_gives_to_paste_makes_an_issue_of_its_project(
    browser: Browser, site: str, tmp_path: Path, start_collector: Callable[..., Collector], flags: tuple[str, ...]
) -> None:
    ada = newcomer(start_collector(*flags), "shop_web", is_closed=bool(flags))
    pastes = ada.pastes("javascript")
    (tmp_path / "log-center.js").write_text(pastes["log-center.js"], encoding="utf-8")
    (tmp_path / "index.html").write_text(f"<!doctype html><head>{pastes['start.html']}</head>", encoding="utf-8")
    page = browser.new_page()

    page.goto(site)
    with page.expect_request_finished(lambda request: request.method == "POST"):
        page.evaluate(pastes["try.js"])
    page.close()

    error = ada.only_issue()["error"]
    assert isinstance(error, dict)
    assert ("Error", "My first report") == (error["type"], error["message"])
    assert bool(flags) == ('key: "lck_' in pastes["start.html"])
