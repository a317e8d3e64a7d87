"""Corrections that a mail states plainly: which value becomes which (GDPR Art. 16). Never guesses a value.

Phrases with ``{old}`` and ``{new}`` in the lexicons say how. Upstream: ``lexicon``, ``names``; downstream: ``reading``.
"""

import re
from functools import lru_cache

from mailbot.domain.understanding import Correction
from mailbot.understand import names
from mailbot.understand.forms import EMAIL, label
from mailbot.understand.lexicon import Lexicons, lexicons

_MAX = 6_000
_VALUE = r"[\"„“”'»«]?([^\s\"„“”»«,;:!?\n][^\"„“”»«,;:!?\n]{1,60}?)[\"„“”'»«]?"


@lru_cache(maxsize=1)
def _patterns() -> tuple[tuple[re.Pattern[str], tuple[str, ...]], ...]:
    return tuple(_compiled(line) for line in lexicons().people("corrections"))


def _compiled(line: str) -> tuple[re.Pattern[str], tuple[str, ...]]:
    """Make one bounded pattern of a phrase; a value ends at the next word of the phrase or at punctuation."""
    order: list[str] = []
    parts = []
    for word in line.split():
        if word.strip("{},") in {"old", "new"}:
            order.append(word.strip("{},"))
            parts.append(_VALUE + (r"\s?," if word.endswith(",") else ""))
        elif word == "_":
            parts.append(r"\S{1,30}")
        else:
            parts.append(re.escape(word).replace(r"\*", r"\w{0,12}").replace(r"\|", "|"))
    pattern = r"\s{1,3}".join(parts).replace(r"\(", "(?:").replace(r"\)", ")").replace(r"\s{1,3}:", r"\s?:")
    end = r"(?=\s{0,3}(?:\.(?=\s|$)|[,;:!?\n\"“”»«)]|$))" if line.rstrip().endswith("}") else ""
    return re.compile(rf"(?<!\w){pattern}{end}", re.IGNORECASE), tuple(order)


def corrections(text: str) -> tuple[Correction, ...]:
    """Give the corrections of a text, once each."""
    flat = "\n".join(" ".join(line.split()) for line in text[:_MAX].splitlines() if line.strip())
    found: dict[str, Correction] = {}
    for pattern, order in _patterns():
        for match in pattern.finditer(flat):
            values = {name: _clean(value) for name, value in zip(order, match.groups(), strict=True)}
            correction = _correction(values, flat[max(0, match.start() - 120) : match.end() + 60], lexicons())
            if correction:
                found.setdefault(correction.new.casefold(), correction)
    return tuple(found.values())[:5]


def _clean(value: str) -> str:
    return value.strip(" .\"'„“”»«()")


def _correction(values: dict[str, str], around: str, known: Lexicons) -> Correction | None:
    """Which field it is: an address by its form, an institution by its words, else a name with capitals."""
    new, old = values.get("new", ""), values.get("old")
    if "@" in new:
        email = EMAIL.search(new)
        return Correction(field="email", new=email[0].rstrip("."), old=old) if email else None
    if not new or (not names.is_capital(new) and not names.is_private(new)):
        return None
    kinds = {label(word.strip('.,:;()"„“'), known) for word in around.split()}
    if names.is_private(new) or names.has_mark(new) or ("institution" in kinds and not kinds & {"name", "last_name", "first_name"}):
        return Correction(field="institution", new=names.institution_or_private(new) or new, old=old)
    words = new.split()
    if len(words) > names.MAX_NAME_WORDS or not all(
        names.is_capital(w) or w.lower() in names.vocabulary().particles for w in words
    ):
        return None
    return Correction(field="name", new=new, old=old)
