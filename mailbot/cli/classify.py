"""``mailbot classify``: what would be understood and why; never opens the store unless asked, never sends or moves anything."""

import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mailbot.cli.base import App, Command, now, pass_app
from mailbot.cli.output import safe, to_json
from mailbot.errors import MailbotError

if TYPE_CHECKING:
    from mailbot.domain.decision import Decision
    from mailbot.domain.mail import RawMail
    from mailbot.domain.understanding import Understanding
    from mailbot.settings import Settings

Rehearse = Callable[["RawMail", datetime], "Decision"]
Values = dict[str, object]
_UNKNOWN: Values = {
    "file": "",
    "intent": "unclear",
    "request_kinds": [],
    "action": "review",
    "language": "",
    "participants": [],
    "about": None,
    "confidence": 0.0,
}
HEAD_BYTES = 65_536  # of a mail that is larger than the limit, as `run` reads it


@click.command(cls=Command)
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, allow_dash=True))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line and file.")
@click.option("--with-store", is_flag=True, help="Show what `run` would do with the mail, by what the store knows.")
@pass_app
@click.pass_context
def command(ctx: click.Context, app: App, files: tuple[Path, ...], as_json: bool, with_store: bool) -> None:
    """Say what mails in FILES would be understood as, and why; "-" is standard input.

    Touches nothing and works without a configuration.
    """
    moment = now()
    if with_store:
        with app.pipeline(migrate=False) as pipeline:
            failed = _classify(files, app.settings, moment, as_json, pipeline.rehearse)
    else:
        failed = _classify(files, app.settings_or_example(), moment, as_json, None)
    ctx.exit(1 if failed else 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    """What is said about one file: ``understood`` is None and ``error`` says why when nothing is known of it."""

    file: Path
    understood: "Understanding | None" = None
    decision: "Decision | None" = None
    error: str = ""


def _classify(files: tuple[Path, ...], settings: "Settings", moment: datetime, as_json: bool, rehearse: Rehearse | None) -> int:
    failed = 0
    for file in files:
        try:
            answer = _answer(file, settings, moment, rehearse)
        except MailbotError:
            raise
        except OSError as error:
            answer = _Answer(file=file, error=f"the file can't be read: {error.strerror or type(error).__name__}")
        except Exception as error:  # noqa: BLE001 - a file that trips us must not cost the others their answer
            answer = _Answer(file=file, error=f"mailbot failed on it ({type(error).__name__}): please report")
        failed += bool(answer.error)
        click.echo(to_json(_as_dict(answer), indent=None) if as_json else "\n".join(_explain(answer)))
    return failed


def _answer(file: Path, settings: "Settings", moment: datetime, rehearse: Rehearse | None) -> _Answer:
    from mailbot.domain.mail import RawMail
    from mailbot.pipeline import read

    content = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    large = len(content) > settings.limits.max_mail_bytes
    raw = RawMail(
        mailbox=settings.mailboxes[0].id,
        folder=settings.mailboxes[0].folder,
        uidvalidity=0,
        uid=0,
        received_at=moment,
        content=content[:HEAD_BYTES] if large else content,
        size=len(content),
        truncated=large,
    )
    understood = read(raw.content, settings, moment, size=raw.size, truncated=large).understanding
    return _Answer(file=file, understood=understood, decision=rehearse(raw, moment) if rehearse else None)


def _as_dict(answer: _Answer) -> Values:
    """Give the keys of DESIGN section 4; what nothing is known of is a human's business."""
    understood = answer.understood
    if understood is None:
        unknown: Values = {
            "intent": "unclear",
            "request_kinds": [],
            "action": "review",
            "language": "",
            "participants": [],
            "about": None,
        }
        return {"file": str(answer.file), **unknown, "confidence": 0.0, "reasons": [answer.error], "error": answer.error}
    said: Values = {
        "file": str(answer.file),
        "intent": understood.intent.value,
        "request_kinds": [kind.value for kind in understood.request_kinds],
        "action": understood.action.value,
        "language": understood.language,
        "participants": [asdict(person) for person in understood.participants],
        "about": understood.about,
        "confidence": round(understood.confidence, 3),
        "reasons": [reason.text for reason in understood.reasons],
    }
    return {**said, "decision": _decision(answer.decision)} if answer.decision else said


def _decision(decision: "Decision") -> Values:
    return {
        "outcome": decision.outcome.value,
        "folder": decision.filing.value,
        "changes": [type(change).__name__ for change in decision.changes],
        "letters": [{"template": letter.template, "to": letter.to} for letter in decision.letters],
        "reasons": list(decision.reasons),
    }


def _explain(answer: _Answer) -> list[str]:
    """Tell a person: what it is, who, the text that counted, what was cut away, and why."""
    understood = answer.understood
    if understood is None:
        return [safe(str(answer.file)), f"  {answer.error}"]
    kinds = ", ".join(kind.value for kind in understood.request_kinds)
    head = f"{understood.intent.value}{f' ({kinds})' if kinds else ''}: {understood.action.value}"
    lines = [safe(str(answer.file)), f"  {head}, language {understood.language or '?'}, confidence {understood.confidence:.2f}"]
    people = ((one.name, one.institution, one.email) for one in understood.participants)
    lines.extend(safe("  person: " + ", ".join(value or "?" for value in person)) for person in people)
    lines.extend([f"  about: {safe(understood.about)}"] if understood.about else [])
    lines.extend(f"  because: {safe(reason.text)} ({reason.weight:+.2f})" for reason in understood.reasons)
    lines.extend(_block("text that counted", understood.own_text))
    for why, text in understood.removed:
        lines.extend(_block(f"cut away ({safe(why)})", text))
    if answer.decision:
        lines.append(f"  `run` would: {to_json(_decision(answer.decision), indent=None)}")
    return lines


def _block(title: str, text: str) -> list[str]:
    return [f"  {title}:", *(f"  │ {safe(line)}" for line in text.splitlines())] if text.strip() else []
