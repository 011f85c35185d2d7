r"""Secrets inside texts: what follows a name (``password=…``), and what is a secret by its own form. Pure.

Every pattern is linear. It begins only where a run of its characters begins, takes the whole run and never gives
anything back (``++``, ``{8,}+``), so no text makes it look at a character again and again.
"""

import re
from base64 import b64decode
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from logcenter_sdk.secret_names import is_counted, is_secret_name, is_secret_parameter

MASK: Final = "[masked]"

Match = re.Match[str]


def scrub_text(text: str) -> str:
    """Return a text without the secrets in it; its line ends stay."""
    return _settled(text, _value_in_text)


def scrub_source(text: str) -> str:
    """Return lines of source code without the secrets in their literals."""
    return _settled(text, _value_in_source)


def _settled(text: str, value_at: "ValueAt") -> str:
    """Look again as long as something was found: what stands beside a mask now stands at the edge of a word."""
    for _ in range(_MOST_LOOKS):
        seen, text = text, _look(text, value_at)
        if seen == text:
            break
    return text


def _look(text: str, value_at: "ValueAt") -> str:
    if len(text) < _SHORTEST:
        return text
    lower = text.lower()
    if _has_any(lower, _NAME_HINTS):
        text = _replaced(text, _spans(text, value_at))
        text = text if value_at is _value_in_source else _PAIR.sub(_mask_if_pair, text)
    for hints, pattern, replace in _RULES:
        if _has_any(lower, hints):
            text = pattern.sub(replace, text)
    return text


def _has_any(text: str, hints: tuple[str, ...]) -> bool:
    for hint in hints:  # noqa: SIM110 - any() would take three times as long, and this is asked of every text
        if hint in text:
            return True
    return False


def is_placeholder(text: str) -> bool:
    """Return whether a text stands for a secret and is none: nothing, ``***``, ``<Class>``, ``${NAME}``, ``{name}``."""
    return not text or (len(text) <= _LONGEST_PLACEHOLDER and _PLACEHOLDER.fullmatch(text) is not None)


_MOST_LOOKS: Final = 8
_SHORTEST: Final = 5
"""``otp=1``"""
_LONGEST_PLACEHOLDER: Final = 100
_PLACEHOLDER: Final = re.compile(
    r"\[masked\]|\*+|[.…]+|<[^<>]*>|\$\{[^{}]*\}|\$[A-Z_]{2,}|\{+[^{}]*\}+|%\(\w*\)s|%[srd]|none|null|nil|undefined|true|false",
    re.IGNORECASE,
)

# What follows a name.

_NAME_HINTS: Final = (
    *("pass", "pwd", "secret", "token", "auth", "cookie", "credential", "key", "jwt", "bearer", "otp", "cvv", "cvc"),
    *("csrf", "xsrf", "sess", "pin", "seed", "code", "&", "?"),
    *("密", "口令", "秘", "私", "令牌", "杖", "凭", "憑", "验证", "驗證", "金鑰", "安全"),
)
_NAME: Final = re.compile(r"(?<![\w.-])[\w.-]++(?=(?:\\{0,3}[\"'])?[ \t]{0,4}[:=：＝])")  # noqa: RUF001 - as they are written
_SEPARATOR: Final = re.compile(
    r"(?:\\{0,3}[\"'])?+[ \t]{0,4}+"
    r"(?::[ \t]{0,4}+[A-Za-z][\w.|\[\] ]{0,40}+(?==[ \t]{0,4}[bruf]{0,2}[\"']))?+"  # ``token: str | None = "…"``
    r"(?:=>|={1,2}|:=?|：|＝)"  # noqa: RUF001 - as they are written
    r"[ \t]{0,4}+",
    re.IGNORECASE,
)
_FLAG: Final = re.compile(r"(?<![\w.-])--[\w-]++(?=[ \t]{1,4}[^\s\[(-])")
_SPACE: Final = re.compile(r"[ \t]{1,4}")
_OPENING: Final = re.compile(r"[bruf]{0,2}(\\{0,3}[\"'])", re.IGNORECASE)
_UNTIL: Final = {
    '"': re.compile(r'(?:[^"\\\n]|\\.)*+'),
    "'": re.compile(r"(?:[^'\\\n]|\\.)*+"),
}
_UNTIL_ESCAPED: Final = re.compile(r"(?:(?!\\{1,3}[\"'])[^\n])*+")
_SCHEME: Final = re.compile(
    r"(?:bearer|basic|digest|token|negotiate|apikey|[\w-]{0,20}hmac-sha256)[ \t]{1,4}+", re.IGNORECASE
)
_HEADER: Final = re.compile(r"(?:authorization|cookie)[ \t]{0,4}:[ \t]{0,4}$", re.IGNORECASE)
_LONGEST_HEADER: Final = 24
_REST_OF_LINE: Final = re.compile(r"[^\r\n\"'\\]++")
_RUN: Final = re.compile(r"(?![\[{(])(?:[^\s&;,\"'<>\\，；。、]|\\(?![nrt\"']))++")
_PROSE: Final = re.compile(
    r"[A-Z]?[a-z]{1,20}+(?=[ \t]+[A-Za-z(])"
    r"|(?:str|string|int|bool|bytes|any|object|optional|none|null|true|false|undefined|nil|required|missing|invalid|expired"
    r"|empty|unset|revoked|wrong|incorrect|unknown|denied|rejected|ok)(?![\w-])"
    r"|[\u3400-\u9fff]",
    re.IGNORECASE,
)
_CODE: Final = re.compile(r"(?:[A-Za-z_]\w{0,40}+\.){1,6}+[A-Za-z_]\w{0,40}+[\[(]", re.ASCII)
"""An expression of a program: ``os.environ[…]``."""
_COUNT: Final = re.compile(r"\d{1,9}+(?![\w.-])", re.ASCII)
_WORD_OF_OTHERS: Final = re.compile("pass|auth", re.IGNORECASE)
_BEFORE: Final = re.compile(r"(?:unexpected|expected|illegal|next|previous|end of)[ ]$", re.IGNORECASE)

