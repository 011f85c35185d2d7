"""Reported texts in messages: whatever they hold, they mention nobody, link nowhere and mark nothing up."""

import re
import unicodedata
from typing import Final

from logcenter_sdk.contract.limits import cut_characters

_GAP: Final = "\N{ZERO WIDTH SPACE}"
_LINE_ENDS: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})
_UNSEEN: Final = "Cf"
"""The category of characters that are not seen but act, such as those that turn the direction of the text."""
_ACTIVE: Final = re.compile(
    r"""
      <(?=\S)           # a tag or a mention: <at user_id="all">, <!channel>, <@userid>, <font …>
    | [@\N{FULLWIDTH COMMERCIAL AT}](?=\S)       # a mention: @all, @everyone
    | &(?=[#\w])        # an entity that becomes one of these
    | \](?=[(\[:])      # the middle of a Markdown link
    | :(?=//)           # an address
    | \bwww(?=[.])
    """,
    re.VERBOSE | re.IGNORECASE,
)
_MARKUP: Final = re.compile(
    r"""
      [\\`*\[\]<>#|~&!]
    | (?<![^\W_])_ | _(?![^\W_])  # an underscore inside a word is none
    | ^[-+=]                      # lists and underlined headings
    | (?<=^\d)[.)] | (?<=^\d\d)[.)] | (?<=^\d{3})[.)] | (?<=^\d{4})[.)]
    """,
    re.VERBOSE,
)
"""What CommonMark reads as markup within one line."""


def harmless(text: str, limit: int) -> str:
    """Return ``text`` as one line of at most so many characters, with a gap in whatever a chat would act upon."""
    seen = "".join(_as_seen(char) for char in text)
    return _ACTIVE.sub(rf"\g<0>{_GAP}", cut_characters(" ".join(seen.split()), limit))


def escaped(line: str) -> str:
    """Return a line so that CommonMark shows it as it is."""
    return _MARKUP.sub(r"\\\g<0>", line)


def _as_seen(char: str) -> str:
    category = unicodedata.category(char)
    return "" if category == _UNSEEN else " " if category in _LINE_ENDS else char
