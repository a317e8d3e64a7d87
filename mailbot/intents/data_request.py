"""Data-subject requests (GDPR Art. 15–18, 20, 21, 7 (3)): who may claim what from where is the table of DESIGN section 6."""

import json
from collections.abc import Callable, Mapping, Sequence

from mailbot.domain.decision import (
    ChangeRegistration,
    Decision,
    LinkWord,
    Nature,
    OpenRequest,
    SetRequest,
    SetSubscription,
    Suppress,
)
from mailbot.domain.facts import Record, Registration
from mailbot.domain.mail import Attachment, fold_address
from mailbot.domain.states import Purpose, RequestStatus, SubscriptionStatus
from mailbot.domain.understanding import Action, RequestKind
from mailbot.intents import cancel
from mailbot.intents.base import Case, Plan, as_people, same_person
from mailbot.retention import deadline

_ORDER = tuple(RequestKind)
_NEEDS_REPLY = {RequestKind.ERASURE, RequestKind.RECTIFICATION}


def decide(case: Case) -> Decision:
    """Carry out what the address on record claims; ask the address on record about what comes from elsewhere."""
    plan = Plan(case)
    understood = case.understanding
    kinds = [k for k in _ORDER if k in understood.request_kinds]
    foreign = understood.about if understood.about and fold_address(understood.about) != fold_address(case.principal) else None
    if foreign:
        return _from_elsewhere(plan, foreign, kinds)
    if (understood.action is Action.REVIEW and not case.forced) or not kinds:
        _open(plan, case.principal, kinds, RequestStatus.OPEN)
        plan.letter("request-received", nature=Nature.RIGHTS, kinds=[k.value for k in kinds], due=_due(case))
        return plan.review("a right is claimed that a human answers")
    if fold_address(case.principal) not in case.facts.on_record:
        _no_data(plan, kinds)
        return plan.done("nothing on record")
    if several := _unnamed(plan, kinds):
        return several
    left_open = [kind for kind in kinds if not _HANDLERS[kind](plan, _open(plan, case.principal, [kind], _first(kind)))]
    if left_open:
        return plan.review(*(f"{kind.value}: a human decides" for kind in left_open))
    return plan.done(*(f"{kind.value}" for kind in kinds))


def _first(kind: RequestKind) -> RequestStatus:
    return RequestStatus.IDENTITY_PENDING if kind in _NEEDS_REPLY else RequestStatus.OPEN


def _due(case: Case) -> object:
    organiser = case.settings.organiser
    return deadline(case.mail.received_at, organiser.timezone, organiser.holidays)[1]


def _open(plan: Plan, address: str, kinds: Sequence[RequestKind], status: RequestStatus) -> str:
    case = plan.case
    organiser = case.settings.organiser
    target, due = deadline(case.mail.received_at, organiser.timezone, organiser.holidays)
    request_id = case.ids.new_id()
    plan.change(
        OpenRequest(
            id=request_id,
            address=address,
            kinds=tuple(k.value for k in kinds),
            status=status,
            received_at=case.mail.received_at,
            target=target,
            due=due,
        )
    )
    return request_id


def _no_data(plan: Plan, kinds: Sequence[RequestKind]) -> None:
    """Answer honestly that nothing is stored (the same whether or not somebody else's address is on record)."""
    case = plan.case
    if RequestKind.CONSENT_WITHDRAWAL in kinds or RequestKind.OBJECTION in kinds:
        plan.change(Suppress(email=case.principal))
    request_id = _open(plan, case.principal, kinds, RequestStatus.OPEN)
    plan.letter("no-data", nature=Nature.RIGHTS, suppressed=fold_address(case.principal) in case.facts.suppressed)
    plan.change(SetRequest(id=request_id, status=RequestStatus.DONE, step="no-data"))


def _from_elsewhere(plan: Plan, address: str, kinds: Sequence[RequestKind]) -> Decision:
    """Only the address on record can claim anything: it is asked; the sender hears the same in any case."""
    case = plan.case
    plan.letter("asked-on-record", nature=Nature.RIGHTS)
    if fold_address(address) not in case.facts.on_record:
        return plan.done("about an address that is not on record")
    request_id = _open(plan, address, kinds, RequestStatus.IDENTITY_PENDING)
    _ask(plan, address, kinds, request_id)
    return plan.done("asked the address on record")


def _ask(plan: Plan, to: str, kinds: Sequence[RequestKind], request_id: str) -> None:
    case = plan.case
    rows = case.facts.registered(to)
    fixes = [{"field": c.field, "old": c.old or "", "new": c.new} for c in case.understanding.corrections]
    data = {"request": request_id, "kinds": ",".join(k.value for k in kinds), "corrections": json.dumps(fixes)}
    what = kinds[0].value if len(kinds) == 1 else "data-request"
    plan.letter(
        "confirm-this",
        to=to,
        nature=Nature.RIGHTS,
        links=(LinkWord.YES,),
        purpose=Purpose.YES,
        action="data-request",
        data=data,
        what=what,
        due=_due(case),
        people=as_people(rows),
        corrections=fixes,
    )


def _unnamed(plan: Plan, kinds: Sequence[RequestKind]) -> Decision | None:
    """Several people share the address and the mail names none of them: ask back (access shows each only their own)."""
    rows = plan.case.facts.registered(plan.case.principal)
    names = {(r.name or "").casefold() for r in rows}
    if len(names) == 1 or not names or _mine(plan.case) != rows:
        return None
    plan.letter("which-person", nature=Nature.RIGHTS, people=as_people(rows), wish=kinds[0].value)
    _open(plan, plan.case.principal, kinds, RequestStatus.IDENTITY_PENDING)
    return plan.done("asked who is meant")


