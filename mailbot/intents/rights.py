"""The seven rights, each carried out for one person whose identity is settled (``data_request`` did that). Pure.

A handler changes what is to be changed, writes the answer and closes the request, or leaves it open for a human.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from mailbot.domain.decision import (
    ChangeRegistration,
    ErasePerson,
    LinkWord,
    Nature,
    SetRequest,
    SetSubscription,
    Suppress,
)
from mailbot.domain.facts import Registration
from mailbot.domain.mail import fold_address
from mailbot.domain.states import Purpose, RequestStatus
from mailbot.domain.understanding import Correction, RequestKind
from mailbot.intents import cancel, dialogue, dossier
from mailbot.intents.base import ACTIVE
from mailbot.intents.people import fold_name, named, persons
from mailbot.intents.plan import Plan, as_people
from mailbot.intents.unsubscribe import end_mailings

NEEDS_REPLY = {RequestKind.ERASURE, RequestKind.RECTIFICATION}


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One right, claimed by one person.

    ``rows`` are the person's, ``everybody`` all of the address. ``confirmed``: the address on record has replied.
    """

    kind: RequestKind
    address: str
    rows: tuple[Registration, ...]
    everybody: tuple[Registration, ...]
    request: str
    due: datetime
    confirmed: bool = False

    @property
    def alone(self) -> bool:
        """Whether the address is this person's only."""
        return len(self.rows) == len(self.everybody)


def carry_out(plan: Plan, claim: Claim) -> None:
    """Do it, or ask for the reply that a right needs (DESIGN section 6)."""
    if claim.kind in NEEDS_REPLY and not claim.confirmed:
        _ask_first(plan, claim)
    else:
        _HANDLERS[claim.kind](plan, claim)
    plan.note(claim.kind.value)


def _ask_first(plan: Plan, claim: Claim) -> None:
    if claim.kind is RequestKind.RECTIFICATION and not _possible(plan, claim):
        plan.change(SetRequest(id=claim.request, status=RequestStatus.OPEN, step="request-received"))
        _answer(plan, claim, "request-received", kinds=[claim.kind.value], due=claim.due)
        plan.hand_over("rectification: a human decides what is to be corrected")
        return
    ask(plan, claim.address, claim.rows, {claim.kind: claim.request}, claim.due)


def ask(plan: Plan, to: str, rows: Sequence[Registration], requests: Mapping[RequestKind, str], due: datetime) -> None:
    """Ask the address on record for the reply that confirms; an answer to its own mail, else a mail nobody asked for."""
    data = {
        **dialogue.pack(plan.case.understanding),
        "rows": ",".join(r.id for r in rows),
        "requests": ",".join(f"{kind.value}:{request}" for kind, request in requests.items()),
    }
    kinds = tuple(requests)
    data["wish"] = json.dumps({**json.loads(data["wish"]), "kinds": list(kinds)}, ensure_ascii=False)
    fixes = [_shown(c) for c in plan.case.understanding.corrections] if RequestKind.RECTIFICATION in kinds else []
    letter: dict[str, object] = {
        "links": (LinkWord.YES, LinkWord.NO),
        "purpose": Purpose.YES,
        "action": "data-request",
        "data": data,
        "what": kinds[0].value if len(kinds) == 1 else "data-request",
        "kinds": [kind.value for kind in kinds],
        "due": due,
        "people": as_people(rows),
        "corrections": fixes,
    }
    if plan.is_sender(to):
        plan.letter("confirm-this", to, nature=Nature.RIGHTS, **letter)  # type: ignore[arg-type]  # handed through by name
    else:
        plan.unasked("confirm-this", to, **letter)


def _shown(correction: Correction) -> dict[str, str]:
    return {"field": correction.field, "old": correction.old or "", "new": correction.new}


def _answer(plan: Plan, claim: Claim, template: str, **values: object) -> None:
    name = claim.rows[0].name if claim.rows and len(persons(claim.rows)) == 1 else None
    plan.letter(template, claim.address, name=name, nature=Nature.RIGHTS, **values)  # type: ignore[arg-type]  # template's own


def _close(plan: Plan, claim: Claim, step: str) -> None:
    plan.change(SetRequest(id=claim.request, status=RequestStatus.DONE, step=step))


def _leave_open(plan: Plan, claim: Claim, reason: str) -> None:
    if claim.confirmed:
        plan.change(SetRequest(id=claim.request, status=RequestStatus.OPEN, step="confirmed by reply"))
    plan.hand_over(f"{claim.kind.value}: {reason}")


