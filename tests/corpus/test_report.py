"""What `tokgen corpora check` finds in a file."""

from __future__ import annotations

import pytest

from tokgen.corpus.opening import open_corpus
from tokgen.corpus.report import check


@pytest.mark.parametrize(
    ("lines", "column", "problem"),
    [
        (["oak,broad", "linden,broad"], "tree", None),
        (["oak,broad", "linden,"], "tree", "'leaf' has no value for 'linden' (row 2)"),
        (["oak,  ", "linden,"], "tree", "'leaf' has no value for 'oak' (row 1)"),
        (["oak,", "linden,broad"], "tree", "'leaf' has no value for 'oak' (row 1)"),
    ],
)
def test_a_row_without_a_value_is_found(tmp_path, lines, column, problem):
    file = tmp_path / "trees.csv"
    file.write_text("\n".join(["tree,leaf", *lines]) + "\n")
    findings = {each.checked: each for each in check(open_corpus(str(file), column=column))}
    assert (findings["columns"].found, findings["columns"].problem) == ("leaf", problem)
