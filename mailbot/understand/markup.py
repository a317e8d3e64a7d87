"""HTML as libraries read it: what is hidden or quoted taken out, tables and lists laid out as text. Raises whatever they raise.

The only door to quotequail, lxml and inscriptis, which cost a tenth of a second to load. Downstream: ``html``.
"""

import re

import lxml.html
import quotequail
from inscriptis import get_text
from inscriptis.model.config import ParserConfig
from lxml import etree

_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![.\d]*[1-9])|opacity\s*:\s*0(?![.\d]*[1-9])|mso-hide\s*:\s*all"
    r"|(?<![-\w])color\s*:\s*(?:#fff(?:fff)?\b|white\b|transparent\b)|max-height\s*:\s*0(?![.\d]*[1-9])|text-indent\s*:\s*-\d{3}",
    re.IGNORECASE,
)
_BACKGROUND = re.compile(r"background(?:-color)?\s*:", re.IGNORECASE)
_CONFIG = ParserConfig(display_links=False)


def parted(html: str) -> tuple[str, str]:
    """The text that a reader sees outside quoted containers, and the quoted text."""
    shown = _without_hidden(html)
    parts = quotequail.unwrap_html(shown)
    if parts is None:
        return _plain(shown), ""
    own = "\n".join(_plain(parts[key]) for key in ("html_top", "html_bottom") if parts.get(key))
    return own, _plain(parts.get("html") or "")


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