def _access(plan: Plan, claim: Claim) -> None:
    """Art. 15: everything stored about this person as a table and as JSON."""
    tables = dossier.tables(plan.case, claim.address, claim.rows)
    if tables is None:
        _answer(plan, claim, "request-received", kinds=[claim.kind.value], due=claim.due)
        _leave_open(plan, claim, "the stored data were not at hand")
        return
    _answer(plan, claim, "access-answer", records=tables, due=claim.due, attachments=(dossier.as_json(tables),))
    _close(plan, claim, "access-answer")


def _portability(plan: Plan, claim: Claim) -> None:
    """Art. 20 (1): only what rests on consent or a contract; otherwise said so."""
    basis = plan.case.settings.privacy.legal_basis
    applies = "(a)" in basis or "(b)" in basis
    tables = dossier.tables(plan.case, claim.address, claim.rows) if applies else []
    if tables is None:
        _answer(plan, claim, "request-received", kinds=[claim.kind.value], due=claim.due)
        _leave_open(plan, claim, "the stored data were not at hand")
        return
    provided = [t for t in tables if t["table"] in {"registration", "subscription"}]
    attachments = (dossier.as_json(provided), *dossier.as_csv(provided)) if applies else ()
    _answer(plan, claim, "portability-answer", records=provided, applies=applies, attachments=attachments)
    _close(plan, claim, "portability-answer")


def _restriction(plan: Plan, claim: Claim) -> None:
    """Art. 18: stored and nothing else, the seat stays counted; asked once whether event mails shall still come."""
    rows = [r for r in claim.rows if not r.restricted]
    plan.change(*(ChangeRegistration(id=r.id, restricted=True, event_mails=False) for r in rows))
    if fold_address(claim.address) in plan.case.facts.subscriptions:
        plan.change(Suppress(email=claim.address))
    asks = bool(rows)
    _answer(
        plan,
        claim,
        "restricted",
        links=(LinkWord.YES, LinkWord.NO) if asks else (),
        purpose=Purpose.YES if asks else Purpose.THREAD,
        action="event-mails" if asks else "",
        data={"rows": ",".join(r.id for r in rows)},
        people=as_people(claim.rows),
        asks=asks,
    )
    _close(plan, claim, "restricted")


def _objection(plan: Plan, claim: Claim) -> None:
    """Art. 21 (2), (3): mailings end at once; Art. 21 (1): the registration is restricted and a human weighs it."""
    rows = [r for r in claim.rows if r.status in ACTIVE]
    mailings_only = plan.case.understanding.against_mailings or not rows
    end_mailings(plan, claim.address)
    if not mailings_only:
        plan.change(*(ChangeRegistration(id=r.id, restricted=True, event_mails=False) for r in rows if not r.restricted))
    _answer(plan, claim, "objection-done", mailings=True, registration=not mailings_only)
    if mailings_only:
        _close(plan, claim, "objection-done")
    else:
        _leave_open(plan, claim, "a human decides about the registration")


def _withdrawal(plan: Plan, claim: Claim) -> None:
    """Art. 7 (3): what rests on consent ends; the registrations only where consent is their legal basis."""
    on_consent = "(a)" in plan.case.settings.privacy.legal_basis and not plan.case.understanding.against_mailings
    rows = [r for r in claim.rows if r in plan.case.rows(claim.address) and not plan.case.over(r.event)] if on_consent else []
    end_mailings(plan, claim.address)
    _answer(plan, claim, "consent-withdrawn", people=as_people(rows))
    cancel.cancel(plan, rows)
    _close(plan, claim, "consent-withdrawn")


def _possible(plan: Plan, claim: Claim) -> bool:
    """Whether a machine can make the corrections: each says what becomes what, and no other row is in the way."""
    case, fixes = plan.case, plan.case.understanding.corrections
    addresses = [c.new for c in fixes if c.field == "email"]
    taken = {(r.event, fold_name(r.name)) for a in addresses for r in case.facts.registered(a)}
    in_the_way = any((r.event, fold_name(r.name)) in taken for r in claim.rows)
    valid = all(c.new.strip() and c.field in {"name", "institution", "email"} for c in fixes)
    return bool(fixes and claim.rows) and valid and not in_the_way and all("@" in a for a in addresses)


