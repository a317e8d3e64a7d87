"""Asking back: what was understood travels with the question's token, so that a short answer completes it. Pure.

A question is a ``yes`` token with the action ``asked``; its data say which question it is and hold the first mail's wish
(people included, since they would be lost otherwise; the token and its data go after seven days or with their event).
An answer that says something else is an ordinary mail: it is decided from its own words and the question stays open.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from enum import StrEnum

from mailbot.domain.decision import LinkWord, Nature
from mailbot.domain.facts import Registration, Token
from mailbot.domain.mail import fold_address
from mailbot.domain.states import Purpose
from mailbot.domain.understanding import Action, Choice, Correction, Intent, Participant, RequestKind, Understanding
from mailbot.intents.base import Case
from mailbot.intents.people import in_text, named, persons, words
from mailbot.intents.plan import Plan, as_people
from mailbot.settings import Event, in_language

ASKED = "asked"
_SHORT = 12  # words: a longer text is more than an answer to "which?"


class Question(StrEnum):
    """What was asked."""

    EVENT = "event"
    PERSON = "person"
    LEAVE = "leave"


def pack(understood: Understanding) -> dict[str, str]:
    """Write down what an answer will need, as the data of a token."""
    kept = {
        "intent": understood.intent,
        "wishes": list(understood.wishes),
        "kinds": list(understood.request_kinds),
        "participants": [asdict(p) for p in understood.participants],
        "leaving": list(understood.leaving),
        "corrections": [asdict(c) for c in understood.corrections],
        "events": list(understood.events),
        "against_mailings": understood.against_mailings,
        "wants_mailings": understood.wants_mailings,
    }
    return {"wish": json.dumps(kept, ensure_ascii=False)}


def unpack(data: Mapping[str, str], now: Understanding) -> Understanding:
    """Give the wish that was written down, said in the words and the language of the mail that answers."""
    kept = json.loads(data.get("wish", "{}"))
    return replace(
        now,
        intent=Intent(kept.get("intent", Intent.UNCLEAR)),
        wishes=tuple(Intent(w) for w in kept.get("wishes", [])),
        action=Action.ACT,
        request_kinds=tuple(RequestKind(k) for k in kept.get("kinds", [])),
        participants=tuple(Participant(**p) for p in kept.get("participants", [])),
        leaving=tuple(kept.get("leaving", [])),
        corrections=tuple(Correction(**c) for c in kept.get("corrections", [])),
        events=tuple(kept.get("events", [])),
        against_mailings=kept.get("against_mailings", False),
        wants_mailings=kept.get("wants_mailings", False),
        bare_leave=False,
        about=None,
        answer=None,
    )


def ask_event(plan: Plan, to: str, events: Sequence[Event], wish: Intent) -> None:
    """Ask which of several events is meant."""
    titles = [in_language(e.title, plan.case.language_of(to)) for e in events]
    _ask(plan, Question.EVENT, wish, "which-event", to, choices=titles, wish=wish.value)
    plan.note("asked which event is meant")


def ask_person(plan: Plan, to: str, rows: Sequence[Registration], wish: Intent | RequestKind) -> None:
    """Ask who of the people on one address is meant."""
    right = isinstance(wish, RequestKind)
    intent = Intent.DATA_SUBJECT_REQUEST if right else Intent(wish)
    nature = Nature.RIGHTS if right else Nature.ANSWER
    event = rows[0].event if len({r.event for r in rows}) == 1 else None
    _ask(plan, Question.PERSON, intent, "which-person", to, event=event, nature=nature, people=as_people(rows), wish=wish.value)
    plan.note("asked who is meant")


def ask_leave(plan: Plan, to: str, event: str | None, links: Sequence[LinkWord]) -> None:
    """Ask whether somebody leaves the event or the information mails (LABELS rule 3)."""
    _ask(plan, Question.LEAVE, Intent.CANCELLATION, "which-leave", to, event=event, links=tuple(links))
    plan.note("asked what is to be left")


def _ask(plan: Plan, question: Question, about: Intent, template: str, to: str, **letter: object) -> None:
    """Ask about one wish: what else the mail wanted is done already. A seat that is handed on needs both its halves."""
    understood = plan.case.understanding
    wishes = (about, Intent.REGISTRATION) if about is Intent.CANCELLATION and understood.participants else (about,)
    kept = replace(understood, intent=about, wishes=wishes, wants_mailings=False)
    data = {"question": question.value, **pack(kept)}
    plan.letter(template, to, purpose=Purpose.YES, action=ASKED, data=data, **letter)  # type: ignore[arg-type]  # by name


def resume(case: Case) -> Case:
    """Give the case that an answer to our open question makes, or the same case when it answers none."""
    token = case.token(Purpose.YES, ASKED)
    if token is None or case.forced:
        return case
    asked = unpack(token.data, case.understanding)
    if not _answers(case.understanding, asked):
        return case
    found = _RESUME[Question(token.data.get("question", Question.EVENT))](case, token, asked)
    return case if found is None else replace(found, acting_for=token.address, continues=token)


def _answers(said: Understanding, asked: Understanding) -> bool:
    """Whether the mail's own wish can be an answer: the same wish again, or no wish of its own."""
    if said.action is Action.REVIEW and said.intent is not Intent.UNCLEAR:
        return False
    neutral = {Intent.CONFIRMATION, Intent.UNCLEAR, Intent.QUESTION, Intent.REGISTRATION, *asked.wishes, asked.intent}
    leaving = {Intent.CANCELLATION, Intent.UNSUBSCRIBE}
    if asked.intent in leaving:
        neutral |= leaving
    return said.intent in neutral and not (said.intent is Intent.QUESTION and "?" in said.own_text)


