"""Institutions in full: with the word that says what they are, between quotation marks, as spelt elsewhere in the mail.

Never takes a word that stands nowhere in the mail. Upstream: ``names``; downstream: ``entities``, ``forms``, ``people``.
"""

import re
from collections.abc import Sequence

from mailbot.understand import names
from mailbot.understand.normal import fold

_LEAD = re.compile(r"([^\W\d_][\w.-]{1,40}) {1,2}([„“\"»«]?)$")
_REACH = 48
_QUOTES = {"„": '“”"', "“": '”"', '"': '"', "»": "«", "«": "»"}
_POSTCODE = 4  # digits
_STREETS = ("str", "straße", "strasse", "weg", "platz", "allee", "gasse", "ring", "street", "road", "lane")
_LONGEST = 6  # words between quotation marks
_INFLECTED = ("en", "es", "n", "s")
_STEM = 4


def whole(text: str, start: int, end: int) -> tuple[int, int, str]:
    """The place and the words of an institution with what belongs to it left and right of the words that were found."""
    begin, stop, quoted = _quoted(text, start, end)
    match = _LEAD.search(text[max(0, begin - quoted - _REACH) : begin - quoted])
    value = " ".join(text[begin:stop].split())
    if match and not match[2] and _leads(match[1]) and not _leads(value.split()[0]):
        return begin - quoted - len(match[0]), stop, f"{match[1]} {value}"
    return begin, stop, value


def _quoted(text: str, start: int, end: int) -> tuple[int, int, int]:
    """All of what stands between quotation marks, if some of it was found; and how many marks stand before it."""
    line = text.rfind("\n", 0, start) + 1
    opened = next((i for i in range(start - 1, max(line, start - _REACH) - 1, -1) if text[i] in _QUOTES), None)
    if opened is None:
        return start, end, 0
    closed = next((i for i in range(end, min(len(text), end + _REACH)) if text[i] in _QUOTES[text[opened]]), None)
    inner = text[opened + 1 : closed]
    if closed is None or "\n" in inner or len(inner.split()) > _LONGEST or any(q in text[opened + 1 : start] for q in _QUOTES):
        return start, end, 0
    return opened + 1, closed, 1


def _leads(word: str) -> bool:
    """Such as "Fraktion", "Ratsfraktion", "Kath.": a word that says what kind of institution follows."""
    key = fold(word.strip("."))
    v = names.vocabulary()
    if not names.is_capital(word):
        return False
    return key in v.house_leads or (not word.endswith(".") and key.endswith(v.house_kinds))


def as_spelt(value: str | None, others: Sequence[str]) -> str | None:
    """The spelling of a signature or a header where the text has less: "our trust", "den Dorfboten", "Delta" for "Delta Ltd."."""
    if not value:
        return value
    return next((o for o in others if o != value and _is_less(names.folded(value), names.folded(o), o)), value)


def _is_less(short: Sequence[str], long: Sequence[str], spelt: str) -> bool:
    v = names.vocabulary()
    if not short or not long:
        return False
    if len(short) == 1 and short[0] in v.bare_marks:
        return len(long) > 1 and any(word.endswith(short[0]) for word in long)
    if len(short) == len(long):
        return list(short[:-1]) == list(long[:-1]) and _inflects(short[-1], long[-1])
    rest = "".join(long[len(short) :])
    return list(long[: len(short)]) == list(short) and bool(v.legal.search(spelt)) and rest.replace(".", "") in v.legal_words


def _inflects(one: str, other: str) -> bool:
    return len(other) >= _STEM and any(one == other + ending for ending in _INFLECTED)


def is_postal(text: str) -> bool:
    """A line of a postal address; a name with a small number is none: "Quartier 37"."""
    words = text.split()
    numbered = len(words) > 1 and words[-1].isdigit() and len(words[-1]) < _POSTCODE and all(w.isalpha() for w in words[:-1])
    return names.is_address(" ".join(words[:-1]) if numbered and not fold(words[-2]).endswith(_STREETS) else text)


def institution_or_private(text: str) -> str | None:
    """Give "privat" for a private person, the institution otherwise, None for nothing."""
    first, _, rest = text.partition("," if "," in text else "/")  # "keine, privat"
    if names.is_private(text) or (names.is_private(rest) and not names.has_mark(first)):
        return "privat"
    return names.clean_institution(text) or None


__all__ = ["as_spelt", "institution_or_private", "is_postal", "whole"]
