"""HTML → the text that a reader sees: without quoted containers and hidden text, tables and lists kept. Never raises.

Downstream: ``text``. The only door to quotequail, lxml and inscriptis.
"""

import re
from dataclasses import dataclass

import lxml.html
import quotequail
from inscriptis import get_text
from inscriptis.model.config import ParserConfig
from lxml import etree

MAX_HTML, _MAX_TAGS = 100_000, 10_000
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![.\d]*[1-9])|opacity\s*:\s*0(?![.\d]*[1-9])|mso-hide\s*:\s*all"
    r"|(?<![-\w])color\s*:\s*(?:#fff(?:fff)?\b|white\b|transparent\b)|max-height\s*:\s*0(?![.\d]*[1-9])|text-indent\s*:\s*-\d{3}",
    re.IGNORECASE,
)
_BACKGROUND = re.compile(r"background(?:-color)?\s*:", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]{0,2000}>")
_CONFIG = ParserConfig(display_links=False)


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
    try:
        shown = _without_hidden(html)
        parts = quotequail.unwrap_html(shown)
        if parts is None:
            return Page(_plain(shown), cut=cut)
        own = "\n".join(_plain(parts[key]) for key in ("html_top", "html_bottom") if parts.get(key))
        return Page(own, _plain(parts.get("html") or ""), cut=cut)
    except Exception:  # noqa: BLE001 - three libraries over hostile markup: whatever they raise, there must be a text
        return Page(_TAG.sub(" ", html), cut=cut)


def _without_hidden(html: str) -> str:
    tree = lxml.html.document_fromstring(html)
    for element in list(tree.iter("style", "script", "title")):
        element.drop_tree()
    for element in list(tree.iter(etree.Element)):
        if _is_hidden(element) and element.getparent() is not None and element.tag not in {"body", "html"}:
            element.drop_tree()
    return str(lxml.html.tostring(tree, encoding="unicode"))


def _is_hidden(element: lxml.html.HtmlElement) -> bool:
    """Whether nobody sees it: not displayed, no size, or white without a background of its own."""
    style = element.get("style") or ""
    hidden = _HIDDEN.search(style)
    if hidden and "color" in hidden[0].lower() and _BACKGROUND.search(style):
        return False
    return hidden is not None or element.get("hidden") is not None


def _plain(html: str) -> str:
    lines = (line.rstrip() for line in get_text(html, _CONFIG).splitlines()) if html.strip() else ()
    return "\n".join(lines).strip("\n")
