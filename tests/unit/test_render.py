"""A letter becomes a mail: headers, parts, what a hostile name can do (nothing), own templates, errors in one sentence."""

import json
import re
from dataclasses import replace
from datetime import timedelta
from email.header import decode_header, make_header
from email.utils import parseaddr
from html import unescape

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from mailbot.domain.decision import InReplyTo, Nature
from mailbot.domain.letters import LETTERS
from mailbot.domain.mail import Attachment
from mailbot.errors import MailbotError, TemplateError
from mailbot.parse import parse
from mailbot.render import Renderer
from mailbot.screen import screen
from mailbot.store.tables import all_tables, marked
from mailbot.understand.tokens import tags
from tests.unit.letters import (
    BARE_SETTINGS,
    FULL,
    LANGUAGES,
    NOW,
    RENDERER,
    SETTINGS,
    html,
    letter,
    parsed,
    part,
    render,
    settings,
    text,
)

ANSWER = InReplyTo(message_id="<1@mail.example>", references=("<0@mail.example>",))
HOSTILE = st.text(
    st.one_of(st.characters(), st.sampled_from("\r\n\0\x0b\u2028\u202e<>\"'@,;:()[]\\{}%&#=?_ ")), min_size=1, max_size=200
) | st.sampled_from(
    [
        "x\r\nBcc: victim@mail.example",
        "=?utf-8?q?x=0D=0ABcc:_v@mail.example?=",
        '" <other@mail.example>, "',
        "{{ 7*7 }}{% raw %}",
        "<script>alert(1)</script>",
        "END:VEVENT\r\nBEGIN:VEVENT",
        "a" * 5000,
        "\ud800",
    ]
)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template", LETTERS)
@pytest.mark.parametrize("config", [SETTINGS, BARE_SETTINGS], ids=["full", "bare"])
def test_every_letter_is_a_whole_mail(template, language, config):
    """Every letter in every language gives a strict, complete mail with only its own variables, settings empty or full."""
    mail = render(letter(template, language, config), config)
    message = parsed(mail)
    assert message["Subject"].strip()
    alarm = letter(template).nature is Nature.ALARM
    for body in (text(mail), html(mail)):
        assert (config.organiser.contact in body) is not alarm  # a human: who gets an alarm is one
        assert "None" not in body
        assert "()" not in body
        assert "  (" not in body
    assert "<p" in html(mail)
    assert "\n\n\n" not in text(mail).replace("\r\n", "\n")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template", LETTERS)
def test_every_letter_reads_without_its_event(template, language):
    """An event that was taken out of the configuration breaks no letter."""
    mail = render(letter(template, language, event=None))
    assert "“”" not in text(mail)
    assert "„“" not in text(mail)


def test_check_finds_nothing_wrong_with_the_built_in_templates():
    """What is delivered passes its own check."""
    assert RENDERER.check() == []


def test_headers_of_an_answer():
    """An answer carries what FACTS "Own mails" and DESIGN section 6 ask for, and no List-Unsubscribe."""
    mail = render(letter(answers=ANSWER))
    message = parsed(mail)
    assert message["Auto-Submitted"] == "auto-replied"
    assert message["X-Auto-Response-Suppress"] == "OOF, NRN, AutoReply, RN"  # not All: bounces must come back
    assert message["In-Reply-To"] == "<1@mail.example>"
    assert message["References"].split() == ["<0@mail.example>", "<1@mail.example>"]
    assert message["From"] == "Anmeldung Klima-Werkstatt <anmeldung@klima.example>"
    assert message["To"] == "Mara Lindholm <mara.lindholm@biostation.example>"
    assert message["Date"].datetime == NOW
    assert message["List-Unsubscribe"] is None
    assert (mail.envelope_from, mail.to) == ("anmeldung@klima.example", "mara.lindholm@biostation.example")


