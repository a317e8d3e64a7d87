"""The way of a mail: parse → screen → understand → facts → decide → render → commit; ``inbox`` files and ``post`` sends.

The only place where the stages meet. Never talks to a mail server: before the commit nothing has happened, after it nothing
can be lost. Upstream: ``inbox``; downstream: ``store`` and ``render``.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from mailbot.decide import FORCED, decide, force, ignored, query
from mailbot.domain.decision import Decision, Folder
from mailbot.domain.mail import IncomingMail, RawMail, fold_address
from mailbot.domain.states import Outcome
from mailbot.domain.understanding import Intent, Screening, Understanding
from mailbot.intents.base import Case, Ids
from mailbot.parse import parse
from mailbot.screen import screen
from mailbot.settings import Settings
from mailbot.understand import understand

if TYPE_CHECKING:  # half a second that `classify` does without
    from mailbot.render import Renderer
    from mailbot.store import Store, Tx

_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"  # RFC 4648 base32 in lower case: survives phones


class RandomIds:
    """Ids and tags from the operating system's randomness."""

    def new_id(self) -> str:
        """Give a new row id of 80 bits."""
        return secrets.token_hex(10)

    def tag(self, word: str) -> str:
        """Give ``word-`` and sixteen random characters (80 bits)."""
        return f"{word}-" + "".join(secrets.choice(_ALPHABET) for _ in range(16))


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """One mail as it was understood, before anything of the store is known."""

    mail: IncomingMail
    screening: Screening
    understanding: Understanding


def read(
    content: bytes,
    settings: Settings,
    received_at: datetime,
    *,
    size: int | None = None,
    truncated: bool = False,
    as_intent: Intent | None = None,
) -> Read:
    """Understand one mail's bytes from the mail alone; touches nothing and never raises on bad mail.

    ``as_intent``: what a human says that it is, by the folder they put it into.
    """
    mail = parse(content, received_at=received_at, size=size, truncated=truncated)
    own = frozenset(fold_address(m.address) for m in settings.mailboxes)
    trusted = tuple(t for m in settings.mailboxes for t in m.trusted_authserv_ids)
    seen = screen(mail, own_addresses=own, trusted_authserv_ids=trusted)
    return Read(mail=mail, screening=seen, understanding=understand(mail, seen, settings, as_intent))


def identity_of(raw: RawMail) -> bytes:
    """Give a mail's identity; one that no parser survives (nested a thousand times) is known by its bytes."""
    try:
        return parse(raw.content, received_at=raw.received_at).identity
    except Exception:  # noqa: BLE001 - it has failed in the pipeline for the same reason; here it must only be told apart
        return hashlib.sha256(raw.content).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline:
    """Everything that one mail needs on its way, made once."""

    settings: Settings
    store: "Store"
    renderer: "Renderer"
    ids: Ids

    def handle(self, raws: Sequence[RawMail], now: datetime, *, moved_to: Folder | None = None) -> dict[int, Folder]:
        """Handle mails in one transaction with a savepoint each and give uid → folder; on an error nothing is done.

        ``moved_to``: a human put these mails into that folder, which replaces the understanding.
        """
        readings = [self._read(raw, moved_to) for raw in raws]
        filing = {}
        with self.store.transaction() as tx:
            known = [(raw.mailbox, reading.mail.identity) for raw, reading in zip(raws, readings, strict=True)]
            tx.foresee(known, [query(r.mail, force(r.understanding, moved_to)) for r in readings], now)
            for raw, reading in zip(raws, readings, strict=True):
                with tx.savepoint():
                    filing[raw.uid] = self._handle_one(tx, raw, reading, now, moved_to)
        return filing

    def rehearse(self, raw: RawMail, now: datetime) -> Decision:
        """Decide one mail by what the store knows, and leave everything as it is."""
        reading = self._read(raw)
        with self.store.reading() as tx:
            return decide(self._case(tx, raw, reading, now, None))

    def _read(self, raw: RawMail, moved_to: Folder | None = None) -> Read:
        told = FORCED.get(moved_to)
        return read(raw.content, self.settings, raw.received_at, size=raw.size, truncated=raw.truncated, as_intent=told)

    def _handle_one(self, tx: "Tx", raw: RawMail, reading: Read, now: datetime, moved_to: Folder | None) -> Folder:
        before = tx.handled(raw.mailbox, reading.mail.identity)
        if before is not None and before.filing is not None and before.outcome is not Outcome.TRYING and moved_to is None:
            tx.sight(raw, before.id)
            return before.filing
        case = self._case(tx, raw, reading, now, moved_to)
        decision = ignored() if moved_to is Folder.IGNORE else decide(case)
        outgoing = tuple(self.renderer.render(letter, mailbox=case.mailbox, now=now) for letter in decision.letters)
        ledger_id = before.id if before is not None else self.ids.new_id()
        tx.commit(raw, reading.mail, case.understanding, decision, outgoing, now, ledger_id)
        return decision.filing

    def _case(self, tx: "Tx", raw: RawMail, reading: Read, now: datetime, moved_to: Folder | None) -> Case:
        understood = force(reading.understanding, moved_to)
        return Case(
            mail=reading.mail,
            screening=reading.screening,
            understanding=understood,
            facts=tx.facts(query(reading.mail, understood), now),
            settings=self.settings,
            mailbox=self.settings.mailbox(raw.mailbox),
            now=now,
            ids=self.ids,
            forced=moved_to is not None,
        )
