"""What the SDK's wheel brings along; run by ``nox -s build`` with the Python of an environment that has nothing else.

Not a test module: pytest is not installed where this runs.
"""

from importlib.metadata import distributions

import logcenter_sdk
from logcenter_sdk.testing import captured_reports

OURS = {"logcenter-sdk"}
NAMED = {"attrs", "cattrs", "httpx"}
THEIRS = {"anyio", "certifi", "exceptiongroup", "h11", "httpcore", "idna", "sniffio", "typing-extensions"}
"""What those three need, on one Python version or another."""


def main() -> None:
    """Hold it to what is promised, and report once."""
    installed = {distribution.name.lower().replace("_", "-") for distribution in distributions()}
    assert installed >= OURS | NAMED, sorted(installed)
    assert installed <= OURS | NAMED | THEIRS, f"too much: {sorted(installed - OURS - NAMED - THEIRS)}"
    with captured_reports() as reports:
        logcenter_sdk.capture_message("it works alone")
        assert reports.only().error.message == "it works alone"
    print(f"logcenter-sdk brings {len(installed) - 1} packages along: {', '.join(sorted(installed - OURS))}")


if __name__ == "__main__":
    main()
