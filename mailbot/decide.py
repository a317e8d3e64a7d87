"""Decide one mail: (understanding, facts, settings, now) → Decision. Holds what is true for every intent; pure.

The order: machines first, then identity, then an answer to our own question, then every wish of the mail. None is
dropped silently: what can't be done beside the others goes to a human. Upstream: ``understand`` and ``store.facts``;
downstream: ``render`` and ``store.commit``.
"""

import re
from dataclasses import replace

from mailbot.domain.decision import Decision, Folder
from mailbot.domain.facts import Query
from mailbot.domain.mail import Defect, IncomingMail, fold_address
from mailbot.domain.states import Outcome
from mailbot.domain.understanding import Action, Answer, Intent, Kind, RequestKind, Understanding
from mailbot.intents import HANDLERS, complete, confirm, dialogue, leave, question, seats, substitute
from mailbot.intents.base import Case
from mailbot.intents.plan import Plan

FORCED: dict[Folder | None, Intent] = {
    Folder.REGISTER: Intent.REGISTRATION,
    Folder.CANCEL: Intent.CANCELLATION,
    Folder.UNSUBSCRIBE: Intent.UNSUBSCRIBE,
    Folder.DATA_REQUEST: Intent.DATA_SUBJECT_REQUEST,
}
_MACHINES = {Kind.AUTOMATIC, Kind.BOUNCE, Kind.OWN}
_LEAVING = {Intent.CANCELLATION, Intent.UNSUBSCRIBE}
_ENDS_REGISTRATION = {RequestKind.ERASURE, RequestKind.RESTRICTION, RequestKind.OBJECTION, RequestKind.CONSENT_WITHDRAWAL}
_ANSWERED = {Intent.REGISTRATION, Intent.CONFIRMATION, Intent.UNCLEAR}
_SHORT_ANSWER = 80
_TAG = re.compile(r"[a-z]+-[a-z0-9]{6,}", re.ASCII)


def query(mail: IncomingMail, understood: Understanding) -> Query:
    """Say what must be known to decide this mail; a bounce is known by the tag in our Message-ID that it brings back."""
    sender = mail.sender.email if mail.sender else ""
    named = [p.email for p in understood.participants if p.email]
    named += [c.new for c in understood.corrections if c.field == "email"] + [understood.about or "", sender]
    returned = [tag for message_id in mail.returned_ids for tag in _TAG.findall(message_id)]
    rights = bool(understood.request_kinds) or Intent.DATA_SUBJECT_REQUEST in {understood.intent, *understood.wishes}
    return Query(
        sender=fold_address(sender),
        addresses=frozenset(fold_address(a) for a in named if a),
        tags=tuple(dict.fromkeys((*understood.tags, *returned))),
        dossiers=rights or bool(understood.tags),
    )


def force(understood: Understanding, folder: Folder | None) -> Understanding:
    """Replace the understanding by a human's, who moved the mail to this folder; people and rights found are kept."""
    if folder not in FORCED:
        return understood
    intent = FORCED[folder]
    return replace(
        understood, intent=intent, wishes=(intent,), action=Action.ACT, confidence=1.0, bare_leave=False, wants_mailings=False
    )


def decide(case: Case) -> Decision:
    """Decide a mail by the rules that hold for all, then by each of its wishes."""
    plan = Plan(case)
    if _by_a_machine(case):
        HANDLERS[Intent.AUTOMATIC](plan)
    elif case.mail.sender is None:
        plan.hand_over("no single sender: nobody to answer to")
    elif case.forged and not (case.forced and case.understanding.intent is Intent.REGISTRATION):
        plan.hand_over("a trusted server says that the sender's domain did not send this (DMARC fail)")
    elif reason := _none_of_ours(case):
        plan.hand_over(reason)
    else:
        _by_a_person(plan)
        seats.move_up(plan)
    return plan.decision()


def _by_a_machine(case: Case) -> bool:
    """RFC 3834: no reply to automatic mail, unless a human says that it is none."""
    if case.forced:
        return False
    understood = case.understanding
    return understood.intent is Intent.AUTOMATIC or understood.action is Action.IGNORE or case.screening.kind in _MACHINES


def _none_of_ours(case: Case) -> str:
    """Why a mail may have nothing to do with us, so that nobody hears from us before a human looked; "" when it has.

    Whoever is on record, or brings a token of ours back, writes to us whatever the header says.
    """
    if case.forced:
        return ""
    if case.screening.suspect:
        return case.screening.suspect
    known = case.facts.tokens or fold_address(case.sender) in case.facts.on_record
    return "" if case.understanding.related or known else "neither sent to this mailbox nor names the event"


