"""Make text from outside harmless before it stands in a mail: no control characters, no lines where one line is meant.

Pure. What it gives is still plain text: HTML, headers and calendar files are escaped where they are made.
"""

import re
import unicodedata
from collections.abc import Mapping

MAX_NAME = 120
# C0, C1, line and paragraph separators, directional overrides ("Trojan source"), lone surrogates
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_SPACE = re.compile(r"\s+")
_HARMLESS = re.compile(r"(?!www)[A-Za-z0-9@_.,()&'+-]+(?: (?!www)[A-Za-z0-9@_.,()&'+-]+)*", re.ASCII)
_LINK = re.compile(r"(?i)(\bwww|\b[a-z][a-z0-9+.-]{1,10}:/)(?=[./])")


def block(value: str) -> str:
    """Give a text that may have several lines, without anything invisible that acts."""
    return _CONTROL.sub("", value.replace("\r\n", "\n").replace("\r", "\n"))


def line(value: str) -> str:
    """Give a text as one line."""
    return _SPACE.sub(" ", _CONTROL.sub(" ", value)).strip()


def name(value: str) -> str:
    """Give a name that people chose: one line, not too long, and no link: mail programs make links clickable.

    Otherwise whoever registers a stranger could have an advertisement sent to them as a "name".
    """
    if value.isascii() and len(value) < MAX_NAME and _HARMLESS.fullmatch(value):
        return value
    short = line(value)
    if len(short) > MAX_NAME:
        short = short[: MAX_NAME - 1].rstrip() + "…"
    return unicodedata.normalize("NFC", _LINK.sub(r"\1 ", short))


def tree(value: object, *, names: bool = False) -> object:
    """Clean every text in nested lists and dicts; with ``names`` as names, else as blocks."""
    if isinstance(value, str):
        return name(value) if names else block(value)
    if isinstance(value, Mapping):
        return {key: tree(item, names=names) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [tree(item, names=names) for item in value]
    return value
