"""What the sender wrote in this mail: without quoted history, forwarded mail, signature, disclaimer and our own footer.

Never loses the sender's words silently: what is cut away stays in ``removed`` with the reason; the signature and the quoted text
stay usable as evidence. Upstream: ``parse``; downstream: everything that reads words.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from mailbot.domain.mail import IncomingMail
from mailbot.understand import quotes
from mailbot.understand.html import Page, readable
from mailbot.understand.lexicon import Lexicons
from mailbot.understand.normal import fold, visible

MAX_CHARS, MAX_LINES = 64_000, 2_000
_SHORT_PLAIN = 40
_SHORT_LINE = 60
_CLOSING_WORDS = 8
_HEAD = 8  # no phrase that a line begins with is longer
_AROUND = "*_<>[]()\"'"
_SEPARATORS = {"--", "-- ", "—", "__", "___"}


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnText:
    """The words that count, and what stood around them."""

    text: str = ""
    signature: str = ""
    quoted: str = ""
    answers: tuple[tuple[str, str], ...] = ()  # (a quoted question of ours, what stands below it)
    forwarded: bool = False
    removed: tuple[tuple[str, str], ...] = ()
    cut: bool = False  # the text is longer than what was read


@dataclass(slots=True)
class _Cut:
    lexicons: Lexicons
    removed: list[tuple[str, str]] = field(default_factory=list)

    def away(self, why: str, lines: Sequence[str]) -> None:
        text = "\n".join(lines).strip()
        if text:
            self.removed.append((why, text))


def own_text(mail: IncomingMail, lexicons: Lexicons) -> OwnText:
    """Find what the sender wrote."""
    page = _body(mail, lexicons)
    cut = _Cut(lexicons)
    whole = _lines(page.text)
    split = quotes.split(whole, lexicons)
    cut.away("quoted", split.quoted)
    cut.away("quoted", page.quoted.splitlines()[:MAX_LINES])
    cut.away("forwarded", split.forwarded)
    lines = _drop_lines(split.own, cut)
    lines = _drop_paragraphs(lines, cut)
    body, signature = _signature(lines, mail.sender.name if mail.sender else "", cut)
    return OwnText(
        text="\n".join(body).strip(),
        signature="\n".join(signature).strip(),
        quoted="\n".join([*split.quoted, page.quoted[:MAX_CHARS]]).strip(),
        answers=split.answers,
        forwarded=bool(split.forwarded),
        removed=tuple(cut.removed),
        cut=page.cut or len(page.text) > MAX_CHARS or len(whole) >= MAX_LINES,
    )


def _body(mail: IncomingMail, lexicons: Lexicons) -> Page:
    """Plain text, or HTML where the plain part says next to nothing."""
    plain = visible(mail.text)
    short = len(plain.strip()) < _SHORT_PLAIN and len(mail.html) > len(plain)
    if mail.html.strip() and (short or _holds(plain[:400], lexicons.text("no_html"))):
        page = readable(visible(mail.html))
        if len(page.text.strip()) > len(plain.strip()) or not plain.strip():
            return page
    return Page(plain)


def _lines(text: str) -> list[str]:
    """Bounded lines, runs of empty lines made one."""
    found: list[str] = []
    for line in text[:MAX_CHARS].splitlines():
        if line.strip() or (found and found[-1]):
            found.append(line.rstrip())
            if len(found) >= MAX_LINES:
                break
    return found


def _folded(text: str) -> str:
    return " ".join([fold(word) for word in text.split()])


def _holds(text: str, phrases: Sequence[str]) -> bool:
    folded = _folded(text) if phrases else ""
    return any(phrase in folded for phrase in phrases)


def _begins(line: str, name: str, lexicons: Lexicons) -> bool:
    """Whether a line begins with a phrase of the list of this name; of most lines the first word tells that it does not."""
    words = line.split(maxsplit=_HEAD)[:_HEAD]
    if not words or not fold(words[0].strip(_AROUND)).startswith(lexicons.text_heads(name)):
        return False
    return " ".join([fold(word.strip(_AROUND)) for word in words]).startswith(lexicons.text(name))


def _drop_lines(lines: Sequence[str], cut: _Cut) -> list[str]:
    """Drop mobile tag lines and lines of our own footer."""
    footers = cut.lexicons.text("footers")
    kept = []
    footed = _holds(" ".join(lines), footers)
    for line in lines:
        if line and _begins(line, "taglines", cut.lexicons):
            cut.away("tag line", [line])
        elif footed and line and _holds(line, footers):
            cut.away("our own footer", [line])
        else:
            kept.append(line)
    return kept


def _paragraphs(lines: Sequence[str]) -> list[list[str]]:
    found: list[list[str]] = [[]]
    for line in lines:
        if line.strip(" _-=*") or line.strip() in _SEPARATORS:
            found[-1].append(line)
        elif found[-1]:
            found.append([])
    return [p for p in found if p]


def _drop_paragraphs(lines: Sequence[str], cut: _Cut) -> list[str]:
    """Drop banners above the text, and disclaimers with what follows them."""
    whole = _folded(" ".join(lines))  # what the text as a whole does not hold, none of its paragraphs does
    disclaimers, banners = ([p for p in cut.lexicons.text(name) if p in whole] for name in ("disclaimers", "banners"))
    kept: list[str] = []
    paragraphs = _paragraphs(lines)
    for number, paragraph in enumerate(paragraphs):
        joined = " ".join(paragraph)
        if number < 2 and _holds(joined, banners):  # noqa: PLR2004 - a banner stands first, or below a logo
            cut.away("banner", paragraph)
        elif kept and _holds(joined, disclaimers):
            at = _first_of(paragraph, disclaimers)
            kept.extend(paragraph[:at])
            cut.away("disclaimer", paragraph[at:])
        else:
            kept.extend([*paragraph, ""])
    return kept


def _first_of(paragraph: Sequence[str], disclaimers: Sequence[str]) -> int:
    """The line that a disclaimer begins with; short lines above it in the same paragraph are a signature."""
    at = next((i for i, line in enumerate(paragraph) if _holds(" ".join(paragraph[i : i + 2]), disclaimers)), 0)
    while at < len(paragraph) - 1 and len(paragraph[at]) < _SHORT_LINE and not _holds(paragraph[at], disclaimers):
        at += 1
    return at if all(len(line) < _SHORT_LINE for line in paragraph[:at]) else 0


def _signature(lines: list[str], sender: str, cut: _Cut) -> tuple[list[str], list[str]]:
    """Part the text at "-- " or at the closing; a postscript below belongs to the text again."""
    at = _end_of_text(lines, cut.lexicons)
    at = _own_name(lines, sender) if at is None else at
    if at is None:
        return lines, []
    body, rest = lines[:at], lines[at:]
    marks = frozenset(cut.lexicons.text("postscript"))
    below = next((i for i, line in enumerate(rest) if line and _first_word(line) in marks), None)
    if below is not None:
        body, rest = [*body, "", *rest[below:]], rest[:below]
    cut.away("signature", rest)
    return body, rest


def _first_word(line: str) -> str:
    return fold(line.split(maxsplit=1)[0].strip(".:,()").replace(".", ""))


def _end_of_text(lines: Sequence[str], lexicons: Lexicons) -> int | None:
    heads = lexicons.text_set("closing_heads")
    words = [i for i, line in enumerate(lines) if line.strip()]
    for i in words:
        line = lines[i].strip()
        if lines[i] in {"--", "-- "} or (line in _SEPARATORS and i != words[0]):
            return i
        if i != words[0] and len(line) < _SHORT_LINE and (_begins(line, "closings", lexicons) or _greets(line, heads)):
            return i
    return None


def _greets(line: str, heads: frozenset[str]) -> bool:
    """Such as "Sonnige Grüße aus Büren": a closing word among the first of a short line that is no question."""
    words = line.split()
    if len(words) > _CLOSING_WORDS or line.endswith(("?", ".")) or not line[:1].isalpha():
        return False
    return not heads.isdisjoint([fold(w.strip(".,!;:")) for w in words[:4]])


def _own_name(lines: Sequence[str], sender: str) -> int | None:
    """The line that holds nothing but the sender's name, with short lines below it: a signature without a closing."""
    shown = {fold(w) for w in sender.replace(",", " ").split() if len(w) > 2}  # noqa: PLR2004 - initials say nothing
    above = 0
    for i, line in enumerate(lines if shown else ()):
        if (
            above
            and line[:1].isalpha()
            and ":" not in line
            and (words := {fold(w.strip(".,")) for w in line.split()})
            and len(words) <= len(shown) + 2
            and (line[:1].isupper() or fold(line.split()[0].strip(".,")) in shown)
            and len(words & shown) * 2 > max(len(shown), 1)
        ):
            return i if all(len(rest) < 90 and not rest.rstrip().endswith("?") for rest in lines[i:]) else None  # noqa: PLR2004
        above += bool(line.strip())
    return None
