"""What stands beside a name: institution, "privat" and address, in sentences, lists and blocks."""

from mailbot.understand.entities import Entity, EntityKind
from mailbot.understand.features import Zone
from mailbot.understand.mentions import Mentions

KINDS = {
    "N": EntityKind.NAME,
    "I": EntityKind.INSTITUTION,
    "P": EntityKind.PRIVATE,
    "D": EntityKind.DEPARTMENT,
    "R": EntityKind.ROLE,
}


def mentions(marked: str) -> Mentions:
    """A text with marks ("[N:Jan Ott]") and its entities."""
    text, found = "", []
    for piece in marked.replace("]", "[").split("["):
        kind, colon, words = piece.partition(":")
        marked_words = colon and kind in KINDS
        if marked_words:
            found.append(Entity(KINDS[kind], words, Zone.TEXT, len(text), len(text) + len(words)))
        text += words if marked_words else piece
    return Mentions(text, tuple(found))


def rows(marked: str) -> list[tuple[str | None, str | None, str | None]]:
    return [(r.person.name, r.person.institution, r.person.email) for r in mentions(marked).records]


def test_what_follows_a_name_belongs_to_it() -> None:
    """Institution and address between a name and the next are the first one's."""
    assert rows("[N:Jan Ott] ([I:Stadt Büren], j@b.example) und [N:Eva Lenz] ([P:privat]) kommen.") == [
        ("Jan Ott", "Stadt Büren", "j@b.example"),
        ("Eva Lenz", "privat", None),
    ]


def test_what_stands_before_a_name_at_a_line_belongs_to_it() -> None:
    """ "Stadt Büren: Jan Ott" gives the institution first."""
    assert rows("[I:Stadt Büren]: [N:Jan Ott]") == [("Jan Ott", "Stadt Büren", None)]


def test_a_sentence_end_parts() -> None:
    """An institution in the next sentence is nobody's own."""
    assert rows("[N:Jan Ott] kommt gern mit. Die [I:Stadt Büren] zahlt.") == [("Jan Ott", None, None)]


def test_lines_below_a_name_belong_to_it() -> None:
    """A block of a name, an institution and an address is one person; an empty line ends it."""
    assert rows("[N:Jan Ott]\n[I:Stadt Büren]\nj@b.example\n\n[N:Eva Lenz]\n[P:privat]") == [
        ("Jan Ott", "Stadt Büren", "j@b.example"),
        ("Eva Lenz", "privat", None),
    ]


def test_couples_share_a_surname_and_colleagues_an_institution() -> None:
    """ "Anna und Jan Ott" are both Ott; "beide" shares what is said of the last."""
    assert rows("[N:Anna] und [N:Jan Ott] ([P:privat] alle beide)") == [("Anna Ott", "privat", None), ("Jan Ott", "privat", None)]


def test_families_and_bare_titles_are_nobody() -> None:
    """ "Familie Ott" and "Dr." name no person."""
    assert rows("[N:Dr.] und Familie [N:Ott]") == []


def test_an_institute_keeps_its_university() -> None:
    """An institute within a university is one institution, a town's department is not."""
    assert [e.text for e in mentions("[D:Institut für Wald] der [I:TU Soest]").houses] == ["Institut für Wald der TU Soest"]
    assert [e.text for e in mentions("[D:Abteilung 3] der [I:Stadt Soest]").houses] == ["Stadt Soest"]


def test_the_last_lines_are_a_signature() -> None:
    """A name that closes the text below a sentence signs it; a list of several does not."""
    signed = mentions("Bitte melden Sie [N:Jan Ott] an.\n[N:Eva Lenz]\n[R:Sekretariat]").closing
    assert signed is not None
    assert signed.person.name == "Eva Lenz"
    assert mentions("Bitte anmelden:\n[N:Jan Ott]\n[N:Eva Lenz]").closing is None