@pytest.mark.parametrize("template", ["reminder", "moved-up", "registered-by-other", "invitation", "confirm-this", "data-erased"])
def test_what_is_no_direct_answer_can_be_unsubscribed_from(template):
    """List-Unsubscribe stands on everything that is no direct answer, and the way to do it in the text."""
    mail = render(letter(template, answers=None))
    message = parsed(mail)
    tag = next((link.tag for link in letter(template).links if link.word == "unsubscribe"), letter(template).tag)
    assert message["List-Unsubscribe"] == f"<mailto:anmeldung@klima.example?subject=unsubscribe:{tag}>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert "Informationsmails abbestellen" in text(mail)
    assert "Informationsmails abbestellen" in html(mail)


def test_mails_to_the_organiser_offer_no_unsubscribing():
    """Digests and alarms are ended in the configuration, not by a participant's means."""
    assert parsed(render(letter("digest")))["List-Unsubscribe"] is None


def test_tag_comes_back_by_message_id_subject_and_text():
    """The letter's tag is found in Message-ID, in the subject when wanted, and in the text."""
    made = letter("cancelled")
    mail = render(made)
    reply = f"From: mara@mail.example\r\nIn-Reply-To: {mail.message_id}\r\n\r\nJa".encode()
    assert tags(parse(reply, received_at=NOW), "", frozenset({"klima.example"})) == (made.tag,)
    assert parsed(mail)["Subject"].endswith(f"[#{made.tag}]")
    assert f"[#{made.tag}]" in text(mail)
    assert f"[#{made.tag}]" not in str(parsed(render(replace(made, tag_in_subject=False)))["Subject"])


def test_message_id_is_stable_and_one_per_mail():
    """The same letter gives the same id and bytes; another time, receiver or template another id."""
    made = letter()
    assert render(made) == render(made)
    ids = {render(m, now=n).message_id for m, n in [(made, NOW), (made, NOW + timedelta(seconds=1)), (letter("cancelled"), NOW)]}
    assert len(ids | {render(replace(made, to="x@mail.example")).message_id}) == 4


def test_bounces_come_back_with_the_tag_where_the_provider_can():
    """The envelope sender is the mailbox, with +token when plus addressing is on."""
    plus = settings(mailbox={**FULL["mailbox"], "plus_addressing": True})
    assert render(letter(config=plus), plus).envelope_from == f"anmeldung+{letter().tag}@klima.example"


def test_an_answer_to_a_mail_without_id_can_be_unsubscribed_from():
    """Without In-Reply-To nobody can see that it is a direct answer, so it carries what other mails carry."""
    mail = render(letter("handed-over", answers=None))
    assert parsed(mail)["List-Unsubscribe"]
    assert parsed(mail)["Auto-Submitted"] == "auto-replied"
    assert "Informationsmails abbestellen" in text(mail)


def test_our_own_mail_is_recognised_when_it_comes_back():
    """Screening knows our loop header, so that mailbot never answers itself."""
    mail = render(letter())
    forwarded = mail.content.replace(b"From: Anmeldung Klima-Werkstatt <anmeldung@klima.example>", b"From: x@mail.example")
    seen = screen(parse(forwarded, received_at=NOW), own_addresses=frozenset({"anmeldung@klima.example"}), trusted_authserv_ids=())
    assert seen.kind == "own"


@hypothesis_settings(deadline=None, max_examples=60)
@given(hostile=HOSTILE)
def test_hostile_names_stay_text(hostile):
    """Whatever a name holds, it adds no header, no address, no element and no part, and is read back as text."""
    people = [{"name": hostile, "institution": hostile, "email": "mara@mail.example", "status": "registered"}]
    mail = render(letter(name=hostile, values={"people": people}))
    harmless = render(letter())
    assert mail.content.count(b"\r\n") == mail.content.count(b"\n") == mail.content.count(b"\r")
    assert max(map(len, mail.content.split(b"\r\n"))) <= 998
    message = parsed(mail)
    assert [name for name, _ in message.raw_items()] == [name for name, _ in parsed(harmless).raw_items()]
    assert [a.addr_spec for a in message["To"].addresses] == ["mara.lindholm@biostation.example"]
    assert [p.get_content_type() for p in message.walk()] == [p.get_content_type() for p in parsed(harmless).walk()]
    assert html(mail).count("<p") == html(harmless).count("<p")
    assert "<script" not in html(mail)