def _by_a_person(plan: Plan) -> None:
    case = dialogue.resume(plan.case)
    wishes = [Intent.CONFIRMATION] if _says_no(case) else _wishes(case)
    whole = not case.mail.half_read
    if whole and not case.continues and (token := complete.question_of(case)):
        plan.case = replace(case, acting_for=token.address)
        complete.decide(plan, token)
        wishes = [w for w in wishes if w not in _ANSWERED]
    elif case.doubtful and not (whole and (_asks_for_mailings(case) or _says_no(case))):
        _hand_over(plan, case, wishes)
        return
    if case.continues:
        plan.use(case.continues.tag)
    for wish in wishes:
        plan.case = case
        _carry_out(plan, wish, wishes)
    plan.case = case
    if case.understanding.wants_mailings and not {*_LEAVING, Intent.UNCLEAR} & set(wishes):
        question.subscribe(plan)
    heard = {fold_address(made.to) for made in plan.letters}
    if plan.human and not case.forced and not heard & {fold_address(case.sender), fold_address(case.principal)}:
        question.receipt(plan)


def _asks_for_mailings(case: Case) -> bool:
    """Whether a mail wants nothing but information mails: it is only asked for a reply, so a doubt costs nothing."""
    return case.understanding.wants_mailings and case.understanding.intent is Intent.QUESTION


def _says_no(case: Case) -> bool:
    """Whether a mail is no more than a "no" to a question of ours that is open: then nothing is done, which hurts nobody."""
    understood = case.understanding
    said = understood.own_text.strip()
    only = {understood.intent, *understood.wishes} <= {Intent.QUESTION, Intent.CONFIRMATION, Intent.UNCLEAR}
    short = len(said) <= _SHORT_ANSWER and "?" not in said
    return understood.answer is Answer.NO and only and short and confirm.open_token(case) is not None


def _hand_over(plan: Plan, case: Case, wishes: list[Intent]) -> None:
    """A human looks first; but the deadline of a right that is claimed runs from today (GDPR Art. 12 (3))."""
    plan.case = case
    if Intent.DATA_SUBJECT_REQUEST in wishes:
        HANDLERS[Intent.DATA_SUBJECT_REQUEST](plan)
    if Defect.TRUNCATED in case.mail.defects:
        plan.hand_over("larger than the limit, read in part")
    elif wishes == [Intent.UNCLEAR]:
        HANDLERS[Intent.UNCLEAR](plan)
        return
    else:
        plan.hand_over("a human should look at it")
    question.receipt(plan)


def _wishes(case: Case) -> list[Intent]:
    """Every wish that is to be carried out, the answer to a question of ours first and what a human answers last."""
    understood = case.understanding
    found = list(dict.fromkeys((understood.intent, *understood.wishes)))
    if case.forced or understood.intent is Intent.UNCLEAR:
        return found[:1]
    if len(found) > 1 and Intent.CONFIRMATION in found and confirm.open_token(case) is None:
        found.remove(Intent.CONFIRMATION)
    found = [w for w in found if w not in {Intent.UNCLEAR, Intent.AUTOMATIC}] or [Intent.UNCLEAR]
    if understood.bare_leave:
        found = [w for w in found if w not in _LEAVING] + [
            understood.intent if understood.intent in _LEAVING else Intent.UNSUBSCRIBE
        ]
    if substitute.is_meant(case):
        found = [w for w in found if w is not Intent.REGISTRATION]
        found = found if Intent.CANCELLATION in found else [Intent.CANCELLATION, *found]
    return sorted(found, key=lambda wish: (wish is Intent.QUESTION) - (wish is Intent.CONFIRMATION))


def _carry_out(plan: Plan, wish: Intent, wishes: list[Intent]) -> None:
    case = plan.case
    if wish in _LEAVING and case.understanding.bare_leave and not case.forced:
        leave.decide(plan)
    elif wish is Intent.CANCELLATION and substitute.is_meant(case) and not case.forced:
        substitute.decide(plan)
    elif wish is Intent.REGISTRATION and (reason := _contradiction(case, wishes)):
        plan.hand_over(reason)
        question.receipt(plan)
    else:
        HANDLERS[wish](plan)


def _contradiction(case: Case, wishes: list[Intent]) -> str:
    """Say which wish of the same mail excludes a registration; "" when none does."""
    understood = case.understanding
    if Intent.CANCELLATION in wishes:
        return "wants to come and not to come"
    if (
        Intent.DATA_SUBJECT_REQUEST in wishes
        and not understood.against_mailings
        and _ENDS_REGISTRATION & set(understood.request_kinds)
    ):
        return "registers and claims a right that ends a registration"
    return ""


def ignored() -> Decision:
    """File a mail that a human told us to ignore: nothing changes, nothing is answered."""
    return Decision(outcome=Outcome.DONE, filing=Folder.DONE, reasons=("a human moved it to Ignore",))
