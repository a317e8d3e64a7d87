"""Spreadsheets: what a participant wrote is shown as text, never run as a formula; lists are read strictly."""

import csv
import io
import json
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.errors import UsageError
from mailbot.export import defuse, read_csv, to_bytes

COLUMNS = ("name", "institution", "at")
WHEN = datetime(2027, 3, 11, 18, tzinfo=UTC)
EVIL = ['=HYPERLINK("http://x.example")', "+1+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\u00a0=1", "＝1", "|calc", "%0A=1"]


def cells(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("evil", EVIL)
def test_formula_is_defused_in_every_spreadsheet_format(evil: str) -> None:
    """What could start a formula becomes text, in CSV and in XLSX."""
    rows = [{"name": evil, "institution": "privat", "at": WHEN}]
    shown = cells(to_bytes(rows, COLUMNS, "csv"))[1][0]
    assert shown.startswith("'")
    cell = openpyxl.load_workbook(io.BytesIO(to_bytes(rows, COLUMNS, "xlsx"))).active["A2"]
    assert cell.data_type == "s"
    assert cell.value.startswith("'")


@given(st.text())
def test_no_text_starts_a_formula(text: str) -> None:
    """Whatever a participant is called, no cell begins with a sign that a spreadsheet acts on."""
    assert not defuse(text).lstrip(" \u00a0").startswith(("=", "+", "-", "@", "\t", "\r"))


@pytest.mark.parametrize("name", ["Jürgen Groß", "O'Brien", "'t Hooft", "Anna-Lena Müller", "李雷", 'Karl "Kalle" Maß, Dr.'])
def test_ordinary_names_come_through(name: str) -> None:
    """A name with umlauts, quotes, commas or other scripts is the same afterwards, in all formats."""
    rows = [{"name": name, "institution": None, "at": WHEN}]
    assert cells(to_bytes(rows, COLUMNS, "csv"))[1] == [name, "", "2027-03-11T18:00:00+00:00"]
    assert openpyxl.load_workbook(io.BytesIO(to_bytes(rows, COLUMNS, "xlsx"))).active["A2"].value == name
    assert json.loads(to_bytes(rows, COLUMNS, "json"))[0] == {"name": name, "institution": None, "at": "2027-03-11T18:00:00+00:00"}


def test_csv_opens_in_excel_with_umlauts() -> None:
    """The mark at its start tells Excel that it is UTF-8; lines end as RFC 4180 says."""
    content = to_bytes([{"name": "Jürgen"}], ("name",), "csv")
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.endswith(b"\r\n")


def test_control_characters_do_not_break_a_workbook() -> None:
    """Control characters and overlong values, which XLSX can't hold, are left out."""
    rows = [{"name": "a\x00\x1b[2Jb" + "x" * 40_000}]
    assert openpyxl.load_workbook(io.BytesIO(to_bytes(rows, ("name",), "xlsx"))).active["A2"].value.startswith("a[2Jbxxx")


def test_export_can_be_imported_again(tmp_path: Path) -> None:
    """What was defused on its way out is as it was on its way in."""
    file = tmp_path / "list.csv"
    names = [*(e for e in EVIL if e == e.strip() and e.isprintable()), "'t Hooft"]
    file.write_bytes(to_bytes([{"name": name, "institution": "x"} for name in names], ("name", "institution"), "csv"))
    assert [row["name"] for row in read_csv(file, ("name", "institution"))] == names


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_list_may_use_the_separators_that_spreadsheets_write(tmp_path: Path, separator: str) -> None:
    """Comma, semicolon (a German Excel) or tab; empty lines are passed over; the header's case does not matter."""
    file = tmp_path / "list.csv"
    lines = [["Name", "institution", "EMAIL"], ["Ö. Bär", "privat", "a@b.example"], ["", "", ""], ["X", "Y", "c@d.example"]]
    file.write_text("\n".join(separator.join(line) for line in lines), "utf-8-sig")
    rows = read_csv(file, ("name", "institution", "email"), ("event",))
    assert [row["email"] for row in rows] == ["a@b.example", "c@d.example"]
    assert [row["line"] for row in rows] == ["2", "4"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"name,email\nA,b@c.example\n", "the column 'institution' is missing"),
        (b"name,institution,email,phone\n", "unknown column 'phone'"),
        (b"name,institution,email\nA,B\n", "line 2: fewer values than columns"),
        (b"name,institution,email\nA,B,c@d.example,E\n", "line 2: more values than columns"),
        ("name,institution,email\nJürgen,B,c@d.example\n".encode("latin-1"), "not written in UTF-8"),
        (b"", "the column 'name' is missing"),
        (b'name,institution,email\n"A,B,c@d.example\n', "line 2"),
    ],
)
def test_a_wrong_list_is_refused_whole_with_its_line(tmp_path: Path, content: bytes, says: str) -> None:
    """Nothing is guessed: the error names what is wrong and where, and says that nothing was imported."""
    file = tmp_path / "list.csv"
    file.write_bytes(content)
    with pytest.raises(UsageError, match=says) as caught:
        read_csv(file, ("name", "institution", "email"))
    assert caught.value.remedy


def test_a_list_that_is_not_there(tmp_path: Path) -> None:
    """A missing file is told as such."""
    with pytest.raises(UsageError, match="can't be read"):
        read_csv(tmp_path / "none.csv", ("name",))
