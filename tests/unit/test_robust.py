"""Whatever bytes arrive: an answer within bounded time and memory, and a human's look where a mail is half read."""

import ast
import base64
import gzip
import importlib
import re
import time
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import mailbot
from mailbot.domain.mail import Defect
from mailbot.domain.understanding import Action, Authentication, Kind
from mailbot.mime import MAX_DEPTH, tree
from mailbot.parse import parse
from mailbot.screen import screen
from mailbot.traces import Traces
from mailbot.understand import understand
from mailbot.understand.names import vocabulary
from tests.unit.understanding import BOT, SETTINGS, read_bytes

NOW = datetime(2027, 2, 1, tzinfo=UTC)
CORPUS = sorted((Path(__file__).parent.parent / "corpus").glob("*/*.eml"))
HEAD = f"From: Anna Berg <anna@verein.example>\r\nTo: {BOT}\r\nSubject: Anmeldung Klima-Werkstatt\r\nMIME-Version: 1.0\r\n".encode()
WISH = b"Ich melde mich zur Klima-Werkstatt an. Anna Berg, Stadt Rheine\r\n"
SECONDS = 4.0  # of CPU; each takes less than a second where nothing else runs


def plain(body: bytes, fields: bytes = b"") -> bytes:
    return HEAD + fields + b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + body


def mixed(parts: list[bytes]) -> bytes:
    text = b"--b\r\nContent-Type: text/plain\r\n\r\n" + WISH
    return (
        HEAD
        + b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n'
        + text
        + b"".join(b"--b\r\n" + p + b"\r\n" for p in parts)
        + b"--b--\r\n"
    )


def nested(depth: int) -> bytes:
    parts = b"".join(b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (i, i) for i in range(depth))
    return HEAD + parts + b"Content-Type: text/plain\n\n" + WISH