def _mine(case: Case) -> tuple[Registration, ...]:
    """The rows of the person who writes: by the name in the mail's sender where an address is shared."""
    rows = case.facts.registered(case.principal)
    name = case.mail.sender.name if case.mail.sender else ""
    return same_person(rows, [name]) or rows


def _tables(case: Case) -> list[dict[str, object]]:
    """Everything stored about the person, other people's rows of a shared address left out."""
    mine = {r.id for r in _mine(case)}
    records: tuple[Record, ...] = case.facts.dossiers.get(fold_address(case.principal), ())
    kept = [r for r in records if r.table != "registration" or r.values.get("id") in mine]
    tables = dict.fromkeys(r.table for r in kept)
    return [{"table": table, "rows": [dict(r.values) for r in kept if r.table == table]} for table in tables]


def _attachment(tables: object, name: str) -> Attachment:
    content = json.dumps(tables, ensure_ascii=False, indent=2, default=str).encode()
    return Attachment(filename=name, content_type="application/json", content=content, size=len(content))


def _access(plan: Plan, request_id: str) -> bool:
    tables = _tables(plan.case)
    _rights(plan, "access-answer", {"records": tables, "due": _due(plan.case)}, (_attachment(tables, "data.json"),))
    return _close(plan, request_id, "access-answer")


def _portability(plan: Plan, request_id: str) -> bool:
    basis = plan.case.settings.privacy.legal_basis
    applies = "(a)" in basis or "(b)" in basis  # Art. 20 (1): only what rests on consent or a contract
    tables = _tables(plan.case) if applies else []
    attachments = (_attachment(tables, "data.json"),) if applies else ()
    _rights(plan, "portability-answer", {"records": tables, "applies": applies}, attachments)
    return _close(plan, request_id, "portability-answer")


def _rights(plan: Plan, template: str, values: Mapping[str, object], attachments: tuple[Attachment, ...] = ()) -> None:
    plan.letter(template, to=plan.case.principal, nature=Nature.RIGHTS, attachments=attachments, more=values)


def _close(plan: Plan, request_id: str, step: str) -> bool:
    plan.change(SetRequest(id=request_id, status=RequestStatus.DONE, step=step))
    return True


def _rectification(plan: Plan, request_id: str) -> bool:
    if not plan.case.understanding.corrections:
        _rights(plan, "request-received", {"kinds": [RequestKind.RECTIFICATION.value], "due": _due(plan.case)})
        return False
    _ask(plan, plan.case.principal, [RequestKind.RECTIFICATION], request_id)
    return True


def _erasure(plan: Plan, request_id: str) -> bool:
    _ask(plan, plan.case.principal, [RequestKind.ERASURE], request_id)
    return True


def _restriction(plan: Plan, request_id: str) -> bool:
    rows = _mine(plan.case)
    plan.change(*(ChangeRegistration(id=r.id, restricted=True, event_mails=False) for r in rows))
    plan.letter(
        "restricted",
        to=plan.case.principal,
        nature=Nature.RIGHTS,
        links=(LinkWord.YES,),
        purpose=Purpose.YES,
        action="event-mails",
        data={"rows": ",".join(r.id for r in rows)},
        people=as_people(rows),
    )
    return _close(plan, request_id, "restricted")


def _end_mailings(plan: Plan) -> None:
    address = plan.case.principal
    plan.change(Suppress(email=address))
    if was := plan.case.facts.subscriptions.get(fold_address(address)):
        plan.change(SetSubscription(email=address, status=SubscriptionStatus.UNSUBSCRIBED, language=was.language))


def _objection(plan: Plan, request_id: str) -> bool:
    """Art. 21 (2), (3): mailings end at once; Art. 21 (1): the registration is restricted and a human weighs it."""
    rows = _mine(plan.case)
    mailings_only = plan.case.understanding.against_mailings or not rows
    _end_mailings(plan)
    if not mailings_only:
        plan.change(*(ChangeRegistration(id=r.id, restricted=True, event_mails=False) for r in rows))
    _rights(plan, "objection-done", {"mailings": True, "registration": not mailings_only})
    return _close(plan, request_id, "objection-done") if mailings_only else False


def _withdrawal(plan: Plan, request_id: str) -> bool:
    """Art. 7 (3): only what rests on consent ends; the registration only where consent is its legal basis."""
    rows = plan.case.active(None)
    on_consent = "(a)" in plan.case.settings.privacy.legal_basis and not plan.case.understanding.against_mailings
    _end_mailings(plan)
    if on_consent and rows:
        cancel.cancel(plan, tuple(r for r in rows if r.event == rows[0].event))
    _rights(plan, "consent-withdrawn", {"people": as_people(rows) if on_consent else []})
    return _close(plan, request_id, "consent-withdrawn")


_HANDLERS: dict[RequestKind, Callable[[Plan, str], bool]] = {
    RequestKind.ACCESS: _access,
    RequestKind.PORTABILITY: _portability,
    RequestKind.RECTIFICATION: _rectification,
    RequestKind.RESTRICTION: _restriction,
    RequestKind.OBJECTION: _objection,
    RequestKind.CONSENT_WITHDRAWAL: _withdrawal,
    RequestKind.ERASURE: _erasure,
}


def carry_out(plan: Plan, kinds: Sequence[RequestKind]) -> list[RequestKind]:
    """Carry out kinds that the address on record has confirmed by reply; gives those left for a human."""
    case = plan.case
    immediate = [k for k in kinds if k not in _NEEDS_REPLY]
    return [k for k in immediate if not _HANDLERS[k](plan, _open(plan, case.principal, [k], RequestStatus.OPEN))]
