"""What a collector's answers say: is it one, can it store, does it take key and token, what time has it."""

from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from typing import Final

from logcenter_sdk.commands.asking import Answer, Asking, NoAnswerError
from logcenter_sdk.commands.finding import Finding, Level
from logcenter_sdk.config import Config
from logcenter_sdk.contract.limits import CLOCK_AHEAD_SECONDS
from logcenter_sdk.transports.http import BATCH_PATH

_GOOD: Final = 200
_DENIED: Final = (401, 403)
_UNNOTICED_SECONDS: Final = 2.0
"""The Date header has whole seconds."""


def check_collector(config: Config) -> Iterator[Finding]:
    """Yield what there is to say, from one answer to the next; after the first that is missing no more."""
    asking = Asking(config)
    try:
        yield from _all(asking, config)
    except NoAnswerError as error:
        yield Finding(Level.WRONG, "collector", error.reason, error.advice)
    finally:
        asking.close()


def _all(asking: Asking, config: Config) -> Iterator[Finding]:
    health = asking.ask("GET", "/healthz")
    if not _is_collector(health):
        yield _stranger(health, config)
        return
    yield Finding(Level.OK, "collector", f"answers at {config.url} in {health.seconds * 1000:.0f} ms{_version(asking)}")
    yield _storage(asking.ask("GET", "/readyz"))
    yield _access(asking.ask("POST", BATCH_PATH, b"[]"), config)
    yield _clock(health)


def _is_collector(health: Answer) -> bool:
    return health.status == _GOOD and isinstance(health.body, dict) and health.body.get("status") == "ok"


def _stranger(health: Answer, config: Config) -> Finding:
    location = health.headers.get("Location")
    leads_to = f", which leads to {location}" if location else ""
    advice = (
        "LOG_CENTER_URL must be the address of the API itself (port 8002), not of the dashboard or a page before it"
    )
    return Finding(
        Level.WRONG, "collector", f"{config.url} answers {health.status}, but not as Log Center does{leads_to}", advice
    )


def _version(asking: Asking) -> str:
    about = asking.ask("GET", "/openapi.json").body
    info = about.get("info") if isinstance(about, dict) else None
    version = info.get("version") if isinstance(info, dict) else None
    return f", version {version}" if isinstance(version, str) else ", and does not say its version"


def _storage(ready: Answer) -> Finding:
    if ready.status == _GOOD:
        return Finding(Level.OK, "storage", "the collector can store reports")
    advice = "look at the collector's log and run logcenter-collector doctor; until then reports wait in the spool"
    return Finding(Level.WRONG, "storage", f"the collector cannot store reports now ({_detail(ready)})", advice)


def _access(batch: Answer, config: Config) -> Finding:
    """Judge the answer to a batch of nothing, which makes no issue and counts nothing."""
    shown = " and ".join(name for name in ("key", "token") if getattr(config, name)) or "no key"
    if batch.status in _DENIED:
        advice = "set LOG_CENTER_KEY (or LOG_CENTER_TOKEN) to one that this project has; until then reports are spooled"
        return Finding(Level.WRONG, "access", f"the collector refuses {shown} ({_detail(batch)})", advice)
    if batch.status != _GOOD:
        return Finding(Level.NOTE, "access", f"not checked: the collector answered {_detail(batch)}")
    text = f"the collector does not refuse {shown}; whether it takes a report with it, only a report shows"
    return Finding(Level.OK, "access", text, "python -m logcenter_sdk test sends one")


def _detail(answer: Answer) -> str:
    problem = answer.body if isinstance(answer.body, dict) else {}
    detail = problem.get("detail") or problem.get("title")
    return f"{answer.status}: {detail}" if detail else str(answer.status)


def _clock(answer: Answer) -> Finding:
    ahead = _seconds_ahead(answer)
    if ahead is None:
        return Finding(Level.NOTE, "clock", "not checked: the collector does not say what time it has")
    if abs(ahead) <= _UNNOTICED_SECONDS + answer.seconds:
        return Finding(Level.OK, "clock", "the same as the collector's")
    text = f"{abs(ahead):.0f} s {'ahead of' if ahead > 0 else 'behind'} the collector's"
    if ahead > CLOCK_AHEAD_SECONDS:
        text += "; the collector puts its own time in place of one that far ahead"
    return Finding(Level.NOTE, "clock", text, "let both machines follow a time server (NTP)")


def _seconds_ahead(answer: Answer) -> float | None:
    """Return how far this clock is ahead of the collector's, to a second."""
    try:
        theirs = parsedate_to_datetime(answer.headers["Date"])
    except (KeyError, ValueError, TypeError):
        return None
    return answer.asked_at + answer.seconds / 2 - (theirs.timestamp() + 0.5)
