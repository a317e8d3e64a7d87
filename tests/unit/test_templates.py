"""The templates as data: complete in every language, with the same variables, and with the tone that was agreed."""

import re

import pytest
from jinja2 import meta, nodes

from mailbot.domain.letters import LETTERS
from mailbot.render import environment
from tests.unit.letters import LANGUAGES, letter, render, text

COMMON = {
    "organiser", "controller", "privacy", "basis", "recipients", "mailbox", "event", "named", "subscriptions", "retention",
    "retention_of_mails", "rules", "titles", "fixed", "person", "links", "unsubscribe", "informs", "nature", "calendar", "tag", "conference",
}  # fmt: skip
GIVEN = {"w", "m", "self"}
FILTERS = ("html", "facts", "lines", "day", "moment", "names", "size", "period", "readable")
FRAME = {"card", "labels", "purpose", "source", "remedy"}
FOLDER = environment.builtin_folder()


def variables(language, name):
    return meta.find_undeclared_variables(_environment().parse((FOLDER / language / f"{name}.j2").read_text(encoding="utf-8")))


def _environment():
    made = environment.make("de", None)
    made.filters.update(dict.fromkeys(FILTERS, str))
    return made


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_letter_has_its_file_and_every_file_its_letter(language):
    """One file per letter and language, nothing else."""
    files = {path.stem for path in (FOLDER / language).glob("*.j2") if not path.stem.startswith("_")}
    assert files == set(LETTERS)


@pytest.mark.parametrize("template", LETTERS)
def test_the_same_variables_in_every_language(template):
    """A letter uses the variables that ``domain.letters`` promises, the same in German and English."""
    own = {language: variables(language, template) - COMMON - GIVEN - FRAME for language in LANGUAGES}
    assert own["de"] == own["en"]
    assert own["de"] <= set(LETTERS[template])
    unused = set(LETTERS[template]) - own["de"]
    assert unused <= {"due"} if template == "access-answer" else not unused


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template", LETTERS)
def test_every_file_has_subject_text_and_html(template, language):
    """The three blocks stand in every file."""
    source = (FOLDER / language / f"{template}.j2").read_text(encoding="utf-8")
    blocks = [block.name for block in _environment().parse(source).find_all(nodes.Block)]
    assert blocks == ["subject", "text", "html"]


def test_languages_have_the_same_words():
    """``_words.j2`` defines the same names with the same keys in every language."""
    modules = [environment.make(language, None) for language in LANGUAGES]
    for made in modules:
        made.filters.update(dict.fromkeys(FILTERS, str))
    german, english = (made.get_template("_words.j2").module for made in modules)
    names = [{n for n in vars(module) if not n.startswith("_")} for module in (german, english)]
    assert names[0] == names[1]
    for name in names[0]:
        one, other = getattr(german, name), getattr(english, name)
        assert not isinstance(one, dict) or one.keys() == other.keys()
    assert german.letters.keys() | {"digest", "erasure-record"} == set(LETTERS)


@pytest.mark.parametrize("template", LETTERS)
def test_letters_address_people_politely(template):
    """German says Sie, nobody guesses a gender, and no letter shouts."""
    said = text(render(letter(template)))
    assert said.startswith(("Guten Tag Mara Lindholm,", "Guten Tag,"))
    assert not re.search(r"\b(?:du|dein|deine|dir|dich|Herr|Frau|Herrn)\b", said)
    assert "!" not in said.replace("mailto:", "")
    assert "Büro Stadtraum" in said


def test_the_installed_package_comes_first(tmp_path, monkeypatch):
    """In a wheel the templates lie in the package, in a checkout beside it."""
    monkeypatch.setattr(environment, "files", lambda _: tmp_path / "mailbot")
    assert environment.builtin_folder() == tmp_path / "templates"
    (tmp_path / "mailbot" / "_templates").mkdir(parents=True)
    assert environment.builtin_folder() == tmp_path / "mailbot" / "_templates"
