"""People in free sentences: "ich bin Anna Meier von der Stadt Büren", "bitte melden Sie Anna Meier und Jan Ott an".

Upstream: ``text``, ``names``; downstream: ``people``.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from mailbot.domain.understanding import Participant
from mailbot.understand import names, runs
from mailbot.understand.events import NAME
from mailbot.understand.evidence import SUBJECT, TEXT, Findings
from mailbot.understand.forms import EMAIL
from mailbot.understand.lexicon import Lexicons
from mailbot.understand.normal import fold

_MAX, _NEAR = 8_000, 80
_BRACKET = re.compile(r"[,(]\s?([^,;()\n]{1,80})")
_BRACKETS = re.compile(r"\(([^()\n]{2,80})\)")
_WRAPPED = re.compile(r"([^\n]{55})\n(?=\w)")
_JOIN, _LEAVE = ("register", "attend"), ("cancel", "cannot")


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
    replaces_sender: bool = False  # "statt mir kommt …"
    i_am_private: bool = False  # "ich bin privat hier"
    plural: bool = False  # "we would like to come: A and B"
    mine: str | None = None  # an institution in brackets behind "me"
    somewhere: str | None = None  # the only institution that is named at all


def read(text: str, subject: str, found: Findings, lexicons: Lexicons, *, registering: bool = False) -> Said:
    """Read the sentences of a text and, where it registers somebody, of a subject."""
    text = _WRAPPED.sub(r"\1 ", text)  # a long line goes on in the next; the same length, so places stay
    tokens = runs.tokens_of(text[:_MAX], lexicons.words("fillers"), found)
    intro = runs.phrases(lexicons)
    name = next((n for at in runs.after(tokens, intro["name_intro"]) if (n := runs.name_at(tokens, at)[0])), None)
    joining, leaving = _sentences(found, *_JOIN, "replacement"), _sentences(found, *_LEAVE)
    mine = _beside_me(text, found, joining)
    institution = _private(found) or runs.find_institution(tokens, intro["institution_intro"], intro["institution_intro_sure"])
    gone = _gone(tokens, found, leaving - joining)
    named = _people(tokens, text, found, joining or (_sentences_of(found, TEXT) - leaving if registering else set()))
    if not named and found.all("plural") and joining:  # "Wir sind zwei: A und B. Bitte melden Sie uns an."
        named = _people(tokens, text, found, _sentences_of(found, TEXT) - leaving - found.where("instead_of_me", "substitution"))
        named = named if len(named) > 1 else []
    if found.where("plural", "companions") & joining:
        named += [p for p in _related(tokens, text, intro["other_intro"]) if p.name not in {n.name for n in named}]
    others = [p for p in named if p.name and p.name not in {name, *gone} and p.name not in (institution or "")]
    titled = None if name or others else _in_subject(subject, found)
    elsewhere = [_span(found, n) for n in found.where("absence") if found.sentences[n].where == TEXT]  # "write to … meanwhile"
    written = [m for m in EMAIL.finditer(text[:_MAX]) if not any(a <= m.start() <= b for a, b in elsewhere)]
    emails = [e.rstrip(".") for e in dict.fromkeys(m[0] for m in written)]
    return Said(
        sender=titled or Participant(name=name, institution=institution),
        mine=mine,
        others=tuple(others),
        includes_sender=_includes_sender(found, joining),
        leaving=gone,
        email=emails[0] if len(emails) == 1 else None,
        single_name=_single(tokens, intro["name_intro"]) if found.all("single_name") else None,
        names_sender=_names_sender(found),
        i_am_private=bool({e.sentence for e in found.plain("private_person")} & found.where("first_person")),
        replaces_sender=bool(found.plain("instead_of_me")),
        plural=bool(found.where("plural") & joining),
        somewhere=runs.somewhere(tokens, _questions(found), of_people=bool(named) or len(emails) > 1),
    )


def _questions(found: Findings) -> list[tuple[int, int]]:
    return [_span(found, i) for i, s in enumerate(found.sentences) if s.question and s.where == TEXT]


def _beside_me(text: str, found: Findings, joining: set[int]) -> str | None:
    """An institution in brackets in a sentence that registers the writer: "merken Sie mich vor (Stadt Büren)"."""
    for e in found.all("including_me"):
        if e.sentence in joining and e.where == TEXT:
            start, end = _span(found, e.sentence)
            for match in _BRACKETS.finditer(text, start, min(end + _NEAR, len(text))):
                for piece in match[1].split(","):
                    if names.is_private(piece) or (names.has_mark(piece) and names.is_institution(piece)):
                        return names.institution_or_private(piece)
    return None


def _single(tokens: runs.Tokens, phrases: runs.Intros) -> str | None:
    return next(
        (tokens.words[at] for at in runs.after(tokens, phrases) if at < len(tokens.words) and names.is_capital(tokens.words[at])),
        None,
    )


def _sentences(found: Findings, *signals: str) -> set[int]:
    return {e.sentence for e in found.all(*signals) if e.where == TEXT and not e.negated}


def _sentences_of(found: Findings, where: str) -> set[int]:
    return {i for i, s in enumerate(found.sentences) if s.where == where and s.words}


def _span(found: Findings, number: int) -> tuple[int, int]:
    words = found.sentences[number].words
    return words[0].start, words[-1].end


def _people(tokens: runs.Tokens, text: str, found: Findings, joining: set[int]) -> list[Participant]:
    """People named in sentences that register somebody, each with what stands in brackets behind the name."""
    people = []
    for number in sorted(joining):
        start, end = _span(found, number)
        for name, place in runs.names_between(tokens, start, end):
            email = EMAIL.search(text, place, min(place + _NEAR, end + _NEAR))
            between = text[place : email.start()] if email else ""
            near = email is not None and not any(c.isupper() for c in between)
            people.append(
                Participant(name=name, institution=_bracket(text, place), email=email[0].rstrip(".") if email and near else None)
            )
    return _for_both(people, text)


def _related(tokens: runs.Tokens, text: str, intro: runs.Intros) -> Iterator[Participant]:
    """People named beside their relation to the writer: "my husband is Jan Ott", "meine Kollegin Frau Ott"."""
    v = names.vocabulary()
    places = [i + 1 for i, key in enumerate(tokens.keys[:-2]) if key in v.relatives]
    for start in (*places, *runs.after(tokens, intro)):
        at = start
        while at < len(tokens.words) and at <= start + 1 and not names.is_capital(tokens.words[at]):  # "is", "heißt"
            at += 1
        name, stop = runs.name_at(tokens, at)
        if name:
            place = tokens.places[stop - 1] + len(tokens.words[stop - 1])
            yield Participant(name=name, institution=_bracket(text, place))


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


def _gone(tokens: runs.Tokens, found: Findings, leaving: set[int]) -> tuple[str, ...]:
    """Names in sentences about not coming, and those behind "anstelle von"."""
    gone = [name for number in sorted(leaving) for name, _ in runs.names_between(tokens, *_span(found, number))]
    for e in found.plain("substitution", "replacement"):
        if e.where == TEXT and e.sentence not in _sentences(found, "instead_of_me"):
            start, end = _span(found, e.sentence)
            gone += [name for name, _ in list(runs.names_between(tokens, max(start, e.start), end))[:1]]
    return tuple(dict.fromkeys(gone))


def _in_subject(subject: str, found: Findings) -> Participant | None:
    """Such as "Anmeldung Klima-Werkstatt: Anna Meier, Stadt Büren"."""
    if not any(e.where == SUBJECT for e in found.plain(*_JOIN)):
        return None
    pieces = re.split(r"\s?[:,;|]\s|\s[–—-]\s", subject)
    events = [(w.start, w.end) for s in found.sentences if s.where == SUBJECT for w in s.words if w.text == NAME]
    for i, piece in enumerate(pieces):
        name = names.clean_name(piece)
        at = subject.find(piece)
        if names.is_name(name) and not any(at < end and begin < at + len(piece) for begin, end in events):
            institution = next(
                (names.institution_or_private(p) for p in pieces[i + 1 :] if names.has_mark(p) or names.is_private(p)), None
            )
            return Participant(name=name, institution=institution)
    return None


def _names_sender(found: Findings) -> bool:
    """Such as "ich melde mich und Anna Meier an"; not "ich möchte Anna Meier anmelden, Mails bitte an mich"."""
    spans = [(e.start, e.start + len(e.quote)) for e in found.all(*_JOIN) if e.where == TEXT and not e.negated]
    beside = [e for e in found.all("including_me") if e.sentence in _sentences(found, *_JOIN) and " " in e.quote]
    return bool(beside) or any(begin <= e.start < end for e in found.all("including_me") for begin, end in spans)


def _includes_sender(found: Findings, joining: set[int]) -> bool:
    """Whether the writer takes part too: named beside the others, or "ich nehme mit Anna Meier teil"."""
    attending = _sentences(found, "attend") - _sentences(found, "register")
    return _names_sender(found) or bool(_sentences(found, "first_person") & attending) or not joining


def _private(found: Findings) -> str | None:
    return "privat" if any(not e.negated for e in found.all("private_person")) else None
