"""For the tests of applications that report: what would be sent is kept in a list instead.

>>> import logcenter_sdk
>>> from logcenter_sdk.testing import captured_reports
>>> with captured_reports() as reports:
...     _ = logcenter_sdk.capture_message("the stock is empty")
>>> [report.error.message for report in reports.all()]
['the stock is empty']

With pytest: ``pytest_plugins = ["logcenter_sdk.testing.fixtures"]`` in the topmost ``conftest.py``, and the fixture
``logcenter_reports`` is what the block gives.
"""

from logcenter_sdk.testing.captured import CapturedReports, captured_reports

__all__ = ["CapturedReports", "captured_reports"]