@hypothesis_settings(deadline=None, max_examples=60)
@given(subject=HOSTILE)
def test_hostile_subjects_and_ids_add_no_header(subject):
    """What stands in the mail that is answered can't reach a header."""
    answers = InReplyTo(message_id=subject, references=(subject, "<good@mail.example>"), subject=subject)
    message = parsed(render(letter(answers=answers)))
    assert set(message.keys()) <= set(parsed(render(letter(answers=ANSWER))).keys())
    assert message["Bcc"] is None


@pytest.mark.parametrize("to", ["a@b.example\r\nBcc: c@d.example", "a@b.example, c@d.example", "<a@b.example>", "nobody", ""])
def test_a_receiver_that_is_no_address_is_refused(to):
    """A letter to something that is no single address is never made."""
    with pytest.raises(MailbotError):
        render(letter(to=to))


def test_receivers_with_umlaut_domains_are_sent_in_ascii():
    """A domain with umlauts goes out as A-labels (RFC 5890), which every server takes."""
    mail = render(letter(to="post@müller.example"))
    assert mail.to == "post@xn--mller-kva.example"
    assert parseaddr(str(parsed(mail)["To"]))[1] == mail.to


def test_participants_text_is_no_template():
    """Braces in a name stand in the mail as they were written."""
    people = [{"name": "{{ 7*7 }}", "institution": "{% x %}", "email": "a@b.example", "status": "registered"}]
    mail = render(letter(name="{{ 7*7 }}", values={"people": people}))
    for body in (text(mail), html(mail)):
        assert "{{ 7*7 }}" in body
        assert "{% x %}" in body
        assert "49" not in body.split("123")[0]


def test_html_is_escaped_and_text_is_not():
    """The HTML part escapes every value, the text part shows it as written."""
    people = [{"name": "A <b>&", "institution": "x", "email": "a@b.example", "status": "registered"}]
    mail = render(letter(values={"people": people}))
    assert "A <b>&," in text(mail)
    assert "A &lt;b&gt;&amp;," in html(mail)


@pytest.mark.parametrize("call", ["self.text()", "w.text_greeting(person)", "fixed('text_footer')", "person"])
def test_own_templates_that_forget_a_filter_are_escaped_too(tmp_path, call):
    """Text that an own template puts into its HTML block as it is becomes no markup."""
    (tmp_path / "handed-over.j2").write_text(
        '{% extends "_layout.j2" %}{% block subject %}x{% endblock %}{% block text %}{{ person }}{% endblock %}'
        "{% block html %}{{ " + call + " }}{% endblock %}"
    )
    own = settings(templates={"path": tmp_path}, organiser={**FULL["organiser"], "postal_address": "<script>"})
    body = html(render(letter("handed-over", name="<script>", config=own), own))
    assert "<script>" not in body
    assert "&lt;script&gt;" in body


def test_subjects_are_escaped_in_the_title(tmp_path):
    """An own subject with a name in it brings no markup into the HTML part's title."""
    (tmp_path / "handed-over.j2").write_text(
        '{% extends "_layout.j2" %}{% block subject %}{{ person }}{% endblock %}{% block text %}x{% endblock %}{% block html %}x{% endblock %}'
    )
    own = settings(templates={"path": tmp_path})
    assert "<title>&lt;/title&gt;</title>" in html(render(letter("handed-over", name="</title>", config=own), own))


def test_names_bring_no_link_into_a_mail():
    """Nobody can have an advertisement sent to a stranger by registering them under a name with a link."""
    mail = render(letter("registered-by-other", name="Gewinn https://evil.example www.evil.example"))
    assert "https://evil" not in text(mail)
    assert "www.evil" not in text(mail)


def test_umlauts_in_headers_are_encoded():
    """Names and subjects with umlauts are ASCII on the wire (RFC 2047) and read back whole, however long."""
    name = "Änne-Käthe von und zu Übersee-Großhessingen der Jüngeren" * 2
    mail = render(letter(name=name[:110]))
    head = mail.content.split(b"\r\n\r\n")[0]
    assert head.isascii()
    assert max(map(len, head.split(b"\r\n"))) <= 78
    to = next(line for line in head.decode().replace("\r\n ", " ").split("\r\n") if line.startswith("To: "))
    assert str(make_header(decode_header(to[4:].rpartition(" <")[0]))) == name[:110]


