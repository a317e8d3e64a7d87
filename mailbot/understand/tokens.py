"""Tokens of ours that a mail brings back, in the order of trust: subject, recipient, headers, text. Never says what they may do.

Downstream: ``understand``; the store compares them with hashes.
"""

import re

from mailbot.domain.mail import IncomingMail

_TAG = r"[a-z]{1,20}-[a-z0-9]{6,40}"
_BRACKETS = re.compile(rf"\[#({_TAG})\]")
_COMMAND = re.compile(rf"unsubscribe:({_TAG})(?![\w-])", re.IGNORECASE)
_PLUS = re.compile(rf"\+({_TAG})@([\w.-]{{1,253}})", re.IGNORECASE)
_WORD = re.compile(rf"(?<![\w@.+/-])({_TAG})(?![\w@/-])")
_LOCAL = re.compile(rf"^<(?:[\w.]{{0,60}}[.+_])?({_TAG})(?:[.+_][\w.+-]{{0,100}})?@")
_MAX_TEXT = 64_000


def tags(mail: IncomingMail, quoted: str, domains: frozenset[str]) -> tuple[str, ...]:
    """Give every tag in the order of trust, once each; ``quoted`` is the quoted history, ``domains`` are ours."""
    subject = mail.subject.lower()
    found = [*_BRACKETS.findall(subject), *_COMMAND.findall(subject)]
    for name in ("to", "cc", "delivered-to", "x-original-to"):
        plus = (m for value in mail.header_all(name) for m in _PLUS.finditer(value))
        found.extend(m[1].lower() for m in plus if m[2].lower() in domains)
    for message_id in (*mail.in_reply_to, *reversed(mail.references)):
        if message_id.rstrip(">").rpartition("@")[2].lower() in domains:
            found.extend(_LOCAL.findall(message_id.lower()))
    text = f"{mail.text[:_MAX_TEXT]}\n{quoted[:_MAX_TEXT]}".lower()
    found.extend(_BRACKETS.findall(text))
    found.extend(_COMMAND.findall(text))
    found.extend(t for t in _WORD.findall(quoted[:_MAX_TEXT]) if _mixed(t))
    return tuple(dict.fromkeys(found))[:10]


def _mixed(tag: str) -> bool:
    """A bare word of a quoted text is a tag only with digits in it: "klima-werkstatt" is none."""
    return any(c.isdigit() for c in tag.partition("-")[2])