Span = tuple[int, int]
ValueAt = Callable[[str, str, int], Span | None]


def _spans(text: str, value_at: ValueAt) -> Iterator[Span]:
    """Yield where the values are that have a secret's name."""
    done = 0
    flags = _FLAG.finditer(text) if "--" in text else ()
    for name in sorted([*_NAME.finditer(text), *flags], key=Match.start):
        if name.start() < done or not _is_secret(text, name):
            continue
        separator = _SEPARATOR.match(text, name.end()) or _SPACE.match(text, name.end())
        if separator is None or _is_no_assignment(text, name, separator):
            continue
        span = value_at(text, separator[0].strip(" \t\"'\\"), separator.end())
        if span is not None:
            yield span
            done = span[1]


def _is_secret(text: str, match: Match) -> bool:
    name = match[0].rpartition(".")[2] or match[0]
    if match.start() and text[match.start() - 1] in "?&":
        return is_secret_parameter(name)
    return is_secret_name(name) and not _BEFORE.search(text, max(match.start() - 12, 0), match.start())


def _is_no_assignment(text: str, name: Match, separator: Match) -> bool:
    """Whether it is a count (``tokens=512``), a result (``pass: 12``) or a comparison of the name itself."""
    if is_counted(name[0]) and _COUNT.match(text, separator.end()):
        return True
    quoted = separator[0][0] in "\"'\\"
    return "==" in separator[0] if quoted else ":" in separator[0] and _WORD_OF_OTHERS.fullmatch(name[0]) is not None


def _value_in_source(text: str, _separator: str, at: int) -> Span | None:
    if (opening := _OPENING.match(text, at)) is None:
        return None
    value = _UNTIL.get(opening[1], _UNTIL_ESCAPED).match(text, opening.end())
    return None if value is None or is_placeholder(value[0].strip()) else value.span()


def _value_in_text(text: str, separator: str, at: int) -> Span | None:
    if _OPENING.match(text, at) is not None:
        return _value_in_source(text, separator, at)
    scheme = _SCHEME.match(text, at)
    if separator == ":" and _HEADER.search(text, max(at - _LONGEST_HEADER, 0), at):
        return _unless_placeholder(_REST_OF_LINE.match(text, at if scheme is None else scheme.end()))
    if scheme is not None:
        return _unless_placeholder(_RUN.match(text, scheme.end()))
    if _CODE.match(text, at):
        return None
    is_sentence = separator in {":", "："} and text[at - 1] in " \t："
    return None if is_sentence and _PROSE.match(text, at) else _unless_placeholder(_RUN.match(text, at))


def _unless_placeholder(value: Match | None) -> Span | None:
    if value is None:
        return None
    bare = value[0].rstrip(")]}>.:").rstrip() or value[0]
    bare = MASK if value[0].startswith(MASK) and len(bare) < len(MASK) else bare  # its own bracket is none of these
    return (
        None if is_placeholder(value[0].strip()) or is_placeholder(bare) else (value.start(), value.start() + len(bare))
    )


def _replaced(text: str, spans: Iterator[Span]) -> str:
    parts: list[str] = []
    done = 0
    for start, end in spans:
        parts += (text[done:start], MASK)
        done = end
    return "".join((*parts, text[done:])) if parts else text


