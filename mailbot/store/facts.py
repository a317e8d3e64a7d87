"""Read what the store knows about the people of one mail, in few statements, inside the transaction that will commit."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import LargeBinary, bindparam, case, func, literal, or_, select, union_all
from sqlalchemy.sql import ColumnElement, Select

from mailbot.domain.decision import Nature
from mailbot.domain.facts import Facts, Query, Record, Request, Subscription, Token
from mailbot.domain.mail import fold_address
from mailbot.domain.states import OutboxStatus, Purpose, RequestStatus, SubscriptionStatus
from mailbot.store import tables
from mailbot.store.key import Use
from mailbot.store.tables import all_tables, marked, table
from mailbot.store.work import REGISTRATION, People, Work, as_registration

DAY = timedelta(days=1)
_MOST = 3000  # addresses in one statement, each several times: SQLite takes 32,766 values
_COUNTED = (Nature.ANSWER.value, Nature.NOTICE.value)  # RFC 3834 §2: what nobody has a right to
_RECEIPTS = ("handed-over", "too-large")
_CLOSED = (RequestStatus.DONE.value, RequestStatus.REFUSED.value)
_HASHES = bindparam("hashes", expanding=True, type_=LargeBinary)
_SUBSCRIPTION, _REQUEST, _TOKEN = table(tables.Subscription), table(tables.Request), table(tables.Token)
_SUPPRESSION, _INFORMED = table(tables.Suppression), table(tables.Informed)
_OUTBOX, _INTRODUCED = table(tables.Outbox), table(tables.Introduced)


def _note(kind: str, key: ColumnElement[Any], number: ColumnElement[int], *where: ColumnElement[bool]) -> Select[str, Any, int]:
    return select(literal(kind).label("kind"), key.label("key"), number.label("number")).where(*where)


_ONE: ColumnElement[int] = literal(1)
_NOTES = union_all(
    _note(
        "suppressed", _SUPPRESSION.c.hash, _ONE, _SUPPRESSION.c.hash.in_(bindparam("suppress", expanding=True, type_=LargeBinary))
    ),
    _note("informed", _INFORMED.c.address_hash, _ONE, _INFORMED.c.address_hash.in_(_HASHES)),
    _note("subscription", _SUBSCRIPTION.c.address_hash, _ONE, _SUBSCRIPTION.c.address_hash.in_(_HASHES)),
    _note("request", _REQUEST.c.address_hash, _ONE, _REQUEST.c.address_hash.in_(_HASHES)),
    _note(
        "sent",
        _OUTBOX.c.to_hash,
        func.count(),
        _OUTBOX.c.to_hash.in_(_HASHES),
        _OUTBOX.c.nature.in_(_COUNTED),
        _OUTBOX.c.status != OutboxStatus.FAILED.value,
        case((_OUTBOX.c.sent_at.is_(None), _OUTBOX.c.created_at), else_=_OUTBOX.c.sent_at) > bindparam("since"),
    ).group_by(_OUTBOX.c.to_hash),
    _note(
        "receipted",
        _OUTBOX.c.to_hash,
        func.count(),
        _OUTBOX.c.to_hash.in_(_HASHES),
        _OUTBOX.c.template.in_(_RECEIPTS),
        _OUTBOX.c.created_at > bindparam("since"),
    ).group_by(_OUTBOX.c.to_hash),
    _note(
        "introduced",
        _INTRODUCED.c.sender_hash,
        func.count(),
        _INTRODUCED.c.sender_hash.in_(_HASHES),
        _INTRODUCED.c.at > bindparam("since"),
    ).group_by(_INTRODUCED.c.sender_hash),
)
_TOKENS = select(_TOKEN).where(_TOKEN.c.tag_hash.in_(_HASHES))
_ROWS = (
    select(REGISTRATION)
    .where(
        or_(
            REGISTRATION.c.address_hash.in_(_HASHES),
            REGISTRATION.c.by_hash.in_(_HASHES),
            REGISTRATION.c.id.in_(bindparam("ids", expanding=True)),
        )
    )
    .order_by(REGISTRATION.c.registered_at, REGISTRATION.c.seq)
)
_SUBSCRIPTIONS = select(_SUBSCRIPTION).where(_SUBSCRIPTION.c.address_hash.in_(_HASHES))
_REQUESTS = select(_REQUEST).where(_REQUEST.c.address_hash.in_(_HASHES)).order_by(_REQUEST.c.received_at)


def foresee(work: Work, queries: Iterable[Query], now: datetime) -> None:
    """Read at once what the mails of a batch will ask for; what the batch itself changes is read again."""
    addresses = {a for query in queries for a in (*query.addresses, query.sender) if a}
    if len(addresses) <= _MOST:
        work.people = _look(work, {work.key.address(a): fold_address(a) for a in addresses}, [], now - DAY)


def facts(work: Work, query: Query, now: datetime) -> Facts:
    """Answer a query: its addresses, its sender and the addresses of the tokens found are covered."""
    tokens = _tokens(work, query.tags, now)
    addresses = {a for a in (*query.addresses, query.sender, *(t.address for t in tokens)) if a}
    by_hash = {work.key.address(a): fold_address(a) for a in addresses}
    ids = _row_ids(tokens)
    seen = work.people
    if seen is None or ids or seen.since != now - DAY or not _covers(work, seen, by_hash):
        seen = _look(work, by_hash, ids, now - DAY)
    sender = work.key.address(query.sender)
    found = [r for r in seen.rows if bytes(r.address_hash) in by_hash or r.by_hash == sender or r.id in ids]
    rows = tuple(map(as_registration, found))
    work.newcomers = set(by_hash) - {bytes(r.address_hash) for r in found}
    notes = _notes(work, seen, by_hash)
    subscriptions = _subscriptions(work, by_hash) if "subscription" in notes else {}
    requests = _requests(work, by_hash) if "request" in notes else ()
    still_open = {fold_address(r.address) for r in requests if r.status.value not in _CLOSED}
    return Facts(
        registrations=rows,
        subscriptions=subscriptions,
        suppressed=frozenset(notes.get("suppressed", {})),
        tokens=tokens,
        requests=requests,
        seats=work.seats.seats(work, [e.id for e in work.settings.events]),
        informed=frozenset(notes.get("informed", {})),
        on_record=frozenset(fold_address(r.email) for r in rows) | frozenset(subscriptions) | still_open,
        sent_today=notes.get("sent", {}),
        receipted=frozenset(notes.get("receipted", {})),
        introduced_today=notes.get("introduced", {}).get(query.sender, 0),
        erased_events=work.seats.erased(work),
        dossiers={a: dossier(work, key) for key, a in by_hash.items()} if query.dossiers else {},
    )


def _row_ids(tokens: Iterable[Token]) -> list[str]:
    """The rows that the data of tokens name, whatever their address ("rows", "instead": ids, maybe with a status)."""
    parts = (part for t in tokens for key in ("rows", "instead") for part in t.data.get(key, "").split(","))
    return sorted({part.partition(":")[0] for part in parts} - {""})


def _tokens(work: Work, tags: Iterable[str], now: datetime) -> tuple[Token, ...]:
    """The known tokens in the order of the mail's tags; compared as keyed hashes, so that timing tells nothing."""
    by_hash = {work.key.text(Use.TOKEN, tag): tag for tag in tags}
    if not by_hash:
        return ()
    found = {bytes(r.tag_hash): r for r in work.look_up(_TOKENS, {"hashes": list(by_hash)}, by_hash)}
    return tuple(_token(found[key], tag, now) for key, tag in by_hash.items() if key in found)


