"""From a letter's plain text to HTML, and to the tidy text that is sent: the words of a letter are written once. Pure."""

import re
from collections.abc import Iterator, Sequence
from html import escape

from markupsafe import Markup

_BLANK = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")
_ADDRESS = re.compile(r"https?://[^\s<>\"']+")
_TRAILING = re.compile(r"[ \t]+\n")
_PARAGRAPH = '<p style="margin:0 0 16px">{}</p>'
_LIST = '<ul style="margin:0 0 16px;padding:0 0 0 22px">{}</ul>'
_ITEM = '<li style="margin:0 0 4px">{}</li>'


def tidy(text: str) -> str:
    """Give the text part: no blanks at line ends, never more than one empty line, one line break at the end."""
    return _BLANK.sub("\n\n", _TRAILING.sub("\n", text)).strip() + "\n"


def as_html(text: object) -> Markup:
    """Give the HTML of a text: empty lines part paragraphs, lines that start with "- " are a list; all is escaped."""
    paragraphs = tidy(str(text)).strip("\n").split("\n\n")
    return Markup("\n".join(_paragraph(p.split("\n")) for p in paragraphs if p))  # noqa: S704 - each line is escaped below


def _paragraph(lines: Sequence[str]) -> str:
    return "\n".join(_pieces(lines))


def _pieces(lines: Sequence[str]) -> Iterator[str]:
    words = [escape(line) for line in lines if not line.startswith("- ")]
    items = [_ITEM.format(escape(line[2:])) for line in lines if line.startswith("- ")]
    if words:
        yield _PARAGRAPH.format("<br>\n".join(words))
    if items:
        yield _LIST.format("".join(items))


def as_facts(text: object) -> Markup:
    """Give the HTML of lines "What: how it is" with the first words in bold; all is escaped."""
    rows = (line.partition(": ") for line in str(text).split("\n") if line.strip())
    lines = (f"<strong>{escape(what)}:</strong> {_value(rest)}" if rest else escape(what) for what, _, rest in rows)
    return Markup("".join(f'<p style="margin:0 0 8px">{line}</p>\n' for line in lines))  # noqa: S704 - escaped above


def _value(words: str) -> str:
    """Escape a value; a whole value that is a web address (of the configuration) is a link."""
    shown = escape(words)
    return f'<a href="{shown}" style="color:#1f5f4a">{shown}</a>' if _ADDRESS.fullmatch(words) else shown


def as_lines(text: object) -> Markup:
    """Give the HTML of a text whose line breaks are kept; all is escaped."""
    return Markup("<br>\n".join(escape(line) for line in str(text).strip().split("\n")))  # noqa: S704 - escaped here