def test_attachments_are_whole():
    """An attachment's bytes arrive as they are, its name harmless."""
    content = json.dumps({"name": "Ä" * 100}).encode()
    given_file = Attachment(filename='../da"ta\r\n.json', content_type="application/json", content=content)
    found = part(parsed(render(letter("access-answer", attachments=(given_file,)))), "application/json")
    assert found.get_content() == content
    assert found.get_filename() == "da-ta-.json"


def test_first_mail_informs_and_later_ones_do_not():
    """Art. 13: controller, officer, purpose, basis, recipients, period, rights, complaint, voluntariness, notice; objection apart."""
    first, later = (text(render(letter(informs=informs))) for informs in (True, False))
    needed = (
        "Stadt Musterau", "datenschutz@stadtraum.example", "Zweck: ", "Art. 6 Abs. 1 Buchst. a", "Hostwerk eG", "Meetwerk",
        "nach dem Ende der Veranstaltung", "Auskunft, Berichtigung, Löschung", "Landesbeauftragte", "Freiwillig: ",
        "https://stadtraum.example/datenschutz", "Ihr Widerspruchsrecht (Art. 21 DSGVO)",
    )  # fmt: skip
    for words in needed:
        assert words in first
    assert "Zweck: " not in later
    objection = next(p for p in first.replace("\r\n", "\n").split("\n\n") if "Ihr Widerspruchsrecht" in p)
    assert "Zweck" not in objection


def test_registered_by_other_names_the_source():
    """Art. 14 (2) (f): who was registered by somebody else is told by whom, and that they consented to nothing."""
    said = text(render(letter("registered-by-other")))
    assert "tom.ashdown@mail.example hat Sie angemeldet" in said
    assert "Art. 14 DSGVO" in said
    assert "Grundlage ist Ihre Einwilligung" not in said


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template", [t for t in LETTERS if letter(t).nature is Nature.RIGHTS])
def test_answers_about_rights_name_the_remedies(template, language):
    """Art. 12 (4), 77, 79: authority, officer and court stand where rights are answered or refused."""
    said = text(render(letter(template, language)))
    for words in ("Landesbeauftragte", "datenschutz@stadtraum.example", "Art. 79"):
        assert words in said


@pytest.mark.parametrize("template", LETTERS)
def test_join_url_reaches_registered_participants_only(template):
    """The link to the conference stands in no mail to somebody who has no seat, and in no cancellation."""
    waiting = [{"name": "A", "institution": "B", "email": "mara.lindholm@biostation.example", "status": "waiting"}]
    others = [{**waiting[0], "email": "other@mail.example", "status": "registered"}]
    for people in (waiting, others):
        more = {"people": people} if "people" in LETTERS[template] else {}
        mail = render(letter(template, values=more))
        assert "meet.example" not in text(mail) + html(mail)
        calendar = part(parsed(mail), "text/calendar")
        assert calendar is None or "meet.example" not in calendar.get_content()


@pytest.mark.parametrize(
    "template", ["registration-confirmed", "registered-by-other", "moved-up", "undone", "reminder", "event-changed"]
)
def test_join_url_reaches_them(template):
    """Who has a seat gets the link."""
    assert "https://meet.example/j/123" in text(render(letter(template)))


def test_confirmations_carry_no_advertising():
    """A confirmation mentions information mails only when the organiser asked for the neutral sentence."""
    asked = settings(subscriptions={"ask_in_confirmation": True})
    plain, asking = text(render(letter(informs=False))), text(render(letter(informs=False, config=asked), asked))
    assert "Informationsmails" not in plain
    assert asking.count("Informationsmails") == 1