def _token(row: Any, tag: str, now: datetime) -> Token:  # noqa: ANN401 - a row
    fresh = row.expires_at is None or row.expires_at > now
    return Token(
        tag=tag,
        purpose=Purpose(row.purpose),
        address=row.address,
        event=row.event,
        action=row.action,
        data=row.data,
        usable=row.used_at is None and fresh,
    )


def _covers(work: Work, seen: People, hashes: Mapping[bytes, str]) -> bool:
    return seen.hashes.issuperset(hashes) and work.writes.changed.isdisjoint(hashes)


def _look(work: Work, by_hash: Mapping[bytes, str], ids: Sequence[str], since: datetime) -> People:
    """Read the rows of these addresses (and those with these ids), and all that is a number or a yes about an address."""
    hashes = list(by_hash)
    suppress = [work.key.text(Use.SUPPRESS, a) for a in by_hash.values()]
    rows = tuple(work.look_up(_ROWS, {"hashes": hashes, "ids": list(ids)}, hashes))
    notes: dict[str, dict[bytes, int]] = {}
    for kind, key, number in work.look_up(_NOTES, {"hashes": hashes, "suppress": suppress, "since": since}, hashes):
        notes.setdefault(kind, {})[bytes(key)] = number
    return People(hashes=frozenset(hashes), since=since, rows=rows, notes=notes)


def _notes(work: Work, seen: People, by_hash: Mapping[bytes, str]) -> Mapping[str, dict[str, int]]:
    """What is noted about these addresses: kind → address → number."""
    suppress = {work.key.text(Use.SUPPRESS, a): a for a in by_hash.values()} if "suppressed" in seen.notes else {}
    names = {**by_hash, **suppress}
    mine = {kind: {names[key]: number for key, number in of.items() if key in names} for kind, of in seen.notes.items()}
    return {kind: of for kind, of in mine.items() if of}


def _subscriptions(work: Work, hashes: Iterable[bytes]) -> dict[str, Subscription]:
    return {fold_address(r.email): as_subscription(r) for r in work.execute(_SUBSCRIPTIONS, {"hashes": list(hashes)})}


def as_subscription(row: Any) -> Subscription:  # noqa: ANN401 - a row
    """Make the frozen value of a row."""
    status = SubscriptionStatus(row.status)
    return Subscription(email=row.email, name=row.name, status=status, since=row.since, language=row.language)


def _requests(work: Work, by_hash: Mapping[bytes, str]) -> tuple[Request, ...]:
    return tuple(
        Request(
            id=r.id,
            kinds=tuple(r.kinds),
            status=RequestStatus(r.status),
            address=r.address or by_hash[bytes(r.address_hash)],
            received_at=r.received_at,
            due=r.due,
        )
        for r in work.execute(_REQUESTS, {"hashes": list(by_hash)})
    )


def dossier(work: Work, address_hash: bytes) -> tuple[Record, ...]:
    """Everything stored about one address, by the marks: other people's values in the same row are left out (Art. 15 (4))."""
    found = []
    for of in all_tables():
        marks = dict(marked(of))
        finders = [c for c, m in marks.items() if m.finds]
        if not finders:
            continue
        for row in work.execute(select(of).where(or_(*(c == address_hash for c in finders)))):
            mine = {marks[c].who for c in finders if getattr(row, c.key) == address_hash}
            shown = {c.key: getattr(row, c.key) for c, m in marks.items() if m.export and (not m.personal or m.who in mine)}
            found.append(Record(table=of.name, values=shown))
    return tuple(found)
