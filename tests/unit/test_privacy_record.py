"""`mailbot privacy record`: the record of processing, from the configuration and the marks of the store."""

import html.parser
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mailbot.cli import execute
from mailbot.config import example
from mailbot.privacy_record import as_html, as_markdown
from mailbot.settings import Conference, Controller, Privacy, Recipient, Settings
from mailbot.store.catalogue import catalogue

NOW = datetime(2027, 1, 1, tzinfo=UTC)


def changed(**sections: object) -> Settings:
    return example().model_copy(update=sections)


@pytest.mark.parametrize("language", ["de", "en"])
def test_says_what_article_30_asks_for(language: str) -> None:
    """Controller, processor, officer, purposes, people, data, recipients, periods, measures."""
    text = as_markdown(example(), language, NOW)
    for value in ("Stadt Salzkotten", "Büro Stadtraum", "klima-werkstatt", "Art. 6 (1) (a) GDPR", "2027-01-01"):
        assert value in text.replace("\\", "")
    assert text.count("\n## ") == 11


@pytest.mark.parametrize("language", ["de", "en"])
def test_every_personal_column_is_in_it(language: str) -> None:
    """A column that is marked as personal can't be forgotten, and every kind of person has a name in both languages."""
    text = as_markdown(example(), language, NOW)
    for stored in catalogue():
        assert stored.column in text
        assert f"- {stored.who} " not in text


def test_recipients_and_the_conference_provider_are_in_it() -> None:
    """Art. 30 (1) (d), (e): who gets the data, where they sit, and the safeguard."""
    conference = Conference(provider="Zoom", reseller="Video GmbH", country="US", safeguard="SCC")
    event = example().events[0].model_copy(update={"conference": conference})
    privacy = Privacy(recipients=(Recipient(name="Druckerei", purpose="Schilder", country="DE"),))
    text = as_markdown(changed(events=(event,), privacy=privacy), "de", NOW)
    assert "- Druckerei, Schilder, DE" in text
    assert "- Zoom, Video GmbH, US, SCC (klima-werkstatt)" in text
    assert "keine; es gibt nur" in as_markdown(example(), "de", NOW)


def test_without_somebody_else_there_is_no_processor() -> None:
    """Who works for itself is the controller."""
    alone = changed(controller=Controller(name="Büro Stadtraum"))
    assert "Auftragsverarbeiter" not in as_markdown(alone, "de", NOW)


def test_what_the_configuration_says_does_not_become_markup() -> None:
    """Names are text, in Markdown and in HTML."""
    evil = changed(controller=Controller(name="<script>alert(1)</script> [x](http://y.example) *b*"))
    assert "<script>" not in as_html(evil, "de", NOW)
    assert "\\<script\\>" in as_markdown(evil, "de", NOW)
    assert "\\[x\\](" in as_markdown(evil, "de", NOW)


def test_html_is_well_formed() -> None:
    """Every tag that is opened is closed."""
    opened: list[str] = []

    class Parser(html.parser.HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            if tag != "meta":
                opened.append(tag)

        def handle_endtag(self, tag: str) -> None:
            assert opened.pop() == tag

    Parser().feed(as_html(example(), "en", NOW))
    assert opened == []


def test_command_writes_markdown_or_a_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """To standard output, or as HTML to a file; the organiser's first language unless told otherwise."""
    config = Path(__file__).parents[2] / "config.example.toml"
    assert execute(["--config", str(config), "privacy", "record"]) == 0
    assert capsys.readouterr().out.startswith("# Verzeichnis von Verarbeitungstätigkeiten")
    page = tmp_path / "record.html"
    assert execute(["--config", str(config), "privacy", "record", "--lang", "en", "--html", str(page)]) == 0
    assert page.read_text("utf-8").startswith("<!DOCTYPE html>")
    assert "Record of processing" in page.read_text("utf-8")