def test_dates_are_in_words_and_in_the_events_zone():
    """German and English dates, in the event's zone, named where it could be doubted."""
    assert "Donnerstag, 11. März 2027, 18:00–20:30 Uhr" in text(render(letter()))
    assert "Thursday, 11 March 2027, 18:00–20:30 (Berlin time)" in text(render(letter(language="en")))
    far = settings(events=[{**FULL["events"][0], "timezone": "America/New_York"}])
    assert "18:00–20:30 Uhr (Ortszeit New York)" in text(render(letter(config=far), far))
    long = settings(events=[{**FULL["events"][0], "ends": "2027-03-12T12:00:00"}])
    assert "Donnerstag, 11. März 2027, 18:00 Uhr bis Freitag, 12. März 2027, 12:00 Uhr" in text(render(letter(config=long), long))


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({"after": "event_end", "keep": "P0D"}, "nach dem Ende der Veranstaltung am Donnerstag, 11. März 2027, gelöscht"),
        ({"after": "event_end", "keep": "P3M"}, "3 Monate nach dem Ende der Veranstaltung gelöscht (am Freitag, 11. Juni 2027)"),
        (
            {"after": "event_end", "keep": "P1Y1M", "round_up_to": "year"},
            "am Ende des Kalenderjahres gelöscht, in dem 1 Jahr und 1 Monat",
        ),
        (
            {"after": "received", "keep": "P12M", "round_up_to": "month"},
            "am Ende des Monats gelöscht, in dem 1 Jahr nach Eingang Ihrer Mail",
        ),
        (
            {"after": "event_end", "keep": "P3M", "round_up_to": "month"},
            "nach dem Ende der Veranstaltung vorbei sind (Mittwoch, 30. Juni 2027)",
        ),
    ],
)
def test_retention_in_words(rule, words):
    """The period is said as the rule says it, with the day where it is known."""
    given_settings = settings(retention={"registrations": rule})
    assert words in text(render(letter(config=given_settings), given_settings))


def test_own_templates_shadow_one_by_one(tmp_path):
    """A file in templates.path replaces ours; what is not there stays built in."""
    (tmp_path / "de").mkdir()
    (tmp_path / "de" / "handed-over.j2").write_text(
        '{% extends "_layout.j2" %}{% block subject %}Eigener Betreff{% endblock %}'
        "{% block text %}Eigener <Text>{% endblock %}{% block html %}{{ self.text() | html }}{% endblock %}"
    )
    own = settings(templates={"path": tmp_path})
    mail = render(letter("handed-over", config=own), own)
    assert parsed(mail)["Subject"] == "Eigener Betreff"
    assert "Eigener <Text>" in text(mail)
    assert "Eigener &lt;Text&gt;" in html(mail)
    assert "Angemeldet: Klima-Werkstatt" in parsed(render(letter(config=own), own))["Subject"]
    assert "has arrived" in parsed(render(letter("handed-over", "en", own), own))["Subject"]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{% extends '_layout.j2' %}\n{% block text %}\n{{ peopel }}\n{% endblock %}", "line 3: 'peopel' is undefined"),
        (
            "{% extends '_layout.j2' %}\n{% block text %}\n{{ people | nonsense }}\n{% endblock %}",
            "line 3: No filter named 'nonsense'",
        ),
        ("{% extends '_layout.j2' %}\n{% block text %}\n{% if %}", "line 3: Expected an expression"),
        ("{% extends 'missing.j2' %}", "the template 'missing.j2' does not exist"),
    ],
)
def test_a_broken_template_gives_one_clear_sentence(tmp_path, source, expected):
    """The file, the line, what is wrong and what to do; no traceback, and check finds it too."""
    (tmp_path / "handed-over.j2").write_text(source)
    with pytest.raises(TemplateError) as caught:
        own = settings(templates={"path": tmp_path})
        renderer = Renderer(own)
        assert any("handed-over.j2" in problem for problem in renderer.check())
        render(letter("handed-over", config=own), own, renderer)
    assert len(caught.value.problems) == 1
    assert "handed-over.j2" in caught.value.problems[0]
    assert expected in caught.value.problems[0]
    assert caught.value.remedy


def test_syntax_errors_in_own_templates_are_found_at_start(tmp_path):
    """``run`` does not begin with a template that can't be compiled."""
    (tmp_path / "reminder.j2").write_text("{% block %}")
    with pytest.raises(TemplateError):
        Renderer(settings(templates={"path": tmp_path}))


def test_files_that_are_no_letter_are_found(tmp_path):
    """A misspelt name in templates.path would never be used: check says so."""
    (tmp_path / "remindre.j2").write_text("x")
    assert Renderer(settings(templates={"path": tmp_path})).check() == [
        "templates.path: no letter is named remindre.j2: did you mean reminder.j2?"
    ]


