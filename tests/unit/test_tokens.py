"""Tokens that a mail brings back: where they are looked for, in which order, and what is none."""

from email.message import EmailMessage

import pytest

from tests.unit.understanding import BOT, read, read_bytes

TAG = "klima-ab23cd45ef"


@pytest.mark.parametrize(
    ("text", "headers"),
    [
        ("ja", {"subject": f"Re: Bitte bestätigen [#{TAG}]"}),
        ("ja", {"to": f"anmeldung+{TAG}@klima.example"}),
        ("ja", {"In_Reply_To": f"<{TAG}@klima.example>"}),
        ("ja", {"References": f"<x@post.example> <{TAG}.3@klima.example>"}),
        (f"ja\n\nAm 3.2.2027 schrieb Anmeldung:\n> Vorgang: {TAG}\n", {}),
        (f"ja [#{TAG}]", {}),
    ],
    ids=["subject", "plus", "in-reply-to", "references", "quoted", "text"],
)
def test_a_token_is_found(text: str, headers: dict[str, str]) -> None:
    """A token is found wherever a mail program or a person may bring it back."""
    assert read(text, **headers).tags == (TAG,)


@pytest.mark.parametrize(
    ("text", "headers"),
    [
        ("Zur klima-werkstatt komme ich", {}),
        ("ja", {"In_Reply_To": "<mail-20270201@post.example>"}),
        ("ja\n\nAm 3.2.2027 schrieb Anmeldung:\n> klima-werkstatt\n", {}),
        ("https://post.example/klima-ab23cd", {}),
    ],
    ids=["event", "foreign id", "quoted event", "address"],
)
def test_what_looks_like_a_token_is_none(text: str, headers: dict[str, str]) -> None:
    """The event's id, other people's Message-IDs and web addresses are no tokens."""
    assert read(text, **headers).tags == ()


def test_the_subject_is_trusted_first() -> None:
    """The order is subject, recipient, headers, text."""
    understood = read(
        "ja [#klima-dddddd4]",
        subject="[#klima-aaaaaa1]",
        to="anmeldung+klima-bbbbbb2@klima.example",
        In_Reply_To="<klima-cccccc3@klima.example>",
    )
    assert understood.tags == ("klima-aaaaaa1", "klima-bbbbbb2", "klima-cccccc3", "klima-dddddd4")


def test_a_provider_s_unsubscribe_keeps_its_token() -> None:
    """The command "unsubscribe:tag" of a mail program is read although the mail is automatic."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"], mail["Auto-Submitted"] = (
        "a@post.example",
        BOT,
        f"unsubscribe:{TAG}",
        "auto-generated",
    )
    understood = read_bytes(mail.as_bytes())
    assert (understood.intent.value, understood.action.value, understood.tags) == ("unsubscribe", "act", (TAG,))
