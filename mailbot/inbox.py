"""Mails in a folder: fetch what the ledger does not know, hand it to the pipeline in batches, file it away after the commit.

Holds the one wide ``except`` of the program, around one mail. Never moves a mail before its outcome is committed.
Upstream: ``imap``; downstream: ``pipeline``.
"""

import hashlib
import itertools
import logging
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from mailbot.domain.decision import Folder
from mailbot.domain.mail import RawMail
from mailbot.errors import MailbotError, TemplateError
from mailbot.imap import Head, ImapMailbox
from mailbot.pipeline import Pipeline, identity_of
from mailbot.retention import rule_end
from mailbot.settings import Mailbox, Rule

log = logging.getLogger(__name__)
BATCH = 50
TRIES = 3  # Mailman's number: then a human looks at it
HUMAN = (Folder.REGISTER, Folder.CANCEL, Folder.UNSUBSCRIBE, Folder.DATA_REQUEST, Folder.IGNORE)


@dataclass(slots=True)
class Tally:
    """What one pass did. ``proved``: every UID up to here has its outcome in the ledger (invariant I1)."""

    handled: int = 0
    failed: int = 0
    old: int = 0
    proved: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """One pass over one folder. ``moved_to``: the folder in which a human put mails; None where people write to."""

    imap: ImapMailbox
    pipeline: Pipeline
    mailbox: Mailbox
    now: datetime
    stop: threading.Event
    moved_to: Folder | None = None

    def run(self, above: int = 0) -> Tally:
        """Handle every mail above this UID that has no outcome yet, whatever its flags (invariant I1)."""
        imap, store = self.imap, self.pipeline.store
        validity = imap.select(imap.name(self.moved_to) if self.moved_to else None)
        self._refile(validity)
        present = imap.uids(above)
        tally = Tally(proved=max(present, default=above))
        heads = imap.heads(sorted(store.missing_uids(self.mailbox.id, imap.selected, validity, present)))
        young = self._set_old_aside(heads, validity, tally)
        raws = imap.fetch(young, self.pipeline.settings.limits.max_mail_bytes)
        while not self.stop.is_set() and (batch := list(itertools.islice(raws, BATCH))):
            filing = self._handle(batch, tally)
            tally.handled += len(filing)
            self._file_away(filing, validity)
        if self.stop.is_set():
            tally.proved = above  # whatever is left is looked at again
        return tally

    def _refile(self, validity: int) -> None:
        """File what was committed by a run that died before the move."""
        left = self.pipeline.store.unfiled(self.mailbox.id, self.imap.selected, validity)
        if left:
            present = set(self.imap.uids())
            self._file_away({uid: Folder(folder) for uid, folder in left.items() if uid in present}, validity)
            self.pipeline.store.mark_filed(self.mailbox.id, self.imap.selected, validity, list(left), self.now)

    def _file_away(self, filing: Mapping[int, Folder], validity: int) -> None:
        for folder in sorted(set(filing.values())):
            if self.imap.name(folder) != self.imap.selected:
                self.imap.move(sorted(uid for uid, target in filing.items() if target is folder), folder)
        self.pipeline.store.mark_filed(self.mailbox.id, self.imap.selected, validity, list(filing), self.now)

    def _set_old_aside(self, heads: Sequence[Head], validity: int, tally: Tally) -> list[Head]:
        """Note mails that arrived longer ago than ``max_age`` when first seen; they stay where they are, unread."""
        if self.moved_to is not None:  # a human wants it, however old it is
            return list(heads)
        rule = Rule(after="received", keep=self.mailbox.max_age)
        old = [head for head in heads if rule_end(rule, head.received_at, "UTC") < self.now]
        if old:
            with self.pipeline.store.transaction() as tx:
                for head in old:
                    raw = self._bare(head, validity)
                    tx.note_old(raw, _place(raw), self.now, self.pipeline.ids.new_id())
        tally.old += len(old)
        aside = {head.uid for head in old}
        return [head for head in heads if head.uid not in aside]

    def _bare(self, head: Head, validity: int) -> RawMail:
        return RawMail(
            mailbox=self.mailbox.id,
            folder=self.imap.selected,
            uidvalidity=validity,
            uid=head.uid,
            received_at=head.received_at,
            content=b"",
            size=head.size,
        )

    def _handle(self, batch: list[RawMail], tally: Tally) -> dict[int, Folder]:
        try:
            return self.pipeline.handle(batch, self.now, moved_to=self.moved_to)
        except Exception as error:  # noqa: BLE001 - one bad mail must not stop the others: done again one by one
            self._let_through(error)
            return dict(self._one_by_one(batch, tally))

    def _let_through(self, error: Exception) -> None:
        """Raise again what is no mail's fault: servers, the store, and templates that fail with our own examples too."""
        if isinstance(error, MailbotError) and not (isinstance(error, TemplateError) and not self.pipeline.renderer.check()):
            raise error

    def _one_by_one(self, batch: Iterable[RawMail], tally: Tally) -> Iterable[tuple[int, Folder]]:
        for raw in batch:
            for _ in range(TRIES):
                try:
                    yield raw.uid, self.pipeline.handle([raw], self.now, moved_to=self.moved_to)[raw.uid]
                    break
                except Exception as error:  # noqa: BLE001 - around one mail: it is kept, counted, and a human is told
                    self._let_through(error)
                    # no traceback: it may hold personal data
                    log.error("mail failed: uid=%s error=%s", raw.uid, _where(error))  # noqa: TRY400
                    if self._note_failure(raw, error):
                        tally.failed += 1
                        yield raw.uid, Folder.FAILED
                        break

    def _note_failure(self, raw: RawMail, error: Exception) -> bool:
        """Count the failure in a transaction of its own; True when it was the third."""
        identity = identity_of(raw)
        with self.pipeline.store.transaction() as tx:
            return tx.note_failure(raw, identity, _where(error), self.now, self.pipeline.ids.new_id()) >= TRIES


def settle(imap: ImapMailbox, pipeline: Pipeline, mailbox: Mailbox) -> int:
    """Take out of review what a human answered and moved or deleted in the mail program; gives how many."""
    waiting = sum(item.mailbox == mailbox.id for item in pipeline.store.reviews())
    if not waiting:
        return 0
    present: list[bytes] = []
    heads = {}
    for folder in (Folder.REVIEW, Folder.FAILED):
        imap.select(imap.name(folder))
        heads[folder] = imap.heads(imap.uids())
    if sum(map(len, heads.values())) >= waiting:
        return 0  # nothing is missing: no mail is fetched
    for folder, found in heads.items():
        imap.select(imap.name(folder))
        present += [identity_of(raw) for raw in imap.fetch(found, pipeline.settings.limits.max_mail_bytes)]
    return pipeline.store.taken_away(mailbox.id, present)


def _where(error: Exception) -> str:
    """Name an error and the line that raised it; its message may hold personal data."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    line = f" at {trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}" if trace else ""
    return type(error).__name__ + line


def _place(raw: RawMail) -> bytes:
    """Identify a mail that is not read by its place."""
    return hashlib.sha256(f"old:{raw.mailbox}:{raw.folder}:{raw.uidvalidity}:{raw.uid}".encode()).digest()