def test_a_missing_folder_of_templates_is_named(tmp_path):
    """A wrong templates.path is an error that names the key."""
    with pytest.raises(TemplateError, match=r"templates\.path"):
        Renderer(settings(templates={"path": tmp_path / "nowhere"}))


def test_a_language_without_templates_is_an_error(tmp_path):
    """A language in the configuration that nobody has written is found at start."""
    with pytest.raises(TemplateError, match="fr"):
        Renderer(settings(organiser={**FULL["organiser"], "languages": ["de", "fr"]}))


def test_preview_shows_a_whole_mail():
    """``preview`` gives subject, text, HTML and the bytes; an unknown name is told with those there are."""
    seen = RENDERER.preview("cancelled", "en", NOW)
    assert "Climate workshop" in seen.subject
    assert "Kind regards" in seen.text
    assert seen.html.startswith("<!DOCTYPE html>")
    assert b"Auto-Submitted" in seen.content
    with pytest.raises(TemplateError, match="canceled"):
        RENDERER.preview("canceled", "en", NOW)


def test_letters_wait_until_they_may_go():
    """What the decision said about sending is handed on."""
    later = NOW + timedelta(days=1)
    assert render(letter(not_before=later)).not_before == later
    assert render(letter()).nature == "answer"
    assert render(letter()).event == SETTINGS.events[0].id


def test_access_answer_shows_every_value_to_a_human():
    """Art. 15: every stored value stands in the table, with words instead of column names."""
    mail = render(letter("access-answer"))
    for body in (text(mail), html(mail)):
        assert "angemeldet am" in body
        for raw in ("registered_at", "klima-werkstatt", "registration\n", ">registration<", "unsubscribe", "thread"):
            assert raw not in body.replace("\r\n", "\n")
        assert "verstanden als" in body
        assert "Anmeldung" in body
        assert "hiermit melde ich mich an." in body
        assert "Art. 22 DSGVO" in body


def test_access_answer_leaves_technical_values_to_the_file():
    """A person reads their data and not our keys; a table or column that nobody thought of is shown rather than hidden."""
    records = [
        {"table": "token", "rows": [{"purpose": "thread", "data": {"wish": "{}"}}]},
        {"table": "ledger", "rows": [{"id": "x1", "subject": "Anmeldung", "tries": 3, "kinds": [], "invented": "Neues"}]},
        {"table": "subscription", "rows": [{"status": "pending"}]},
        {"table": "registration", "rows": [{"id": "x2", "status": "pending", "restricted": False}]},
    ]
    said = text(render(letter("access-answer", values={"records": records}))).replace("\r\n", "\n")
    assert "x1" not in said
    assert "x2" not in said
    assert "Versuche: 3" not in said
    assert "thread" not in said
    assert "invented: Neues" in said
    assert "Stand: unvollständig\nVerarbeitung eingeschränkt: nein" in said
    assert "Stand: wartet auf Ihre Bestätigung" in said
    assert said.index("ANMELDUNGEN") < said.index("INFORMATIONSMAILS") < said.index("EINGEGANGENE MAILS")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_exported_value_has_a_name_for_people(language):
    """Art. 12 (1): what the store exports about a person is shown under words of their language, not under a column's name."""
    words = RENDERER._languages[language].words
    for of in all_tables():
        marks = dict(marked(of))
        if any(m.finds for m in marks.values()):
            assert of.name in words.tables
            assert {c.key for c, m in marks.items() if m.export} <= words.columns.keys()


def test_an_answer_about_all_events_names_every_conference():
    """Art. 15 (1) (c): an access answer is about no single event, so whoever runs any of their conferences is a recipient."""
    said = text(render(letter("access-answer", event=None)))
    assert "Meetwerk (Videokonferenz, DE)" in said


