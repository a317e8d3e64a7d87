"""The loop: what ``run`` does, once or for ever; reads the clock, wires the stages together, stops cleanly on signals.

The order of one round is DESIGN section 4's: journal re-applied; retention and erasure that is due; mails that a human moved;
the mails present; the outbox with reminders that are due; erasure that became due. A server that can't be reached does not
keep the others waiting. Upstream: the command line; downstream: everything.
"""

import logging
import random
import signal
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import UTC, date, datetime

from mailbot import mailing, post, unconfirmed
from mailbot.config import resolve
from mailbot.errors import LoginRefused, MailbotError, Unreachable
from mailbot.final_step import FinalStep
from mailbot.imap import ImapMailbox
from mailbot.inbox import HUMAN, Pass, settle
from mailbot.oauth import access_token
from mailbot.pipeline import Pipeline, RandomIds
from mailbot.render import Renderer
from mailbot.settings import Mailbox, Settings
from mailbot.smtp import Sender
from mailbot.store import Store

log = logging.getLogger(__name__)
_LONGEST_PAUSE = 600.0
_WAIT_FOR_OTHER_RUN = 60.0  # seconds: a cron job may overlap with the one before


def clock() -> datetime:
    """Give the time, aware, UTC: the only place beside the command line that reads it."""
    return datetime.now(UTC)  # noqa: TID251 - here and nowhere else


