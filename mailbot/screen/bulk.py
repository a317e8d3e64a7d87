"""Mailing lists, bulk mail and spam: what proves it, and what only makes it likely, so that a human looks and nobody is answered.

People's mail passes through lists, forwarders and bulk senders' servers too: a mark that such a server sets for everybody
is no proof. Neighbours: ``marks`` holds the words, ``screen`` asks in its order. Pure.
"""

from collections.abc import Iterator

from mailbot.domain.mail import IncomingMail, fold_address
from mailbot.screen import marks

_ENOUGH = 2
_HEADER = 200


def mailing(mail: IncomingMail) -> str:
    """Name the header that proves a mailing list or a newsletter; "" when none does."""
    header = next((name for name in marks.LIST_HEADERS if mail.header(name) is not None), "")
    if not header and marks.BULK_MAILER.search(_mailer(mail)):
        header = "x-mailer"
    if not header:
        header = next((name for name in marks.RETURN_HEADERS if marks.LIST_LOCAL_PARTS.fullmatch(_local(mail, name))), "")
    return header


def several_hints(mail: IncomingMail) -> bool:
    """Whether marks that prove nothing each come together."""
    return len(set(_hints(mail))) >= _ENOUGH


def suspect(mail: IncomingMail) -> str:
    """Why a mail may be spam or bulk mail; "" when nothing says so."""
    if mark := spam_mark(mail):
        return f"is marked as spam by a mail server ({mark})"
    hint = next((hint for hint in _hints(mail) if hint != _TAG), "")
    return f"carries a mark of bulk mail ({hint})" if hint else ""


def spam_mark(mail: IncomingMail) -> str:
    """Name the mark of a spam filter; the stars of a level count only where the filter itself does not say "no"."""
    for name, value in marks.SPAM_HEADERS:
        if any(value.match(given.strip()) for given in mail.header_all(name)):
            return name
    if marks.SPAM_SUBJECT.match(mail.subject):
        return "subject"
    acquitted = any((mail.header(name) or "").strip().lower().startswith("no") for name in ("x-spam-status", "x-spam-flag"))
    starred = (mail.header("x-spam-level") or "").strip().startswith(marks.SPAM_STARS)
    return "x-spam-level" if starred and not acquitted else ""


_TAG = "subject"


def _hints(mail: IncomingMail) -> Iterator[str]:
    """The marks that people's mail may carry too, each kind once: what comes from one cause counts as one."""
    if _returns_to_a_machine(mail):
        yield "return-path"
    elif (feedback := mail.header("feedback-id")) and not marks.PEOPLES_FEEDBACK_ID.search(feedback[:_HEADER]):
        yield "feedback-id"
    elif marks.RELAY_MAILER.search(_mailer(mail)):
        yield "x-mailer"
    own = {a.key for a in mail.senders}
    for name in ("errors-to", "x-loop"):
        if any("@" in value and fold_address(value.strip("<> ")) not in own for value in mail.header_all(name)):
            yield name
    if mail.header("x-ms-exchange-inbox-rules-loop") is not None:
        yield "x-ms-exchange-inbox-rules-loop"
    if marks.LIST_SUBJECT.match(mail.subject):
        yield _TAG


def _mailer(mail: IncomingMail) -> str:
    return (mail.header("x-mailer") or "")[:_HEADER]


def _returns_to_a_machine(mail: IncomingMail) -> bool:
    """Whether what can't be delivered goes to an address that nobody reads, or that was made for this one mail (VERP)."""
    local = _local(mail, "return-path").lower()
    ours = (a.key.replace("@", "=") for a in mail.recipients)
    return bool(marks.BOUNCE_LOCAL_PARTS.fullmatch(local)) or any(address in local for address in ours if "=" in address)


def _local(mail: IncomingMail, name: str) -> str:
    """The local part in a header of one address, without what forwarders and their signatures put around it (SRS, BATV)."""
    local = (mail.header(name) or "")[:_HEADER].rpartition("<")[2].strip("<> \t").rpartition("@")[0]
    return local.rpartition("=")[2] if marks.REWRITTEN_LOCAL_PARTS.match(local) else local
