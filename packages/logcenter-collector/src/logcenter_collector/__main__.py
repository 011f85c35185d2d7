"""``python -m logcenter_collector`` is the command ``logcenter-collector``."""

import sys

from logcenter_collector.cli import main

sys.exit(main())