def of(piece: bytes, size: int) -> bytes:
    return piece * (size // len(piece) + 1)


def packed(content: bytes) -> bytes:
    kind = b"Content-Type: application/gzip\r\nContent-Disposition: attachment; filename=a.gz\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    return kind + base64.b64encode(gzip.compress(content))


HALF_READ: dict[str, Callable[[], bytes]] = {
    "10,000 parts": lambda: mixed([b"Content-Type: text/plain\r\n\r\nja"] * 10_000),
    "3,000 parts inside each other": lambda: nested(3_000),
    "3,000 mails inside each other": lambda: HEAD + b"Content-Type: message/rfc822\n\n" * 3_000 + WISH,
    "many lines deep inside": lambda: nested(MAX_DEPTH - 2) + b"\n" * 5_000_000,
    "50 MB of one line": lambda: plain(WISH + b"a" * 50_000_000),
    "50 MB of empty lines": lambda: plain(WISH + b"\n" * 50_000_000),
    "50 MB attached": lambda: mixed([b"Content-Type: application/zip; name=a.zip\r\nContent-Transfer-Encoding: base64\r\n\r\n" + of(b"A" * 76 + b"\r\n", 50_000_000)]),
    "a line of 1 MB in the header": lambda: plain(WISH, b"X-Long: " + b"a" * 1_000_000 + b"\r\n"),
    "100,000 header fields": lambda: plain(WISH, b"X-A: b\r\n" * 100_000),
    "100,000 names of header fields": lambda: plain(WISH, b"".join(b"X-%d: b\r\n" % i for i in range(100_000))),
    "100,000 recipients": lambda: plain(WISH, b"Cc: " + b", ".join(b"a%d@b.example" % i for i in range(100_000)) + b"\r\n"),
    "100,000 references": lambda: plain(WISH, b"References: " + b"<a@b.example> " * 100_000 + b"\r\n"),
    "10,000 stations": lambda: plain(WISH, b"Received: from a.example (b [192.0.2.1]) by c.example; Mon, 1 Feb 2027 10:00:00 +0100\r\n" * 10_000),
    "encoded words": lambda: plain(WISH, b"X-Words: " + of(b"=?utf-8?q?a?= =?utf-8?b?w6Q=?=", 1_000_000) + b"\r\n"),
    "parameters": lambda: HEAD + b"Content-Type: text/plain" + of(b";a=b", 1_000_000) + b"\r\n\r\n" + WISH,
    "a parameter in pieces (RFC 2231)": lambda: HEAD + b"Content-Type: text/plain" + b"".join(b";\r\n a*%d=b" % i for i in range(20_000)) + b"\r\n\r\n" + WISH,
    "100,000 reports of a delivery": lambda: mixed([b"Content-Type: message/delivery-status\r\n\r\n" + b"Final-Recipient: rfc822; a@b.example\r\nAction: delayed\r\n\r\n" * 100_000]),
}  # fmt: skip

WHOLE: dict[str, Callable[[], bytes]] = {
    "broken base64": lambda: HEAD + b"Content-Transfer-Encoding: base64\r\n\r\n" + of(b"=!\xff*A=", 4_000_000),
    "broken quoted-printable": lambda: HEAD + b"Content-Transfer-Encoding: quoted-printable\r\n\r\n" + of(b"=ZZ=\xff=", 4_000_000),
    "an attachment that unpacks to 100 MB": lambda: mixed([packed(b"\0" * 100_000_000)]),
    "a calendar of 5 MB": lambda: mixed([b"Content-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR\r\nX:" + b"a" * 5_000_000]),
    "encoded words in the subject": lambda: b"Subject: " + of(b"=?utf-8?q?a?= ", 30_000) + b"\r\n" + plain(WISH),
    "brackets around recipients": lambda: plain(WISH, b"Cc: " + b"(" * 30_000 + b"\r\n"),
    "routes of recipients": lambda: plain(WISH, b"Cc: " + of(b"<@a,@b:", 30_000) + b"\r\n"),
    "dots of a recipient": lambda: plain(WISH, b"Cc: a@" + of(b"x.", 30_000) + b"\r\n"),
    "an encoded word that is cut off": lambda: b"Subject: =?utf-8?b?w6Qab?=\r\n" + plain(WISH),
    "a charset with a null": lambda: HEAD + b'Content-Type: text/plain; charset="utf-8\0"\r\n\r\n' + WISH,
    "a charset of domains": lambda: HEAD + b"Content-Type: text/plain; charset=punycode\r\n\r\n" + b"a-" + b"9" * 128_000,
    "encoded words of domains": lambda: b"Subject: =?punycode?q?" + b"9" * 31_000 + b"?=\r\n" + plain(WISH),
    "a date of digits": lambda: plain(WISH, b"Date: " + b"1" * 30_000 + b"\r\n"),
    "soft line breaks": lambda: HEAD + b"Content-Type: text/plain; format=flowed; delsp=yes\r\n\r\n" + of(b"a \r\n", 500_000),
    "lines like the boundary": lambda: HEAD + b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n' + of(b"--bb\r\n", 500_000),
    "words of a bounce": lambda: plain(of(b"<a@b.example>: undeliverable user unknown\r\n", 128_000), b"Return-Path: <>\r\n"),
    "results of an authentication": lambda: plain(WISH, b"Authentication-Results: mx.example; " + of(b"dmarc=pass (a (b) ) x.y=z; ", 30_000) + b"\r\n"),
}  # fmt: skip

TEXTS: dict[str, str] = {
    "quote marks": ">\n",
    "one line of quote marks": ">",
    "a word of 1 MB": "a",
    "no spaces": "ab.c-d/e+",
    "words of many wishes": "anmelden abmelden mich bitte nicht ich möchte Newsletter löschen Daten Auskunft wenn kommen kann leider Verteiler alle ",
    "wishes without an end": "melde mich a b c d e f g h i j k l an ",
    "names": "Anna Meier, ",
    "names in a row": "Anna Meier und ",
    "institutions": "von der Stadt ",
    "small letters": "von ",
    "dates": "11.3. am 11. März ",
    "the event": "Klima-Werkstatt klimawerkstatx ",
    "form lines": "Name: Anna Meier\n",
    "labels": "Name: ",
    "cells": "Anna | ",
    "spaces": " ",
    "tabs": "a\t",
    "brackets": "Anna (",
    "addresses": "a.b-c@d.e.",
    "tags": "[#abc-def a-bcdefgh ",
    "header lines": "Von: a\n\n",
    "attributions": "Am 3. Mai schrieb\n",
    "dividers": "-- a --\n",
    "answers": "> Wie?\nAnna Meier\n",
    "closings": "Grüße\n",
    "corrections": "statt Meier muss es ",
    "corrected names": "nicht Anna Meier sondern Anna Maier, Berichtigung meines Namens ",
    "corrected addresses": "Berichtigung: alt a@b.example neu ",
    "corrections without an end": "Berichtigung bitte meine E-Mail-Adresse ändern ",
    "quotes around values": "Berichtigung „a ",
    "marks without a letter": "ﾞ 11 ﾞ ",
    "accents": "a\u0301\u0327",
    "long ligatures": "\ufdfa",
    "quote marks around a tab": ">\t>\n",
    "unseen characters": "\u200b",
    "full stops": "a. ",
}

PAGES: dict[str, str] = {
    "tables in tables": "<table><tr><td>",
    "boxes in boxes": "<div>",
    "quotes in quotes": "<blockquote>a",
    "lists in lists": "<ul><li>a",
    "paragraphs": "<p>a",
    "rows": "<tr><td>a</td><td>b</td></tr>",
    "styles": '<p style="font-size:0.0;opacity: 0.0">a',
    "one style": "<style>a{b:c}",
    "characters by name": "&amp;&#x41;",
    "entities": '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]>&a;&a;',
    "open brackets": "<",
    "comments": "<!--",
    "attributes": "<p a=1 ",
    "spans": "<td colspan=99999 rowspan=99999>a",
    "margins": '<div style="margin: 99999999em; padding: 9999999em">a</div>',
}


def seconds(content: bytes) -> tuple[float, Action]:
    begin = time.process_time()
    understood = read_bytes(content)
    return time.process_time() - begin, understood.action


@pytest.mark.parametrize("name", HALF_READ)
def test_a_mail_that_costs_too_much_is_read_in_part_and_by_a_human(name: str) -> None:
    """Parts, depth, lines, fields and bytes are limited; beyond them the mail is marked, and nothing is acted on."""
    content = HALF_READ[name]()
    spent, action = seconds(content)
    assert spent < SECONDS
    assert action in {Action.REVIEW, Action.IGNORE}
    assert parse(content, received_at=NOW).half_read


@pytest.mark.parametrize("name", WHOLE)
def test_a_mail_of_odd_parts_is_read_in_bounded_time(name: str) -> None:
    """Garbage in encodings, headers and attachments costs little, and attachments are never unpacked."""
    assert seconds(WHOLE[name]())[0] < SECONDS


@pytest.mark.parametrize("name", [*TEXTS, *PAGES])
def test_a_text_of_any_kind_is_understood_in_bounded_time(name: str) -> None:
    """A megabyte of one kind of text, plain or HTML, costs little and says nothing that is acted on."""
    page = name in PAGES
    body = (PAGES if page else TEXTS)[name].encode()
    content = plain(of(body, 1_000_000))
    spent, action = seconds(content.replace(b"text/plain", b"text/html") if page else content)
    assert spent < SECONDS
    assert action is not Action.ACT


@pytest.mark.parametrize("name", TEXTS)
def test_twice_the_text_takes_about_twice_the_time(name: str) -> None:
    """Nothing in understanding is quadratic, also below the limits."""

    def least(size: int) -> float:
        content = plain(of(TEXTS[name].encode(), size))
        return min(seconds(content)[0] for _ in range(3))

    short, long = least(4_000), least(16_000)
    assert long < 9 * short + 0.02


@pytest.mark.parametrize("name", ["10,000 parts", "3,000 parts inside each other", "50 MB of empty lines", "50 MB attached"])
def test_a_large_mail_takes_little_memory(name: str) -> None:
    """Beside its own bytes a mail needs less than 100 MB."""
    content = HALF_READ[name]()
    tracemalloc.start()
    parse(content, received_at=NOW)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < len(content) + 100_000_000


def test_depth_is_bounded_where_mails_are_searched_too() -> None:
    """The search for traces reads what its structure does not give without it."""
    hidden = base64.encodebytes(b"Anna Berg <anna@verein.example> hat sich angemeldet, und mehr steht hier nicht.")
    content = nested(300).replace(b"anna@verein.example", b"x@y.example") + b"\n" + hidden
    begin = time.process_time()
    assert Traces.of(["anna@verein.example"], []).in_mail(content)
    assert time.process_time() - begin < SECONDS


def test_what_is_half_read_is_told() -> None:
    """The parser's own failures are defects, and what was read until then stays."""
    message, missing = tree(mixed([b""] * 600))
    assert missing == {Defect.TOO_DEEP}
    assert message["from"] == "Anna Berg <anna@verein.example>"


def _sources() -> list[Path]:
    root = Path(mailbot.__file__).parent
    return [
        root / "parse.py",
        root / "mime.py",
        root / "traces.py",
        *(root / "screen").glob("*.py"),
        *(root / "understand").glob("*.py"),
    ]


def _patterns_of(path: Path) -> Iterator[re.Pattern[str] | re.Pattern[bytes]]:
    """Every pattern of a module: those that it keeps, and those that stand in its functions."""
    name = ".".join(path.relative_to(Path(mailbot.__file__).parent.parent).with_suffix("").parts).removesuffix(".__init__")
    yield from (value for value in vars(importlib.import_module(name)).values() if isinstance(value, re.Pattern))
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and getattr(node.func.value, "id", "") == "re":
            yield from (re.compile(a.value) for a in node.args[:1] if isinstance(a, ast.Constant))


PATTERNS = {p.pattern: p for path in _sources() for p in _patterns_of(path)}
PATTERNS |= {p.pattern: p for p in [vocabulary().legal]}
SEEDS = ["a", "A", "1", " ", "\n", "\t", "-", ".", ":", ",", "(", "<", ">", "*", "_", "/", "@", "=", "#", "+", "a ", "a-", "a.", "a@", " -", " :", "a:", "a, ", "--a", "<a", "von ", "Aa. ", "e. V. ", "1. ", "=?", "  -", "a\n", "\t ", "a(", "[#a-", "statt ", "color:", "display :"]  # fmt: skip


@pytest.mark.parametrize("pattern", PATTERNS, ids=range(len(PATTERNS)))
def test_no_regular_expression_takes_more_than_linear_time(pattern: str | bytes) -> None:
    """Four times the text takes about four times the time, whatever is repeated and whatever ends it."""
    compiled = PATTERNS[pattern]

    def least(seed: str, size: int) -> float:
        text = of(seed.encode(), size) + b"\x00"
        subject = text if isinstance(compiled.pattern, bytes) else text.decode()
        times = []
        for _ in range(1 if size < 10_000 else 2):
            begin = time.process_time()
            compiled.findall(subject)  # type: ignore[arg-type]
            compiled.fullmatch(subject)  # type: ignore[arg-type]
            times.append(time.process_time() - begin)
        return min(times)

    slow = [seed for seed in SEEDS if least(seed, 5_000) > 7 * least(seed, 1_250) + 0.001]
    assert not [seed for seed in slow if least(seed, 16_000) > 8 * least(seed, 4_000) + 0.002]


def understood(content: bytes) -> None:
    """Read bytes as the service would, with a server that is trusted; whatever is half read is not acted on."""
    mail = parse(content, received_at=NOW)
    screening = screen(mail, own_addresses=frozenset({BOT}), trusted_authserv_ids=("mx.example",))
    said = understand(mail, screening, SETTINGS)
    assert screening.authentication in Authentication
    assert said.action is not Action.ACT or not mail.half_read or screening.kind is Kind.PROVIDER_UNSUBSCRIBE


FUZZ = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), database=None)
KINDS = ["text/plain", "text/html", "multipart/mixed", "multipart/alternative", "multipart/report", "multipart/digest", "message/rfc822",
         "message/delivery-status", "text/calendar", "text/rfc822-headers", "application/pdf", "x", "text/plain; charset=utf-16",
         'text/plain; charset="\xff"; format=flowed', "text/html; charset*=utf-7''x", "text/plain; charset=\0"]  # fmt: skip
