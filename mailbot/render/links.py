"""One-tap links: a ``mailto`` address that holds a mail, ready to be sent (RFC 6068). Pure.

The words come from the lexicons of ``understand``, so that what we write is what we understand.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import quote

from mailbot.domain.decision import Letter, LinkWord

_SAFE_ADDRESS = "@!$'*+-._~"  # RFC 6068 §2: what may stand bare in the address part ("&", "?", "%", "#" may not)


class LinkText(Protocol):
    """What the lexicon says about one link: the word of the subject and the sentence of the body."""

    @property
    def word(self) -> str:
        """The word of the subject."""

    @property
    def body(self) -> str:
        """The sentence of the body."""


Lexicon = Callable[[str, LinkWord], LinkText]
_BY_ONE_WORD = {LinkWord.YES, LinkWord.NO, LinkWord.UNDO, LinkWord.CANCEL, LinkWord.UNSUBSCRIBE}


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeLink:
    """A link as the templates get it: ``href`` is the ``mailto`` address, ``reply`` what may be answered instead.

    That is the word alone where a reply of one word says enough, else the whole sentence.
    """

    word: str
    href: str
    reply: str


def mailto(address: str, subject: str, body: str) -> str:
    """Percent-encode a mail that is ready to be sent (RFC 6068 §5: UTF-8, lines as %0D%0A, spaces as %20)."""
    lines = "\r\n".join(body.splitlines())
    return f"mailto:{quote(address, safe=_SAFE_ADDRESS)}?subject={quote(subject, safe='')}&body={quote(lines, safe='')}"


def make(letter: Letter, address: str, word: LinkWord, tag: str | None, lexicon: Lexicon) -> MadeLink:
    """Give one link of this letter in its language."""
    text = lexicon(letter.language, word)
    parts = (text.word, letter.event, f"[#{tag}]" if tag else None)
    href = mailto(address, " ".join(p for p in parts if p), text.body)
    return MadeLink(word=word.value, href=href, reply=text.word if word in _BY_ONE_WORD else text.body)


def unsubscribe_tag(letter: Letter) -> str | None:
    """The tag that ends information mails for the receiver; None for direct answers and for mails to the organiser.

    A direct answer goes to the sender of the mail that it names in In-Reply-To: it needs no List-Unsubscribe.
    """
    if letter.answers is not None or letter.nature.value == "alarm":
        return None
    return next((link.tag for link in letter.links if link.word is LinkWord.UNSUBSCRIBE and link.tag), letter.tag)
