"""The final step (DESIGN section 7): closing mails at an event's end, then erasure everywhere, searched again, recorded.

Everything here may be interrupted: the job row stays open and the next round goes on. Never called complete unless the
mailbox was reached and nothing was found again.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from mailbot.domain.decision import Folder, Letter, Nature
from mailbot.domain.mail import fold_address
from mailbot.domain.states import RegistrationStatus
from mailbot.imap import ImapMailbox
from mailbot.pipeline import Pipeline
from mailbot.retention import rule_end
from mailbot.settings import Event, EventMail, Settings
from mailbot.store import Store

log = logging.getLogger(__name__)
CLOSING_PATIENCE = timedelta(days=1)
OURS = (Folder.DONE, Folder.REVIEW, Folder.FAILED, *(f for f in Folder if f not in {Folder.DONE, Folder.REVIEW, Folder.FAILED}))


def run_due(store: Store, settings: Settings, imap: ImapMailbox, pipeline: Pipeline, now: datetime) -> list[dict[str, Any]]:
    """Erase every event whose time has passed and whose closing mails are out; expire everything else that is due."""
    store.expire(settings, now)
    records = []
    for event in settings.events:
        if not is_due(settings, event, now) or store.erased_at(event.id):
            continue
        queue_closing_mails(store, event, pipeline, now)
        if store.closing_mails_pending(event.id) and now < _end(settings, event) + CLOSING_PATIENCE:
            continue
        records.append(erase_event(store, settings, imap, event, now))
    return records


def _end(settings: Settings, event: Event) -> datetime:
    return rule_end(settings.retention.registrations, event.ends, event.timezone)


def is_due(settings: Settings, event: Event, now: datetime) -> bool:
    """Whether the event's data have reached the end of their rule."""
    return now >= _end(settings, event)


def erase_event(store: Store, settings: Settings, imap: ImapMailbox, event: Event, now: datetime) -> dict[str, Any]:
    """Do the final step for one event, in the order of DESIGN section 7; gives the record."""
    job = store.start_job(event.id, settings.retention.registrations, now)  # 1. the values to look for
    known = store.known_mails(job)
    store.erase_rows(job, settings, now)  # 2. journal, outbox, tables
    folders = erase_folders(imap, known)  # 3. the mailbox
    found = sum(len(imap.search_text(folder, value)) for folder in OURS for value in job.addresses)
    record: dict[str, Any] = store.finish_job(job, folders, found, now)  # 4.-6. vacuum, search, record
    log.info("erased event=%s found_again=%s", event.id, record["found_again"])
    return record


def erase_folders(imap: ImapMailbox, message_ids: frozenset[str]) -> Mapping[str, int]:
    """Delete the mails that the ledger knows from the bot's own folders; gives counts by folder."""
    counts = {}
    for folder in OURS:
        uids = [uid for uid, message_id in imap.message_ids(folder).items() if message_id in message_ids]
        if uids:
            counts[folder.value] = imap.delete(folder, uids)
    return counts


def queue_closing_mails(store: Store, event: Event, pipeline: Pipeline, now: datetime) -> None:
    """Queue "your data are being erased" once for every participant."""
    _queue(store, event, "data-erased", pipeline, now, {})


def queue_due_mails(store: Store, settings: Settings, pipeline: Pipeline, now: datetime) -> None:
    """Queue reminders and other mails of an event whose time has come, once for each participant."""
    for event in settings.events:
        for planned in event.mails:
            if _planned_at(event, planned) <= now < (event.starts if planned.before else _end(settings, event)):
                _queue(store, event, planned.template, pipeline, now, {"people"})


def _planned_at(event: Event, planned: EventMail) -> datetime:
    if planned.before is not None:
        return event.starts - planned.before.exact - timedelta(days=30 * planned.before.months)
    after = planned.after.exact if planned.after else timedelta()
    return event.ends + after


def _queue(store: Store, event: Event, template: str, pipeline: Pipeline, now: datetime, needs: set[str]) -> None:
    mailbox = pipeline.settings.mailboxes[0]
    with store.transaction() as tx:
        for row in tx.participants(event.id):
            quiet = row.restricted and not row.event_mails
            if row.status is not RegistrationStatus.REGISTERED or quiet:
                continue
            if not tx.claim_mailing(template, event.id, fold_address(row.email), now):
                continue
            people = [
                {"name": row.name or "", "institution": row.institution or "", "email": row.email, "status": row.status.value}
            ]
            letter = Letter(
                template=template,
                to=row.email,
                language=row.language,
                nature=Nature.NOTICE,
                tag=pipeline.ids.tag(event.id.split("-")[0][:12]),
                name=row.name,
                event=event.id,
                values={"people": people} if needs else {},
            )
            tx.enqueue((pipeline.renderer.render(letter, mailbox=mailbox, now=now),), now)
