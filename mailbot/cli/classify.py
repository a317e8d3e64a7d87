"""``mailbot classify``: what would be understood and why; never opens the store unless asked, never sends or moves anything."""

import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mailbot.cli import logs
from mailbot.cli.base import App, Command, now, pass_app
from mailbot.cli.output import safe, to_json
from mailbot.errors import MailbotError

if TYPE_CHECKING:
    from mailbot.cli.explain import Explainer
    from mailbot.domain.decision import Decision
    from mailbot.domain.facts import Registration
    from mailbot.pipeline import Pipeline, Read
    from mailbot.settings import Settings

Values = dict[str, object]
MANY = 200  # files; fewer are done before other processes have begun
_STDIN = "-"
Print = Callable[["_Answer"], None]
_UNKNOWN: Values = {
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
@click.option("--full", is_flag=True, help="Shorten nothing of the text and of what was cut away.")
@click.option("--with-store", is_flag=True, help="Show what `run` would do with the mail, by what the store knows.")
@pass_app
@click.pass_context
def command(ctx: click.Context, app: App, files: tuple[Path, ...], as_json: bool, full: bool, with_store: bool) -> None:
    """Say what mails in FILES would be understood as, and why; "-" is standard input.

    A reason's number is its share of the confidence; below zero it speaks against acting without a human. Words that
    count are marked in colour, or by « » where the output is no terminal or NO_COLOR is set. Touches nothing and works
    without a configuration.
    """
    moment = now()
    if with_store:
        with app.pipeline(migrate=False) as pipeline:
            failed = _classify(files, app.settings, moment, _printer(as_json, full, pipeline), pipeline)
    else:
        settings = app.settings_or_example()
        if as_json and len(files) > MANY and _STDIN not in map(str, files):
            failed = _classify_beside(files, settings, moment)
        else:
            failed = _classify(files, settings, moment, _printer(as_json, full, None), None)
    ctx.exit(1 if failed else 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    """What is said about one file: ``read`` is None and ``error`` says why when nothing is known of it."""

    file: Path
    read: "Read | None" = None
    decision: "Decision | None" = None
    error: str = ""


def _printer(as_json: bool, full: bool, pipeline: "Pipeline | None") -> Print:
    """Give what prints an answer; what only people need is not even loaded for JSON."""
    if as_json:
        return lambda answer: click.echo(to_json(_as_dict(answer), indent=None))
    from mailbot.cli.explain import Explainer

    explainer = Explainer(full=full)
    people = cache(lambda: {row.id: row for row in pipeline.store.participants()} if pipeline else {})
    return lambda answer: _explain(answer, explainer, pipeline, lambda row_id: people().get(row_id))


def _classify(files: tuple[Path, ...], settings: "Settings", moment: datetime, show: Print, pipeline: "Pipeline | None") -> int:
    failed = 0
    for file in files:
        answer = _answered(file, settings, moment, pipeline)
        failed += bool(answer.error)
        show(answer)
    return failed


def _classify_beside(files: tuple[Path, ...], settings: "Settings", moment: datetime) -> int:
    """The same for thousands of files, as JSON, by several processes."""
    from mailbot.cli import workers
    from mailbot.understand import prepare

    prepare()
    failed = 0
    with closing(workers.results(partial(_worker, settings, moment), files)) as results:
        for line, wrong in results:
            failed += wrong
            click.echo(line)
    return failed


def _worker(settings: "Settings", moment: datetime) -> Callable[[Path], tuple[str, bool]]:
    """What a worker process does with each file: its line, and whether it failed."""
    logs.start(settings.logging)

    def line(file: Path) -> tuple[str, bool]:
        answer = _answered(file, settings, moment, None)
        return to_json(_as_dict(answer), indent=None), bool(answer.error)

    return line


def _answered(file: Path, settings: "Settings", moment: datetime, pipeline: "Pipeline | None") -> _Answer:
    """Answer a file whatever it holds."""
    try:
        return _answer(file, settings, moment, pipeline)
    except MailbotError:
        raise
    except OSError as error:
        return _Answer(file=file, error=f"the file can't be read: {error.strerror or type(error).__name__}")
    except Exception as error:  # noqa: BLE001 - a file that trips us must not cost the others their answer
        return _Answer(file=file, error=f"mailbot failed on it ({type(error).__name__}): please report")


def _answer(file: Path, settings: "Settings", moment: datetime, pipeline: "Pipeline | None") -> _Answer:
    from mailbot.domain.mail import RawMail
    from mailbot.pipeline import read

    content = sys.stdin.buffer.read() if str(file) == _STDIN else file.read_bytes()
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
    understood = read(raw.content, settings, moment, size=raw.size, truncated=large)
    return _Answer(file=file, read=understood, decision=pipeline.rehearse(raw, moment) if pipeline else None)


def _as_dict(answer: _Answer) -> Values:
    """Give the keys of DESIGN section 4; what nothing is known of is a human's business."""
    if answer.read is None:
        return {"file": str(answer.file), **_UNKNOWN, "reasons": [answer.error], "error": answer.error}
    understood = answer.read.understanding
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


def _explain(
    answer: _Answer, explainer: "Explainer", pipeline: "Pipeline | None", find: Callable[[str], "Registration | None"]
) -> None:
    """Tell a person."""
    if answer.read is None:
        click.echo(f"{safe(str(answer.file))}\n  {safe(answer.error)}\n")
    elif answer.decision is None or pipeline is None:
        explainer.show(answer.file, answer.read)
    else:
        from mailbot.cli.consequences import consequences

        explainer.show(answer.file, answer.read, consequences(answer.decision, pipeline.settings, find))
