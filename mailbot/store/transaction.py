"""One transaction as the shell sees it: look up, commit, apply, enqueue. Journal lines are on disk before it commits."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Connection, select, update

from mailbot.domain.decision import Change, Decision, Folder
from mailbot.domain.facts import Facts, Query, Registration, Subscription
from mailbot.domain.mail import IncomingMail, OutgoingMail, RawMail
from mailbot.domain.states import Outcome, RegistrationStatus, SubscriptionStatus, check_ledger
from mailbot.domain.understanding import Understanding
from mailbot.settings import Settings
from mailbot.store import commit, facts, ledger, listing, tables
from mailbot.store.key import Key
from mailbot.store.ledger import LEDGER, Handled
from mailbot.store.tables import table
from mailbot.store.work import Work

_MAILING = table(tables.Mailing)


class Tx:
    """Everything that may be done inside one transaction. Made by ``Store.transaction`` and ``Store.reading``."""

    def __init__(self, connection: Connection, key: Key, settings: Settings) -> None:
        self._work = Work(connection=connection, key=key, settings=settings)

    @property
    def work(self) -> Work:
        """The inner side, for the store's own modules."""
        return self._work

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Undo what is done inside when it raises; the rest of the transaction stays."""
        written = len(self._work.lines)
        try:
            with self._work.writes.savepoint():
                yield
        except BaseException:
            del self._work.lines[written:]
            self._work.forget()
            raise

    def foresee(self, mails: Iterable[tuple[str, bytes]], queries: Iterable[Query], now: datetime) -> None:
        """Read at once what ``handled`` and ``facts`` will be asked about the mails of a batch; only makes them faster."""
        ledger.foresee(self._work, mails)
        facts.foresee(self._work, queries, now)

    def handled(self, mailbox_id: str, identity: bytes) -> Handled | None:
        """What the ledger says about a mail; None when it was never seen."""
        return ledger.handled(self._work, mailbox_id, identity)

    def sight(self, raw: RawMail, ledger_id: str) -> None:
        """Note that a known mail was seen at this place; it will be filed again."""
        ledger.sight(self._work, raw, ledger_id)

    def facts(self, query: Query, now: datetime) -> Facts:
        """What a decision may use."""
        return facts.facts(self._work, query, now)

    def commit(
        self,
        raw: RawMail,
        mail: IncomingMail,
        understood: Understanding,
        decision: Decision,
        outgoing: Sequence[OutgoingMail],
        now: datetime,
        ledger_id: str,
    ) -> None:
        """Write a decision's changes, the mails to send and the ledger row; ``ledger_id`` is used if the mail is new."""
        commit.commit(self._work, raw, mail, understood, decision, outgoing, now, ledger_id)

    def apply(self, changes: Iterable[Change], now: datetime) -> None:
        """Apply changes that a human ordered; raises ValueError for a move that a state does not allow."""
        commit.apply(self._work, changes, now)

    def enqueue(self, outgoing: Iterable[OutgoingMail], now: datetime) -> None:
        """Put rendered mails into the outbox."""
        commit.enqueue(self._work, outgoing, now)

    def note_old(self, raw: RawMail, identity: bytes, now: datetime, ledger_id: str) -> None:
        """Note a mail that is too old to be answered; it stays where it is."""
        ledger.note_old(self._work, raw, identity, now, ledger_id)

    def note_failure(self, raw: RawMail, identity: bytes, error_name: str, now: datetime, ledger_id: str) -> int:
        """Count a failure; gives the number of tries. The third files the mail for a human."""
        return ledger.note_failure(self._work, raw, identity, error_name, now, ledger_id)

    def retry(self, ledger_id: str) -> None:
        """Let a mail in review, or one that failed, be handled again from the start."""
        row = self._work.execute(select(LEDGER.c.outcome).where(LEDGER.c.id == ledger_id)).scalar_one()
        if Outcome(row) is not Outcome.REVIEW:
            check_ledger(Outcome(row), Outcome.TRYING)
        again = {"outcome": Outcome.TRYING.value, "tries": 0, "filing": None, "error": None}
        self._work.execute(update(LEDGER).where(LEDGER.c.id == ledger_id).values(**again))

    def review(self, ledger_id: str, reason: str) -> None:
        """Hand a mail that was done to a human after all."""
        row = self._work.execute(select(LEDGER.c.outcome, LEDGER.c.reasons).where(LEDGER.c.id == ledger_id)).one()
        check_ledger(Outcome(row.outcome), Outcome.REVIEW)
        values = {"outcome": Outcome.REVIEW.value, "filing": Folder.REVIEW.value, "reasons": [reason, *row.reasons]}
        self._work.execute(update(LEDGER).where(LEDGER.c.id == ledger_id).values(**values))

    def participants(
        self, event: str | None = None, statuses: Iterable[RegistrationStatus] | None = None
    ) -> tuple[Registration, ...]:
        """The rows of an event (or of all), in these states (or in all)."""
        self._work.writes.flush()
        return listing.participants(self._work.connection, event, statuses)

    def subscribers(self, status: SubscriptionStatus | None = None) -> tuple[Subscription, ...]:
        """The subscribers in a state, or all."""
        self._work.writes.flush()
        return listing.subscribers(self._work.connection, status)

    def claim_mailing(self, template: str, event: str | None, address: str, now: datetime) -> bool:
        """True once for each template, event and address: the same mailing again goes on where it stopped."""
        key = ("template", "event", "address_hash")
        values = {"template": template, "event": event or "", "address_hash": self._work.key.address(address), "at": now}
        return self._work.put(_MAILING, key, (), values) == 1
