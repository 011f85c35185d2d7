"""``doctor``: what is configured and from where, whether it can work, and whether reports would arrive."""

import json
import os
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from logcenter_sdk.commands import surroundings
from logcenter_sdk.commands.collector_checks import check_collector
from logcenter_sdk.commands.finding import Finding, Level
from logcenter_sdk.commands.origins import Setting, settings_of
from logcenter_sdk.commands.spool_checks import check_spool
from logcenter_sdk.config import Config, ConfigError, is_loopback


def doctor(given: Mapping[str, Any], *, as_json: bool) -> int:
    """Print all that there is to say; return 1 where reports would not arrive, else 0."""
    if not as_json:
        _print_surroundings()
    try:
        config = Config.from_env(os.environ, **given)
    except ConfigError as error:
        return _say([], [_cannot_work(error)], as_json=as_json)
    settings = settings_of(config, os.environ, given)
    if not as_json:
        _print_settings(settings)
    return _say(settings, check(config, os.environ), as_json=as_json)


def check(config: Config, env: Mapping[str, str]) -> Iterator[Finding]:
    """Yield the findings, each as soon as it is known."""
    if config.project_id is None:
        yield _cannot_work(ConfigError("no project: pass --project or set LOG_CENTER_PROJECT"))
    else:
        yield Finding(Level.OK, "settings", "they can work")
    yield from _careless(config)
    yield from check_collector(config)
    if config.project_id is not None:
        yield check_spool(config, env)


def _cannot_work(error: ConfigError) -> Finding:
    return Finding(Level.WRONG, "settings", str(error), "see docs/reference/configuration.md")


def _careless(config: Config) -> Iterator[Finding]:
    address = urlsplit(config.url)
    if (config.key or config.token) and address.scheme == "http" and not is_loopback(address.hostname or ""):
        yield Finding(Level.NOTE, "settings", "key and token travel unencrypted", "use https:// between machines")
    if not config.scrub:
        yield Finding(Level.NOTE, "settings", "secrets are not taken out of reports (scrub is off)")


def _say(settings: list[Setting], findings: "Iterator[Finding] | list[Finding]", *, as_json: bool) -> int:
    all_findings: list[Finding] = []
    for finding in findings:
        all_findings.append(finding)
        if not as_json:
            _print_finding(finding)
    if as_json:
        print(json.dumps(_as_json(settings, all_findings), ensure_ascii=False, indent=2))
    return int(any(finding.level is Level.WRONG for finding in all_findings))


def _print_surroundings() -> None:
    found = (f"{name} ({packages})" for name, packages in surroundings.integrations().items())
    print(f"{surroundings.sdk()}, {surroundings.interpreter()}")
    print("Integrations for what is installed:", "; ".join(found) or "none", end="\n\n")


def _print_settings(settings: list[Setting]) -> None:
    print("Settings. What the program passes to install_hook() is not known here: give it as options.")
    for setting in settings:
        print(f"  {setting.name:<16} {setting.value or '-':<32} {setting.origin}")
    print()


def _print_finding(finding: Finding) -> None:
    print(f"{finding.level:<6} {finding.topic:<10} {finding.text}", flush=True)
    if finding.advice:
        print(f"{'':<17} → {finding.advice}", flush=True)


def _as_json(settings: list[Setting], findings: list[Finding]) -> dict[str, Any]:
    return {
        "ok": all(finding.level is not Level.WRONG for finding in findings),
        "sdk": surroundings.sdk(),
        "python": surroundings.interpreter(),
        "integrations": surroundings.integrations(),
        "settings": [setting._asdict() for setting in settings],
        "findings": [finding._asdict() for finding in findings],
    }
