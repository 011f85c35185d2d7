import pytest
from hypothesis import given
from hypothesis import strategies as st

from logcenter_sdk.encoded import Encoded
from logcenter_sdk.spool_file import Claim, new_file, pack, read_name, unpack

ENCODED = st.builds(Encoded, st.integers(1, 2**31), st.binary(max_size=40))
INSTANTS = st.integers(0, 10**20 - 1)
CLAIMS = st.builds(Claim, st.from_regex(r"[0-9a-f]{8}", fullmatch=True), st.integers(0, 2**31), INSTANTS)


@given(st.lists(ENCODED, max_size=5))
def test_reports_are_read_as_they_were_written(encoded: list[Encoded]) -> None:
    assert tuple(encoded) == unpack(pack(encoded))


@given(st.lists(ENCODED, min_size=1, max_size=3), st.data())
def test_what_was_damaged_is_not_read(encoded: list[Encoded], data: st.DataObject) -> None:
    content = pack(encoded)
    at = data.draw(st.integers(0, len(content) - 1))
    flipped = content[:at] + bytes([content[at] ^ data.draw(st.integers(1, 255))]) + content[at + 1 :]

    for damaged in (flipped, content[:at], content + b"x"):
        with pytest.raises(ValueError, match="damaged"):
            unpack(damaged)


@given(st.binary(max_size=60))
def test_anything_else_is_not_read(content: bytes) -> None:
    with pytest.raises(ValueError, match="damaged"):
        unpack(content)


@given(INSTANTS, st.integers(1, 10_000), st.integers(0, 10**9), CLAIMS)
def test_a_name_says_all_about_a_file(created: int, reports: int, size: int, claim: Claim) -> None:
    file = new_file(created, reports, size, "0123456789ab")

    assert file == read_name(file.waiting())
    assert (file.name, True, None) == (file.waiting(), file.is_whole, file.claim)
    part, claimed = read_name(file.part(claim)), read_name(file.claimed(claim))
    assert part is not None
    assert claimed is not None
    assert ((False, claim), (True, claim)) == ((part.is_whole, part.claim), (claimed.is_whole, claimed.claim))
    assert {(created, reports, size)} == {(each.created_ns, each.reports, each.bytes) for each in (part, claimed)}
    assert file.waiting() == claimed.waiting()


@given(st.lists(INSTANTS, min_size=2, max_size=5, unique=True))
def test_files_sort_by_age(instants: list[int]) -> None:
    files = [new_file(instant, 1, 1, "0123456789ab") for instant in instants]

    assert sorted(instants) == [file.created_ns for file in sorted(files)]


REST = "-1-1-0123456789ab.report"


@pytest.mark.parametrize(
    "name",
    [
        "",
        "notes.txt",
        ".report",
        f"1{REST}",
        f"{1:020d}-1-1-0123456789ab.claim",
        f"{1:020d}-1-1-0123456789ab.part",
        f"{1:020d}{REST}\n",
        f"../{1:020d}{REST}",
        "\u0661" * 20 + REST,  # digits, but of another script
    ],
)
def test_other_names_are_none_of_ours(name: str) -> None:
    assert read_name(name) is None
