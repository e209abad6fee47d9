"""A hand-written YAML table is read as PyYAML reads it, and what could hurt is refused by line."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tokgen.errors import RequestError
from tokgen.yaml_table import DEEPEST, LARGEST_TABLE, read_yaml_table

plain = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text())
keys = st.text(min_size=1)
tables = st.dictionaries(
    keys, st.recursive(plain, lambda v: st.dictionaries(keys, v), max_leaves=9)
)


def read(tmp_path, text):
    path = tmp_path / "table.yaml"
    path.write_text(text, encoding="utf-8")
    return read_yaml_table(path)


def refusal(tmp_path, text):
    with pytest.raises(RequestError) as refused:
        read(tmp_path, text)
    return str(refused.value).replace(str(tmp_path), "FOLDER")


@given(values=tables)
def test_plain_tables_are_read_as_pyyaml_reads_them(tmp_path_factory, values):
    text = yaml.safe_dump(values, allow_unicode=True)
    assert read(tmp_path_factory.mktemp("yaml"), text).values == yaml.safe_load(text)


def test_the_line_of_a_key(tmp_path):
    table = read(tmp_path, "# a comment\nmodel: mlp\noptions:\n  steps: 3\n  width: 5\n")
    assert table.line_of(["model"]) == 2
    assert table.line_of(["options", "width"]) == 5
    assert table.line_of(["options", "nosuch"]) == 3


NESTED_ALIASES = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (NESTED_ALIASES, "line 2: an alias (*name) is not read here."),
        ("a: !!int x\n", "line 1: a tag (!name) is not read here."),
        ("a: !!python/name:os.system\n", "line 1: a tag (!name) is not read here."),
        ("a: 1\nb:\n  c: 1\n  c: 2\n", "line 4: the key 'c' is given twice."),
        ("a: " + "[" * 3000, f"line 1: more than {DEEPEST} levels stand inside"),
        ("a: [1\n", "line 2, is not YAML: expected ',' or ']'"),
        ("a: \x07\n", "is not YAML: special characters are not allowed."),
        ("- a\n", "'FOLDER/table.yaml' is not a table of keys and values."),
        ("", "'FOLDER/table.yaml' is not a table of keys and values."),
        ("1: a\n", "'FOLDER/table.yaml' is not a table of keys and values."),
        ("a: 2001-13-45\n", "holds a value that cannot be read: month must be in 1..12."),
        ("a: " + "9" * 5000 + "\n", "cannot be read: an integer has more than 4,300 digits."),
        ("a: x\n" * LARGEST_TABLE, "and 65,536 are the most that can be read here."),
    ],
)
def test_what_is_refused(tmp_path, text, said):
    assert said in refusal(tmp_path, text)


def test_as_deep_as_is_read(tmp_path):
    inner = DEEPEST - 2  # the table itself is one level, the innermost value another
    text = "a: " + "[" * inner + "1" + "]" * inner
    assert read(tmp_path, text).values
    assert "levels" in refusal(tmp_path, text.replace("1", "[1]"))
