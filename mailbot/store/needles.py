"""Look for many texts at once: the work grows with what is searched, not with how many people are looked for. Pure."""

import re
from collections.abc import Iterable, Iterator

_PIVOT = re.compile("[@ ]")  # every address has the one, every full name the other
_SIDES = (
    (2, 3),
    (1, 2),
)  # how much before and from the pivot on is looked up; the shorter one for a value that begins "a@" or "A "


class Needles:
    """Texts to look for, as they are written: fold the case of both sides before."""

    def __init__(self, values: Iterable[str]) -> None:
        self._by_key: dict[str, list[tuple[str, int]]] = {}
        self._plain: list[str] = []  # those without a pivot
        self._sides: set[tuple[int, int]] = set()
        for value in set(values) - {""}:
            at = _PIVOT.search(value)
            side = next(((b, a) for b, a in _SIDES if at and at.start() >= b and at.start() + a <= len(value)), None)
            if at is None or side is None:
                self._plain.append(value)
            else:
                key = value[at.start() - side[0] : at.start() + side[1]]
                self._by_key.setdefault(key, []).append((value, at.start()))
                self._sides.add(side)

    def __bool__(self) -> bool:
        return bool(self._by_key or self._plain)

    def within(self, text: str) -> Iterator[tuple[str, int]]:
        """Give every value that stands in the text, with each place, as part of a longer word too."""
        for value in self._plain:
            yield from ((value, found.start()) for found in re.finditer(f"(?={re.escape(value)})", text))
        for pivot in _PIVOT.finditer(text) if self._by_key else ():
            at = pivot.start()
            for before, after in self._sides:
                if at >= before:
                    for value, offset in self._by_key.get(text[at - before : at + after], ()):
                        if at >= offset and text.startswith(value, at - offset):
                            yield value, at - offset

    def any_in(self, text: str) -> bool:
        """Whether one of them stands in the text."""
        return next(self.within(text), None) is not None
