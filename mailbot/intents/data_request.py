"""Data-subject requests (GDPR Art. 15–18, 20, 21, 7 (3)): who may claim what from where is the table of DESIGN section 6.

This module decides identity and keeps the requests; ``rights`` carries out each right, ``dossier`` gathers the data.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from mailbot.domain.decision import Nature, OpenRequest, SetRequest
from mailbot.domain.facts import Request, Token
from mailbot.domain.mail import fold_address
from mailbot.domain.states import RequestStatus
from mailbot.domain.understanding import RequestKind
from mailbot.intents import dialogue, question, rights, unsubscribe
from mailbot.intents.base import Case
from mailbot.intents.people import in_text, meant, named
from mailbot.intents.plan import Plan
from mailbot.intents.rights import Claim
from mailbot.retention import deadline

_ORDER = tuple(RequestKind)
_CLOSED = (RequestStatus.DONE, RequestStatus.REFUSED)
_ENDS_MAILINGS = {RequestKind.OBJECTION, RequestKind.CONSENT_WITHDRAWAL}


def decide(plan: Plan) -> None:
    """Carry out what the address on record claims; ask the address on record about what comes from elsewhere."""
    case = plan.case
    kinds = _kinds(case)
    about = case.elsewhere()
    if case.doubtful or not kinds or (case.understanding.on_behalf and not about):
        _for_a_human(plan, kinds)
    elif about:
        _from_elsewhere(plan, about, kinds)
    elif fold_address(case.principal) not in case.facts.on_record:
        _nothing_on_record(plan, kinds)
    else:
        _own(plan, kinds)


def _kinds(case: Case) -> list[RequestKind]:
    return [k for k in _ORDER if k in case.understanding.request_kinds]


def receive(plan: Plan, address: str, kind: RequestKind, status: RequestStatus) -> str:
    """Open a request with its legal deadline, or join the one of this kind that is open; gives its id.

    A request that nobody has proved yet never joins a proved one: it must not touch its state.
    """
    wanted = (r for r in plan.case.facts.requests if _joins(r, address, kind, status))
    if known := next(wanted, None):
        if known.status is RequestStatus.IDENTITY_PENDING and status is RequestStatus.OPEN:
            plan.change(SetRequest(id=known.id, status=status, step="identity shown"))
        return known.id
    target, due = _deadline(plan.case)
    request_id = plan.case.ids.new_id()
    plan.change(
        OpenRequest(
            id=request_id,
            address=address,
            kinds=(kind.value,),
            status=status,
            received_at=plan.case.mail.received_at,
            target=target,
            due=due,
        )
    )
    return request_id


def _joins(request: Request, address: str, kind: RequestKind, status: RequestStatus) -> bool:
    if fold_address(request.address) != fold_address(address) or request.kinds != (kind.value,) or request.status in _CLOSED:
        return False
    return status is RequestStatus.OPEN or request.status is RequestStatus.IDENTITY_PENDING


def _deadline(case: Case) -> tuple[datetime, datetime]:
    organiser = case.settings.organiser
    return deadline(case.mail.received_at, organiser.timezone, organiser.holidays)


def _for_a_human(plan: Plan, kinds: Sequence[RequestKind]) -> None:
    """A right is claimed in a way that a machine must not judge: its deadline runs, a human answers."""
    case = plan.case
    if case.forced and not kinds:
        plan.hand_over("can't be done: no right was found in this mail")
        return
    whose = case.elsewhere() or case.principal
    shown = whose == case.principal and not case.understanding.on_behalf
    for kind in kinds:
        receive(plan, whose, kind, RequestStatus.OPEN if shown else RequestStatus.IDENTITY_PENDING)
    plan.hand_over("a right is claimed that a human answers")
    plan.letter("request-received", case.principal, nature=Nature.RIGHTS, kinds=[k.value for k in kinds], due=_deadline(case)[1])
    question.receipt(plan)


def _nothing_on_record(plan: Plan, kinds: Sequence[RequestKind]) -> None:
    """Answer honestly that nothing is stored (the same whether or not somebody else's address is on record)."""
    case = plan.case
    address = case.principal
    ends = bool(_ENDS_MAILINGS & set(kinds))
    if ends:
        unsubscribe.end_mailings(plan, address)
    ids = [receive(plan, address, kind, RequestStatus.OPEN) for kind in kinds]
    plan.letter(
        "no-data", address, nature=Nature.RIGHTS, informs=False, suppressed=ends or fold_address(address) in case.facts.suppressed
    )
    plan.change(*(SetRequest(id=i, status=RequestStatus.DONE, step="no-data") for i in ids))
    plan.note("nothing on record")


def _from_elsewhere(plan: Plan, address: str, kinds: Sequence[RequestKind]) -> None:
    """Only the address on record can claim anything: it is asked; the sender hears the same in any case."""
    case = plan.case
    if fold_address(address) in case.facts.on_record and kinds:
        requests = {kind: receive(plan, address, kind, RequestStatus.IDENTITY_PENDING) for kind in kinds}
        everybody = case.facts.registered(address)
        listed = tuple(r for name in case.understanding.leaving for r in named(everybody, name))
        rows = listed or in_text(everybody, case.understanding.own_text)
        rights.ask(plan, address, rows, requests, _deadline(case)[1])
    plan.letter("asked-on-record", case.sender, nature=Nature.RIGHTS)
    plan.note("asked the address on record")


def _own(plan: Plan, kinds: Sequence[RequestKind]) -> None:
    """Carry out every right for the person who claims them; who that is is asked where people share the address."""
    case = plan.case
    address = case.principal
    everybody = case.facts.registered(address)
    rows = meant(case, everybody)
    if rows is None:
        for kind in kinds:
            receive(plan, address, kind, RequestStatus.IDENTITY_PENDING)
        dialogue.ask_person(plan, address, everybody, kinds[0])
        return
    for kind in kinds:
        status = RequestStatus.IDENTITY_PENDING if kind in rights.NEEDS_REPLY else RequestStatus.OPEN
        request_id = receive(plan, address, kind, status)
        claim = Claim(kind=kind, address=address, rows=rows, everybody=everybody, request=request_id, due=_deadline(case)[1])
        rights.carry_out(plan, claim)


def confirmed(plan: Plan, token: Token) -> None:
    """Carry out what the address on record has confirmed by its reply; erasure comes last, nobody is left after it."""
    case = replace(plan.case, understanding=dialogue.unpack(token.data, plan.case.understanding))
    plan.case = case
    everybody = case.facts.registered(token.address)
    ids = set(filter(None, token.data.get("rows", "").split(",")))
    chosen = replace(case, meant=tuple(ids)) if ids else case
    rows = meant(chosen, everybody)
    if rows is None:
        dialogue.ask_person(plan, token.address, everybody, next(iter(_kinds(case))))
        return
    closed = {r.id for r in case.facts.requests if r.status in _CLOSED}
    asked = dict(part.split(":") for part in token.data.get("requests", "").split(",") if ":" in part)
    requests = {kind: request_id for kind, request_id in asked.items() if request_id not in closed}
    for kind in _kinds(case):
        claim = Claim(
            kind=kind,
            address=token.address,
            rows=rows,
            everybody=everybody,
            request=requests.get(kind.value, "") or receive(plan, token.address, kind, RequestStatus.OPEN),
            due=_deadline(case)[1],
            confirmed=True,
        )
        rights.carry_out(plan, claim)
