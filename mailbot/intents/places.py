"""One person's place at one event: find the row that is theirs already, store it, and let other people know. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from mailbot.domain.decision import AddRegistration, Calendar, ChangeRegistration, LinkWord
from mailbot.domain.facts import Registration, Seats
from mailbot.domain.mail import fold_address
from mailbot.domain.states import RegistrationStatus
from mailbot.domain.understanding import Participant
from mailbot.intents.base import ACTIVE, Case
from mailbot.intents.people import fold_name, is_partial, named, with_other_word
from mailbot.intents.plan import Plan, as_people
from mailbot.settings import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A row as the writer may see it: of somebody else no more than what they themselves said.

    ``again``: nothing about it is new. It stays False for others, since it would tell that they are on record.
    ``stored`` is what was written of somebody else, who has to be told.
    """

    shown: Registration
    again: bool = False
    stored: Registration | None = None


def is_complete(row: Registration) -> bool:
    """Whether nothing has to be asked back; of a name of one word the other is."""
    return bool(row.name and row.institution and not is_partial(row.name))


def is_foreign(case: Case, email: str) -> bool:
    """Whether an address is not the writer's own."""
    return fold_address(email) != fold_address(case.writer)


def rows_of(plan: Plan, event: Event, people: Sequence[Participant]) -> list[Registration]:
    """One row per person in the order of the mail, even if it names them twice; no row is taken for two people."""
    rows: dict[object, Registration] = {}
    for person in people:
        row = row_of(plan, event, person, {r.id: fold_name(r.name) for r in rows.values()})
        rows.setdefault(row.id or (fold_address(row.email), fold_name(row.name)), row)
    return list(rows.values())


def row_of(plan: Plan, event: Event, person: Participant, claimed: Mapping[str, str]) -> Registration:
    """The row that the person has already, with what the mail adds, or a new one (its id is "").

    ``claimed``: the ids of rows that others of the mail have, with their folded names.
    """
    case = plan.case
    email = person.email or case.writer
    foreign = is_foreign(case, email)
    known = _known(case.facts.registered(email, event.id), person, claimed, foreign=foreign)
    if known is not None and foreign:  # what is on record about others is neither used nor shown
        return replace(known, name=person.name, institution=person.institution)
    if known is not None:
        return replace(known, name=with_other_word(known.name, person.name), institution=person.institution or known.institution)
    return Registration(
        id="",
        event=event.id,
        email=email,
        name=person.name,
        institution=person.institution,
        status=RegistrationStatus.PENDING,
        registered_at=case.now,
        language=case.language,
        by=case.writer if foreign else None,
    )


def _known(rows: Sequence[Registration], person: Participant, claimed: Mapping[str, str], *, foreign: bool) -> Registration | None:
    """The person's own row: by name; without one the only row; a row that still lacks its name belongs to whoever says it."""
    by_name = named(rows, person.name) if person.name else rows if len({fold_name(r.name) for r in rows}) == 1 else ()
    nameless = tuple(
        r for r in rows if not r.name and r.status is RegistrationStatus.PENDING and not foreign and r.id not in claimed
    )
    mine = (r for r in by_name if claimed.get(r.id) in {None, fold_name(person.name)})
    return next(mine, next(iter(nameless), None))


def take(plan: Plan, event: Event, row: Registration) -> Place:
    """Give a complete row a seat, or a place in the queue; who has one keeps it."""
    foreign = is_foreign(plan.case, row.email)
    status = offered(plan, event)
    if row.id and row.status in ACTIVE:
        if foreign:  # nobody else's word changes it, and the writer sees what they would see of a stranger
            return Place(shown=replace(row, status=status))
        store(plan, row, row.status)
        return Place(shown=row, again=True)
    stored = store(plan, row, status)
    return Place(shown=replace(row, id=stored.id, status=stored.status), stored=stored if foreign else None)


def offered(plan: Plan, event: Event) -> RegistrationStatus:
    """What the next person gets: a seat while there are any and nobody waits for one."""
    queue = plan.case.facts.seats.get(event.id, Seats()).queue
    free = plan.free_seats(event.id) > 0 and not (queue and event.capacity)
    return RegistrationStatus.REGISTERED if free else RegistrationStatus.WAITING


def _merged(plan: Plan, before: Registration, row: Registration) -> tuple[str | None, str | None]:
    """Name and institution that a stored row shall have: what the mail says, of somebody else only what was missing."""
    if is_foreign(plan.case, row.email):
        open_ = before.status is RegistrationStatus.PENDING
        name = with_other_word(before.name, row.name) if open_ else before.name or row.name
        return name, before.institution or row.institution
    return row.name, row.institution


def store(plan: Plan, row: Registration, status: RegistrationStatus) -> Registration:
    """Write a row with this status; a new one gets its id, a cancelled or pending one its place at the end."""
    if row.id:
        before = next(r for r in plan.case.facts.registrations if r.id == row.id)
        name, institution = _merged(plan, before, row)
        if status is not before.status:
            return plan.set_status(before, status, name=name, institution=institution)
        if (name, institution) != (before.name, before.institution):
            plan.change(ChangeRegistration(id=row.id, name=name, institution=institution))
        return replace(before, name=name, institution=institution)
    new = replace(row, id=plan.case.ids.new_id(), status=status)
    plan.change(
        AddRegistration(
            id=new.id,
            event=new.event,
            email=new.email,
            name=new.name,
            institution=new.institution,
            status=new.status,
            language=new.language,
            by=new.by,
        )
    )
    plan.seat(new.event, int(new.holds_seat))
    return new


def keep_pending(plan: Plan, row: Registration) -> Registration:
    """Store what is known of an incomplete row; no seat is taken, and a seat that is held is kept.

    Gives the row as the mail says it: what is on record of others is not shown.
    """
    stored = store(plan, row, row.status if row.status in ACTIVE else RegistrationStatus.PENDING)
    return replace(stored, name=row.name, institution=row.institution)


def tell(plan: Plan, rows: Sequence[Registration]) -> None:
    """Write to those who were registered by another: who, how to undo it, Art. 14 information; one mail for each address."""
    for address in dict.fromkeys(fold_address(r.email) for r in rows):
        mine = [r for r in rows if fold_address(r.email) == address]
        plan.unasked(
            "registered-by-other",
            mine[0].email,
            name=mine[0].name if len(mine) == 1 else None,
            event=mine[0].event,
            links=(LinkWord.CANCEL, LinkWord.ERASE),
            calendar=Calendar.PUBLISH if any(r.holds_seat for r in mine) else None,
            people=as_people(mine),
            by=plan.case.writer,
        )