# What is a secret by its form.


def _mask(_: Match) -> str:
    return MASK


def _mask_group(match: Match) -> str:
    """Mask the first group and leave what stands around it."""
    if is_placeholder(match[1]):
        return match[0]
    start, end = match.start(1) - match.start(), match.end(1) - match.start()
    return match[0][:start] + MASK + match[0][end:]


def _mask_lines(match: Match) -> str:
    """Mask a key between its first and its last line; each of the lines in between stays a line."""
    return match[1] + re.sub(r"[^\r\n]++", MASK, match[2]) + match[3]


def _mask_if_random(match: Match) -> str:
    return _mask_group(match) if _has_digit(match[1]) or len(match[1]) >= _NO_WORD else match[0]


def _mask_if_digit(match: Match) -> str:
    return MASK if _has_digit(match[0]) else match[0]


def _mask_if_login(match: Match) -> str:
    try:
        login = b64decode(match[1] + "===").decode()
    except ValueError:
        return match[0]
    return _mask_group(match) if ":" in login and login.isprintable() else match[0]


def _mask_if_pair(match: Match) -> str:
    if not is_secret_name(match["name"]) or is_placeholder(match["value"]):
        return match[0]
    return match["before"] + MASK + match["after"]


def _mask_if_card(match: Match) -> str:
    digits = "".join(filter(str.isdigit, match[0]))
    return MASK if _CARD.fullmatch(digits) and _passes_luhn(digits) else match[0]


def _mask_if_identity(match: Match) -> str:
    return MASK if _passes_identity(match[0]) else match[0]


def _has_digit(text: str) -> bool:
    return _DIGIT.search(text) is not None


def _passes_luhn(digits: str) -> bool:
    ones = map(int, digits[-1::-2])
    twos = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (sum(ones) + sum(twos)) % 10 == 0


def _passes_identity(number: str) -> bool:
    """Return whether the last character of a Chinese identity number is right (ISO 7064, modulo 11, radix 2)."""
    total = sum(int(digit) * pow(2, 17 - at, 11) for at, digit in enumerate(number[:17]))
    return "10X98765432"[total % 11] == number[17].upper()


_DIGIT: Final = re.compile(r"[0-9]")
_NO_WORD: Final = 24
"""So long is no English word."""
_CARD: Final = re.compile(
    r"4\d{15}|(?:5[1-5]\d\d|222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d{12}|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}"
    r"|6(?:011|4[4-9]\d|5\d\d)\d{12}|62\d{14,17}|35(?:2[89]|[3-8]\d)\d{12}"
)
"""How the numbers of Visa, Mastercard, American Express, Diners, Discover, UnionPay, JCB begin, and their lengths."""


class _Rule(NamedTuple):
    hints: tuple[str, ...]
    """One of these is in the lower case of every text that the pattern finds something in: a much faster question."""
    pattern: re.Pattern[str]
    replace: Callable[[Match], str]


_PREFIXED: Final = {
    ("akia", "asia", "abia", "acca"): r"A(?:KIA|SIA|BIA|CCA)[A-Z0-9]{16}(?![A-Za-z0-9])",  # AWS
    ("gho_", "ghp_", "ghr_", "ghs_", "ghu_", "github_pat_"): r"gh[oprsu]_[A-Za-z0-9]{16,}+|github_pat_\w{22,}+",
    ("gl",): r"gl(?:agent|cbt|dt|ffct|ft|imt|oas|pat|ptt|rt|soat)-[\w-]{16,}+",  # GitLab
    ("xox", "xapp-"): r"xox[a-z]-[\w-]{10,}+|xapp-[\w-]{10,}+",  # Slack
    ("_live_", "_test_", "whsec_"): r"(?:[sr]k|pk)_(?:live|test)_[A-Za-z0-9]{10,}+|whsec_[\w+/=-]{16,}+",  # Stripe
    ("aiza", "ya29.", "gocspx-"): r"AIza[\w-]{35}(?![\w-])|ya29\.[\w-]{20,}+|GOCSPX-[\w-]{20,}+",  # Google
    ("ltai", "altak"): r"LTAI[A-Za-z0-9]{12,26}+|ALTAK[\w-]{16,}+",  # Aliyun, Baidu
    ("akid", "aklt"): r"AKID[A-Za-z0-9]{13,40}+|AKLT[\w-]{20,}+",  # Tencent, Volcengine
    ("npm_", "pypi-", "hf_"): r"npm_[A-Za-z0-9]{30,}+|pypi-[\w-]{40,}+|hf_[A-Za-z0-9]{30,}+",
    ("sg.", "sk", "shp"): r"SG\.[\w-]{16,}+\.[\w-]{16,}+|SK[0-9a-f]{32}(?!\w)|shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}(?!\w)",
    ("_v1_", "dapi", "hvs."): r"do[opr]_v1_[0-9a-f]{64}(?!\w)|dapi[0-9a-f]{32}(?!\w)|hvs\.[\w-]{20,}+",
    ("lin_api_", "pmak-", "atatt3"): r"lin_api_\w{20,}+|PMAK-[\w-]{30,}+|ATATT3[\w=-]{30,}+",
    ("age-secret-key-",): r"AGE-SECRET-KEY-1[0-9A-Z]{30,}+",
}
"""Keys that carry the mark of who gave them out."""

