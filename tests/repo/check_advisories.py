"""Ask for known weaknesses of what is installed, and say plainly where no answer could be had.

pip-audit ends well when the service does not know a package, or is no service at all (a mirror, no internet): it only
skips. That must not look like a pass, so what was not checked is counted here and printed.

``python tests/repo/check_advisories.py [--strict]``; with ``--strict`` not to be able to check is a failure.
"""

import json
import subprocess
import sys
from typing import Any, Final

from attrs import frozen

OURS: Final = ("logcenter",)
SERVICES: Final = ("pypi", "osv")
SECONDS: Final = 300


@frozen
class Verdict:
    """What a report of pip-audit comes to."""

    weak: tuple[str, ...] = ()
    """Packages with a known weakness, and which."""
    unchecked: tuple[str, ...] = ()
    checked: int = 0

    @property
    def lines(self) -> list[str]:
        """What to print."""
        said = [f"WEAK: {text}" for text in self.weak]
        if self.unchecked or not self.checked:
            names = f" ({', '.join(self.unchecked[:5])}{', …' if len(self.unchecked) > 5 else ''})"
            said.append(
                f"NOT CHECKED: {len(self.unchecked)} packages{names if self.unchecked else ''}: no service told of "
                "advisories for them. Run this again where one can be reached."
            )
        return [*said, f"checked: {self.checked} packages, {len(self.weak)} with a known weakness"]

    def exit_code(self, *, strict: bool) -> int:
        """Return 1 for a known weakness, with ``strict`` 2 for what was not checked, else 0."""
        if self.weak:
            return 1
        return 2 if strict and (self.unchecked or not self.checked) else 0


def read_report(text: str) -> Verdict:
    """Return what pip-audit's JSON says; what is no JSON says that nothing was checked."""
    try:
        dependencies: list[dict[str, Any]] = json.loads(text)["dependencies"]
    except (ValueError, KeyError, TypeError):
        return Verdict()
    others = [found for found in dependencies if not found["name"].startswith(OURS)]
    checked = [found for found in others if "skip_reason" not in found]
    weak = [
        f"{found['name']} {found['version']}: {weakness['id']}, fixed in {fixed_in(weakness)}"
        for found in checked
        for weakness in found["vulns"]
    ]
    return Verdict(tuple(weak), tuple(found["name"] for found in others if "skip_reason" in found), len(checked))


def fixed_in(weakness: dict[str, Any]) -> str:
    """Return the versions that no longer have it."""
    return ", ".join(weakness["fix_versions"]) or "no version yet"


def ask() -> Verdict:
    """Return the verdict of the first service that knows anything, else of the last."""
    verdict = Verdict()
    for service in SERVICES:
        command = [sys.executable, "-m", "pip_audit", "--format", "json", "--progress-spinner", "off"]
        try:
            done = subprocess.run(
                [*command, "--vulnerability-service", service, "--timeout", "15"],
                capture_output=True,
                text=True,
                check=False,
                timeout=SECONDS,
            )
        except subprocess.TimeoutExpired:
            continue
        found = read_report(done.stdout)
        verdict = found if found.checked or found.unchecked else verdict
        if verdict.checked:
            break
    return verdict


if __name__ == "__main__":
    answer = ask()
    print(*answer.lines, sep="\n")
    sys.exit(answer.exit_code(strict="--strict" in sys.argv))
