"""People in free sentences: "ich bin Anna Meier von der Stadt Büren", "bitte melden Sie Anna Meier und Jan Ott an".

Upstream: ``text``, ``names``; downstream: ``people``.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from mailbot.domain.understanding import Participant
from mailbot.understand import names
from mailbot.understand.evidence import SUBJECT, TEXT, Findings
from mailbot.understand.forms import EMAIL
from mailbot.understand.lexicon import Lexicons
from mailbot.understand.normal import fold

_TOKEN = re.compile(r"[\w.'’´/-]+|[&+]|[,;:()!?\n„“”\"]")  # noqa: RUF001
_STOPS = set(",;:()!?\n„“”\"")
_MAX, _NEAR = 8_000, 80
_BRACKET = re.compile(r"[,(]\s?([^()\n]{1,80}?)(?:\)|\n|$)")
_JOIN, _LEAVE = ("register", "attend"), ("cancel", "cannot")
_INNER = {"für", "und", "&", "+", "of", "the", "for", "and", "in", "im", "am", "an", "zur", "zum", "bei", "ob"}


@dataclass(frozen=True, slots=True)
class Said:
    """The writer, the other people who shall take part, the institution, and who shall not take part any more."""

    sender: Participant = Participant()
    others: tuple[Participant, ...] = ()
    includes_sender: bool = True
    leaving: tuple[str, ...] = ()
    email: str | None = None


@dataclass(frozen=True, slots=True)
class _Tokens:
    words: tuple[str, ...]
    keys: tuple[str, ...]
    places: tuple[int, ...]


def read(text: str, subject: str, found: Findings, lexicons: Lexicons) -> Said:
    """Read the sentences of a text and, where it registers somebody, of a subject."""
    tokens = _tokens(text[:_MAX])
    intro = _phrases(lexicons)
    name = next((n for at in _after(tokens, intro["name_intro"]) if (n := _name(tokens, at)[0])), None)
    institution = _private(found) or _find_institution(tokens, intro["institution_intro"])
    joining, leaving = _sentences(found, *_JOIN), _sentences(found, *_LEAVE)
    gone = _gone(tokens, found, leaving - joining)
    others = [p for p in _people(tokens, text, found, joining) if p.name not in {name, *gone}]
    if not text.strip() or not others:
        others = [p for p in _in_subject(subject, found) if p.name != name] or others
    emails = [e.rstrip(".") for e in dict.fromkeys(m[0] for m in EMAIL.finditer(text[:_MAX]))]
    return Said(
        sender=Participant(name=name, institution=institution),
        others=tuple(others),
        includes_sender=_includes_sender(found, joining),
        leaving=gone,
        email=emails[0] if len(emails) == 1 else None,
    )


def _sentences(found: Findings, *signals: str) -> set[int]:
    return {e.sentence for e in found.all(*signals) if e.where == TEXT and not e.negated}


def _span(found: Findings, number: int) -> tuple[int, int]:
    words = found.sentences[number].words
    return words[0].start, words[-1].end


def _people(tokens: _Tokens, text: str, found: Findings, joining: set[int]) -> list[Participant]:
    """People named in sentences that register somebody, each with what stands in brackets behind the name."""
    people = []
    for number in sorted(joining):
        start, end = _span(found, number)
        for name, place in _names(tokens, start, end):
            email = EMAIL.search(text, place, min(place + _NEAR, end + _NEAR))
            between = text[place : email.start()] if email else ""
            near = email is not None and not any(c.isupper() for c in between)
            people.append(Participant(name=name, institution=_bracket(text, place), email=email[0].rstrip(".") if email and near else None))
    return people


def _bracket(text: str, place: int) -> str | None:
    """"Anna Meier (Stadt Büren)", "Anna Meier, privat"."""
    behind = text[place : place + 90].lstrip()
    match = _BRACKET.match(behind)
    inner = match[1] if match else ""
    for piece in inner.split(","):
        if names.is_private(piece) or (names.has_mark(piece) and not names.is_role(piece)):
            return names.institution_or_private(piece)
    return None


def _gone(tokens: _Tokens, found: Findings, leaving: set[int]) -> tuple[str, ...]:
    """Names in sentences about not coming, and those behind "anstelle von"."""
    gone = [name for number in sorted(leaving) for name, _ in _names(tokens, *_span(found, number))]
    for e in found.plain("substitution"):
        if e.where == TEXT and e.sentence not in _sentences(found, "instead_of_me"):
            start, end = _span(found, e.sentence)
            gone += [name for name, _ in list(_names(tokens, max(start, e.start), end))[:1]]
    return tuple(dict.fromkeys(gone))


def _in_subject(subject: str, found: Findings) -> list[Participant]:
    if not any(e.where == SUBJECT for e in found.plain(*_JOIN)):
        return []
    pieces = re.split(r"\s?[:,;|]\s|\s[–—-]\s", subject)  # noqa: RUF001
    for i, piece in enumerate(pieces):
        name = names.clean_name(piece)
        if names.is_name(name):
            institution = next((names.institution_or_private(p) for p in pieces[i + 1 :] if names.has_mark(p) or names.is_private(p)), None)
            return [Participant(name=name, institution=institution)]
    return []


def _includes_sender(found: Findings, joining: set[int]) -> bool:
    """"Ich melde mich und Anna Meier an"; not "ich möchte Anna Meier anmelden"."""
    me, first = _sentences(found, "including_me"), _sentences(found, "first_person")
    attending = _sentences(found, "attend") - _sentences(found, "register")
    return bool(me & joining) or bool(first & attending) or not joining


def _tokens(text: str) -> _Tokens:
    matches = list(_TOKEN.finditer(text))
    words = tuple(m[0] for m in matches)
    return _Tokens(words, tuple(fold(w.strip(".")) for w in words), tuple(m.start() for m in matches))


@lru_cache(maxsize=4)
def _phrases_of(joined: tuple[tuple[str, tuple[str, ...]], ...]) -> dict[str, dict[str, list[tuple[str, ...]]]]:
    found: dict[str, dict[str, list[tuple[str, ...]]]] = {}
    for kind, texts in joined:
        by_first: dict[str, list[tuple[str, ...]]] = {}
        for text in sorted(texts, key=len, reverse=True):
            words = tuple(w for w in text.replace(",", " ,").replace(":", " :").split())
            by_first.setdefault(words[0], []).append(words)
        found[kind] = by_first
    return found


def _phrases(lexicons: Lexicons) -> dict[str, dict[str, list[tuple[str, ...]]]]:
    kinds = ("name_intro", "institution_intro", "person_intro")
    return _phrases_of(tuple((kind, lexicons.people(kind)) for kind in kinds))


def _after(tokens: _Tokens, phrases: dict[str, list[tuple[str, ...]]]) -> Iterator[int]:
    """The places behind each introduction."""
    for at, key in enumerate(tokens.keys):
        for words in phrases.get(key, ()):
            if tokens.keys[at : at + len(words)] == words:
                yield at + len(words)
                break


def _name(tokens: _Tokens, at: int) -> tuple[str | None, int]:
    """The name that begins here, and the place behind it."""
    v = names.vocabulary()
    end = at
    while end < len(tokens.words) and end - at < names.MAX_NAME_WORDS:
        word, key = tokens.words[end], tokens.keys[end]
        if word in _STOPS:
            break
        if key in v.titles or (names.is_capital(word) and key not in v.no_names and not names.is_mark(key)) or (key in v.particles and end > at):
            end += 1
        else:
            break
    while end > at and tokens.keys[end - 1] in v.particles:
        end -= 1
    for stop in range(end, at + 1, -1):
        text = " ".join(tokens.words[at:stop]).rstrip(".")
        if names.is_name(text):
            return names.clean_name(text), stop
    return None, at


def _names(tokens: _Tokens, start: int, end: int) -> Iterator[tuple[str, int]]:
    """Every name between two places of the text, with the place behind it."""
    at = bisect_left(tokens.places, start)
    while at < len(tokens.words) and tokens.places[at] < end:
        name, stop = _name(tokens, at) if names.is_capital(tokens.words[at]) else (None, at)
        if name:
            yield name, tokens.places[stop - 1] + len(tokens.words[stop - 1])
        at = max(stop, at + 1)


def _find_institution(tokens: _Tokens, phrases: dict[str, list[tuple[str, ...]]]) -> str | None:
    """An institution behind "von der", "für", "from": with a word like "Verein" in it, or two names' worth of words."""
    found = [value for at in _after(tokens, phrases) if (value := _institution(tokens, at))]
    marked = [value for value in found if names.has_mark(value)]
    several = [v for v in found if len([w for w in v.split() if names.is_capital(w)]) > 1 and not names.is_role(v) and not _known_word(v)]
    return (marked or several or [None])[0]


def _known_word(value: str) -> bool:
    return any(w in names.vocabulary().no_names or w in names.vocabulary().salutations for w in names.folded(value))


def _institution(tokens: _Tokens, at: int) -> str | None:
    v = names.vocabulary()
    while at < len(tokens.words) and tokens.keys[at] in v.articles:
        at += 1
    end = at
    while end < len(tokens.words) and end - at < names.MAX_INSTITUTION_WORDS:
        word, key = tokens.words[end], tokens.keys[end]
        inner = end > at and (word.lower() in _INNER or key in v.articles or key in v.particles)
        if word in _STOPS or not (names.is_capital(word) or inner or (end > at and names.is_mark(key)) or word[:1].isdigit()):
            break
        end += 1
        if word.endswith(".") and not names.is_mark(key) and len(word) > 4:  # noqa: PLR2004
            break
    while end > at and (tokens.words[end - 1].lower() in _INNER or tokens.keys[end - 1] in v.articles | v.particles):
        end -= 1
    value = names.clean_institution(" ".join(tokens.words[at:end]))
    return value or None


def _private(found: Findings) -> str | None:
    return "privat" if any(not e.negated for e in found.all("private_person")) else None
