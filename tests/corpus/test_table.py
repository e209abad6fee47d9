"""Tables against Python's own csv writer, and what is said of those that cannot be read."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokgen.corpus.opening import open_corpus
from tokgen.corpus.table import read_table
from tokgen.errors import RequestError
from tokgen.unicode import nfc

cells = st.text('ab,;"\t\né', max_size=5)
rows = st.lists(st.tuples(cells, cells), min_size=1, max_size=6)


def written(rows, delimiter):
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=delimiter).writerows([("name", "sex"), *rows])
    return file.getvalue().encode()


@given(rows, st.sampled_from([("names.csv", ","), ("names.csv", ";"), ("names.TSV", "\t")]))
def test_what_a_csv_writer_wrote_is_read(rows, kind):
    file, delimiter = kind
    content = written(rows, delimiter)
    kept = [row for row in rows if row[0]]
    if not kept:
        with pytest.raises(RequestError, match="holds no document"):
            read_table(content, file, "name")
        return
    table = read_table(content, file, "name")
    assert [*table.documents] == [nfc(name) for name, _ in kept]
    assert table.columns["sex"].tolist() == [nfc(sex) for _, sex in kept]
    assert table.blank == len(rows) - len(kept)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"name,sex\nada,f\nbo\n", "'t.csv', line 3: the row has 1 cell, the header has 2."),
        (b"Name,sex\nada,f\n", "'t.csv' has no column 'name'. Did you mean 'Name'?"),
        (b"name,name\nada,f\n", "'t.csv' has two columns 'name'"),
        (b"", "'t.csv' is empty"),
        (b'name,sex\n"ada,f\n', "'t.csv', line 2: unexpected end of data."),
        (b"name\n\xff\n", "'t.csv' is not UTF-8: line 2, byte 1"),
        (b"name,sex\n" + b"a" * 70_000 + b",f\n", "a document may have at most 65,536 bytes"),
    ],
)
def test_what_is_no_table_is_refused(content, said):
    with pytest.raises(RequestError) as refused:
        read_table(content, "t.csv", "name")
    assert said in str(refused.value)


def test_a_table_as_corpus(tmp_path):
    path = tmp_path / "names.csv"
    path.write_text('name,sex\n"ada, the first",f\nbo,m\nadi,f\n')
    corpus = open_corpus(str(path), {"sex": "f"}, "name")
    assert [*corpus.documents] == ["ada, the first", "adi"]
    assert corpus.text_column == "name"
    by_sex = open_corpus(str(path), column="sex")
    assert [*by_sex.documents] == ["f", "m", "f"]
    assert by_sex.fingerprint != open_corpus(str(path), column="name").fingerprint


def test_a_table_without_a_column_named_is_refused(tmp_path):
    path = tmp_path / "names.csv"
    path.write_text("name,sex\nada,f\n")
    with pytest.raises(RequestError, match="is a table with the columns name, sex") as refused:
        open_corpus(str(path))
    assert refused.value.field == "column"


def test_a_csv_of_one_column_is_lines(tmp_path):
    path = tmp_path / "names.csv"
    path.write_text("ada\nbo\n")
    assert [*open_corpus(str(path)).documents] == ["ada", "bo"]


def test_a_corpus_plugin_takes_no_column():
    with pytest.raises(RequestError, match="names the column of its documents itself"):
        open_corpus("indian-names", column="name")


@pytest.mark.parametrize("file", ["mountains.txt", "mountains.csv", "mountains.tsv"])
def test_a_text_whose_first_line_is_no_header_is_not_called_a_table(file):
    with pytest.raises(RequestError) as refused:
        read_table(b"Mont Blanc\nEverest\n", file, "x")
    assert str(refused.value) == (
        f"{file!r} is not a table: its first line, 'Mont Blanc', holds no separator of columns. "
        "A text with one document a line is named without a column."
    )
    assert refused.value.field is None
    with pytest.raises(RequestError, match=r"has no column 'nane'\. Did you mean 'name'\?"):
        read_table(b"name\nada\n", file, "nane")
