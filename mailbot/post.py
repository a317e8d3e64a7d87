"""The outbox: queued mails go out over SMTP (or into Drafts), each attempt written down before dialling.

Never renders or decides anything. Upstream: ``service`` and the command line; downstream: ``store.outbox`` and ``smtp``.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from mailbot.smtp import Later, Parcel, Refused, Result, Sender, Sent
from mailbot.store import Store

CLAIM = 100
SLICE = 25  # noted at once: killed between acceptance and note, at most so many go out twice


@dataclass(slots=True)
class Drained:
    """How many mails went out, wait for another try, or were refused for good."""

    sent: int = 0
    later: int = 0
    refused: int = 0


def drain(
    store: Store,
    sender: Sender,
    now: Callable[[], datetime],
    *,
    stop: threading.Event,
    progress: Callable[[int], None] = lambda _: None,
) -> Drained:
    """Send everything that is due; a mail that was accepted is never sent again. ``progress`` hears of each handful."""
    done = Drained()
    while not stop.is_set() and (queued := store.outbox.claim(now(), CLAIM)):
        parcels = [Parcel(id=q.id, envelope_from=q.envelope_from, to=q.to, content=q.content) for q in queued]
        while parcels:
            try:
                results: list[Result] = sender.send(parcels[:SLICE])
            except Exception:
                for parcel in parcels:  # these were not tried: they are due again with the next round
                    store.outbox.release(parcel.id, now())
                raise
            del parcels[:SLICE]
            _note(store, results, now(), done)
            progress(len(results))
    return done


def _note(store: Store, results: list[Result], now: datetime, done: Drained) -> None:
    sent = [result.id for result in results if isinstance(result, Sent)]
    store.outbox.mark_sent(sent, now)
    done.sent += len(sent)
    for result in results:
        match result:
            case Later():
                store.outbox.mark_later(result.id, result.reason, now)
                done.later += 1
            case Refused():
                store.outbox.mark_failed(result.id, result.reason, now)
                done.refused += 1


def draft(store: Store, append: Callable[[bytes], None], now: datetime) -> int:
    """Put everything that is due into Drafts (assist mode); gives how many."""
    drafted = 0
    while queued := store.outbox.claim(now, CLAIM):
        for mail in queued:
            append(mail.content)
            store.outbox.mark_drafted(mail.id, now)
            drafted += 1
    return drafted
