"""What a human decides at the command line: about a mail in review, or about a data-subject request.

A mail is moved to the folder named after the wish and handled from there, as if it had been moved in a mail program: one way
for both. Identity rules stay. Upstream: the command line; downstream: ``inbox``, ``store`` and ``imap``.
"""

import threading
from collections.abc import Mapping
from datetime import datetime

from mailbot.domain.decision import Folder, Letter, Nature, SetRequest
from mailbot.domain.states import RequestStatus
from mailbot.errors import UsageError
from mailbot.imap import ImapMailbox
from mailbot.inbox import Pass
from mailbot.pipeline import Pipeline, identity_of
from mailbot.retention import deadline
from mailbot.store import RequestItem, ReviewItem

Sessions = Mapping[str, ImapMailbox]
_LETTERS = {RequestStatus.REFUSED: "request-refused", RequestStatus.EXTENDED: "request-extended"}
_EXTENDED_MONTHS = 3  # GDPR Art. 12 (3): one month and two further ones


def decide(pipeline: Pipeline, sessions: Sessions, ledger_id: str, folder: Folder, now: datetime) -> Folder:
    """Do what a human decided about a mail in Review or Failed; gives the folder in which it ended."""
    item = _item(pipeline, ledger_id)
    imap, uid = _find(pipeline, sessions, item)
    imap.move([uid], folder)
    return _handle(pipeline, imap, item, folder, now)


def move(pipeline: Pipeline, sessions: Sessions, ledger_id: str, folder: Folder) -> None:
    """Only move the mail, as in a mail program: a mailbot that is at work does the rest."""
    imap, uid = _find(pipeline, sessions, _item(pipeline, ledger_id))
    imap.move([uid], folder)


def retry(pipeline: Pipeline, sessions: Sessions, ledger_id: str, now: datetime) -> Folder:
    """Handle a mail of Review or Failed again from the start; gives the folder in which it ended."""
    item = _item(pipeline, ledger_id)
    imap, uid = _find(pipeline, sessions, item)
    imap.move([uid], pipeline.settings.mailbox(item.mailbox).folder)  # first: if we die here the next run files it back
    with pipeline.store.transaction() as tx:
        tx.retry(ledger_id)
    return _handle(pipeline, imap, item, None, now)


def _item(pipeline: Pipeline, ledger_id: str) -> ReviewItem:
    item = pipeline.store.review(ledger_id)
    if item is None:
        raise UsageError(f"there is no mail '{ledger_id}' in review", remedy="see the ids with: mailbot review list")
    return item


def _find(pipeline: Pipeline, sessions: Sessions, item: ReviewItem) -> tuple[ImapMailbox, int]:
    """Find the mail by its identity in the folder where it was filed; the folder stays selected."""
    imap = sessions[item.mailbox]
    imap.select(imap.name(Folder(item.folder)))
    with pipeline.store.reading() as tx:
        for raw in imap.fetch(imap.heads(imap.uids()), pipeline.settings.limits.max_mail_bytes):
            known = tx.handled(item.mailbox, identity_of(raw))
            if known is not None and known.id == item.id:
                return imap, raw.uid
    problem = f"the mail '{item.id}' is no longer in the folder '{imap.name(Folder(item.folder))}'"
    raise UsageError(problem, remedy="somebody moved or deleted it in the mail program: move it there to the folder of the wish")


def _handle(pipeline: Pipeline, imap: ImapMailbox, item: ReviewItem, moved_to: Folder | None, now: datetime) -> Folder:
    mailbox = pipeline.settings.mailbox(item.mailbox)
    Pass(imap=imap, pipeline=pipeline, mailbox=mailbox, now=now, stop=threading.Event(), moved_to=moved_to).run()
    left = pipeline.store.review(item.id)
    return Folder(left.folder) if left is not None else Folder.DONE


def close(pipeline: Pipeline, request_id: str, reason: str, now: datetime) -> None:
    """Mark a request as done; the reason is recorded, nothing is sent."""
    _move(pipeline, request_id, RequestStatus.DONE, reason, now)


def refuse(pipeline: Pipeline, request_id: str, reason: str, now: datetime) -> None:
    """Refuse a request; the person is told why and where they can complain (GDPR Art. 12 (4))."""
    _move(pipeline, request_id, RequestStatus.REFUSED, reason, now)


def extend(pipeline: Pipeline, request_id: str, reason: str, now: datetime) -> None:
    """Extend a request's deadline by two months; the person is told within the first month (GDPR Art. 12 (3))."""
    _move(pipeline, request_id, RequestStatus.EXTENDED, reason, now)


def _move(pipeline: Pipeline, request_id: str, status: RequestStatus, reason: str, now: datetime) -> None:
    item = pipeline.store.request(request_id)
    if item is None:
        raise UsageError(f"there is no request '{request_id}'", remedy="see the ids with: mailbot requests list")
    if item.status is status:
        problem = f"request '{item.id}' is {item.status} already"
        raise UsageError(problem, remedy="see its state with: mailbot requests show " + item.id)
    target, due = _deadline(pipeline, item) if status is RequestStatus.EXTENDED else (None, None)
    with pipeline.store.transaction() as tx:
        try:
            tx.apply((SetRequest(id=item.id, status=status, step=reason, target=target, due=due),), now)
        except ValueError:
            problem = f"request '{item.id}' is {item.status}: it can't become {status}"
            raise UsageError(problem, remedy="see its state with: mailbot requests show " + item.id) from None
        if item.address and status in _LETTERS:
            letter = _letter(pipeline, item, status, reason, due or item.due)
            tx.enqueue((pipeline.renderer.render(letter, mailbox=pipeline.settings.mailboxes[0], now=now),), now)


def _deadline(pipeline: Pipeline, item: RequestItem) -> tuple[datetime, datetime]:
    organiser = pipeline.settings.organiser
    return deadline(item.received_at, organiser.timezone, organiser.holidays, months=_EXTENDED_MONTHS)


def _letter(pipeline: Pipeline, item: RequestItem, status: RequestStatus, reason: str, due: datetime) -> Letter:
    known = pipeline.settings.organiser.languages
    values: dict[str, object] = {"kinds": list(item.kinds), "reason": reason}
    return Letter(
        template=_LETTERS[status],
        to=item.address or "",
        language=item.language if item.language in known else known[0],
        nature=Nature.RIGHTS,
        tag=pipeline.ids.tag("mailbot"),
        values={**values, "due": due} if status is RequestStatus.EXTENDED else values,
    )