_RULES: Final = (
    _Rule(
        ("private key",),
        re.compile(r"(-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----)((?:[^-]|-(?!----))*+)(-----END )"),
        _mask_lines,
    ),
    _Rule(  # without its end, where the text was cut
        ("private key",),
        re.compile(
            r"(-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----)"
            r"((?:(?:[\s\"']|\\[rn]){0,8}+[A-Za-z0-9+/=]{16,}+)++)()"
        ),
        _mask_lines,
    ),
    _Rule(("://",), re.compile(r"://[^\s/:?#\"'<>\\]{0,200}+:([^\s/?#\"'<>\\]{1,500})(?=@)"), _mask_group),
    _Rule(("://",), re.compile(r"://([^\s/:?#\"'<>\\@]{20,500}+)@"), _mask_if_random),
    _Rule(("eyj",), re.compile(r"(?:(?<![\w-])|(?<=%20))eyJ[\w-]{8,}+\.[\w-]++(?:\.[\w-]*+)*+", re.ASCII), _mask),
    _Rule(
        ("bearer",),
        re.compile(r"(?<!\w)bearer(?:[ \t+]|%20){1,4}+([\w.~+/=-]{8,}+)", re.ASCII | re.IGNORECASE),
        _mask_if_random,
    ),
    _Rule(
        ("basic",),
        re.compile(r"(?<!\w)basic(?:[ \t+]|%20){1,4}+([A-Za-z0-9+/]{6,}+={0,2})", re.ASCII | re.IGNORECASE),
        _mask_if_login,
    ),
    _Rule(
        ("auth",),
        re.compile(r"auth[ ]?=[ ]?\([\"'][^\"'\n]{0,100}+[\"'],[ ]?[\"']([^\"'\n]{1,200}+)(?=[\"']\))"),
        _mask_group,
    ),
    *(
        _Rule(hints, re.compile(rf"(?<![A-Za-z0-9])(?:{pattern})", re.ASCII), _mask)
        for hints, pattern in _PREFIXED.items()
    ),
    _Rule(("sk-",), re.compile(r"(?<![\w-])sk-[\w-]{20,}+", re.ASCII), _mask_if_digit),  # OpenAI, Anthropic, DeepSeek
    _Rule((":aa",), re.compile(r"(?<![\w.-])\d{8,10}:AA[\w-]{33}(?![\w-])", re.ASCII), _mask),  # Telegram
    _Rule(
        ("/hook/", "/services/t"),  # Feishu, Slack
        re.compile(r"(?:/open-apis/bot/v2/hook/|hooks\.slack\.com/services/)([\w/-]{20,}+)", re.ASCII),
        _mask_group,
    ),
    _Rule(
        ("密码", "口令", "密钥", "令牌", "私钥", "验证码"),
        re.compile(r"(?:密码|口令|密钥|令牌|私钥|验证码)(?:为|是)[ \t]{0,4}+([\x21-\x7e]{3,}+)"),
        _mask_group,
    ),
    _Rule(
        ("",),
        re.compile(
            r"\d(?<![\w.+/-].)(?:\d{13,18}+|\d{3}([ -])\d{4}\1\d{4}\1\d{4}(?:\1\d{1,3})?|\d{3}([ -])\d{6}\2\d{4,5})"
            r"(?!\w|[.-]\d)",
            re.ASCII,
        ),
        _mask_if_card,
    ),
    _Rule(
        ("19", "20"),
        re.compile(
            r"[1-9](?<![\w.-].)\d{5}(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?!\w|[.-]\d)",
            re.ASCII,
        ),
        _mask_if_identity,
    ),
)
_PAIR: Final = re.compile(
    r"(?P<before>[(\[][bru]?[\"'](?P<name>[\w.-]{1,100}+)[\"'],[ ]?[bru]?[\"'])"
    r"(?P<value>(?:[^\"'\\\n]|\\.)++)(?P<after>[\"'][)\]])"
)