def _event(case: Case, token: Token, asked: Understanding) -> Case | None:
    said = case.understanding
    if len(said.events) != 1:
        return None
    known = {(p.name or "").casefold() for p in asked.participants}
    more = tuple(p for p in said.participants if p.name and p.name.casefold() not in known and not _is(p, token.address))
    people = (*asked.participants, *more) if asked.participants else said.participants
    return replace(case, understanding=replace(asked, events=said.events, participants=people))


def _is(person: Participant, address: str) -> bool:
    return person.email is None or fold_address(person.email) == fold_address(address)


def _person(case: Case, token: Token, asked: Understanding) -> Case | None:
    rows, said = case.facts.registered(token.address), case.understanding
    names = [*said.leaving, *(p.name for p in said.participants if p.name)]
    found = tuple(r for name in names for r in named(rows, name)) if len(names) == 1 else ()
    found = in_text(rows, said.own_text, first_names=True) or found
    if not found and Choice.ALL in said.choices:
        found = rows
    if not found or not persons(found):
        return None
    return replace(case, understanding=replace(asked, leaving=()), meant=tuple(r.id for r in found))


def _leave(case: Case, token: Token, asked: Understanding) -> Case | None:
    said = case.understanding
    spoken = set(words(said.own_text)) if len(words(said.own_text)) <= _SHORT else set()
    titles = {w for e in case.settings.events if e.id == token.event for k in e.keywords for w in words(k)}
    mailings = Choice.MAILINGS in said.choices or (said.intent is Intent.UNSUBSCRIBE and not said.bare_leave)
    told = Choice.EVENT in said.choices or bool(spoken & titles) or bool(said.events)
    event = told or (said.intent is Intent.CANCELLATION and not said.bare_leave)
    if Choice.ALL in said.choices:
        mailings = event = True
    wishes = ((Intent.CANCELLATION,) if event else ()) + ((Intent.UNSUBSCRIBE,) if mailings else ())
    if not wishes:
        return None
    return replace(case, understanding=replace(asked, intent=wishes[0], wishes=wishes, events=said.events))


_RESUME = {Question.EVENT: _event, Question.PERSON: _person, Question.LEAVE: _leave}
