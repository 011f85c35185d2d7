import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from logcenter_sdk.scrub import masked_query, masked_url, scrub
from logcenter_sdk.secret_texts import MASK, scrub_source, scrub_text


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
        ("keyboard=de&monkey=1&author=jane", "keyboard=de&monkey=1&author=jane"),
        ("code=[masked]&country_code=DE", "code=abc&country_code=DE"),
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


CORPUS: Any = json.loads(Path(__file__).with_name("scrub_corpus.json").read_text(encoding="utf-8"))
"""Secrets are in parts there, so that nobody takes them for real ones."""


@pytest.mark.parametrize("case", CORPUS["texts"], ids=lambda case: case["before"] + case["secret"][0])
def test_a_secret_goes_and_what_stands_around_it_stays(case: Any) -> None:
    text = case["before"] + "".join(case["secret"]) + case["after"]

    assert case["before"] + MASK + case["after"] == scrub_text(text)


@pytest.mark.parametrize("text", CORPUS["innocent_texts"])
def test_an_ordinary_text_stays_as_it_is(text: str) -> None:
    assert text == scrub_text(text)
    assert text == scrub_source(text)


@pytest.mark.parametrize("name", CORPUS["keys"])
def test_what_has_a_secrets_name_is_masked_whatever_it_is(name: str) -> None:
    context = {name: "hunter2", "deep": [{name: {"a": "hunter2", "b": [17, True, None, ""]}}]}
    number = 17 if name == "cookies" else MASK

    assert {name: MASK, "deep": [{name: {"a": MASK, "b": [number, True, None, ""]}}]} == scrubbed_context(context)


@pytest.mark.parametrize("name", CORPUS["innocent_keys"])
def test_what_has_an_ordinary_name_stays(name: str) -> None:
    assert {name: "hunter2", "deep": [{name: [17]}]} == scrubbed_context({name: "hunter2", "deep": [{name: [17]}]})


def test_the_corpus_is_as_large_as_it_is_said_to_be() -> None:
    assert 120 <= len(CORPUS["texts"])
    assert 120 <= len(CORPUS["innocent_texts"])


def scrubbed_context(context: dict[str, Any]) -> Any:
    return scrub({"context": context})["context"]


PRIVATE_KEY = (
    "-----BEGIN RSA " + "PRIVATE KEY-----",
    "MIIEowIBAAKCAQEA0Z3VS5JJ",
    "cH1x9fQ8aZ4qJ0",
    "-----END RSA PRIVATE KEY-----",
)


def test_a_private_key_keeps_its_lines_and_loses_what_is_in_them() -> None:
    first, *_, last = PRIVATE_KEY
    text = "could not read\n" + "\n".join(PRIVATE_KEY) + "\nas a key"

    assert f"could not read\n{first}\n{MASK}\n{MASK}\n{last}\nas a key" == scrub_text(text)


def test_a_private_key_in_one_line_or_without_its_end_goes_too() -> None:
    first, second, _, last = PRIVATE_KEY

    assert f"key='{first}{MASK}{last}'" == scrub_text(f"key='{first}\\n{second}\\n{last}'")
    assert f"{first}{MASK}" == scrub_text(f"{first}\\n{second}")


def test_a_private_key_in_the_lines_of_a_trace_and_of_the_source_goes() -> None:
    first, *_, last = PRIVATE_KEY
    report = {
        "error": {"type": "E", "message": "", "stack_trace": ["E: cannot read", *PRIVATE_KEY]},
        "frames": [{"pre_context": list(PRIVATE_KEY[:2]), "context_line": PRIVATE_KEY[2], "post_context": [last]}],
    }

    scrubbed = scrub(report)

    assert ["E: cannot read", first, MASK, MASK, last] == scrubbed["error"]["stack_trace"]
    assert [{"pre_context": [first, MASK], "context_line": MASK, "post_context": [last]}] == scrubbed["frames"]


TRACE = [
    "Traceback (most recent call last):",
    '  File "shop/login.py", line 17, in login',
    "    login(user, password=password, token=request.token)",
    '  File "shop/login.py", line 18, in login',
    '    connect(password="hunter2")',
    "ValueError: cannot log in with password=hunter2",
    "    token: abc123def",
]


@pytest.mark.parametrize("trace", [TRACE, tuple(TRACE), "\n".join(TRACE)], ids=["list", "tuple", "text"])
def test_source_code_in_a_trace_loses_only_literals_and_the_rest_every_value(trace: Any) -> None:
    expected = [
        *TRACE[:4],
        f'    connect(password="{MASK}")',
        f"ValueError: cannot log in with password={MASK}",
        f"    token: {MASK}",
    ]

    found = scrub({"error": {"type": "E", "message": "", "stack_trace": trace}})["error"]["stack_trace"]

    assert type(trace) is type(found)
    assert expected == (found.split("\n") if isinstance(found, str) else list(found))


def test_locals_source_and_message_are_scrubbed() -> None:
    report = {
        "error": {"type": "E", "message": "token=abc", "stack_trace": []},
        "frames": [
            {
                "function": "login",
                "locals": {
                    "password": "hunter2",
                    "user": "bob",
                    "url": "redis://:pw@cache/0",
                    "auth": "<HTTPBasicAuth>",
                },
                "pre_context": ("password = 'hunter2'",),
                "context_line": "login(password)",
            }
        ],
    }

    scrubbed = scrub(report)

    assert {
        "error": {"type": "E", "message": f"token={MASK}", "stack_trace": []},
        "frames": [
            {
                "function": "login",
                "locals": {
                    "password": MASK,
                    "user": "bob",
                    "url": f"redis://:{MASK}@cache/0",
                    "auth": "<HTTPBasicAuth>",
                },
                "pre_context": (f"password = '{MASK}'",),
                "context_line": "login(password)",
            }
        ],
    } == scrubbed


