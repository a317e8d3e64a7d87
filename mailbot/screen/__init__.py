"""Recognise automatic mail before anyone interprets its words: our own first, then a table; the first that answers decides.

Upstream: ``parse``; downstream: ``understand``. Pure.
"""

from collections.abc import Callable

from mailbot.domain.mail import IncomingMail, fold_address
from mailbot.domain.understanding import Kind, Screening
from mailbot.screen import absence, auth, bounce, bulk, marks, wording

Verdict = tuple[Kind, str] | None
_FORM_TEXT = 8_000
_HEADER = 500


def screen(mail: IncomingMail, *, own_addresses: frozenset[str], trusted_authserv_ids: tuple[str, ...]) -> Screening:
    """Say who or what wrote this mail; ``own_addresses`` are folded addresses of the bot's mailboxes."""
    verdict = (
        _own(mail, own_addresses)
        or _report(mail)  # before Auto-Submitted: bounces carry it too
        or _provider_unsubscribe(mail, own_addresses)  # automatic, but a person's wish
        or next(filter(None, (recogniser(mail) for recogniser in _ORDER)), None)
    )
    if verdict is not None:
        kind, reason = verdict
        bounces = bounce.failures(mail, own_addresses) if kind is Kind.BOUNCE else ()
        return Screening(kind=kind, reasons=(reason,), bounces=bounces)
    return Screening(
        kind=Kind.HUMAN,
        authentication=auth.authentication(mail, trusted_authserv_ids),
        web_form=_web_form(mail) is not None,
        suspect=bulk.suspect(mail) or _reads_like_a_machine(mail),
    )


def _reads_like_a_machine(mail: IncomingMail) -> str:
    """Why nobody should be answered although no mark of a machine is there; "" for most mails."""
    if absence.reads_like_note(mail):
        return "reads like an absence note"
    return "has a machine's subject, but asks something" if _wording(mail) else ""


def _web_form(mail: IncomingMail) -> str | None:
    """Whoever wrote through a web page's contact form: a robot sent it, but answers go to a person whom the text names."""
    robots = [a for a in mail.senders if marks.ROBOT_LOCAL_PARTS.fullmatch(a.email.partition("@")[0])]
    people = [a for a in mail.reply_to if not marks.ROBOT_LOCAL_PARTS.fullmatch(a.email.partition("@")[0])]
    named = people[0].email if len(people) == 1 else ""
    return named if robots and named and named.lower() in mail.text[:_FORM_TEXT].lower() else None


def _own(mail: IncomingMail, own: frozenset[str]) -> Verdict:
    loop = {fold_address(value) for value in mail.header_all("x-loop")}
    if loop & own or any(a.key in own for a in mail.senders):
        return Kind.OWN, "our own mail come back"
    return None


def _report(mail: IncomingMail) -> Verdict:
    content_type = (mail.header("content-type") or "").lower()
    if "delivery-status" in content_type or mail.delivery_statuses or mail.header("x-failed-recipients"):
        return Kind.BOUNCE, "delivery report (RFC 3464)"
    if "multipart/report" in content_type or "message/disposition-notification" in mail.content_types:
        return Kind.AUTOMATIC, "report of a machine (RFC 8098, RFC 5965)"
    if any(a.content_type == "text/calendar" and b"METHOD:REPLY" in a.content.upper() for a in mail.attachments):
        return Kind.AUTOMATIC, "calendar reply (RFC 5546)"
    return None


def _provider_unsubscribe(mail: IncomingMail, own: frozenset[str]) -> Verdict:
    """RFC 2369, RFC 8058: pressed for a person by their provider and sent to us; a person's own mail takes the ordinary way."""
    if not any(_without_tag(a.key) in own for a in mail.recipients) or _list(mail):
        return None
    subject = mail.subject.strip().lower()
    asked = subject == "unsubscribe" or subject.startswith("unsubscribe:")
    automatic = _auto_submitted(mail) or _vendor(mail) or _precedence(mail)
    if asked and automatic and mail.sender is not None:
        return Kind.PROVIDER_UNSUBSCRIBE, "a provider's automatic unsubscribe (RFC 2369)"
    return None


