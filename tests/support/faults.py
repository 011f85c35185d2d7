"""How large the tests of faults are: small in the default run, full size with ``uv run nox -s faults``."""

import os

FULL_SIZE = os.environ.get("LOG_CENTER_TEST_FAULTS") == "full"
