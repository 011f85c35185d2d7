"""How the databases spell what lists and statistics ask them. Pure.

These are written for the drivers: SQLAlchemy takes a quarter of a millisecond for each of their statements, and keeps
the parameters that it first met with a statement, of which a set of ids is a megabyte.
"""

import json
from collections.abc import Callable, Collection
from typing import Any, Final

from attrs import frozen

from logcenter_collector.store.search.blocks import Sets, bits_of, digits_of

Parameters = tuple[Any, ...]


@frozen(kw_only=True)
class Spelling:
    """The words of one database; ``{}`` in them is a column."""

    mark: str
    """A parameter."""
    one_of_texts: str
    """Whether a column is one of the texts of a parameter."""
    one_of_numbers: str
    many: Callable[[Collection[Any]], object]
    """Makes a parameter of many texts or numbers."""
    json_rows: str
    """A JSON array of the rows of a group, each an array of some columns."""
    in_set: str
    """Whether an issue's id is in a set. For very many ids, and statements that meet many that are not."""
    set_parameters: Callable[[Sets], Parameters]
    """Makes the parameters of a set that is not empty."""


def _digits(ids: Sets) -> Parameters:
    last, digits = digits_of(ids)
    return last - len(digits) + 1, last, digits, last + 1


def _bits(ids: Sets) -> Parameters:
    first, bits = bits_of(ids)
    return first, first + 8 * len(bits) - 1, bits, first


SQLITE: Final = Spelling(
    mark="?",
    one_of_texts="{} IN (SELECT value FROM json_each(?))",
    one_of_numbers="{} IN (SELECT value FROM json_each(?))",
    many=lambda values: json.dumps([*values]),
    json_rows="json_group_array(json_array({}))",
    # It has no function for bits, but it can cut a digit out of many.
    in_set="CASE WHEN id BETWEEN ? AND ? THEN substr(?, ? - id, 1) = x'31' ELSE 0 END",
    set_parameters=_digits,
)
POSTGRESQL: Final = Spelling(
    mark="%b",
    one_of_texts="{} = ANY(%b::text[])",
    one_of_numbers="{} = ANY(%b::bigint[])",
    many=lambda values: [*values],
    json_rows="json_agg(json_build_array({}))::text",
    in_set="CASE WHEN id BETWEEN %b AND %b THEN get_bit(%b, (id - %b)::int) = 1 ELSE false END",
    set_parameters=_bits,
)
