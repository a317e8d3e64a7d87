"""One mail explained to a person: the verdict, who, why, the text that counted, what was cut away, and what `run` would do.

In colour on a terminal, the same words in plain text elsewhere (pipes, NO_COLOR), the words that counted between « and ». Whatever
the mail holds is shown, never obeyed. Never reads, never decides. Upstream: ``classify``.
"""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import click
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from mailbot.cli.output import safe
from mailbot.domain.understanding import Action, Kind, Participant, Quote, Reason, Understanding
from mailbot.pipeline import Read

WIDEST = 120
_TEXT_LINES, _CUT_LINES, _CUT_CHARS = 30, 3, 300  # shown without --full
_MARK = "black on yellow"
_ACTIONS = {
    Action.ACT: ("mailbot may act on this by itself", "green"),
    Action.ASK: ("mailbot asks back, since something is missing or can be read in two ways", "yellow"),
    Action.REVIEW: ("a human decides", "magenta"),
    Action.IGNORE: ("nothing is done and nobody is answered", "cyan"),
}
_CUT = {
    "quoted": "quoted from an earlier mail",
    "forwarded": "a forwarded mail, written by others",
    "tag line": "a line of the mail program's",
    "our own footer": "the footer of our own mails",
    "banner": "a notice of the mail system's",
    "disclaimer": "legal small print",
    "signature": "signature (names and institutions in it are still read)",
    "subject of a reply": "subject of a reply, chosen by whoever wrote first",
    "subject of a forward": "subject of a forwarded mail",
}


