"""Runs of capitalised words in running text: which of them are people's names, which institutions', and where they begin.

Upstream: ``names``, ``events``; downstream: ``prose``.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from mailbot.understand import names
from mailbot.understand.events import DATE, NAME
from mailbot.understand.evidence import TEXT, Findings
from mailbot.understand.lexicon import Lexicons
from mailbot.understand.normal import fold

_TOKEN = re.compile(r"[\w.'’´/-]+|[&+]|[,;:()!?\n„“”\"]")
_FEW, _SHORT_NAME, _SPACE = 1, 3, 2
Intros = dict[str, list[tuple[str, ...]]]
_STOPS = set(',;:()!?\n„“”"')


@dataclass(frozen=True, slots=True)
class Tokens:
    """The words of a text as written and folded, with their places."""

    words: tuple[str, ...]
    keys: tuple[str, ...]
    places: tuple[int, ...]


def tokens_of(text: str, fillers: frozenset[str], found: Findings) -> Tokens:
    """Part a text into words; fillers, the event's name and its date are left out."""
    named = {
        place
        for s in found.sentences
        if s.where == TEXT
        for w in s.words
        if w.text in {NAME, DATE}
        for place in range(w.start, w.end)
    }
    matches = [m for m in _TOKEN.finditer(text) if m[0] not in fillers and m.start() not in named]
    words = tuple(m[0] for m in matches)
    return Tokens(words, tuple(fold(w.strip(".")) for w in words), tuple(m.start() for m in matches))


def _adjacent(tokens: Tokens, i: int) -> bool:
    """Whether no word was left out before this one (a filler, the event's name)."""
    return i == 0 or tokens.places[i] - tokens.places[i - 1] - len(tokens.words[i - 1]) <= _SPACE


def name_at(tokens: Tokens, at: int) -> tuple[str | None, int]:
    """The name that begins here, and the place behind it."""
    v = names.vocabulary()
    while at < len(tokens.words) - 1 and tokens.keys[at] in v.before_names:
        at += 1  # "Herr Bürgermeister Dr. Anna Meier"
    end = at
    while end < len(tokens.words) and end - at < names.MAX_NAME_WORDS and _belongs(tokens, at, end):
        end += 1
        if _ends_sentence(tokens, end - 1):
            break
    while end > at and tokens.keys[end - 1] in v.particles and not names.is_capital(tokens.words[end - 1]):
        end -= 1
    for stop in range(end, at + 1, -1):
        text = " ".join(tokens.words[at:stop]).rstrip(".")
        if names.is_name(text):
            return names.clean_name(text), stop
    return None, at


def _ends_sentence(tokens: Tokens, i: int) -> bool:
    """Whether the full stop behind this word ends the sentence; behind initials, titles and abbreviations it does not."""
    v = names.vocabulary()
    word, key = tokens.words[i], tokens.keys[i]
    return word.endswith(".") and len(word) > 2 and key not in v.abbreviations and key not in v.titles  # noqa: PLR2004


def _belongs(tokens: Tokens, at: int, i: int) -> bool:
    """Whether this word goes on with the name that began before it; "und" only in "von und zu"."""
    v = names.vocabulary()
    word, key = tokens.words[i], tokens.keys[i]
    if (
        word in _STOPS
        or (i > at and not _adjacent(tokens, i))
        or (key in v.salutations and i > at)
        or (key in v.conjunctions and not (i > at and tokens.keys[i - 1] in v.particles))
    ):
        return False
    capital = names.is_capital(word) and key not in v.no_names
    return key in v.titles or capital or (key in v.particles and i > at)


def names_between(tokens: Tokens, start: int, end: int) -> Iterator[tuple[str, int]]:
    """Every name between two places of the text, with the place behind it."""
    at = bisect_left(tokens.places, start)
    while at < len(tokens.words) and tokens.places[at] < end:
        name, stop = name_at(tokens, at) if names.is_capital(tokens.words[at]) else (None, at)
        if name and not _part_of_more(tokens, at, stop) and not _thing(tokens, at):
            end_of = tokens.places[stop - 1] + len(tokens.words[stop - 1])
            if other := _couple(tokens, at):
                yield f"{other} {name.split()[-1]}", end_of
            yield name, end_of
        at = max(stop, at + 1)


def _couple(tokens: Tokens, at: int) -> str | None:
    """The first name before "und Jan Ott" in "Anna und Jan Ott": one surname for two."""
    v = names.vocabulary()
    if at < 2 or tokens.keys[at - 1] not in v.conjunctions or not _adjacent(tokens, at):  # noqa: PLR2004
        return None
    word, key = tokens.words[at - 2], tokens.keys[at - 2]
    before = tokens.keys[at - 3] if at > 2 else ""  # noqa: PLR2004
    goes_on = bool(before) and _adjacent(tokens, at - 2) and (names.is_capital(tokens.words[at - 3]) or before in v.particles)
    alone = not goes_on or (before in v.no_names and before not in v.particles)
    plain = names.is_capital(word) and word.replace("-", "").isalpha() and not names.is_mark(key)
    return word if alone and plain and key not in v.never_names else None


def _thing(tokens: Tokens, at: int) -> bool:
    """Such as "den Löschzug Mitte": an article stands before things, hardly before people."""
    v = names.vocabulary()
    article = at > 0 and _adjacent(tokens, at) and tokens.keys[at - 1] in v.determiners
    return article and tokens.keys[at] not in v.of_people


def _part_of_more(tokens: Tokens, at: int, stop: int) -> bool:
    """Such as "Highland Planning" before "Trust", "Grüne Lunge" behind "Bürgerinitiative": no names of people."""
    if at > 0 and names.is_capital(tokens.words[at - 1]) and names.is_mark(tokens.keys[at - 1]):
        return True
    return stop < len(tokens.words) and names.is_capital(tokens.words[stop]) and names.has_mark(tokens.words[stop])


