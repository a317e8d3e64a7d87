"""The final step (DESIGN section 7): closing mails at an event's end, then erasure everywhere, searched again, recorded.

Everything here may be interrupted: the job row stays open and the next round goes on. Never called complete unless every
mailbox was reached and nothing was found again. Never deletes a mail outside the bot's folders that mailbot does not know.
Upstream: ``service``; downstream: ``store`` and ``imap``.
"""

import logging
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from importlib.resources import files
from pathlib import Path

from mailbot import mailing
from mailbot.domain.decision import Folder
from mailbot.domain.mail import RawMail, fold_address
from mailbot.errors import MailbotError, Unreachable
from mailbot.imap import ImapMailbox
from mailbot.imap.login import SaidNo
from mailbot.pipeline import Pipeline, identity_of
from mailbot.render.environment import builtin_folder
from mailbot.retention import rule_end
from mailbot.settings import Event, Settings, in_language
from mailbot.store import Job, Record, Store
from mailbot.traces import Traces, addresses_in, telling, turned

log = logging.getLogger(__name__)
CLOSING_PATIENCE = timedelta(days=1)
_LEXICONS = Path(str(files("mailbot.understand"))) / "lexicons"
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
            if force or waited or not self._closing(event):
                due.append(event.id)
        return list(self._erase_all(due))

    def _closing(self, event: Event) -> bool:
        """Whether closing mails still wait: to be sent, or (assist) for a human who sends them from Drafts."""
        drafts = self.settings.automation.mode == "assist" and bool(self.store.participants(event.id))
        return drafts or self.store.closing_mails_pending(event.id)

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
        """Do the final step for one event in the order of DESIGN section 7; raises Unreachable with the job left open.

        The record that is given back also counts, by folder, what was found elsewhere and left ("elsewhere").
        """
        job = self._telling(self.store.start_job(event_id, self.settings.retention.registrations, self.now))  # 1
        self.store.erase_rows(job, self.now)  # 2
        self._reach_all()
        traces = Traces.of(job.addresses, job.names)
        self._erase_folders(job, traces)  # 3
        self.store.forget(job)  # 4
        self.store.vacuum()
        found = self.store.search_bytes(job.values) + self._search_folders(traces)  # 5
        record = self.store.finish_job(job, {}, found, self.now)  # 6
        log.info("erased event=%s found_again=%s", event_id, found)
        elsewhere = self._list_elsewhere(job, traces)
        return {**record, "elsewhere": elsewhere} if elsewhere else record

    def _reach_all(self) -> None:
        missing = [mailbox.id for mailbox in self.settings.mailboxes if mailbox.id not in self.sessions]
        if missing:
            problem = f"the erasure can't be completed: mailbox '{missing[0]}' can't be reached"
            raise Unreachable(problem, remedy="the job stays open and the next run goes on")

    def _telling(self, job: Job) -> Job:
        """Leave out what proves nothing: our own addresses, words of our own letters, names of people who stay."""
        organiser, controller, officer = self.settings.organiser, self.settings.controller, self.settings.privacy
        titles = [in_language(e.title, lang) for e in self.settings.events for lang in organiser.languages]
        ours = [m.address for m in self.settings.mailboxes] + [organiser.contact, controller.email, officer.data_protection_officer]
        words = [organiser.name, controller.name, self.settings.smtp.sender_name, organiser.postal_address, controller.address]
        gone, own = set(job.addresses), {fold_address(address) for address in ours}
        rows = [r for r in self.store.participants() if fold_address(r.email) not in gone]
        stay = [text or "" for r in rows for text in (r.name, r.institution)]
        stay += [s.name or "" for s in self.store.subscribers()]
        names = telling(job.names, (*titles, *words, *stay, *_own_words(self.settings)))
        both = tuple(dict.fromkeys((*names, *map(turned, names))))
        return replace(job, addresses=tuple(a for a in job.addresses if a not in own), names=both)

    def _erase_folders(self, job: Job, traces: Traces) -> None:
        """Delete from the bot's folders what holds a trace, and everywhere what mailbot knows; the job counts them."""
        for mailbox_id, imap in self.sessions.items():
            for folder, name in _ours(imap).items():
                self._count(job, folder.value, self._clear(mailbox_id, imap, name, job, traces))
            for name in _elsewhere(imap):
                with suppress(SaidNo):  # a folder that the account may see but not open, or not change: nothing of ours
                    # one count for all: the name of somebody's folder may be a person's
                    self._count(job, "elsewhere", self._remove_copies(mailbox_id, imap, name, job, traces))

    def _count(self, job: Job, place: str, gone: int) -> None:
        if gone:
            self.store.note_folders(job, {place: gone})

    def _clear(self, mailbox_id: str, imap: ImapMailbox, name: str, job: Job, traces: Traces) -> int:
        gone = self._holding(imap, name, job.message_ids, traces)
        if not gone:
            return 0
        self.store.mails_gone(mailbox_id, gone.values())  # first: what is left in the ledger must not wait for a human
        return imap.remove(list(gone))

    def _holding(self, imap: ImapMailbox, name: str, known: Iterable[str], traces: Traces) -> dict[int, bytes]:
        """Give uid → identity of the mails in a folder of ours that have to go."""
        imap.select(name)
        uids = imap.uids()
        of_them = _known(imap, uids, known)
        mails = imap.fetch(imap.heads(uids), self.settings.limits.max_mail_bytes)
        return {raw.uid: identity_of(raw) for raw in mails if raw.uid in of_them or traces.in_mail(raw.content)}

    def _remove_copies(self, mailbox_id: str, imap: ImapMailbox, name: str, job: Job, traces: Traces) -> int:
        """Delete copies of mails that mailbot handled or wrote from somebody's own folder.

        A Message-ID is its writer's word: alone it must not delete a mail of the organiser's.
        """
        imap.select(name)
        candidates = imap.heads(sorted(_known(imap, imap.uids(), job.message_ids)))
        with self.store.reading() as tx:
            copies = [
                raw.uid
                for raw in imap.fetch(candidates, self.settings.limits.max_mail_bytes)
                if tx.handled(mailbox_id, identity_of(raw)) or traces.in_mail(raw.content) or self._is_ours(raw)
            ]
        return imap.remove(copies) if copies else 0

    def _is_ours(self, raw: RawMail) -> bool:
        sender = addresses_in(next((line for line in raw.content.splitlines() if line.lower().startswith(b"from:")), b""))
        return bool(sender & {fold_address(m.address) for m in self.settings.mailboxes})

    def _search_folders(self, traces: Traces) -> int:
        """Count mails in the bot's folders that still hold a trace."""
        hits = 0
        for imap in self.sessions.values():
            for name in _ours(imap).values():
                imap.select(name)
                mails = imap.fetch(imap.heads(imap.uids()), self.settings.limits.max_mail_bytes)
                hits += sum(traces.in_mail(raw.content) for raw in mails)
        return hits

    def _list_elsewhere(self, job: Job, traces: Traces) -> dict[str, int]:
        """Count, by folder, mails that mailbot does not know and that hold a trace: a human looks at them, none is deleted."""
        found: Counter[str] = Counter()
        for imap in self.sessions.values() if job.values else ():
            try:
                for name in _elsewhere(imap):
                    shown = "?" if traces.in_text(name) else name
                    with suppress(SaidNo):
                        found[shown] += self._hits(imap, name, job, traces)
            except Unreachable as error:  # the erasure itself is complete
                log.warning("not every folder was searched: %s", error)
                self.problems.append(error)
        return {folder: count for folder, count in found.items() if count}

    def _hits(self, imap: ImapMailbox, name: str, job: Job, traces: Traces) -> int:
        imap.select(name)
        heads = imap.heads(imap.search_text(*job.values))  # the server finds part of a word too: looked at once more
        return sum(traces.in_mail(raw.content) for raw in imap.fetch(heads, self.settings.limits.max_mail_bytes))

    def plan(self, event_id: str) -> Record:
        """Say what an erasure would take now, and take nothing (``erased_at`` is null)."""
        record = self.store.plan(event_id, self.settings.retention.registrations, self.now)
        job = self._telling(self.store.preview_job(event_id))
        traces = Traces.of(job.addresses, job.names)
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
            by_identity = {identity_of(raw): raw.uid for raw in mails}
            expired = self.store.expirable(mailbox_id, by_identity, self.now)
            uids = [uid for identity, uid in by_identity.items() if identity in expired]
            gone += imap.remove(uids) if uids else 0
        return gone