FIELDS = ["From", "To", "Subject", "Date", "References", "Content-Type", "Content-Transfer-Encoding", "Content-Disposition", "Return-Path",
          "Auto-Submitted", "Authentication-Results", "Reply-To", "In-Reply-To", "X-Loop", "Received"]  # fmt: skip
WORDS = st.sampled_from(["Anna Meier", "Ich melde mich an", "abmelden", "Stadt Büren", "> ", "\n", "Am 3. Mai schrieb X:", "Name:", "ﾞ", "\0", "=?utf-8?b?w6Qab?=", "<p>", "(", "@", "--", "PS:", "a@b.example", "[#r-abcdef12]", "11. März", "\ud7ff", "\u0301"])  # fmt: skip
TEXT = st.lists(WORDS | st.text(max_size=8), max_size=30).map(" ".join)
HEADERS = st.lists(st.tuples(st.sampled_from(FIELDS), TEXT | st.sampled_from(KINDS)), max_size=6)


def _rendered(kind: str, fields: list[tuple[str, str]], inner: list[bytes] | str) -> bytes:
    body = (
        inner.encode("utf-8", "replace")
        if isinstance(inner, str)
        else b"".join(b"\r\n--b\r\n" + part for part in inner) + b"\r\n--b--"
    )
    boundary = "" if isinstance(inner, str) else '; boundary="b"'
    head = "".join(f"{name}: {value}\r\n" for name, value in fields)
    return f"{head}Content-Type: {kind}{boundary}\r\n\r\n".encode("utf-8", "replace") + body