class Explainer:
    """A place to explain mails to; ``full``: nothing is shortened."""

    def __init__(self, *, full: bool) -> None:
        plain = bool(os.environ.get("NO_COLOR"))
        self._console = Console(highlight=False, markup=False, emoji=False, color_system=None if plain else "auto")
        self._coloured = self._console.color_system is not None
        self._width = min(self._console.width, WIDEST) if self._console.is_terminal else 0  # 0: lines stay as they are
        self._full = full

    def show(self, file: Path, read: Read, consequences: Sequence[tuple[str, str]] = ()) -> None:
        """Print everything about one mail; ``consequences`` are pairs of a heading and a sentence."""
        meant = read.understanding
        human = read.screening.kind is Kind.HUMAN
        lines = [_plain(str(file), "bold"), *self._verdict(meant), *self._people(meant.participants), *self._why(meant.reasons)]
        if human:
            lines.extend(self._text(meant, "" if _other_subject(meant) else read.mail.subject))
        else:
            lines.extend(self._cut("the text, which nobody needed to read", meant.own_text))
        for why, text in _joined(meant.removed):
            lines.extend(self._cut(f"cut away: {_CUT.get(why, why)}", text))
        if consequences:
            lines.extend([_heading("what `run` would do with it"), *self._pairs(consequences)])
        self._print([*lines, Text()])

    def _print(self, lines: Iterable[Text]) -> None:
        with self._console.capture() as captured:
            self._console.print(Text("\n").join(lines), soft_wrap=True)
        click.echo(captured.get(), nl=False, color=self._coloured)

    def _verdict(self, meant: Understanding) -> list[Text]:
        gloss, colour = _ACTIONS[meant.action]
        kinds = ", ".join(_words(kind) for kind in meant.request_kinds)
        intent = f"{_words(meant.intent)}{f' ({kinds})' if kinds else ''}"
        action = (meant.action.value, f"bold {colour}")
        rest = f", language {meant.language or '?'}, confidence {meant.confidence:.2f}"
        verdict = Text.assemble((f"{intent}: ", "bold"), action, rest)
        return [*self._hang("  ", verdict), *self._hang("  ", Text(gloss, colour)), *self._pairs(_also(meant))]

    def _people(self, people: Sequence[Participant]) -> list[Text]:
        """A small table; what a mail does not say is a question mark."""
        if not people:
            return []
        rows = [tuple(safe(value or "?") for value in (one.name, one.institution, one.email)) for one in people]
        names = ("name", "institution", "e-mail")
        widths = [max(cell_len(row[i]) for row in (names, *rows)) for i in range(len(names))]
        shown = [_row(names, widths, "dim"), *(_row(row, widths) for row in rows)]
        return [_heading("people"), *(line for row in shown for line in self._hang("    ", row))]

    def _why(self, reasons: Sequence[Reason]) -> list[Text]:
        lines = [_heading("why")] if reasons else []
        for reason in reasons:
            weight = Text(f"    {reason.weight:+.2f}  ", "red" if reason.weight < 0 else "green")
            lines.extend(self._hang(weight, _plain(reason.text)))
        return lines

    def _pairs(self, pairs: Iterable[tuple[str, str]]) -> list[Text]:
        found = list(pairs)
        width = max((len(head) for head, _ in found), default=0)
        heads = [head if number == 0 or head != found[number - 1][0] else "" for number, (head, _) in enumerate(found)]
        return [
            line
            for head, (_, text) in zip(heads, found, strict=True)
            for line in self._hang(Text(f"    {head.ljust(width)}  ", "dim"), _plain(text), " " * (width + 8))
        ]

    def _text(self, meant: Understanding, subject: str) -> list[Text]:
        """The text with the words marked that led to a reason; lines that hold such words are never left out."""
        quotes = [quote for reason in meant.reasons for quote in reason.quotes]
        lines, kept = self._marked(meant.own_text, _spans(quotes))
        shown = self._some(lines, kept | set(range(_TEXT_LINES)))
        if subject.strip():
            found = [(at, at + len(q.words)) for q in quotes if q.start is None and (at := subject.find(q.words)) >= 0]
            marked = Text("  ").join(self._marked(subject, sorted(found))[0])
            shown = [Text.assemble(("Subject: ", "dim"), marked), *shown]
        return [_heading("the text that counted"), *self._barred(shown)] if shown else []

    def _cut(self, title: str, text: str) -> list[Text]:
        lines = [self._clipped(line) for line in text.splitlines()]
        shown = self._some(lines, set(range(_CUT_LINES)))
        return [_heading(title), *self._barred(shown, "dim")] if text.strip() else []

    def _clipped(self, line: str) -> Text:
        over = len(line) - _CUT_CHARS
        if self._full or over <= 0:
            return _plain(line)
        return _plain(f"{line[:_CUT_CHARS]} … {over} more characters")

    def _some(self, lines: Sequence[Text], kept: set[int]) -> list[Text]:
        """Lines of a text; gaps of two and more say how much is missing."""
        shown: list[Text] = []
        missing: list[Text] = []
        for number, line in enumerate(lines):
            if self._full or number in kept:
                shown.extend([*_gap(missing), line])
                missing = []
            else:
                missing.append(line)
        return [*shown, *_gap(missing)]

    def _marked(self, text: str, spans: Sequence[tuple[int, int]]) -> tuple[list[Text], set[int]]:
        """Each line with its marked words, and the numbers of the lines that have some."""
        lines, kept = [], set()
        at = 0
        for number, raw in enumerate(text.splitlines(keepends=True)):
            end = at + len(raw.rstrip("\r\n"))
            here = [(max(start, at), min(stop, end)) for start, stop in spans if start < end and stop > at]
            kept.update([number] if here else [])
            lines.append(self._line(text, at, end, here))
            at += len(raw)
        return lines, kept

    def _line(self, text: str, at: int, end: int, spans: Iterable[tuple[int, int]]) -> Text:
        line = Text()
        for start, stop in spans:
            words = safe(text[start:stop])
            line.append(safe(text[at:start]))
            line.append(words if self._coloured else f"«{words}»", _MARK)
            at = stop
        return line.append(safe(text[at:end]))

    def _barred(self, lines: Iterable[Text], style: str = "") -> list[Text]:
        found = []
        for line in lines:
            line.stylize(style)
            found.extend(self._hang(Text("    │ ", "dim"), line, "    │ "))
        return found

    def _hang(self, first: Text | str, text: Text, rest: str = "") -> list[Text]:
        """Wrap a text at the terminal's width, its further lines below its first one."""
        begin = Text(first) if isinstance(first, str) else first
        room = max(self._width - max(begin.cell_len, len(rest)), WIDEST // 6)
        wrapped = list(text.wrap(self._console, room)) if self._width and text.cell_len > room else [text]
        below = Text(rest or " " * begin.cell_len, "dim")
        hung = [Text.assemble(below if number else begin, line) for number, line in enumerate(wrapped)]
        for line in hung:
            line.rstrip()
        return hung


def _plain(text: str, style: str = "") -> Text:
    return Text(safe(text), style)


def _heading(text: str) -> Text:
    return Text(f"  {safe(text)}", "bold")


def _words(value: str) -> str:
    return value.replace("_", " ")


def _row(cells: Sequence[str], widths: Sequence[int], style: str = "") -> Text:
    padded = [cell + " " * (width - cell_len(cell)) for cell, width in zip(cells, widths, strict=True)]
    return Text("  ".join(padded).rstrip(), style)


def _gap(missing: Sequence[Text]) -> list[Text]:
    if len(missing) <= 1:
        return list(missing)
    return [Text(f"… {len(missing)} more lines (--full shows them)", "italic")]


def _also(meant: Understanding) -> Iterable[tuple[str, str]]:
    """What else was found, as pairs of a heading and a text."""
    yield from (("also", _words(wish)) for wish in meant.wishes if wish is not meant.intent)
    yield from (("also", "wants information mails") for _ in range(meant.wants_mailings))
    yield from (("event", event) for event in meant.events)
    yield from (("leaving", name) for name in meant.leaving)
    yield from (("correct", f"{fix.field}: {fix.old or '?'} → {fix.new}") for fix in meant.corrections)
    yield from (("about", address) for address in (meant.about,) if address)


def _other_subject(meant: Understanding) -> bool:
    return any(why.startswith("subject of") for why, _ in meant.removed)


def _joined(removed: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """What was cut away, one text for each reason."""
    found: dict[str, list[str]] = {}
    for why, text in removed:
        found.setdefault(why, []).append(text)
    return [(why, "\n".join(texts)) for why, texts in found.items()]


def _spans(quotes: Iterable[Quote]) -> list[tuple[int, int]]:
    """Where the quotes stand in the text, overlapping ones made one."""
    merged: list[tuple[int, int]] = []
    for start, stop in sorted((q.start, q.start + len(q.words)) for q in quotes if q.start is not None):
        if merged and start < merged[-1][1]:
            merged[-1] = merged[-1][0], max(stop, merged[-1][1])
        else:
            merged.append((start, stop))
    return merged
