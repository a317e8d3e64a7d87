"""Many texts are looked for at once, and found as if each had been looked for alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.store import search
from mailbot.store.needles import Needles

PIECE = st.text("ab@ .ü", max_size=12)


@given(st.lists(PIECE, max_size=6), st.lists(PIECE, max_size=8).map("".join))
def test_every_place_of_every_value_is_found(values, text):
    """As part of longer words, overlapping, and without a pivot too."""
    expected = {(v, at) for v in values if v for at in range(len(text)) if text.startswith(v, at)}
    assert set(Needles(values).within(text)) == expected
    assert Needles(values).any_in(text) == bool(expected)


@pytest.mark.parametrize("before", [0, 1, 4, 5, 6, 7, 8, 9, 10, 11, 12, 30])
def test_a_file_is_searched_across_the_borders_of_its_pieces(tmp_path, monkeypatch, before):
    """Each occurrence counts once, and one inside a longer kept address does not count wherever the file is cut."""
    monkeypatch.setattr(search, "_PIECE", 8)
    monkeypatch.setattr(search, "_REACH", 24)
    path = tmp_path / "file"
    path.write_bytes(b"x" * before + b"\x00Anna@Post.example\xff joanna@post.example " + b"y" * 20 + b"anna@post.EXAMPLE")
    excuses = {"anna@post.example": ["joanna@post.example"]}
    assert search._in_file(path, ["anna@post.example"], excuses) == 2
    assert search._in_file(path, ["bert@post.example"], {}) == 0
