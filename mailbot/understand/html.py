"""HTML → the text that a reader sees: without quoted containers and hidden text, tables and lists kept. Never raises.

Upstream: ``markup``; downstream: ``text``.
"""

import re
from dataclasses import dataclass

MAX_HTML, _MAX_TAGS = 100_000, 10_000
_TAG = re.compile(r"<[^<>]{0,2000}>")


@dataclass(frozen=True, slots=True)
class Page:
    """The text above and below a quoted container, and the quoted text."""

    text: str
    quoted: str = ""
    cut: bool = False  # it is longer than what was read


def readable(html: str) -> Page:
    """Convert one HTML body; bounded in size (many attributes cost the parser quadratic time)."""
    cut = len(html) > MAX_HTML
    html = html[:MAX_HTML]
    if html.count("<") > _MAX_TAGS:  # nobody writes so
        return Page(_TAG.sub(" ", html), cut=cut)
    from mailbot.understand.markup import parted  # noqa: PLC0415 - a tenth of a second that plain mails do without

    try:
        return Page(*parted(html), cut=cut)
    except Exception:  # noqa: BLE001 - three libraries over hostile markup: whatever they raise, there must be a text
        return Page(_TAG.sub(" ", html), cut=cut)
