"""The loop: what ``run`` does, once or for ever; reads the clock, wires the stages together, stops cleanly on signals.

The order of one round is DESIGN section 4's: journal, retention and erasure that are due, mails that a human moved, mails
present, outbox with reminders, erasure that became due.
"""

import logging
import random
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from mailbot import final_step, inbox, post
from mailbot.config import resolve
from mailbot.errors import MailbotError, Unreachable
from mailbot.imap import ImapMailbox
from mailbot.pipeline import Pipeline, RandomIds
from mailbot.render import Renderer
from mailbot.settings import Mailbox, Settings
from mailbot.smtp import Sender
from mailbot.store import Store

log = logging.getLogger(__name__)
_LONGEST_PAUSE = 600.0


def clock() -> datetime:
    """Give the time, aware, UTC: the only place beside the command line that reads it."""
    return datetime.now(UTC)  # noqa: TID251 - here and nowhere else


class Service:
    """One store, one sender, and a connection per mailbox and round."""

    def __init__(self, settings: Settings, now: Callable[[], datetime] = clock) -> None:
        self.settings = settings
        self.now = now
        self.stop = threading.Event()

    def run_once(self) -> int:
        """Do one whole round; gives the exit status: 1 when something was left undone."""
        with Store.open(self.settings) as store:
            return self._round(store, self._pipeline(store))

    def run(self) -> int:
        """Go on until SIGTERM or SIGINT: IDLE with polling, reconnecting with growing pauses."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.stop.set())
        pause = 1.0
        with Store.open(self.settings) as store:
            pipeline = self._pipeline(store)
            while not self.stop.is_set():
                try:
                    self._round(store, pipeline)
                    self._wait()
                    pause = 1.0
                except Unreachable as error:
                    log.warning("server unreachable, trying again in %.0f s: %s", pause, error)
                    self.stop.wait(pause * random.uniform(0.8, 1.2))  # noqa: S311 - jitter, not a secret
                    pause = min(2 * pause, _LONGEST_PAUSE)
        return 0

    def _pipeline(self, store: Store) -> Pipeline:
        return Pipeline(settings=self.settings, store=store, renderer=Renderer(self.settings), ids=RandomIds())

    @contextmanager
    def connect(self, mailbox: Mailbox) -> Iterator[ImapMailbox]:
        """Connect to one mailbox with its secret resolved now."""
        password = resolve(mailbox.password, "mailbox.password") if mailbox.password else None
        with ImapMailbox.connect(mailbox, self.settings.folders, password=password) as imap:
            yield imap

    def _wait(self) -> None:
        mailbox = self.settings.mailboxes[0]
        with self.connect(mailbox) as imap:
            imap.select()
            imap.wait(mailbox.poll_seconds, self.stop)

    def _round(self, store: Store, pipeline: Pipeline) -> int:
        if self.settings.automation.mode == "observe":
            return self._observe(pipeline)
        store.reapply_journal()
        failed = 0
        for mailbox in self.settings.mailboxes:
            with self.connect(mailbox) as imap:
                imap.ensure_folders()
                final_step.run_due(store, self.settings, imap, pipeline, self.now())
                inbox.handle_moved(imap, pipeline, self.now())
                failed += inbox.handle_new(imap, pipeline, mailbox, self.now()).failed
                final_step.queue_due_mails(store, self.settings, pipeline, self.now())
                self._send(store, imap)
                final_step.run_due(store, self.settings, imap, pipeline, self.now())
                store.polled(mailbox.id, self.now())
        return 1 if failed else 0

    def _send(self, store: Store, imap: ImapMailbox) -> None:
        if self.settings.automation.mode == "assist":
            post.draft(store, imap.draft, self.now())
            return
        smtp = self.settings.smtp
        password = resolve(smtp.password, "smtp.password") if smtp.password else None
        sender = Sender(smtp, password=password)
        try:
            post.drain(store, sender, self.now())
        finally:
            sender.close()

    def _observe(self, pipeline: Pipeline) -> int:
        """Decide and log only: nothing is sent, moved or stored."""
        for mailbox in self.settings.mailboxes:
            with self.connect(mailbox) as imap:
                imap.select()
                for raw in imap.fetch(imap.uids(), self.settings.limits.max_mail_bytes):
                    try:
                        log.info("observe uid=%s would go to %s", raw.uid, pipeline.rehearse(raw, self.now()))
                    except MailbotError:
                        raise
                    except Exception as error:  # noqa: BLE001 - observing must go on after one bad mail
                        log.warning("observe uid=%s would fail: %s", raw.uid, type(error).__name__)
        return 0
