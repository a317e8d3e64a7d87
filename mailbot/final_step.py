"""The final step (DESIGN section 7): closing mails at an event's end, then erasure everywhere, searched again, recorded.

Everything here may be interrupted: the job row stays open and the next round goes on. Never called complete unless every
mailbox was reached and nothing was found again. Never deletes a mail outside the bot's folders that mailbot does not know.
Upstream: ``service``; downstream: ``store`` and ``imap``.
"""

import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from mailbot import mailing
from mailbot.domain.decision import Folder
from mailbot.errors import MailbotError, Unreachable
from mailbot.imap import ImapMailbox
from mailbot.parse import parse
from mailbot.pipeline import Pipeline
from mailbot.retention import rule_end
from mailbot.settings import Event, Settings, in_language
from mailbot.store import Job, Record, Store
from mailbot.traces import Traces, addresses_in

log = logging.getLogger(__name__)
CLOSING_PATIENCE = timedelta(days=1)
Sessions = Mapping[str, ImapMailbox]  # by mailbox id: those that could be reached


@dataclass(frozen=True, slots=True, kw_only=True)
class FinalStep:
    """What the erasure needs: all the places where mailbot puts data."""

    pipeline: Pipeline
    sessions: Sessions
    now: datetime
    problems: list[MailbotError] = field(default_factory=list)  # what stays open, and why

    @property
    def settings(self) -> Settings:
        """The configuration."""
        return self.pipeline.settings

    @property
    def store(self) -> Store:
        """The store."""
        return self.pipeline.store

    def run_due(self, *, force: bool = False) -> list[Record]:
        """Erase every event whose time has passed and whose closing mails are out; go on with what was interrupted.

        ``force`` (a human called it) does not wait for closing mails longer than this call.
        """
        due = [job.event for job in self.store.open_jobs()]
        for event in self.settings.events:
            if not self.is_due(event) or event.id in due or self.store.erased_at(event.id):
                continue
            queued = mailing.queue(self.pipeline, mailing.Mailing(template="data-erased", event=event), self.now)
            waited = not queued and self.now >= self.end(event) + CLOSING_PATIENCE  # just queued: they get one chance
            if force or waited or not self.store.closing_mails_pending(event.id):
                due.append(event.id)
        return list(self._erase_all(due))

    def _erase_all(self, event_ids: Iterable[str]) -> Iterator[Record]:
        """Erase one after the other; what can't be completed now stays open and does not stop the others."""
        for event_id in event_ids:
            try:
                yield self.erase(event_id)
            except Unreachable as error:
                self.problems.append(error)

    def retry_kept(self) -> list[Record]:
        """Try again, once a day, what was kept of erased events for another reason; gives records of what went now."""
        records = self._erase_all(sorted(self.store.leftover_events()))
        return [record for record in records if any(record["counts"]["tables"].values())]

    def end(self, event: Event) -> datetime:
        """When the retention rule of the event's registrations ends."""
        return rule_end(self.settings.retention.registrations, event.ends, event.timezone)

    def is_due(self, event: Event) -> bool:
        """Whether the event's data have reached the end of their rule."""
        return self.now >= self.end(event)

    def erase(self, event_id: str) -> Record:
        """Do the final step for one event in the order of DESIGN section 7; raises Unreachable with the job left open."""
        job = self.store.start_job(event_id, self.settings.retention.registrations, self.now)  # 1
        self.store.erase_rows(job, self.now)  # 2
        self._reach_all()
        traces = self._traces(job)
        folders = self._erase_folders(job, traces)  # 3
        self.store.forget(job)  # 4
        self.store.vacuum()
        found = self.store.search_bytes((*job.addresses, *_full(job.names))) + self._search_folders(traces)  # 5
        record = self.store.finish_job(job, folders, found, self.now)  # 6
        log.info("erased event=%s found_again=%s", event_id, found)
        return record

    def _reach_all(self) -> None:
        missing = [mailbox.id for mailbox in self.settings.mailboxes if mailbox.id not in self.sessions]
        if missing:
            problem = f"the erasure can't be completed: mailbox '{missing[0]}' can't be reached"
            raise Unreachable(problem, remedy="the job stays open and the next run goes on")

    def _traces(self, job: Job) -> Traces:
        organiser, controller = self.settings.organiser, self.settings.controller
        titles = [in_language(e.title, lang) for e in self.settings.events for lang in organiser.languages]
        ours = [m.address for m in self.settings.mailboxes] + [organiser.contact, controller.email]
        words = [organiser.name, controller.name, self.settings.smtp.sender_name, organiser.postal_address, controller.address]
        return Traces.of(job.addresses, job.names, never=[*titles, *ours, *words])

    def _erase_folders(self, job: Job, traces: Traces) -> dict[str, int]:
        """Delete from the bot's folders what holds a trace, and everywhere what mailbot knows; list other hits."""
        counts: Counter[str] = Counter()
        for imap in self.sessions.values():
            ours = _ours(imap)
            for folder, name in ours.items():
                counts[folder.value] += self._clear(imap, name, job.message_ids, traces)
            for name in set(imap.all_folders()) - set(ours.values()):
                counts[name] += _remove_known(imap, name, job.message_ids)
        return {folder: count for folder, count in counts.items() if count}

    def _clear(self, imap: ImapMailbox, name: str, known: Iterable[str], traces: Traces) -> int:
        gone = self._holding(imap, name, known, traces)
        return imap.remove(gone) if gone else 0

    def _holding(self, imap: ImapMailbox, name: str, known: Iterable[str], traces: Traces) -> list[int]:
        ids = frozenset(known)
        imap.select(name)
        mails = imap.fetch(imap.heads(imap.uids()), self.settings.limits.max_mail_bytes)
        return [
            raw.uid
            for raw in mails
            if traces.in_mail(raw.content) or parse(raw.content, received_at=raw.received_at).message_id in ids
        ]

    def _search_folders(self, traces: Traces) -> int:
        """Count mails in the bot's folders that still hold a trace."""
        hits = 0
        for imap in self.sessions.values():
            for name in _ours(imap).values():
                imap.select(name)
                mails = imap.fetch(imap.heads(imap.uids()), self.settings.limits.max_mail_bytes)
                hits += sum(traces.in_mail(raw.content) for raw in mails)
        return hits

    def plan(self, event_id: str) -> Record:
        """Say what an erasure would take now, and take nothing (``erased_at`` is null)."""
        record = self.store.plan(event_id, self.settings.retention.registrations, self.now)
        job = self.store.preview_job(event_id)
        traces = self._traces(job)
        for imap in self.sessions.values():
            for folder, name in _ours(imap).items():
                hits = len(self._holding(imap, name, job.message_ids, traces))
                if hits:
                    record["counts"]["folders"][folder.value] = hits
        return record

    def audit(self) -> dict[str, int]:
        """Search store and mailboxes for anything whose time has passed; gives counts by place (empty: nothing)."""
        found = Counter(self.store.overdue(self.settings, self.now))
        found.update({f"event {e.id}": 1 for e in self.settings.events if self.is_due(e) and not self.store.erased_at(e.id)})
        for imap in self.sessions.values():
            for folder, name in _ours(imap).items():
                imap.select(name)
                for raw in imap.fetch(imap.heads(imap.uids()), self.settings.limits.max_mail_bytes):
                    found[folder.value] += bool(self.store.among_erased(addresses_in(raw.content)))
        return {place: count for place, count in found.items() if count}

    def remove_erased(self) -> None:
        """Delete from our folders the mails of people who were erased at their own request (GDPR Art. 17)."""
        for mailbox_id, imap in self.sessions.items():
            if condemned := self.store.removals(mailbox_id):
                for name in _ours(imap).values():
                    _remove_known(imap, name, condemned)
                self.store.removed(mailbox_id, condemned)

    def expire(self) -> dict[str, int]:
        """Carry out every other retention rule: mails in the bot's folders first, then the store's rows."""
        gone = 0
        if self.sessions:
            gone = sum(self._expire_folders(mailbox_id, imap) for mailbox_id, imap in self.sessions.items())
        counts = dict(self.store.expire(self.settings, self.now))
        if gone:
            counts["mails"] = gone
        return counts

    def _expire_folders(self, mailbox_id: str, imap: ImapMailbox) -> int:
        gone = 0
        for name in _ours(imap).values():
            imap.select(name)
            candidates = imap.heads(imap.uids_before(self.now.date() + timedelta(days=1)))
            zone, rule = self.settings.organiser.timezone, self.settings.retention.mails
            due = [head for head in candidates if rule_end(rule, head.received_at, zone) <= self.now]
            mails = imap.fetch(due, self.settings.limits.max_mail_bytes)
            by_identity = {parse(raw.content, received_at=raw.received_at).identity: raw.uid for raw in mails}
            expired = self.store.expirable(mailbox_id, by_identity, self.now)
            uids = [uid for identity, uid in by_identity.items() if identity in expired]
            gone += imap.remove(uids) if uids else 0
        return gone


def _ours(imap: ImapMailbox) -> dict[Folder, str]:
    return {folder: imap.name(folder) for folder in Folder if imap.exists(imap.name(folder))}


def _remove_known(imap: ImapMailbox, name: str, known: Iterable[str]) -> int:
    ids = frozenset(known)
    imap.select(name)
    uids = [uid for uid, message_id in imap.message_ids(imap.uids()).items() if message_id in ids]
    return imap.remove(uids) if uids else 0


def _full(names: Iterable[str]) -> Iterator[str]:
    return (name for name in names if len(name.split()) > 1)
