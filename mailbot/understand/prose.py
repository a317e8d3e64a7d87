"""People in free sentences: "ich bin Anna Meier von der Stadt Büren", "bitte melden Sie Anna Meier und Jan Ott an".

Upstream: ``text``, ``names``; downstream: ``people``.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache

from mailbot.domain.understanding import Participant
from mailbot.understand import names
from mailbot.understand.events import NAME
from mailbot.understand.evidence import SUBJECT, TEXT, Findings
from mailbot.understand.forms import EMAIL
from mailbot.understand.lexicon import Lexicons
from mailbot.understand.normal import fold

_TOKEN = re.compile(r"[\w.'’´/-]+|[&+]|[,;:()!?\n„“”\"]")
_Intros = dict[str, list[tuple[str, ...]]]
_STOPS = set(',;:()!?\n„“”"')
_MAX, _NEAR = 8_000, 80
_BRACKET = re.compile(r"[,(]\s?([^,;()\n]{1,80})")
_WRAPPED = re.compile(r"([^\n]{55})\n(?=\w)")
_JOIN, _LEAVE = ("register", "attend"), ("cancel", "cannot")
_INNER = {"für", "und", "&", "+", "of", "the", "for", "and", "in", "im", "am", "an", "zur", "zum", "bei", "ob"}


@dataclass(frozen=True, slots=True)
class Said:
    """The writer, the other people who shall take part, the institution, and who shall not take part any more."""

    sender: Participant = field(default_factory=Participant)
    others: tuple[Participant, ...] = ()
    includes_sender: bool = True
    leaving: tuple[str, ...] = ()
    email: str | None = None
    single_name: str | None = None  # "my name is Wulandari (just that)"
    names_sender: bool = False  # "… und mich", "me and …"
    plural: bool = False  # "we would like to come: A and B"
    somewhere: str | None = None  # the only institution that is named at all


@dataclass(frozen=True, slots=True)
class _Tokens:
    words: tuple[str, ...]
    keys: tuple[str, ...]
    places: tuple[int, ...]


def read(text: str, subject: str, found: Findings, lexicons: Lexicons) -> Said:
    """Read the sentences of a text and, where it registers somebody, of a subject."""
    text = _WRAPPED.sub(r"\1 ", text)  # a long line goes on in the next; the same length, so places stay
    tokens = _tokens(text[:_MAX], lexicons.words("fillers"), found)
    intro = _phrases(lexicons)
    name = next((n for at in _after(tokens, intro["name_intro"]) if (n := _name(tokens, at)[0])), None)
    institution = _private(found) or _find_institution(tokens, intro["institution_intro"], intro["institution_intro_sure"])
    joining, leaving = _sentences(found, *_JOIN), _sentences(found, *_LEAVE)
    gone = _gone(tokens, found, leaving - joining)
    named = _people(tokens, text, found, joining)
    if not named and found.all("plural") and joining:  # "Wir sind zwei: A und B. Bitte melden Sie uns an."
        named = _people(tokens, text, found, _sentences_of(found, TEXT) - leaving - found.where("instead_of_me", "substitution"))
        named = named if len(named) > 1 else []
    others = [p for p in named if p.name and p.name not in {name, *gone} and p.name not in (institution or "")]
    titled = None if name or others else _in_subject(subject, found)
    emails = [e.rstrip(".") for e in dict.fromkeys(m[0] for m in EMAIL.finditer(text[:_MAX]))]
    return Said(
        sender=titled or Participant(name=name, institution=institution),
        others=tuple(others),
        includes_sender=_includes_sender(found, joining),
        leaving=gone,
        email=emails[0] if len(emails) == 1 else None,
        single_name=_single(tokens, intro["name_intro"]) if found.all("single_name") else None,
        names_sender=_names_sender(found),
        plural=bool(found.where("plural") & joining),
        somewhere=_somewhere(tokens),
    )


def _single(tokens: _Tokens, phrases: _Intros) -> str | None:
    return next(
        (tokens.words[at] for at in _after(tokens, phrases) if at < len(tokens.words) and names.is_capital(tokens.words[at])), None
    )


def _somewhere(tokens: _Tokens) -> str | None:
    """The only run of capitalised words that holds a word like "Verein"; what stands in brackets is said of one person."""
    found = []
    at = 0
    while at < len(tokens.words):
        value = (
            _institution(tokens, at)
            if names.is_capital(tokens.words[at]) and tokens.keys[at] not in names.vocabulary().no_names
            else None
        )
        behind = at > 0 and tokens.words[at - 1] in {"(", ","}
        if value and not behind and names.has_mark(value) and names.is_institution(value) and not names.is_name(value):
            found.append(value)
        at += max(1, len((value or "").split()))
    return found[0] if len(set(found)) == 1 and len(found[0].split()) > 1 else None


def _sentences(found: Findings, *signals: str) -> set[int]:
    return {e.sentence for e in found.all(*signals) if e.where == TEXT and not e.negated}


def _sentences_of(found: Findings, where: str) -> set[int]:
    return {i for i, s in enumerate(found.sentences) if s.where == where and s.words}


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
            people.append(
                Participant(name=name, institution=_bracket(text, place), email=email[0].rstrip(".") if email and near else None)
            )
    return _for_both(people, text)


def _for_both(people: list[Participant], text: str) -> list[Participant]:
    """Such as "Anna Meier and Jan Ott (both Delta B.V.)": said of the last, meant of all."""
    if len(people) > 1 and (shared := people[-1].institution):
        at = text.find(shared)
        before = {fold(w.strip("(,")) for w in text[max(0, at - 20) : at].split()}
        if before & names.vocabulary().all_of_them:
            return [replace(p, institution=p.institution or shared) for p in people]
    return people


def _bracket(text: str, place: int) -> str | None:
    """Such as "Anna Meier (Stadt Büren)", "Anna Meier, privat"."""
    behind = text[place : place + 90].lstrip()
    match = _BRACKET.match(behind)
    inner = match[1] if match else ""
    words = inner.split()
    while words and (fold(words[0]) in names.vocabulary().no_names or words[0][:1].islower()):
        words.pop(0)  # "both", "beide", "von der"
    for piece in (inner, " ".join(words)):
        if names.is_private(piece) or (names.has_mark(piece) and names.is_institution(piece)):
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


def _in_subject(subject: str, found: Findings) -> Participant | None:
    """Such as "Anmeldung Klima-Werkstatt: Anna Meier, Stadt Büren"."""
    if not any(e.where == SUBJECT for e in found.plain(*_JOIN)):
        return None
    pieces = re.split(r"\s?[:,;|]\s|\s[–—-]\s", subject)
    for i, piece in enumerate(pieces):
        name = names.clean_name(piece)
        if names.is_name(name):
            institution = next(
                (names.institution_or_private(p) for p in pieces[i + 1 :] if names.has_mark(p) or names.is_private(p)), None
            )
            return Participant(name=name, institution=institution)
    return None


def _names_sender(found: Findings) -> bool:
    """Such as "ich melde mich und Anna Meier an"; not "ich möchte Anna Meier anmelden, Mails bitte an mich"."""
    spans = [(e.start, e.start + len(e.quote)) for e in found.all(*_JOIN) if e.where == TEXT and not e.negated]
    return any(begin <= e.start < end for e in found.all("including_me") for begin, end in spans)


def _includes_sender(found: Findings, joining: set[int]) -> bool:
    """Whether the writer takes part too: named beside the others, or "ich nehme mit Anna Meier teil"."""
    attending = _sentences(found, "attend") - _sentences(found, "register")
    return _names_sender(found) or bool(_sentences(found, "first_person") & attending) or not joining


def _tokens(text: str, fillers: frozenset[str], found: Findings) -> _Tokens:
    named = {
        place for s in found.sentences if s.where == TEXT for w in s.words if w.text == NAME for place in range(w.start, w.end)
    }
    matches = [m for m in _TOKEN.finditer(text) if m[0] not in fillers and m.start() not in named]
    words = tuple(m[0] for m in matches)
    return _Tokens(words, tuple(fold(w.strip(".")) for w in words), tuple(m.start() for m in matches))


@lru_cache(maxsize=4)
def _phrases_of(joined: tuple[tuple[str, tuple[str, ...]], ...]) -> dict[str, _Intros]:
    found: dict[str, _Intros] = {}
    for kind, texts in joined:
        by_first: _Intros = {}
        for text in sorted(texts, key=len, reverse=True):
            words = tuple(w for w in text.replace(",", " ,").replace(":", " :").split())
            by_first.setdefault(words[0], []).append(words)
        found[kind] = by_first
    return found


def _phrases(lexicons: Lexicons) -> dict[str, _Intros]:
    kinds = ("name_intro", "institution_intro", "institution_intro_sure")
    return _phrases_of(tuple((kind, lexicons.people(kind)) for kind in kinds))


def _after(tokens: _Tokens, phrases: _Intros) -> Iterator[int]:
    """The places behind each introduction."""
    for at, key in enumerate(tokens.keys):
        for words in phrases.get(key, ()):
            if tokens.keys[at : at + len(words)] == words:
                yield at + len(words)
                break


def _name(tokens: _Tokens, at: int) -> tuple[str | None, int]:
    """The name that begins here, and the place behind it."""
    v = names.vocabulary()
    while at < len(tokens.words) - 1 and tokens.keys[at] in v.salutations | v.roles:
        at += 1  # "Herr Bürgermeister Dr. Anna Meier"
    end = at
    while end < len(tokens.words) and end - at < names.MAX_NAME_WORDS and _belongs(tokens, at, end):
        end += 1
        if tokens.words[end - 1].endswith(".") and len(tokens.words[end - 1]) > 5:  # noqa: PLR2004 - the sentence ends
            break
    while end > at and tokens.keys[end - 1] in names.vocabulary().particles:
        end -= 1
    for stop in range(end, at + 1, -1):
        text = " ".join(tokens.words[at:stop]).rstrip(".")
        if names.is_name(text):
            return names.clean_name(text), stop
    return None, at


def _belongs(tokens: _Tokens, at: int, i: int) -> bool:
    """Whether this word goes on with the name that began before it; "und" only in "von und zu"."""
    v = names.vocabulary()
    word, key = tokens.words[i], tokens.keys[i]
    if (
        word in _STOPS
        or (key in v.salutations and i > at)
        or (key in v.conjunctions and not (i > at and tokens.keys[i - 1] in v.particles))
    ):
        return False
    capital = names.is_capital(word) and key not in v.no_names
    return key in v.titles or capital or (key in v.particles and i > at)


def _names(tokens: _Tokens, start: int, end: int) -> Iterator[tuple[str, int]]:
    """Every name between two places of the text, with the place behind it."""
    at = bisect_left(tokens.places, start)
    while at < len(tokens.words) and tokens.places[at] < end:
        name, stop = _name(tokens, at) if names.is_capital(tokens.words[at]) else (None, at)
        if name and not _part_of_more(tokens, at, stop):
            yield name, tokens.places[stop - 1] + len(tokens.words[stop - 1])
        at = max(stop, at + 1)


def _part_of_more(tokens: _Tokens, at: int, stop: int) -> bool:
    """Such as "Highland Planning" before "Trust", "Grüne Lunge" behind "Bürgerinitiative": no names of people."""
    if at > 0 and names.is_capital(tokens.words[at - 1]) and names.is_mark(tokens.keys[at - 1]):
        return True
    return stop < len(tokens.words) and names.is_capital(tokens.words[stop]) and names.has_mark(tokens.words[stop])


def _find_institution(tokens: _Tokens, before_marked: _Intros, before_any: _Intros) -> str | None:
    """An institution behind "von der", "für", "from": with a word like "Verein" in it, or several words behind a sure one."""
    marked = [v for at in _after(tokens, before_marked) if (v := _institution(tokens, at)) and names.has_mark(v)]
    several = [
        v for at in _after(tokens, before_any) if (v := _institution(tokens, at)) and len(v.split()) > 1 and not _known_word(v)
    ]
    return next((v for v in (*marked, *several) if names.is_institution(v)), None)


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
        if (
            word in _STOPS
            or key in v.salutations
            or not (names.is_capital(word) or inner or (end > at and names.is_mark(key)) or word[:1].isdigit())
        ):
            break
        end += 1
        if word.endswith(".") and len(word) > 4:  # noqa: PLR2004 - the sentence ends; "Co.", "St." go on
            break
    for i in range(at + 1, end):  # "Trust and I'd love to": a new clause
        if tokens.keys[i] in v.no_names and tokens.words[i - 1].lower() in _INNER and tokens.keys[i - 1] in v.conjunctions:
            end = i
            break
    while end > at and tokens.words[end - 1][:1].islower() and not names.is_mark(tokens.keys[end - 1]):
        end -= 1
    value = names.clean_institution(" ".join(tokens.words[at:end]))
    return value or None


def _private(found: Findings) -> str | None:
    return "privat" if any(not e.negated for e in found.all("private_person")) else None
