"""The way of a mail: parse → screen → understand → facts → decide → render → commit; ``service`` files and sends."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from mailbot.decide import decide, force, ignored, query
from mailbot.domain.decision import Folder
from mailbot.domain.mail import IncomingMail, RawMail, fold_address
from mailbot.domain.states import Outcome
from mailbot.domain.understanding import Screening, Understanding
from mailbot.intents.base import Case, Ids
from mailbot.parse import parse
from mailbot.render import Renderer
from mailbot.screen import screen
from mailbot.settings import Settings
from mailbot.store import Store
from mailbot.store.engine import Tx
from mailbot.understand import understand

_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"  # RFC 4648 base32 in lower case: survives phones


class RandomIds:
    """Ids and tags from the operating system's randomness."""

    def new_id(self) -> str:
        """Give a new row id of 80 bits."""
        return secrets.token_hex(10)

    def tag(self, word: str) -> str:
        """Give ``word-`` and sixteen random characters (80 bits)."""
        return f"{word}-" + "".join(secrets.choice(_ALPHABET) for _ in range(16))


def read(
    content: bytes, settings: Settings, received_at: datetime, *, size: int | None = None, truncated: bool = False
) -> tuple[IncomingMail, Screening, Understanding]:
    """Understand one mail's bytes from the mail alone; touches nothing and never raises on bad mail."""
    mail = parse(content, received_at=received_at, size=size, truncated=truncated)
    own = frozenset(fold_address(m.address) for m in settings.mailboxes)
    trusted = tuple(t for m in settings.mailboxes for t in m.trusted_authserv_ids)
    seen = screen(mail, own_addresses=own, trusted_authserv_ids=trusted)
    return mail, seen, understand(mail, seen, settings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline:
    """Everything that one mail needs on its way, made once."""

    settings: Settings
    store: Store
    renderer: Renderer
    ids: Ids

    def handle(self, raws: Sequence[RawMail], now: datetime) -> dict[int, Folder]:
        """Handle mails in one transaction with a savepoint each and give uid → folder; on an error nothing is done."""
        filing = {}
        with self.store.transaction() as tx:
            for raw in raws:
                with tx.savepoint():
                    filing[raw.uid] = self.handle_one(tx, raw, now)
        return filing

    def handle_one(self, tx: Tx, raw: RawMail, now: datetime, moved_to: Folder | None = None) -> Folder:
        """Handle one mail inside a transaction, or look up what was done before; give the folder it belongs in."""
        mail, seen, understood = read(raw.content, self.settings, raw.received_at, size=raw.size, truncated=raw.truncated)
        before = tx.handled(raw.mailbox, mail.identity)
        if before is not None and before.outcome != Outcome.TRYING and moved_to is None:
            tx.sight(raw, before.id)
            return Folder(before.filing)
        facts = tx.facts(query(mail, understood), now)
        case = Case(
            mail=mail,
            screening=seen,
            understanding=force(understood, moved_to),
            facts=facts,
            settings=self.settings,
            mailbox=self.settings.mailbox(raw.mailbox),
            now=now,
            ids=self.ids,
            forced=moved_to is not None,
        )
        decision = ignored() if moved_to is Folder.IGNORE else decide(case)
        outgoing = tuple(self.renderer.render(letter, mailbox=case.mailbox, now=now) for letter in decision.letters)
        tx.commit(raw, mail, understood, decision, outgoing, now, self.ids)
        return decision.filing
