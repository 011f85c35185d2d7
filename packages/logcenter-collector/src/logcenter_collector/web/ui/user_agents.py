"""Browsers by the names that people know."""

import re
from typing import Final

# The first that fits: each of them says that it is the ones after it as well.
_BROWSERS: Final = (
    (r"Edg(?:e|A|iOS)?/", "Edge"),
    (r"OPR/|Opera", "Opera"),
    (r"SamsungBrowser/", "Samsung Internet"),
    (r"MicroMessenger/", "WeChat"),
    (r"Firefox/|FxiOS/", "Firefox"),
    (r"Chrom(?:e|ium)/|CriOS/|HeadlessChrome/", "Chrome"),
    (r"Version/.*Safari/", "Safari"),
)
_SYSTEMS: Final = (
    (r"Windows", "Windows"),
    (r"Android", "Android"),
    (r"iPhone", "iPhone"),
    (r"iPad", "iPad"),
    (r"Mac OS X|Macintosh", "macOS"),
    (r"CrOS", "ChromeOS"),
    (r"Linux|X11", "Linux"),
)
SHOWN: Final = 60


def browser_name(user_agent: str | None) -> str | None:
    """Return what a browser is called, and its system; of something else what it says of itself; or None."""
    if not user_agent:
        return None
    found = [
        next((name for pattern, name in known if re.search(pattern, user_agent)), None)
        for known in (_BROWSERS, _SYSTEMS)
    ]
    return ", ".join(name for name in found if name) if found[0] else user_agent[:SHOWN]