def _ours(imap: ImapMailbox) -> dict[Folder, str]:
    return {folder: imap.name(folder) for folder in Folder if imap.exists(imap.name(folder))}


def _elsewhere(imap: ImapMailbox) -> list[str]:
    """The folders that are not the bot's own."""
    return sorted(set(imap.all_folders()) - set(_ours(imap).values()))


def _known(imap: ImapMailbox, uids: list[int], known: Iterable[str]) -> set[int]:
    """Those mails of the selected folder whose Message-ID is known."""
    ids = frozenset(known)
    return {uid for uid, message_id in imap.message_ids(uids).items() if message_id in ids} if ids and uids else set()


def _remove_known(imap: ImapMailbox, name: str, known: Iterable[str]) -> None:
    imap.select(name)
    if uids := _known(imap, imap.uids(), known):
        imap.remove(sorted(uids))


def _own_words(settings: Settings) -> Iterator[str]:
    """Give the texts of our letters and word lists, line by line: what stands there is nobody's name."""
    for folder, kind in ((builtin_folder(), "*.j2"), (settings.templates.path, "*.j2"), (_LEXICONS, "*.toml")):
        for file in sorted(folder.rglob(kind)) if folder else ():
            yield from re.split(r'["\n]', file.read_text("utf-8"))
