import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logcenter_sdk.scrub import masked_query, masked_url


@pytest.mark.parametrize(
    ("expected", "query"),
    [
        ("page=2&sort=name", "page=2&sort=name"),
        ("token=[masked]", "token=abc"),
        ("access_token=[masked]&page=2", "access_token=abc&page=2"),
        ("API-KEY=[masked]", "API-KEY=abc"),
        ("Password=[masked]", "Password=abc"),
        ("pass%77ord=[masked]", "pass%77ord=abc"),
        ("id=[masked]", "id=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc"),
        ("id=[masked]", "id=ghp_0123456789abcdef0123"),
        ("id=[masked]", "id=0123456789abcdef0123456789abcdef"),
        ("[masked]", "0123456789abcdef0123456789abcdef"),
        ("token=", "token="),
        ("keyboard=de&monkey=1", "keyboard=de&monkey=1"),
        ("", ""),
    ],
)
def test_a_query_is_sent_without_its_secrets(expected: str, query: str) -> None:
    assert expected == masked_query(query)


def test_a_path_without_a_query_stays_as_it_is() -> None:
    assert "/a" == masked_url("/a", "")
    assert "/a?b=1" == masked_url("/a", "b=1")


@settings(deadline=None)
@given(st.text(max_size=100))
def test_masking_twice_is_masking_once(query: str) -> None:
    assert masked_query(query) == masked_query(masked_query(query))