def _rectification(plan: Plan, claim: Claim) -> None:
    """Art. 16: old value → new value, only in the person's own rows; the answer goes to the address on record."""
    done = [c for row in claim.rows for c in _correct(plan, row)] if _possible(plan, claim) else []
    if not done:
        _answer(plan, claim, "request-received", kinds=[claim.kind.value], due=claim.due)
        _leave_open(plan, claim, "a human decides what is to be corrected")
        return
    _correct_subscription(plan, claim, done)
    _answer(plan, claim, "rectified", corrections=[asdict(c) for c in dict.fromkeys(done)])
    _close(plan, claim, "rectified")


def _correct(plan: Plan, row: Registration) -> list[Correction]:
    """Change what differs in one row; gives what became what."""
    fitting = [c for c in plan.case.understanding.corrections if _fits(c, row)]
    values = {c.field: new for c in fitting if (new := _whole(c, row)) and new != getattr(row, c.field)}
    if values:
        change = ChangeRegistration(
            id=row.id, name=values.get("name"), institution=values.get("institution"), email=values.get("email")
        )
        plan.change(change)
    return [Correction(field=field, old=getattr(row, field), new=new) for field, new in values.items()]


def _fits(correction: Correction, row: Registration) -> bool:
    """Whether the value that the mail calls wrong is the one that stands there (or the mail does not say)."""
    stored = fold_name(getattr(row, correction.field))
    return not correction.old or fold_name(correction.old) == stored or fold_name(correction.old) in stored


def _whole(correction: Correction, row: Registration) -> str | None:
    """The whole new value; of a name that was corrected in part ("Mayer" → "Meier"), the rest stays. None: a human decides."""
    words, size = (row.name or "").split(), len((correction.old or "").split())
    if correction.field != "name" or (not size and len(correction.new.split()) >= len(words)):
        return correction.new
    for at in range(len(words) - size + 1 if size else 0):
        if fold_name(" ".join(words[at : at + size])) == fold_name(correction.old):
            rest = {fold_name(word) for word in (*words[:at], *words[at + size :])}
            said = rest & set(fold_name(correction.new).split()) or not rest
            return correction.new if said else " ".join([*words[:at], correction.new, *words[at + size :]])
    return None


def _correct_subscription(plan: Plan, claim: Claim, done: Sequence[Correction]) -> None:
    """A new name holds for the subscription too; a new address has to be subscribed by itself (double opt-in)."""
    was = plan.case.facts.subscriptions.get(fold_address(claim.address))
    name = next((c.new for c in done if c.field == "name"), None)
    if was is not None and name and claim.alone:
        plan.change(SetSubscription(email=was.email, status=was.status, language=was.language, name=name))


def _erasure(plan: Plan, claim: Claim) -> None:
    """Art. 17: the rows go, their seats are free for who waits; the last letter says what is kept and why."""
    whole = claim.alone
    kept = ["request", "hash"]
    kept += ["suppressed"] if fold_address(claim.address) in plan.case.facts.suppressed else []
    kept += [] if whole else ["others"]
    _answer(plan, claim, "erased-person", kept=kept, informs=False)
    _close(plan, claim, "erased-person")
    for row in claim.rows:
        if row.holds_seat and not plan.touched(row):
            plan.seat(row.event, -1)
    if not whole and _subscribed_too(plan, claim):
        plan.hand_over("erasure: people share the address, whose is its subscription?")
    ids = () if whole else tuple(r.id for r in claim.rows)
    plan.last.append(ErasePerson(address=claim.address, registration_ids=ids, whole_address=whole))


def _subscribed_too(plan: Plan, claim: Claim) -> bool:
    """Whether a shared address has a subscription that is not plainly somebody else's."""
    subscription = plan.case.facts.subscriptions.get(fold_address(claim.address))
    others = [r for r in claim.everybody if r not in claim.rows]
    return subscription is not None and not named(others, subscription.name)


_HANDLERS: dict[RequestKind, Callable[[Plan, Claim], None]] = {
    RequestKind.ACCESS: _access,
    RequestKind.PORTABILITY: _portability,
    RequestKind.RECTIFICATION: _rectification,
    RequestKind.RESTRICTION: _restriction,
    RequestKind.OBJECTION: _objection,
    RequestKind.CONSENT_WITHDRAWAL: _withdrawal,
    RequestKind.ERASURE: _erasure,
}
