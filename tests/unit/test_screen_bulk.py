"""Lists, bulk mail and spam: one row per mark, what is proof and what only sends a mail to a human, unanswered."""

import pytest

from mailbot.domain.understanding import Action, Kind
from tests.unit.test_screen import seen
from tests.unit.understanding import read


@pytest.mark.parametrize(
    "mark",
    [
        {"extra": "X-List-Unsubscribe: <mailto:leave@news.example>\r\n"},
        {"extra": "X-Campaign-Id: 7\r\n"},
        {"extra": "X-CSA-Complaints: csa-complaints@eco.example\r\n"},
        {"extra": "X-Mailer: MailChimp Mailer - **CID1**\r\n"},
        {"extra": "X-Mailer: CleverReach\r\n"},
        {"extra": "X-Mailer: rapidmail\r\n"},
        {"extra": "Sender: radtour-bounces@lists.example\r\n"},
        {"extra": "Sender: Radtour <owner-radtour@lists.example>\r\n"},
        {"extra": "Errors-To: radtour-owner@lists.example\r\n"},
        {"extra": "Return-Path: <radtour-errors@lists.example>\r\n"},
        {"extra": "Return-Path: <radtour-return-17-anna@lists.example>\r\n"},
        {"extra": "Return-Path: <SRS0=x1=AB=lists.example=radtour-bounces@forward.example>\r\n"},
        {"extra": "Return-Path: <bounce-17@shop.example>\r\nErrors-To: fehler@shop.example\r\n"},
        {"extra": "Return-Path: <bounce-17@shop.example>\r\n", "subject": "[Radtour] Neues"},
        {"extra": "X-Loop: radtour@lists.example\r\n", "subject": "Re: [Radtour] Neues"},
        {"extra": "X-Loop: anna@verein.example\r\n"},
    ],
)
def test_bulk_mail_is_recognised_by_one_proof_or_by_several_hints(mark):
    """A mailing list's or a newsletter's mail is nobody's wish."""
    assert seen(**mark).kind is Kind.AUTOMATIC


@pytest.mark.parametrize(
    "mark",
    [
        {"extra": "X-Spam-Flag: YES\r\n"},
        {"extra": "X-Spam-Status: Yes, score=9.1 required=5.0\r\n"},
        {"extra": "X-Spam-Level: *****\r\n"},
        {"extra": "X-Spam: yes\r\n"},
        {"extra": "X-Bogosity: Spam, tests=bogofilter\r\n"},
        {"extra": "X-Rspamd-Action: add header\r\n"},
        {"extra": "X-UI-Filterresults: junk:10;V03:K0\r\n"},
        {"extra": "X-MS-Exchange-Organization-SCL: 6\r\n"},
        {"extra": "X-Forefront-Antispam-Report: CIP:192.0.2.1;CTRY:DE;LANG:de;SCL:5;SRV:;SFV:SPM;\r\n"},
        {"subject": "[SPAM] Anmeldung"},
        {"subject": "***SPAM*** Anmeldung"},
        {"subject": "**SPAM 11.0** Anmeldung"},
        {"subject": "[EXTERN] {Spam?} Anmeldung"},
        {"subject": "Spamverdacht: Anmeldung"},
    ],
)
def test_what_a_filter_calls_spam_is_seen_by_a_human(mark):
    """Filters err: such a mail may be a real registration, so it is neither filed away nor answered."""
    found = seen(**mark)
    assert found.kind is Kind.HUMAN
    assert "marked as spam" in found.suspect


@pytest.mark.parametrize(
    "mark",
    [
        {"extra": "Errors-To: fehler@shop.example\r\n"},
        {"extra": "X-Loop: radtour@lists.example\r\n"},
        {"extra": "Return-Path: <bounces@shop.example>\r\n"},
        {"extra": "Return-Path: <return@shop.example>\r\n"},
        {"extra": "Return-Path: <errors+17@shop.example>\r\n"},
        {"extra": "Return-Path: <m-17-anmeldung+klima-aaaaaaaaaa=klima.example@shop.example>\r\n"},
        {"extra": "Feedback-ID: 17:shop:campaign\r\n"},
        {"extra": "X-Mailer: Sendinblue\r\n"},
        {"extra": "X-MS-Exchange-Inbox-Rules-Loop: info@town.example\r\n"},
        {"extra": "Return-Path: <bounces+17@relay.example>\r\nFeedback-ID: 17:relay\r\n"},  # one cause: people send through relays
    ],
)
def test_one_hint_of_bulk_mail_is_for_a_human(mark):
    """People's mail comes through relays and forwarders too."""
    found = seen(**mark)
    assert found.kind is Kind.HUMAN
    assert "mark of bulk mail" in found.suspect


@pytest.mark.parametrize(
    "mark",
    [
        {"extra": "X-Spam-Flag: NO\r\n"},
        {"extra": "X-Spam-Status: No, score=6.1 required=8.0\r\nX-Spam-Level: ******\r\n"},
        {"extra": "X-Spam-Level: ****\r\n"},
        {"extra": "X-UI-Filterresults: notjunk:1;V03\r\n"},
        {"extra": "X-MS-Exchange-Organization-SCL: 1\r\n"},
        {"extra": "X-Forefront-Antispam-Report: CIP:192.0.2.1;LANG:de;SCL:1;SRV:;SFV:NSPM;\r\n"},
        {"extra": "Errors-To: anna@verein.example\r\n"},
        {"extra": "Feedback-ID: i1d2:Fastmail\r\n"},
        {"extra": "Feedback-ID: 81034:user:proton\r\n"},
        {"extra": "Return-Path: <prvs=18a=anna@verein.example>\r\n"},
        {"extra": "Return-Path: <SRS0=x1=AB=verein.example=anna@forward.example>\r\n"},
        {"extra": "Sender: Sekretariat <sekretariat@verein.example>\r\n"},
        {"extra": "X-Mailer: Apple Mail (2.3826)\r\n"},
        {"subject": "AW: [SPAM] Einladung"},  # their filter called ours so
        {"subject": "[Klima] Anmeldung"},
        {"subject": "[Spambereich] Anmeldung"},
    ],
)
def test_people_are_no_suspects(mark):
    """What providers and forwarders set for everybody, and a filter's acquittal, keep nobody from being answered."""
    found = seen(**mark)
    assert (found.kind, found.suspect) == (Kind.HUMAN, "")


def test_what_is_understood_of_a_suspect_or_a_stranger_is_never_acted_on():
    """Neither a filter's mark nor other people's mail lets mailbot do anything by itself."""
    text = "Hiermit melde ich mich an.\nAnna Meier, Stadtwerke Salzkotten"
    ours, spam = read(text, subject="Anmeldung"), read(text, subject="Anmeldung", X_Spam_Flag="YES")
    others = read(text, subject="Anmeldung", to="chor@verein.example")
    assert [u.action for u in (ours, spam, others)] == [Action.ACT, Action.REVIEW, Action.REVIEW]
    assert [u.related for u in (ours, spam, others)] == [True, True, False]
