"""Bounces: whose address failed, and whether for good. Only asked for mails that are automatic already."""

import re
from email import message_from_string
from email.message import Message

from flufl.bounce import all_failures

from mailbot.domain.mail import IncomingMail, fold_address
from mailbot.domain.understanding import Bounce

_WORDS = re.compile(
    r"undeliver|could not be delivered|delivery (?:has )?failed|unzustellbar|nicht zugestellt|user unknown|returned to sender",
    re.IGNORECASE,
)
_FULL = {"5.2.2", "4.2.2"}  # a full mailbox is no fault of the address


def looks_like_bounce(mail: IncomingMail) -> bool:
    """Whether an automatic mail speaks of a delivery that failed."""
    return bool(mail.delivery_statuses) or bool(_WORDS.search(mail.subject + "\n" + mail.text[:4000]))


def failures(mail: IncomingMail, own: frozenset[str]) -> tuple[Bounce, ...]:
    """Give the addresses that failed: from the report itself, else from its wording (flufl.bounce)."""
    found = [
        Bounce(address=fold_address(s.recipient), permanent=_permanent(s.status), status=s.status)
        for s in mail.delivery_statuses
        if s.action == "failed"
    ]
    if not found and not mail.delivery_statuses:
        found = [Bounce(address=fold_address(a), permanent=p) for a, p in _guess(mail)]
    return tuple(b for b in found if b.address and b.address not in own)


def _permanent(status: str) -> bool:
    return status.startswith("5.") and status not in _FULL and not status.startswith("5.7")  # 5.7.x: policy, not the recipient


def _guess(mail: IncomingMail) -> list[tuple[str, bool]]:
    message: Message = message_from_string(f"From: {mail.header('from') or 'x@x.example'}\nSubject: {mail.subject}\n\n{mail.text}")
    try:
        temporary, permanent = all_failures(message)
    except Exception:  # noqa: BLE001 - the library's detectors crash on odd mails (IndexError, AttributeError)
        return []
    given = [(a, False) for a in temporary] + [(a, True) for a in permanent]
    return [(a.decode("utf-8", "replace") if isinstance(a, bytes) else str(a), p) for a, p in given]
