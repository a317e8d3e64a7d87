"""Bounces: what reads like one, whose address failed, and whether for good.

Neighbours: ``wording`` holds what servers say.
"""

from email import message_from_string
from email.message import Message

from mailbot.domain.mail import IncomingMail, fold_address
from mailbot.domain.understanding import Bounce
from mailbot.screen import wording

_DECORATION = " \t\r\n*-=_#>|<+~"
_HEAD, _FIRST_LINES = 4_000, 600
_FULL = {"5.2.2", "4.2.2"}  # a full mailbox is no fault of the address


def looks_like_bounce(mail: IncomingMail) -> bool:
    """Whether an automatic mail speaks of a delivery that failed."""
    return bool(mail.delivery_statuses) or bool(wording.FAILED.search(mail.subject + "\n" + mail.text[:_HEAD]))


def reads_like_report(mail: IncomingMail) -> bool:
    """Whether a mail without a machine's mark is a delivery report: subject and text have to say so, or the text's form.

    People quote servers too ("Ihre Mail kam zurück: 550 …"): a server's code inside their words proves nothing.
    """
    subject = wording.subject_of(mail.subject)
    text = mail.text[:_HEAD].lstrip(_DECORATION)
    if wording.AT_THE_END.search(subject):
        return bool(wording.CODE.search(text) or wording.FAILED.search(text))
    if wording.ANSWERED.match(subject):
        return False
    if wording.FAILED.search(subject):
        return wording.CODE.search(text) is not None
    return _text_is_report(text)


def _text_is_report(text: str) -> bool:
    """A report begins with its news, then names an address or a code on a line of its own; people speak of themselves too."""
    opening, _, rest = text.partition("\n")
    if not wording.OPENING.match(opening) or wording.A_PERSON.search(text[:_FIRST_LINES]):
        return False
    proof = wording.CODE.search(rest) or wording.ADDRESS_LINE.search(rest)
    return proof is not None and wording.FAILED.search(text[: len(opening) + 1 + proof.start()]) is not None


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
    from flufl.bounce import all_failures  # noqa: PLC0415 - fifty modules that only a bounce in plain words needs

    message: Message = message_from_string(f"From: {mail.header('from') or 'x@x.example'}\nSubject: {mail.subject}\n\n{mail.text}")
    try:
        temporary, permanent = all_failures(message)
    except Exception:  # noqa: BLE001 - the library's detectors crash on odd mails (IndexError, AttributeError)
        return []
    given = [(a, False) for a in temporary] + [(a, True) for a in permanent]
    return [(a.decode("utf-8", "replace") if isinstance(a, bytes) else str(a), p) for a, p in given]