@pytest.mark.parametrize(
    ("language", "kinds", "final"),
    [("de", ["access", "erasure"], True), ("en", ["access", "erasure"], True), ("de", ["access"], False)],
)
def test_who_confirms_several_rights_is_told_which(language, kinds, final):
    """Nobody confirms an erasure that they have not read of, nor that it is final."""
    said = text(render(letter("confirm-this", language, values={"what": "data-request", "kinds": kinds, "corrections": []})))
    assert ("Art. 17" in said) == final
    assert ("nicht rückgängig" in said or "cannot be undone" in said) == final
    unknown = text(render(letter("confirm-this", language, values={"what": "data-request", "corrections": []})))
    assert "nicht rückgängig" in unknown or "cannot be undone" in unknown


def test_who_waited_is_not_told_of_a_seat():
    """A cancelled place on the waiting list is called one, and nothing is to be taken out of a calendar."""
    waiting = [{"name": "Mara Lindholm", "institution": "B", "email": "mara.lindholm@biostation.example", "status": "waiting"}]
    said = text(render(letter("cancelled", values={"people": waiting})))
    assert "Sie stehen nicht mehr auf der Warteliste" in said
    assert "Ihren Platz zurück" not in said
    assert "Sie bleiben auf der Warteliste" in text(render(letter("restricted", values={"people": waiting})))


def test_subscribers_are_told_about_information_mails_only():
    """A changed notice says to subscribers what happens with subscriptions, though an event is announced; Art. 21 (4) stands apart."""
    said = text(render(letter("privacy-notice-changed")))
    assert "Zweck: Wir schicken Ihnen Informationsmails" in said
    assert "Ihr Widerspruchsrecht" in said
    assert "Durchführung der Veranstaltung" in text(render(letter("privacy-notice-changed", nature=Nature.NOTICE)))


def test_the_record_of_an_erasure_is_readable():
    """The contact reads days and words where the record holds ISO 8601 and keys."""
    record = {
        "event": "klima-werkstatt",
        "erased_at": "2027-06-30T22:00:00+00:00",
        "rule": {"after": "event_end", "keep": "P3M", "round_up_to": "month"},
        "counts": {"tables": {"registration": 2}, "folders": {"done": 1, "review": 1}, "kept": {}},
        "found_again": 0,
        "sha256": "ab" * 32,
    }
    said = text(render(letter("erasure-record", values={"record": record})))
    assert "Gelöscht am: Donnerstag, 1. Juli 2027, 00:00 Uhr" in said
    assert "3 Monate nach dem Ende der Veranstaltung, bis zum Ende des Monats" in said
    assert "erledigt 1, zur Prüfung 1" in said


def test_opening_and_closing_times_are_said():
    """Who writes too early is told when to write again, who is invited until when they can register."""
    timed = settings(events=[{**FULL["events"][0], "opens": "2027-02-10T08:00:00", "closes": "2027-03-11T12:00:00"}])
    early = text(render(letter("too-late", config=timed, values={"why": "not-open"}), timed))
    assert "erst ab Mittwoch, 10. Februar 2027, 08:00 Uhr" in early
    assert "Anmeldeschluss ist Donnerstag, 11. März 2027, 12:00 Uhr" in text(render(letter("invitation", config=timed), timed))
    far = settings(events=[{**FULL["events"][0], "closes": "2027-03-11T12:00:00", "timezone": "America/New_York"}])
    assert "12:00 (New York time)" in text(render(letter("invitation", "en", far), far))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template", LETTERS)
def test_both_parts_say_the_same(template, language):
    """Every line of the text part but its long links stands in the HTML part too, so that nobody gets another letter."""
    mail = render(letter(template, language, informs=True))
    page = unescape(re.sub(r"<[^>]+>", "", html(mail).partition("</head>")[2]))
    seen = re.sub(r"[\s:]", "", page).casefold()
    for line in text(mail).splitlines():
        if line.strip() and not line.startswith(("<mailto:", "(oder ", "(or ", "--")):
            assert re.sub(r"[\s:]", "", line.removeprefix("- ")).casefold() in seen


def test_nothing_remote_is_loaded():
    """HTML parts hold no image, script, font or style sheet from elsewhere."""
    for template in LETTERS:
        body = html(render(letter(template))).lower()
        for forbidden in ("<img", "<script", "<link", "url(", "src=", "@import", "http-equiv"):
            assert forbidden not in body