def test_headers_kept_as_pairs_are_known_by_their_names() -> None:
    headers = [["host", "a.example"], ["authorization", "Basic-like abc"], ["x-api-key", "abc"]]

    assert {"headers": [["host", "a.example"], ["authorization", MASK], ["x-api-key", MASK]]} == scrubbed_context(
        {"headers": headers}
    )
    assert {"fields": ["password", "email"]} == scrubbed_context({"fields": ["password", "email"]})


def test_what_makes_the_fingerprint_is_never_changed() -> None:
    secret = "password=hunter2"
    report = {
        "project_id": "token",
        "environment": secret,
        "error": {"type": secret, "file_path": secret, "line_number": 17, "message": "", "stack_trace": []},
        "context": dict.fromkeys(["job_name", "step_name", "namespace", "deployment_name"], secret),
        "fingerprint": [secret],
        "frames": [{"file_path": secret, "function": secret, "line_number": 17}],
    }

    assert report == scrub(report)


def test_what_is_no_report_is_scrubbed_all_the_same() -> None:
    assert {
        "error": f"token={MASK}",
        "context": [f"token={MASK}"],
        "frames": {"token": MASK},
        "later": {"token": MASK},
    } == (
        scrub({"error": "token=abc", "context": ["token=abc"], "frames": {"token": "abc"}, "later": {"token": "abc"}})
    )
    assert {"frames": [17, {"context_line": 17}], "error": {"stack_trace": [17, f"token={MASK}"]}} == (
        scrub({"frames": [17, {"context_line": 17}], "error": {"stack_trace": [17, "token=abc"]}})
    )


def test_counts_under_a_plural_name_stay() -> None:
    assert {"tokens": 512, "cookies": 3, "secrets": MASK} == scrubbed_context(
        {"tokens": 512, "cookies": 3, "secrets": "a"}
    )


PIECES = st.sampled_from(
    [
        *("".join(case["secret"]) for case in CORPUS["texts"]),
        *(case["before"] for case in CORPUS["texts"]),
        *CORPUS["keys"],
        *PRIVATE_KEY,
        *(
            "=",
            ": ",
            '"',
            "'",
            "\\",
            "\n",
            " ",
            "\t",
            "[",
            "]",
            "(",
            ")",
            "{",
            "}",
            "&",
            "?",
            "@",
            "://",
            "-",
            ".",
            ",",
            "：",
            MASK,
        ),
    ]
)
TEXTS = st.lists(PIECES | st.text(max_size=8), max_size=8).map("".join)
NAMES = st.sampled_from([*CORPUS["keys"], *CORPUS["innocent_keys"]]) | st.text(max_size=5)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4) | st.tuples(NAMES, inner),
    max_leaves=10,
)
REPORTS = st.fixed_dictionaries(
    {
        "error": st.fixed_dictionaries(
            {"type": TEXTS, "message": TEXTS, "stack_trace": st.lists(TEXTS, max_size=5) | TEXTS}
        ),
        "context": st.dictionaries(NAMES, VALUES, max_size=4),
        "frames": st.lists(
            st.fixed_dictionaries(
                {"locals": VALUES, "context_line": TEXTS, "pre_context": st.lists(TEXTS, max_size=3)}
            ),
            max_size=2,
        ),
    }
)


def shape(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: shape(item) for name, item in value.items()}
    return (type(value), [shape(item) for item in value]) if isinstance(value, list | tuple) else None


@settings(deadline=None, max_examples=300)
@given(TEXTS)
@example("Authorization: Bearer 0)")
def test_a_text_scrubbed_twice_is_the_text_scrubbed_once_and_has_as_many_lines(text: str) -> None:
    for scrub_it in (scrub_text, scrub_source):
        once = scrub_it(text)
        assert once == scrub_it(once)
        assert text.count("\n") == once.count("\n")


@settings(deadline=None, max_examples=100)
@given(REPORTS)
def test_a_report_scrubbed_twice_is_the_report_scrubbed_once_and_keeps_its_shape(report: dict[str, Any]) -> None:
    before = json.dumps(report)

    once = scrub(report)

    assert once == scrub(once)
    assert shape(report) == shape(once)
    assert before == json.dumps(report)


HOSTILE = [
    *(
        "eyJ",
        "eyJaaaaaaaa.",
        "password=$token=",
        'password="',
        "token='$token=\"$",
        "token: a |",
        '\\"token\\": \\"',
        "://a:",
    ),
    *(
        "-----BEGIN PRIVATE KEY-----",
        "-----BEGIN PRIVATE KEY----- \n",
        "1 ",
        "4111 ",
        "sk-",
        "github_pat_",
        "Bearer ",
        "basic QUJD",
    ),
    *("('token','", "--token ", "SG.aaaaaaaaaaaaaaaa", "密码为", "%20eyJ", "cookie: ", "token={", "a", "\\", "1"),
]


@pytest.mark.parametrize("piece", HOSTILE)
def test_a_megabyte_of_what_looks_like_the_beginning_of_a_secret_is_read_to_its_end(piece: str) -> None:
    """A pattern that looks again at what it has seen would take hours."""
    text = piece * (1_000_000 // len(piece)) + "\npassword=hunter2\n"

    assert "hunter2" not in scrub_text(text)
