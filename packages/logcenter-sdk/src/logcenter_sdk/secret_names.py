"""Which names are names of secrets: ``apiKey``, ``HTTP_AUTHORIZATION``, ``用户密码``; not ``monkey``. Pure.

A name says in its last word what it is the name of: ``access_token`` is a token, ``token_count`` is a count.
"""

import re
from functools import lru_cache
from typing import Final

_LONGEST: Final = 200
_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_FILLER: Final = re.compile(
    "again|confirm|confirmation|confirmed|decoded|encoded|hash|hashed|header|plain|plaintext|raw|repeat|str|string|text"
    "|value"
)
"""Last words that change nothing: the hash of a password is as good as a secret."""
_ENDING: Final = re.compile(
    "(?:passwords?|passwd|passwort|passphrase|passcode|pincode|seedphrase|securitycode|secrets?|tokens?|credentials?"
    "|authorization|cookies?|secretid|sessionid|sessid|connectsid"
    "|(?:access|account|admin|aes|api|app|auth|decryption|deploy|encryption|hmac|jwt|licen[cs]e|logcenter|master|private"
    "|rsa|secret|service|session|shared|signing|ssh|webhook|write)keys?)$"
)
"""How the letters of a secret's name end, whatever stands between its words."""
_SHORT: Final = re.compile("bearer|csrf|cvc|cvv|jwt|otp|pwd|totp|xsrf")
"""Last words that other words end with as well."""
_LOGIN: Final = re.compile(
    "admin|auth|basic|bind|db|ftp|http|imap|ldap|mail|mongo|mysql|pg|postgres|proxy|redis|root|rpc|smtp|user"
)
"""What stands before the short words ``pass`` and ``auth`` where they are secrets."""
_NO_SECRETS: Final = re.compile(
    r"(?:next|page|continuation|sync|cancell?ation|cancel|unexpected|expected|illegal|bos|eos|pad|unk|sep|cls|mask|stop"
    r"|prompt|completion|input|output|max|min|total|special|num|added|reasoning|cached)tokens?"
)
"""Tokens of pages, of parsers and of language models."""
_WORKING_DIRECTORY: Final = frozenset({"PWD", "OLDPWD"})
_PARAMETERS: Final = frozenset({"auth", "code", "key", "pin", "session", "sig", "sign", "signature", "state"})
"""What is a secret in the query of an address (a key of an API, a code of OAuth) and an ordinary word elsewhere."""
_CHINESE: Final = re.compile(
    "(?:密码|密碼|口令|密钥|密鑰|秘钥|金鑰|私钥|私鑰|令牌|权杖|權杖|凭证|憑證|凭据|验证码|驗證碼|安全码)(?:值|明文|哈希|确认)?$"
)


def is_secret_name(name: str) -> bool:
    """Return whether a key, a variable or a header of this name holds a secret."""
    return _is_secret(name[-_LONGEST:])


def is_secret_parameter(name: str) -> bool:
    """Return whether a parameter of an address holds a secret."""
    letters = "".join(_WORD.findall(name[-_LONGEST:])).lower()
    return letters in _PARAMETERS or letters.endswith(("signature", "credential")) or is_secret_name(name)


def is_counted(name: str) -> bool:
    """Return whether a number under this name is how many there are of them, and no secret."""
    return name.lower().endswith(("tokens", "cookies"))


@lru_cache(maxsize=2_048)
def _is_secret(name: str) -> bool:
    if not name.isascii() and _CHINESE.search(name.strip()):
        return True
    words = [word.lower() for word in _WORD.findall(name)]
    while len(words) > 1 and _FILLER.fullmatch(words[-1]):
        words.pop()
    if not words or name in _WORKING_DIRECTORY:
        return False
    if _ENDING.search("".join(words)):
        return not _NO_SECRETS.fullmatch("".join(words[-2:]))
    return _SHORT.fullmatch(words[-1]) is not None or _is_login(words)


def _is_login(words: list[str]) -> bool:
    return words[-1] in {"pass", "auth"} and (len(words) == 1 or _LOGIN.fullmatch(words[-2]) is not None)
