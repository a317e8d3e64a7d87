"""The answer to "what is missing?": fills the pending rows that the question was about. Pure."""

import re
from collections.abc import Sequence
from dataclasses import replace

from mailbot.domain.facts import Registration, Token
from mailbot.domain.mail import fold_address
from mailbot.domain.states import Purpose, RegistrationStatus
from mailbot.domain.understanding import Action, Answer, Choice, Intent, Participant, Understanding
from mailbot.intents import places, register, substitute
from mailbot.intents.base import Case
from mailbot.intents.people import fold_name, is_partial, named, with_other_word, words
from mailbot.intents.plan import Plan
from mailbot.settings import Event

_FEW_WORDS = 2  # of an answer that says half a name again
_LONGEST, _MOST_WORDS = 120, 8  # of an answer that is nothing but the missing value
_PRIVATE = "privat"  # what stands for an institution where there is none
_ANSWERS = {Intent.REGISTRATION, Intent.CONFIRMATION, Intent.UNCLEAR, Intent.QUESTION}


def question_of(case: Case) -> Token | None:
    """The open question that this mail answers; None when it says something else, or nothing that helps."""
    token = case.token(Purpose.YES, register.COMPLETE)
    said = case.understanding
    if token is None or case.forced or said.intent not in _ANSWERS or Intent.CANCELLATION in said.wishes:
        return None
    if said.action is Action.REVIEW and said.intent is not Intent.UNCLEAR:
        return None
    rows = _asked(case, token)
    return token if rows and (_fill(case, rows) != rows or _called_so(said, rows)) else None


def _called_so(said: Understanding, rows: Sequence[Registration]) -> frozenset[str]:
    """The rows whose one word the answer says again and next to nothing else: then it is the whole name ("nur Heike")."""
    text = words(said.own_text)
    again = (r for r in rows if r.name and is_partial(r.name) and set(words(r.name)) <= set(text))
    return frozenset(r.id for r in again) if len(text) <= _FEW_WORDS and "?" not in said.own_text else frozenset()


def decide(plan: Plan, token: Token) -> None:
    """Fill in what the answer says; what is still missing is asked again."""
    case = plan.case
    event = case.settings.event(token.event)
    why = case.closed(event) if event else "erased"
    if event is None or why:
        plan.refuse("too-late", case.writer, f"event {why}", event=token.event, why=why)
        return
    plan.use(token.tag)
    filled = _fill(case, _asked(case, token))
    gone = set(token.data.get("leaving", "").split(",")) - {r.id for r in filled}
    leaving = [r for r in case.rows(case.writer) if r.id in gone]
    called_so = _called_so(case.understanding, filled)
    if leaving and all(places.is_complete(r) or (r.institution and r.id in called_so) for r in filled):
        substitute.hand_on(plan, event, leaving, filled)
        return
    if leaving:  # who shall come is still not known, and who leaves stays until then
        pending = [places.keep_pending(plan, r) for r in filled]
        register.question_back(plan, event.id, pending, [], leaving=token.data["leaving"])
        plan.note("asked again about the person who shall come instead")
        return
    register.settle(plan, event, [*filled, *_more(plan, event, filled)], called_so=called_so)


def _more(plan: Plan, event: Event, filled: list[Registration]) -> list[Registration]:
    """People whom the answer registers beside those asked about; the writer's own signature registers nobody."""
    case = plan.case
    if case.understanding.intent is not Intent.REGISTRATION:
        return []
    asked = {r.id for r in filled}
    people = [p for p in case.understanding.participants if p.name and p.institution and not named(filled, p.name)]
    others = [p for p in people if fold_name(p.name) != fold_name(case.sender_name)]
    if reason := register.too_many(case, others):
        plan.hand_over(reason)
        return []
    return [r for r in places.rows_of(plan, event, others) if r.id not in asked]


def repeat(plan: Plan) -> bool:
    """Ask again what is still missing of the sender's people; False when nothing is."""
    case = plan.case
    rows = [r for r in case.facts.registered(case.sender) if r.status is RegistrationStatus.PENDING and not case.over(r.event)]
    events = {r.event for r in rows if not places.is_complete(r)}
    if len(events) != 1:
        return False
    register.question_back(plan, next(iter(events)), [r for r in rows if not places.is_complete(r)], [])
    plan.note("asked again for what is missing")
    return True


def _asked(case: Case, token: Token) -> list[Registration]:
    """The rows that the question was about, other people's addresses included; by its event for want of a list."""
    wanted = set(filter(None, token.data.get("rows", "").split(",")))
    pending = [r for r in case.facts.registrations if r.status is RegistrationStatus.PENDING and r.event == token.event]
    if wanted:
        return [r for r in pending if r.id in wanted]
    mine = case.facts.registered(token.address, token.event)
    return [r for r in pending if r in mine]


def _fill(case: Case, rows: list[Registration]) -> list[Registration]:
    people = case.understanding.participants
    own = {fold_address(case.sender), fold_address(case.writer)}
    return [_filled(case.understanding, row, rows, [p for p in people if _may_be(p, row, own)]) for row in rows]


def _may_be(person: Participant, row: Registration, own: set[str]) -> bool:
    """Whether what the answer says of a person can be about this row: no other address is given."""
    return not person.email or fold_address(person.email) in {fold_address(row.email), *own}


def _filled(said: Understanding, row: Registration, rows: list[Registration], people: list[Participant]) -> Registration:
    """One row with what the answer says of this person, or of everybody when only one thing can be meant."""
    only = len(rows) == 1
    mine = [p for p in people if p.name and named([row], p.name)] if row.name else []
    if not mine and (only or (len(people) == 1 and not people[0].name)):
        mine = list(people)
    name = with_other_word(row.name, next((p.name for p in mine if p.name), None))
    institution = row.institution or next((p.institution for p in mine if p.institution), None)
    short = _short(said, name)
    if only and short and not name and institution and not any(p.name for p in people):
        name = short
    if only and row.name and row.institution and not people and len(words(short)) == 1:
        whole = " ".join(said.own_text.split()).strip(" .!")
        name = whole if whole == f"{row.name} {short}" and short[:1].isupper() else name
    if only and short and name and not institution:
        institution = short
    return replace(row, name=name, institution=institution)


def _short(said: Understanding, name: str | None) -> str:
    """A short plain text, which is the answer itself ("Stadtbücherei Lippe"); the name that we know is no part of it."""
    text = " ".join(said.own_text.split())
    if "?" in text or len(text) > _LONGEST or len(words(text)) > _MOST_WORDS:
        return ""
    if said.answer is not None:  # "Ja, privat": of a yes or no nothing else is taken for an institution
        return _PRIVATE if name and Choice.PRIVATE in said.choices and said.answer is Answer.YES else ""
    rest = re.sub(re.escape(name), "", text, flags=re.IGNORECASE) if name else text
    return rest.strip(" .!,;:–-()")
