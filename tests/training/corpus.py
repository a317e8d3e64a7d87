"""The texts to learn from: JSON lines with marks like ``[[N|Anna Meier]]``, as mails and labels.

``N`` is a person's name, ``I`` an institution, ``D`` a department, ``R`` a role, ``P`` words that say a person comes privately.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from tests.unit.understanding import BOT

FOLDER = Path(__file__).parent / "texts"
CORPUS = Path(__file__).parents[1] / "corpus"
LEARNT = tuple(f"blind{n}" for n in range(1, 14))  # measured at first sight, then learnt from
_MARK = re.compile(r"\[\[([NIDRP])\|([^\[\]]*)\]\]")


def raw() -> Iterator[dict[str, Any]]:
    """Every text as it stands in the files, in their order."""
    for path in sorted(FOLDER.glob("*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            if line.strip():
                yield json.loads(line)


def digest() -> str:
    """What the texts are, in short: weights that were learnt from others are stale."""
    whole = hashlib.sha256()
    for path in (*sorted(FOLDER.glob("*.jsonl")), CORPUS / "own.jsonl", *(CORPUS / name / "labels.jsonl" for name in LEARNT)):
        whole.update(path.read_bytes())
    return whole.hexdigest()


def unmarked(text: str) -> str:
    """The text without its marks."""
    return _MARK.sub(r"\2", text)


def labelled() -> Iterator[tuple[bytes, dict[str, Any]]]:
    """Every text and every mail to learn from, with its label in the form of the corpus."""
    for one in raw():
        label = {"intent": [one["intent"]], "request_kinds": one.get("kinds") or [], "action": [one["action"]]}
        yield as_mail(one), label
    for line in (CORPUS / "own.jsonl").read_text("utf-8").splitlines():
        one = json.loads(line)
        yield as_mail({**one, "from": one.get("sender")}), {**one, "request_kinds": one.get("kinds", [])}
    for name in LEARNT:
        for line in (CORPUS / name / "labels.jsonl").read_text("utf-8").splitlines():
            label = json.loads(line)
            yield (CORPUS / name / label["file"]).read_bytes(), label


def with_participants() -> Iterator[tuple[bytes, list[str]]]:
    """Every text and every mail that says who takes part, with their names."""
    for one in raw():
        if "participants" in one:
            yield as_mail(one), [name for name, _, _ in one["participants"] if name]
    for name in LEARNT:
        for line in (CORPUS / name / "labels.jsonl").read_text("utf-8").splitlines():
            label = json.loads(line)
            if label.get("participants"):
                yield (CORPUS / name / label["file"]).read_bytes(), [p["name"] for p in label["participants"] if p["name"]]


def as_mail(one: dict[str, Any]) -> bytes:
    """A mail with this sender, subject and text."""
    mail = EmailMessage()
    shown, _, address = unmarked(one.get("from") or "<someone@post.example>").rpartition("<")
    try:
        mail["From"] = Address(" ".join(shown.split()), addr_spec=address.strip("> "))
    except (HeaderParseError, ValueError, IndexError):
        mail["From"] = "someone@post.example"
    mail["To"], mail["Subject"] = BOT, " ".join(unmarked(one.get("subject") or "").split())
    mail.set_content(unmarked(one["text"]))
    return mail.as_bytes()
