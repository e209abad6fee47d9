"""Wide, combining and many-byte characters keep the columns of a table in one place."""

from __future__ import annotations

import pytest
from rich.cells import cell_len
from running import tokgen

WORDS = ["लक्ष्मी", "मीरा", "日本", "東京", "Zoë", "Ana-Maria", "🙂🙃", "naïve", "e\u0301te\u0301"]


@pytest.fixture
def words(tmp_path):
    path = tmp_path / "words.txt"
    path.write_text("\n".join(a + b for a in WORDS for b in WORDS))
    return path


def cells_before(line, mark):
    return cell_len(line[: line.index(mark)])


def test_shares_stand_below_each_other(words):
    done = tokgen("next", "", "--corpus", words, "--model", "ngram", "--rows", 20)
    rows = [line for line in done.out.splitlines() if " %  " in line]
    assert len(rows) == 20
    assert len({cells_before(line, " %  ") for line in rows}) == 1


def test_bits_stand_below_their_characters(words):
    """Each character's right edge is its figure's right edge."""
    done = tokgen("score", "मी日本", "🙂naïve", "--corpus", words, "--model", "ngram")
    letters, bits = done.out.splitlines()[:2]
    ends = [cell_len(bits[: place + 1]) for place, c in enumerate(bits) if c == "."]
    edges = [cell_len(letters[:place]) for place in range(1, len(letters) + 1)]
    assert len(ends) == 5
    assert {end + 1 for end in ends} <= set(edges)
    assert cell_len(letters.rstrip()) == cell_len(bits.rstrip())


def test_the_terminator_shows_itself_otherwise_where_the_corpus_has_a_hyphen(words):
    done = tokgen("examples", "日🙂", "--corpus", words, "--json")
    assert [row["target"] for row in done.rows] == ["日", "🙂", "␃"]
    assert done.rows[0]["context"] == "␃␃␃"


def test_the_header_says_which_sign_ends_a_document_where_it_is_not_the_usual_one(tmp_path):
    hyphens, plain = tmp_path / "hyphens.txt", tmp_path / "plain.txt"
    hyphens.write_text("anna-lena\nkarl-heinz\nanna\n")
    plain.write_text("anna\nkarl\n")
    said = tokgen("next", "anna", "--corpus", hyphens, "--model", "ngram").err
    assert f"{hyphens} · ngram · ␃ ends a document · " in said
    assert "ends a document" not in tokgen("next", "a", "--corpus", plain, "--model", "ngram").err
    session = tokgen("repl", "--corpus", hyphens, "--model", "ngram", stdin="anna\n:help\n")
    assert "␃ ends a document" in session.err
    assert (
        "the row - is the end of the document (␃ where words of the corpus contain -)"
        in session.out
    )
