"""One-tap links: exact encoding (RFC 6068), the lexicon's words, and only for those who can use them."""

from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailbot.domain.decision import Link, LinkWord
from mailbot.domain.letters import LETTERS
from mailbot.domain.understanding import Answer, Intent, RequestKind
from mailbot.pipeline import read
from mailbot.render import links
from mailbot.understand.lexicon import link
from tests.unit.letters import LANGUAGES, NOW, SETTINGS, html, letter, parsed, render, text

MEANS = {
    LinkWord.YES: (Answer.YES, ()),
    LinkWord.NO: (Answer.NO, ()),
    LinkWord.UNDO: (Answer.UNDO, ()),
    LinkWord.CANCEL: (Intent.CANCELLATION, ()),
    LinkWord.UNSUBSCRIBE: (Intent.UNSUBSCRIBE, ()),
    LinkWord.ACCESS: (Intent.DATA_SUBJECT_REQUEST, (RequestKind.ACCESS,)),
    LinkWord.ERASE: (Intent.DATA_SUBJECT_REQUEST, (RequestKind.ERASURE,)),
}


def test_a_link_is_encoded_exactly():
    """Spaces as %20, brackets and umlauts percent-encoded, "+" of an address kept (RFC 6068 §2, §5)."""
    made = links.mailto("a+b@mail.example", "rückgängig treffen [#t-abcdef]", "Erste Zeile\nZweite & letzte?")
    assert made == (
        "mailto:a+b@mail.example?subject=r%C3%BCckg%C3%A4ngig%20treffen%20%5B%23t-abcdef%5D"
        "&body=Erste%20Zeile%0D%0AZweite%20%26%20letzte%3F"
    )


@settings(deadline=None)
@given(
    address=st.text(max_size=30),
    subject=st.text(max_size=60),
    body=st.text(st.characters(exclude_categories=("C", "Z")), max_size=60),
)
def test_a_link_is_read_back_whole(address, subject, body):
    """Whatever stands in it, a mail program reads one address, one subject and one body."""
    address, subject = (value.encode("utf-8", "replace").decode() for value in (address, subject))
    made = urlsplit(links.mailto(address, subject, body))
    assert unquote(made.path) == address
    found = parse_qs(made.query, keep_blank_values=True, strict_parsing=True)
    assert found == {"subject": [subject], "body": [body]}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("word", LinkWord)
def test_every_link_has_the_lexicons_words(language, word):
    """Subject "<word> <event> [#tag]" and the lexicon's sentence, in both parts of the mail."""
    tag = "klima-a2b3c4d5e6f7"
    mail = render(letter("registration-confirmed", language, links=(Link(word=word, tag=tag),)))
    expected = links.mailto(
        "anmeldung@klima.example", f"{link(language, word).word} klima-werkstatt [#{tag}]", link(language, word).body
    )
    assert f"<{expected}>" in text(mail)
    assert f'href="{expected.replace("&", "&amp;")}"' in html(mail)
    said = text(mail).split(expected)[1][:160]
    assert links.make(letter(language=language), "a@b.example", word, tag, link).reply in said


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("word", [word for word in LinkWord if word is not LinkWord.REGISTER])
def test_what_may_be_replied_instead_of_a_link_is_understood(language, word):
    """The words that a letter offers for a reply, written above its quotation, mean the same as the link."""
    asks = word in {LinkWord.YES, LinkWord.NO, LinkWord.UNDO}
    made = letter("cancelled" if word is LinkWord.UNDO else "confirm-this" if asks else "handed-over", language)
    reply = links.make(made, "anmeldung@klima.example", word, None, link).reply
    mail = render(made)
    quoted = "".join(f"> {line}\r\n" for line in text(mail).splitlines())
    head = f"From: mara.lindholm@biostation.example\r\nSubject: Re: {parsed(mail)['Subject']}\r\nIn-Reply-To: {mail.message_id}\r\n"
    content = f"{head}Content-Type: text/plain; charset=utf-8\r\n\r\n{reply}\r\n\r\n{quoted}".encode()
    found = read(content, SETTINGS, NOW).understanding
    assert (found.answer or found.intent, tuple(found.request_kinds)) == MEANS[word]


@pytest.mark.parametrize("template", LETTERS)
def test_a_letter_holds_its_own_links_only(template):
    """A direct answer without links holds no mailto address but those it was given."""
    made = letter(template, links=())
    if made.answers is None:
        return
    mail = render(made)
    assert "mailto:" not in text(mail)
    assert "mailto:" not in html(mail)


def test_a_link_without_tag_or_event():
    """Without an event or a tag the subject is the word alone."""
    made = links.make(letter(event=None), "a@b.example", LinkWord.ACCESS, None, link)
    assert made.href.startswith(f"mailto:a@b.example?subject={link('de', LinkWord.ACCESS).word}&body=")
