"""Which pieces of a text are indexed, and which of them every text has that contains what is searched. Pure.

A gram is three characters of an alphabet, or two of which one is a Chinese, Japanese or Korean one: there a word has
two characters as a rule, and three would not find it. Single characters are grams as well. Case is folded.
"""

from collections.abc import Iterator
from typing import Final

WIDE: Final = "\u2e80"
"""From here on a character says as much as a syllable: Chinese, Japanese, Korean, and symbols such as emoji."""
END: Final = "\0"
"""Stands for the third character where an alphabet's text ends, or a wide character follows. No text has it."""


def contains(text: str, folded: str) -> bool:
    """Whether a text contains another, in any case of letters; the other one is folded already."""
    return folded in text.casefold()


def grams_of(text: str) -> set[str]:
    """Return the grams of a text."""
    folded = text.casefold()
    found = set(folded)
    if folded < WIDE and folded.isascii():
        padded = folded + END  # nearly every text, and a third of the time
        found.update(padded[at : at + 3] for at in range(len(folded) - 1))
    else:
        found.update(_pairs(folded, END))
    return found


def grams_in(text: str) -> list[str]:
    """Return grams that every text has that contains this one, which is not empty.

    The last two characters of an alphabet may be followed by anything, so they begin a gram that is not known.
    """
    folded = text.casefold()
    return list(dict.fromkeys(_pairs(folded, ""))) if len(folded) > 1 else [folded]


def _pairs(text: str, end: str) -> Iterator[str]:
    """Yield the gram that begins at each character but the last."""
    for at in range(len(text) - 1):
        pair, third = text[at : at + 2], text[at + 2 : at + 3]
        if pair[0] >= WIDE or pair[1] >= WIDE:
            yield pair
        elif third:
            yield pair + (END if third >= WIDE else third)
        elif end:
            yield pair + end
