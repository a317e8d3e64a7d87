"""Tables with an old and a new column: what becomes what, row by row.

Never takes a cell that holds more than a value. Upstream: ``values``, ``lexicon``; downstream: ``corrections``.
"""

import re
from collections.abc import Iterator

from mailbot.understand.lexicon import lexicons
from mailbot.understand.normal import fold
from mailbot.understand.values import whole

_CELLS = re.compile(r"\t|\s?[|;]\s?| {2,20}")


def rows(text: str) -> Iterator[tuple[str, str, str]]:
    """The label, old and new value of every row below a head that names both columns."""
    head: tuple[int, int, int] | None = None
    for line in text.splitlines():
        cells = [cell.strip(" *_") for cell in _CELLS.split(line.strip().strip("|"))]
        if columns := _columns(cells):
            head = columns
        elif head and len(cells) == head[2]:
            old, new = whole(cells[head[0]]), whole(cells[head[1]])
            if old and new:
                yield " ".join(cells[: min(head[:2])]), old, new
        elif line.strip(" |-+=_"):
            head = None


def _columns(cells: list[str]) -> tuple[int, int, int] | None:
    keys = [fold(cell.strip(":")) for cell in cells]
    old = [i for i, key in enumerate(keys) if key in lexicons().corrections("old_heads")]
    new = [i for i, key in enumerate(keys) if key in lexicons().corrections("new_heads")]
    return (old[0], new[0], len(cells)) if len(old) == 1 and len(new) == 1 else None
