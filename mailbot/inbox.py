"""Mails in the mailbox: fetch what the ledger does not know, hand it to the pipeline in batches, file it away after the commit.

Upstream: ``imap``; downstream: ``pipeline``. Holds the one wide ``except`` of the program, around one mail.
"""

import itertools
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from mailbot.domain.decision import Folder
from mailbot.domain.mail import RawMail
from mailbot.errors import MailbotError
from mailbot.imap import ImapMailbox
from mailbot.parse import parse
from mailbot.pipeline import Pipeline
from mailbot.retention import rule_end
from mailbot.settings import Mailbox, Rule

log = logging.getLogger(__name__)
BATCH = 50
TRIES = 3
HUMAN = (Folder.REGISTER, Folder.CANCEL, Folder.UNSUBSCRIBE, Folder.DATA_REQUEST, Folder.IGNORE)


@dataclass(slots=True)
class Tally:
    """What one pass did: mails handled, and mails that failed three times."""

    handled: int = 0
    failed: int = 0


def handle_new(imap: ImapMailbox, pipeline: Pipeline, mailbox: Mailbox, now: datetime) -> Tally:
    """Handle every mail of the folder that has no outcome yet, whatever its flags (invariant I1)."""
    tally = Tally()
    validity = imap.select()
    refile(imap, pipeline, mailbox, validity, now)
    todo = sorted(pipeline.store.missing_uids(mailbox.id, mailbox.folder, validity, imap.uids()))
    raws = imap.fetch(todo, pipeline.settings.limits.max_mail_bytes)
    while batch := list(itertools.islice(raws, BATCH)):
        filing = _handle_batch(pipeline, mailbox, batch, now, tally)
        file_away(imap, filing)
        pipeline.store.mark_filed(mailbox.id, mailbox.folder, validity, list(filing), now)
    return tally


def refile(imap: ImapMailbox, pipeline: Pipeline, mailbox: Mailbox, validity: int, now: datetime) -> None:
    """File what was committed by a run that died before the move."""
    left = pipeline.store.unfiled(mailbox.id, mailbox.folder, validity)
    present = set(imap.uids()) if left else set()
    file_away(imap, {uid: Folder(folder) for uid, folder in left.items() if uid in present})
    pipeline.store.mark_filed(mailbox.id, mailbox.folder, validity, list(left), now)


def file_away(imap: ImapMailbox, filing: Mapping[int, Folder]) -> None:
    """Move mails in one batch per folder."""
    for folder in set(filing.values()):
        imap.move(sorted(uid for uid, target in filing.items() if target is folder), folder)


def _too_old(mailbox: Mailbox, raw: RawMail, now: datetime) -> bool:
    rule = Rule(after="received", keep=mailbox.max_age)
    return rule_end(rule, raw.received_at, "UTC") < now


def _handle_batch(pipeline: Pipeline, mailbox: Mailbox, batch: list[RawMail], now: datetime, tally: Tally) -> dict[int, Folder]:
    old = [raw for raw in batch if _too_old(mailbox, raw, now)]
    young = [raw for raw in batch if raw not in old]
    with pipeline.store.transaction() as tx:
        for raw in old:
            tx.note_old(raw, parse(raw.content, received_at=raw.received_at).identity, now)
    try:
        filing = pipeline.handle(young, now)
    except MailbotError:
        raise
    except Exception:  # noqa: BLE001 - one bad mail must not stop the others: done again one by one
        filing = dict(_one_by_one(pipeline, young, now, tally))
    tally.handled += len(filing)
    return filing


def _one_by_one(pipeline: Pipeline, raws: Iterable[RawMail], now: datetime, tally: Tally) -> Iterable[tuple[int, Folder]]:
    for raw in raws:
        for _ in range(TRIES):
            try:
                yield raw.uid, pipeline.handle([raw], now)[raw.uid]
                break
            except MailbotError:
                raise
            except Exception as error:
                log.error("mail failed: uid=%s error=%s", raw.uid, type(error).__name__)  # noqa: TRY400 - a traceback may hold personal data
                if _note_failure(pipeline, raw, error, now):
                    tally.failed += 1
                    yield raw.uid, Folder.FAILED
                    break


def _note_failure(pipeline: Pipeline, raw: RawMail, error: Exception, now: datetime) -> bool:
    """Count the failure in a transaction of its own; True when it was the third."""
    identity = parse(raw.content, received_at=raw.received_at).identity
    with pipeline.store.transaction() as tx:
        return tx.note_failure(raw, identity, type(error).__name__, now) >= TRIES


def handle_moved(imap: ImapMailbox, pipeline: Pipeline, now: datetime) -> int:
    """Do what a human decided by moving mails to the folders named after wishes; they end in Done or back in Review."""
    handled = 0
    for folder in HUMAN:
        _, uids = imap.folder_uids(folder)
        for raw in imap.fetch_from(folder, uids, pipeline.settings.limits.max_mail_bytes):
            with pipeline.store.transaction() as tx:
                target = pipeline.handle_one(tx, raw, now, folder)
            imap.move_from(folder, [raw.uid], target)
            handled += 1
    return handled
