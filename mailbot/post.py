"""The outbox: queued mails go out over SMTP (or into Drafts), each attempt written down before dialling."""

from collections.abc import Callable
from datetime import datetime

from mailbot.smtp import Later, Parcel, Refused, Sender, Sent
from mailbot.store import Store

CLAIM = 100


def drain(store: Store, sender: Sender, now: datetime) -> int:
    """Send everything that is due; a mail that was accepted is never sent again. Gives how many were sent."""
    sent = 0
    while queued := store.outbox.claim(now, CLAIM):
        parcels = [Parcel(id=q.id, envelope_from=q.envelope_from, to=q.to, content=q.content) for q in queued]
        for result in sender.send(parcels):
            match result:
                case Sent():
                    store.outbox.mark_sent([result.id], now)
                    sent += 1
                case Later():
                    store.outbox.mark_later(result.id, result.reason, now)
                case Refused():
                    store.outbox.mark_failed(result.id, result.reason, now)
    return sent


def draft(store: Store, append: Callable[[bytes], None], now: datetime) -> int:
    """Put everything that is due into Drafts (assist mode)."""
    drafted = 0
    while queued := store.outbox.claim(now, CLAIM):
        for mail in queued:
            append(mail.content)
            store.outbox.mark_drafted(mail.id, now)
            drafted += 1
    return drafted