def institution_at(tokens: Tokens, at: int) -> str | None:
    """The institution that begins here: capitalised words, with "für" or "of the" between them."""
    v = names.vocabulary()
    if at < len(tokens.words) and not _adjacent(tokens, at):
        return None
    while at < len(tokens.words) and tokens.keys[at] in v.articles:
        at += 1
    end = _run(tokens, at)
    for i in range(at + 1, end):  # "Trust and I'd love to": a new clause
        if tokens.keys[i] in v.no_names and tokens.keys[i - 1] in v.inner and tokens.keys[i - 1] in v.conjunctions:
            end = i
            break
    while end > at and tokens.words[end - 1][:1].islower() and not names.is_mark(tokens.keys[end - 1]):
        end -= 1
    return names.clean_institution(" ".join(tokens.words[at:end])) or None


def _run(tokens: Tokens, at: int) -> int:
    """The place behind the words that may go on with an institution's name."""
    end = at
    while end < len(tokens.words) and end - at < names.MAX_INSTITUTION_WORDS and _goes_on(tokens, at, end):
        end += 1
        if _ends_sentence(tokens, end - 1):
            break  # the sentence ends
    return end


def _goes_on(tokens: Tokens, at: int, i: int) -> bool:
    v = names.vocabulary()
    word, key = tokens.words[i], tokens.keys[i]
    if word in _STOPS or (i > at and not _adjacent(tokens, i)) or key in v.salutations:
        return False
    if i > at and word.isupper() and len(word) > 2 and key in v.everyday:  # noqa: PLR2004 - a text all in capitals goes on
        return False
    inner = i > at and (key in v.inner or key in v.articles or key in v.particles or names.is_mark(key))
    return names.is_capital(word) or inner or word[:1].isdigit()


def _careless(tokens: Tokens, at: int) -> str | None:
    """An institution in a text without capitals, as typed on a phone: "von der bäckerei lohmann"."""
    v = names.vocabulary()
    while at < len(tokens.words) and tokens.keys[at] in v.articles:
        at += 1
    end = at
    while (
        end < len(tokens.words)
        and end - at < _SHORT_NAME
        and tokens.words[end].replace("-", "").isalpha()
        and tokens.keys[end] not in v.everyday
    ):
        end += 1
    if end - at < 2 or not names.is_plain_mark(tokens.keys[at]):  # noqa: PLR2004 - "verein" alone: which?
        return None
    return names.clean_institution(" ".join(w[:1].upper() + w[1:] for w in tokens.words[at:end]))


def find_institution(tokens: Tokens, before_marked: Intros, before_any: Intros) -> str | None:
    """An institution behind "von der", "für", "from": with a word like "Verein" in it, or several words behind a sure one."""
    marked = [v for at in after(tokens, before_marked) if (v := institution_at(tokens, at)) and names.has_mark(v)]
    if not marked and sum(names.is_capital(w) and w.isalpha() for w in tokens.words) <= _FEW:
        marked = [v for at in after(tokens, before_marked) if (v := _careless(tokens, at))]
    several = [
        v for at in after(tokens, before_any) if (v := institution_at(tokens, at)) and len(v.split()) > 1 and not _known_word(v)
    ]
    return next((v for v in (*marked, *several) if names.is_institution(v)), None)


def _known_word(value: str) -> bool:
    return any(w in names.vocabulary().no_names or w in names.vocabulary().salutations for w in names.folded(value))


def somewhere(tokens: Tokens, asked: list[tuple[int, int]], *, of_people: bool) -> str | None:
    """The only run of capitalised words outside questions with a word like "Verein"; in brackets it is said of one person."""
    found = []
    at = 0
    while at < len(tokens.words):
        value = (
            institution_at(tokens, at)
            if names.is_capital(tokens.words[at]) and tokens.keys[at] not in names.vocabulary().no_names
            else None
        )
        behind = (of_people and at > 0 and tokens.words[at - 1] in {"(", ","}) or any(a <= tokens.places[at] < b for a, b in asked)
        if value and not behind and names.has_mark(value) and names.is_institution(value) and not names.is_name(value):
            found.append(value)
        at += max(1, len((value or "").split()))
    same = {_nominative(value) for value in found}
    return min(found, key=len) if len(same) == 1 and len(found[0].split()) > 1 else None


def _nominative(value: str) -> str:
    """Such as "des Berufskollegs Nord" and "Berufskolleg Nord": the same."""
    first, _, rest = value.partition(" ")
    return f"{first.rstrip('es')} {rest}"


@lru_cache(maxsize=4)
def _phrases_of(joined: tuple[tuple[str, tuple[str, ...]], ...]) -> dict[str, Intros]:
    found: dict[str, Intros] = {}
    for kind, texts in joined:
        by_first: Intros = {}
        for text in sorted(texts, key=len, reverse=True):
            words = tuple(w for w in text.replace(",", " ,").replace(":", " :").split())
            by_first.setdefault(words[0], []).append(words)
        found[kind] = by_first
    return found


def phrases(lexicons: Lexicons) -> dict[str, Intros]:
    """Give the introductions of names and institutions by kind."""
    kinds = ("name_intro", "other_intro", "institution_intro", "institution_intro_sure")
    return _phrases_of(tuple((kind, lexicons.people(kind)) for kind in kinds))


def after(tokens: Tokens, phrases: Intros) -> Iterator[int]:
    """The places behind each introduction."""
    for at, key in enumerate(tokens.keys):
        for words in phrases.get(key, ()):
            if tokens.keys[at : at + len(words)] == words:
                yield at + len(words)
                break
