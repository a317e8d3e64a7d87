"""What the demo prints: headings, tables and one mail in full. Only presentation; colours on a terminal alone."""

import email
import email.policy
import functools
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from typing import TextIO

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

PIPED_WIDTH, LEAST_WIDTH, MOST_WIDTH = 100, 80, 120
_SHOWN_HEADERS = ("From", "To", "Subject", "Date", "In-Reply-To", "Auto-Submitted", "List-Unsubscribe")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One mail: who wrote what, what was understood and why, in which folder it lies now, and what was answered."""

    number: str
    sender: str
    subject: str
    understood: str
    why: str
    folder: str
    answers: tuple[str, ...]


@functools.cache
def parse(content: bytes) -> EmailMessage:
    """Read a mail of ours with the standard library."""
    return email.message_from_bytes(content, policy=email.policy.default)


class Show:
    """A place to print to."""

    def __init__(self, out: TextIO | None = None) -> None:
        file = out or sys.stdout
        terminal = Console(file=file)
        width = min(max(terminal.width, LEAST_WIDTH), MOST_WIDTH) if terminal.is_terminal else PIPED_WIDTH
        self._console = Console(file=file, width=width, highlight=False, markup=False, emoji=False, soft_wrap=False)

    def heading(self, text: str) -> None:
        """Begin a step."""
        self._console.print()
        self._console.rule(Text(text, style="bold"), align="left", characters="─")

    def say(self, text: str = "", style: str = "") -> None:
        """Print a paragraph."""
        self._console.print(text, style=style)

    def mails(self, rows: Iterable[Row]) -> None:
        """Print what came, what was understood and why, and what was answered."""
        table = Table(box=SIMPLE_HEAD, padding=(0, 1), pad_edge=False, expand=True)
        table.add_column("#", justify="right", no_wrap=True)
        for name, ratio in (("what came", 30), ("what was understood, and why", 36), ("what was done and answered", 34)):
            table.add_column(name, ratio=ratio, overflow="fold")
        for number, row in enumerate(rows):
            if number:
                table.add_row()
            came = Text.assemble((row.sender, "bold"), "\n", row.subject)
            understood = Text.assemble((row.understood, "bold cyan"), "\n", (row.why, "dim"))
            done = Text.assemble((f"→ {row.folder}", "green"), *(f"\n✉ {answer}" for answer in row.answers))
            table.add_row(row.number, came, understood, done)
        self._console.print(table)

    def listing(self, title: str, rows: Sequence[Mapping[str, str]], empty: str) -> None:
        """Print rows under their names."""
        self.say(title, style="bold")
        if not rows:
            self.say(f"  {empty}")
            return
        table = Table(box=None, padding=(0, 1), pad_edge=True, header_style="dim")
        for name in rows[0]:
            table.add_column(name, overflow="fold")
        for row in rows:
            table.add_row(*row.values())
        self._console.print(table)

    def mail(self, content: bytes) -> None:
        """Print one mail as its receiver reads it: the telling headers, the text, and what else is in it."""
        message = parse(content)
        lines = [f"{name}: {message[name]}" for name in _SHOWN_HEADERS if message[name]]
        body = message.get_body(("plain",))
        text = body.get_content() if body is not None else ""
        others = [part.get_content_type() for part in message.walk() if not part.is_multipart() and part is not body]
        self._boxed([*lines, "", *text.rstrip().splitlines()])
        self.say(f"also in this mail: {', '.join(others)}", style="dim")

    def _boxed(self, lines: Iterable[str]) -> None:
        for line in lines:
            for wrapped in Text(line).wrap(self._console, self._console.width - 2) or [Text()]:
                self._console.print(Text.assemble(("│ ", "dim"), wrapped))
