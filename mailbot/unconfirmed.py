"""Rights that were claimed and never confirmed: after seven days they go to a human, their deadline running (DESIGN section 6).

Silence closes nothing. Upstream: ``service``; downstream: ``store`` and ``imap``.
"""

from collections.abc import Mapping
from datetime import datetime

from mailbot.domain.decision import Folder, SetRequest
from mailbot.domain.states import RequestStatus
from mailbot.imap import ImapMailbox
from mailbot.intents.plan import TOKEN_LIFE
from mailbot.pipeline import Pipeline

REASON = "not confirmed within seven days: a human decides"


def hand_over(pipeline: Pipeline, sessions: Mapping[str, ImapMailbox], now: datetime) -> int:
    """Open such requests and put their mails into Review; gives how many. Called again it finds nothing more."""
    found = pipeline.store.unconfirmed(now - TOKEN_LIFE)
    for request in found:
        imap = sessions.get(request.mailbox)
        if imap is not None and request.message_id:  # first the mail: killed here, the next round goes on
            imap.select(imap.name(Folder.DONE))
            known = imap.message_ids(imap.uids())
            imap.move([uid for uid, message_id in known.items() if message_id == request.message_id], Folder.REVIEW)
        with pipeline.store.transaction() as tx:
            tx.apply((SetRequest(id=request.id, status=RequestStatus.OPEN, step="unconfirmed"),), now)
            if request.ledger_id:
                tx.review(request.ledger_id, REASON)
    return len(found)