def _without_tag(address: str) -> str:
    local, _, domain = address.rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


def _null_sender(mail: IncomingMail) -> Verdict:
    """A null return path says machine; a missing one says nothing."""
    path = mail.header("return-path")
    if path is not None and marks.NULL_PATH.match(path.strip()):
        is_bounce = bounce.looks_like_bounce(mail)
        return (Kind.BOUNCE if is_bounce else Kind.AUTOMATIC), "null return path (RFC 5321 §4.5.5)"
    return None


def _robot(mail: IncomingMail) -> Verdict:
    if _web_form(mail):
        return None
    for local in _sender_local_parts(mail):
        if marks.ROBOT_LOCAL_PARTS.fullmatch(local):
            kind = Kind.BOUNCE if bounce.looks_like_bounce(mail) else Kind.AUTOMATIC
            return kind, "sent by a robot's address"
    return None


def _sender_local_parts(mail: IncomingMail) -> list[str]:
    """Whose mail it is; programs write addresses too that no standard allows."""
    found = [address.email.partition("@")[0] for address in mail.senders]
    return found or marks.RAW_LOCAL_PART.findall((mail.header("from") or "")[:_HEADER])[:1]


def _auto_submitted(mail: IncomingMail) -> Verdict:
    value = (mail.header("auto-submitted") or "").split(";")[0].split("(")[0].strip().lower()
    return (Kind.AUTOMATIC, f"Auto-Submitted: {value[:20]} (RFC 3834)") if value not in {"", "no"} else None


def _precedence(mail: IncomingMail) -> Verdict:
    values = {(mail.header(name) or "").strip().lower() for name in ("precedence", "x-precedence")}
    return (Kind.AUTOMATIC, "Precedence of bulk mail") if values & marks.BULK_PRECEDENCE else None


def _list(mail: IncomingMail) -> Verdict:
    found = bulk.mailing(mail)
    return (Kind.AUTOMATIC, f"mailing list or newsletter ({found})") if found else None


def _bulk(mail: IncomingMail) -> Verdict:
    return (Kind.AUTOMATIC, "several marks of bulk mail") if bulk.several_hints(mail) and not _web_form(mail) else None


def _vendor(mail: IncomingMail) -> Verdict:
    found = next((name for name in marks.VENDOR_HEADERS if (mail.header(name) or "no").lower() not in {"no", "false"}), None)
    return (Kind.AUTOMATIC, f"automatic reply ({found})") if found else None


def _loop(mail: IncomingMail) -> Verdict:
    """Programs that answer by themselves mark their mail with their own address, so that they do not answer each other."""
    loop = {fold_address(value.strip("<> ")) for value in mail.header_all("x-loop")}
    return (Kind.AUTOMATIC, "automatic reply (x-loop)") if loop & {a.key for a in mail.senders} else None


def _subject(mail: IncomingMail) -> Verdict:
    """By its words alone; who writes below such a subject and asks something is a human, and must not be lost."""
    return None if absence.asks(mail) else _wording(mail)


def _wording(mail: IncomingMail) -> Verdict:
    if absence.is_note(mail):
        return Kind.AUTOMATIC, "subject of an absence note"
    if wording.RECEIPT_SUBJECT.match(wording.subject_of(mail.subject)):
        kind = Kind.BOUNCE if bounce.looks_like_bounce(mail) else Kind.AUTOMATIC
        return kind, "subject of a receipt or report"
    return (Kind.BOUNCE, "reads like a delivery report") if bounce.reads_like_report(mail) else None


_ORDER: tuple[Callable[[IncomingMail], Verdict], ...] = (
    _null_sender,
    _robot,
    _auto_submitted,
    _precedence,
    _list,
    _vendor,
    _loop,
    _subject,  # words last
    _bulk,
)