class Service:
    """One store, one renderer, and connections that are kept between rounds and opened anew when they broke off."""

    def __init__(self, settings: Settings, now: Callable[[], datetime] = clock) -> None:
        self.settings = settings
        self.now = now
        self.stop = threading.Event()
        self.problems: list[MailbotError] = []
        self._renderer = Renderer(settings)
        self._sessions: dict[str, tuple[ExitStack, ImapMailbox]] = {}
        self._sender: Sender | None = None
        self._proved: dict[tuple[str, str, int], int] = {}
        self._housekept: date | None = None

    def run_once(self) -> int:
        """Do one whole round; gives 1 when mails failed or an erasure is open; raises what kept a server from us."""
        with self.opened() as pipeline:
            failed = self.round(pipeline)
            if self.problems:
                raise self.problems[0]
        return 1 if failed else 0

    def run(self) -> int:
        """Go on until SIGTERM or SIGINT: IDLE with polling, reconnecting with growing pauses."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.stop.set())
        pause = 1.0
        with self.opened() as pipeline:
            while not self.stop.is_set():
                self.round(pipeline)
                refused = next((p for p in self.problems if isinstance(p, LoginRefused)), None)
                if refused is not None:
                    raise refused  # the same password would be refused again, and the account locked
                if self.problems:
                    pause = self._pause(pause)
                else:
                    pause = 1.0
                    self._wait()
        return 0

    def _pause(self, pause: float) -> float:
        for problem in self.problems:
            log.warning("%s; trying again in %.0f s", problem, pause)
        self.stop.wait(pause * random.uniform(0.8, 1.2))  # noqa: S311 - jitter, not a secret
        return min(2 * pause, _LONGEST_PAUSE)

    @contextmanager
    def opened(self, *, wait: float = _WAIT_FOR_OTHER_RUN) -> Iterator[Pipeline]:
        """Open the store as the only worker on it; everything that was opened is closed at the end."""
        with Store.open(self.settings) as store, store.exclusive(wait):
            try:
                yield Pipeline(settings=self.settings, store=store, renderer=self._renderer, ids=RandomIds())
            finally:
                self.close()

    def close(self) -> None:
        """Say goodbye to all servers."""
        for mailbox_id in list(self._sessions):
            self._drop(mailbox_id)
        self._drop_sender()

    def _drop_sender(self) -> None:
        if self._sender is not None:
            self._sender.close()
            self._sender = None

    def sessions(self) -> Mapping[str, ImapMailbox]:
        """Connect to every mailbox that can be reached; what can't is noted in ``problems``."""
        for mailbox in self.settings.mailboxes:
            if mailbox.id not in self._sessions:
                with self._noted(mailbox.id):
                    self._connect(mailbox)
        return {mailbox_id: imap for mailbox_id, (_, imap) in self._sessions.items()}

    def _connect(self, mailbox: Mailbox) -> None:
        stack = ExitStack()
        password = resolve(mailbox.password, "mailbox.password") if mailbox.password else None
        token = access_token(mailbox.oauth2, "mailbox.oauth2") if mailbox.oauth2 else None
        imap = stack.enter_context(ImapMailbox.connect(mailbox, self.settings.folders, password=password, token=token))
        self._sessions[mailbox.id] = (stack, imap)
        if self.settings.automation.mode != "observe":
            imap.ensure_folders()

    def _drop(self, mailbox_id: str) -> None:
        stack, _ = self._sessions.pop(mailbox_id, (ExitStack(), None))
        stack.close()

    @contextmanager
    def _noted(self, mailbox_id: str | None = None) -> Iterator[None]:
        """Note a server that can't be reached and go on; its connection is opened anew with the next round."""
        try:
            yield
        except (Unreachable, LoginRefused) as error:
            self.problems.append(error)
            if mailbox_id is not None:
                self._drop(mailbox_id)

    def round(self, pipeline: Pipeline) -> int:
        """Do everything once in order; gives how many mails failed or erasures stayed open. See ``problems`` too."""
        self.problems = []
        if self.settings.automation.mode == "observe":
            self._observe(pipeline)
            return 0
        pipeline.store.reapply_journal(self.settings, self.now())
        self.sessions()
        self._retention(pipeline)
        failed = self._mails(pipeline)
        with self._noted():
            self._step(pipeline).remove_erased()
            unconfirmed.hand_over(pipeline, self.sessions(), self.now())
        mailing.queue_planned(pipeline, self.now())
        self.deliver(pipeline)
        open_jobs = self._final_step(pipeline)
        self._digest(pipeline)
        self.deliver(pipeline)
        return failed + open_jobs

    def _retention(self, pipeline: Pipeline) -> None:
        today = self.now().date()
        self._final_step(pipeline)
        if self._housekept == today:
            return
        self._housekept = today
        self._proved.clear()  # once a day every UID is compared with the ledger (invariant I1)
        with self._noted():
            step = self._step(pipeline)
            step.expire()
            self._announce(pipeline, step.retry_kept())

    def _step(self, pipeline: Pipeline) -> FinalStep:
        connected = {mailbox_id: imap for mailbox_id, (_, imap) in self._sessions.items()}
        return FinalStep(pipeline=pipeline, sessions=connected, now=self.now(), problems=self.problems)

    def _final_step(self, pipeline: Pipeline) -> int:
        step = self._step(pipeline)
        with self._noted():
            self._announce(pipeline, step.run_due())
        return len(pipeline.store.open_jobs())

    def _announce(self, pipeline: Pipeline, records: Sequence[Mapping[str, object]]) -> None:
        """Send the record of what is complete; what was found again is tried with every round and stands in the digest."""
        for record in records:
            if record["found_again"]:
                log.error("erasure of event=%s is not complete: found_again=%s", record["event"], record["found_again"])
            else:
                mailing.queue_record(pipeline, record, self.now())

    def _mails(self, pipeline: Pipeline) -> int:
        failed = 0
        for mailbox in self.settings.mailboxes:
            if mailbox.id in self._sessions and not self.stop.is_set():
                with self._noted(mailbox.id), pipeline.store.mailbox_lock(mailbox.id) as mine:
                    if mine:  # PostgreSQL: one worker at a time reads a mailbox
                        failed += self._mailbox(pipeline, mailbox)
                        pipeline.store.polled(mailbox.id, self.now())
        return failed

    def _mailbox(self, pipeline: Pipeline, mailbox: Mailbox) -> int:
        _, imap = self._sessions[mailbox.id]
        failed = 0
        for folder in (*HUMAN, None):
            one = Pass(imap=imap, pipeline=pipeline, mailbox=mailbox, now=self.now(), stop=self.stop, moved_to=folder)
            key = (mailbox.id, folder.value if folder else "", imap.select(imap.name(folder) if folder else None))
            tally = one.run(self._proved.get(key, 0))
            self._proved[key] = tally.proved
            failed += tally.failed
            if tally.handled or tally.old:
                log.info("mails handled=%s failed=%s old=%s folder=%s", tally.handled, tally.failed, tally.old, folder or "inbox")
        settle(imap, pipeline, mailbox)
        return failed

    def deliver(self, pipeline: Pipeline, progress: Callable[[int], None] = lambda _: None) -> None:
        """Drain the outbox, to the SMTP server or into Drafts; an unreachable server is noted in ``problems``."""
        if self.settings.automation.mode == "assist":
            for mailbox_id, (_, imap) in list(self._sessions.items())[:1]:
                with self._noted(mailbox_id):
                    post.draft(pipeline.store, imap.draft, self.now())
            return
        before = len(self.problems)
        with self._noted():
            done = post.drain(pipeline.store, self._connected_sender, self.now, stop=self.stop, progress=progress)
            if done.sent or done.later or done.refused:
                log.info("outbox sent=%s later=%s refused=%s", done.sent, done.later, done.refused)
        if len(self.problems) > before:
            self._drop_sender()  # with the next one comes a fresh access token

    @property
    def _connected_sender(self) -> Sender:
        if self._sender is None:
            smtp = self.settings.smtp
            password = resolve(smtp.password, "smtp.password") if smtp.password else None
            token = access_token(smtp.oauth2, "smtp.oauth2") if smtp.oauth2 else None
            self._sender = Sender(smtp, password=password, token=token)
        return self._sender

    def _digest(self, pipeline: Pipeline) -> None:
        """Tell the contact once a day what waits for a human."""
        counts = pipeline.store.status_counts(self.now())
        waiting = (
            ("review", counts.review_waiting),
            ("failed", counts.review_failed),
            ("undeliverable", counts.outbox_failed),
            ("overdue", counts.requests_overdue),
            ("erasure", counts.open_erasures),
        )
        lines = [{"what": what, "count": count, "ids": []} for what, count in waiting if count]
        mailing.queue_digest(pipeline, lines, self.now())

    def _wait(self) -> None:
        """Wait until any mailbox has something new, a planned moment comes, or it is time to poll."""
        wake = threading.Event()
        with ThreadPoolExecutor(max_workers=max(1, len(self._sessions)), thread_name_prefix="idle") as pool:
            for mailbox_id, (_, imap) in list(self._sessions.items()):
                mailbox = self.settings.mailbox(mailbox_id)
                pool.submit(self._wait_for, imap, mailbox, wake)
            while not wake.wait(0.2):
                if self.stop.is_set():
                    wake.set()

    def _wait_for(self, imap: ImapMailbox, mailbox: Mailbox, wake: threading.Event) -> None:
        try:
            imap.select(readonly=self.settings.automation.mode == "observe")
            imap.wait(mailbox.poll_seconds, wake)
        except MailbotError as error:
            log.warning("%s", error)
            self._drop(mailbox.id)
        finally:
            wake.set()

    def _observe(self, pipeline: Pipeline) -> None:
        """Decide and log only: nothing is sent, moved or stored."""
        for mailbox_id, imap in self.sessions().items():
            with self._noted(mailbox_id):
                key = (mailbox_id, "", imap.select(readonly=True))
                present = imap.uids(self._proved.get(key, 0))
                self._proved[key] = max(present, default=self._proved.get(key, 0))  # each mail is told once
                for raw in imap.fetch(imap.heads(present), self.settings.limits.max_mail_bytes):
                    try:
                        decision = pipeline.rehearse(raw, self.now())
                    except MailbotError:
                        raise
                    except Exception as error:  # noqa: BLE001 - observing must go on after one bad mail
                        log.warning("observe uid=%s would fail: %s", raw.uid, type(error).__name__)
                        continue
                    letters = ",".join(letter.template for letter in decision.letters)
                    log.info("observe uid=%s folder=%s letters=%s", raw.uid, decision.filing.value, letters or "none")
