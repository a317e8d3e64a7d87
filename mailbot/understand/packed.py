"""Rows of whole numbers as one number each, a field a column: to add up many rows is to add numbers.

Knows neither mails nor what the numbers mean. Downstream: ``chain``, ``linear``.
"""

from collections.abc import Sequence
from functools import lru_cache

_FIELD = 24  # bits: more than the sum of all weights of a model, in hundredths
_MASK = (1 << _FIELD) - 1
_HALF = 1 << (_FIELD - 1)


def pack(row: Sequence[int]) -> int:
    """One number with a field for each column; a negative field borrows of the next, which sums give back."""
    return sum(value << (_FIELD * column) for column, value in enumerate(row))


@lru_cache(maxsize=8192)
def read(row: str) -> int:
    """A row as the models hold it: as in CSV, nothing for nought. A mail needs few of them, so each is read when needed."""
    return pack([int(value or 0) for value in row.split(",")])


@lru_cache(maxsize=4)
def level(columns: int) -> int:
    """What must be added to a sum so that no field is below zero: one constant more in each column."""
    return pack([_HALF] * columns)


def fields(total: int, columns: int) -> list[int]:
    """The columns of a sum that ``level`` was added to, each one constant too large."""
    return [total >> shift & _MASK for shift in range(0, _FIELD * columns, _FIELD)]


def sums(rows: Sequence[int], columns: int) -> list[int]:
    """The sum of each column."""
    return [field - _HALF for field in fields(sum(rows, level(columns)), columns)]


def field(row: int, column: int) -> int:
    """What a row holds in one column."""
    return (row + level(column + 1) >> _FIELD * column & _MASK) - _HALF
