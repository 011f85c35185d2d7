# pyright: strict
"""Every public name, used as an application uses it: what type checkers say of this file, they say of applications."""

from typing import assert_type

from attrs import evolve

import logcenter_sdk
from logcenter_sdk.contract.report import Report
from logcenter_sdk.testing import CapturedReports, captured_reports


def without_context(report: Report) -> Report | None:
    """Change a report before it goes out."""
    return None if report.error.type == "NoMatter" else evolve(report, context=None)


def install() -> None:
    """Give every setting."""
    logcenter_sdk.install_hook(
        project_id="shop",
        url="http://localhost:8002",
        environment="production",
        version="1.2",
        commit_hash="0123456789abcdef0123456789abcdef01234567",
        repo_url="https://git.example.org/team/shop",
        key="k",
        token="t",
        timeout_seconds=2,
        proxy="http://proxy:3128",
        app_roots=["src"],
        capture_locals=True,
        capture_logging=False,
        sample_rate=0.5,
        ignore=[KeyError, "TimeoutError"],
        before_send=without_context,
        scrub=True,
        spool=True,
        spool_directory="/var/spool/shop",
        debug=True,
    )


@logcenter_sdk.context(job="nightly")
def nightly(orders: list[int], *, dry: bool = False) -> int:
    """Keep signature and result under the decorator."""
    with logcenter_sdk.context(order_id=orders[0]):
        logcenter_sdk.tag("region", "eu")
        logcenter_sdk.breadcrumb("charging", category="payment", amount=12)
        assert_type(logcenter_sdk.capture_message("empty", level="WARNING", context={"dry": dry}), str | None)
    return len(orders)


@logcenter_sdk.context(job="nightly")
async def nightly_async(order: int) -> str:
    """Stay asynchronous under the decorator."""
    try:
        return str(1 / order)
    except ZeroDivisionError as error:
        assert_type(logcenter_sdk.capture_exception(error, context={"order": order}), str | None)
        raise


async def end() -> None:
    """Use what is returned."""
    assert_type(nightly([1], dry=True), int)
    assert_type(await nightly_async(1), str)
    stats = logcenter_sdk.stats()
    assert_type(stats.captured, int)
    assert_type(logcenter_sdk.register_project(name="Shop"), bool)
    assert_type(logcenter_sdk.flush(1), bool)
    assert_type(logcenter_sdk.close(timeout=0.5), bool)
    logcenter_sdk.uninstall_hook()
    assert_type(logcenter_sdk.__version__, str)


def test(logcenter_reports: CapturedReports) -> None:
    """Look at what was reported."""
    with captured_reports(project_id="shop") as reports:
        assert_type(reports, CapturedReports)
        assert_type(reports.all(), list[Report])
        assert_type(reports.only().error.message, str)
    logcenter_reports.clear()
