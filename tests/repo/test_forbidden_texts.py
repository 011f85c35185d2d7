"""What must stand in no file of the repository. Each text is joined here, so that this file does not hold it."""

import re

import pytest

from support.repository import ROOT, text_of, tracked_files

FORBIDDEN = {
    "somebody else's project by its bare name": re.escape("pip install " + "logcenter-sdk"),
    "the host of a package index": "|".join(
        re.escape(host)
        for host in (
            "pypi" + ".org",
            "python" + "hosted.org",
            "npmjs" + ".org",
            "npmjs" + ".com",
            "tuna." + "tsinghua",
            "mirrors." + "aliyun",
            "pypi." + "douban",
            "deb." + "debian.org",
        )
    ),
    "a path of one machine": "(^|[^A-Za-z0-9_.])/(" + "|".join(("work", "farm", "root/" + "[.]", "tmp/" + "wt")) + ")/",
}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_file_holds(what: str) -> None:
    pattern = re.compile(FORBIDDEN[what], re.MULTILINE)

    found = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in tracked_files()
        if (match := pattern.search(text_of(path) or ""))
    ]

    assert [] == found


def test_no_lock_file_is_committed() -> None:
    assert ROOT / "uv.lock" not in tracked_files()