PARTS = st.recursive(
    st.builds(_rendered, st.sampled_from(KINDS), HEADERS, TEXT),
    lambda inner: st.builds(_rendered, st.sampled_from(KINDS), HEADERS, st.lists(inner, max_size=4)),
    max_leaves=6,
)


@FUZZ
@given(st.binary(max_size=3_000))
def test_any_bytes_are_understood(content: bytes) -> None:
    """Parse, screen and understand never raise, whatever arrives."""
    understood(content)


@FUZZ
@given(PARTS)
def test_any_structure_is_understood(content: bytes) -> None:
    """Parts of every kind inside each other, with header fields of every kind, never raise."""
    understood(HEAD + content)
    understood(content)


def mutated(content: bytes, edits: list[tuple[int, int, bytes]]) -> bytes:
    """Replace stretches of a mail by other bytes."""
    for at, length, put in edits:
        place = at % (len(content) + 1)
        content = content[:place] + put + content[place + length :]
    return content


BITS = st.sampled_from(
    [
        b"\n",
        b"\r\n\r\n",
        b"--",
        b"\0",
        b"\xff",
        b"=",
        b"=?utf-8?b?w6Qab?=",
        b"<",
        b">",
        b'"',
        b"(",
        b";",
        b":",
        b"\t",
        b" ",
        "ﾞ".encode(),
    ]
)
EDITS = st.lists(st.tuples(st.integers(0, 20_000), st.integers(0, 30), BITS | st.binary(max_size=6)), min_size=1, max_size=12)


@FUZZ
@given(st.sampled_from(CORPUS), EDITS)
def test_any_damage_to_a_mail_is_understood(path: Path, edits: list[tuple[int, int, bytes]]) -> None:
    """Mails as people write them, damaged anywhere, never raise."""
    understood(mutated(path.read_bytes(), edits))
