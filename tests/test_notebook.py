"""examples/lecture.ipynb runs from top to bottom, and what its cells end with can be shown."""

from __future__ import annotations

import ast
import json
from pathlib import Path

from matplotlib.figure import Figure

import tokgen

SHOWN = (
    *(tokgen.NextToken, tokgen.Score, tokgen.TreeNode, tokgen.EmbeddingSpace),
    *(tokgen.CrossEntropy, tokgen.TakenStep, tokgen.Explained),
)
NOTEBOOK = json.loads(
    (Path(__file__).parents[1] / "examples" / "lecture.ipynb").read_text(encoding="utf-8")
)
CELLS = ["".join(cell["source"]) for cell in NOTEBOOK["cells"] if cell["cell_type"] == "code"]


def run(cell, names):
    """What a notebook shows under a cell: the value of the expression that it ends with."""
    *before, last = ast.parse(cell).body
    if not isinstance(last, ast.Expr):
        before, last = [*before, last], None
    exec(compile(ast.Module(before, []), "lecture.ipynb", "exec"), names)
    if last is None:
        return None
    return eval(compile(ast.Expression(last.value), "lecture.ipynb", "eval"), names)


def test_it_holds_no_output():
    code = [cell for cell in NOTEBOOK["cells"] if cell["cell_type"] == "code"]
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code)


def test_it_runs_and_shows_what_it_speaks_of(capsys):
    names: dict[str, object] = {}
    shown = [run(cell, names) for cell in CELLS]
    pictures = [each._repr_png_() for each in shown if isinstance(each, Figure)]
    pages = [each._repr_html_() for each in shown if isinstance(each, SHOWN)]
    assert len(pages) == 11
    assert all(picture.startswith(b"\x89PNG") for picture in pictures)
    assert len(pictures) == 3
    assert any("2.6567 nats per token" in page for page in pages)
    assert [("---", "a"), ("--a", "b"), ("-ab", "i"), ("abi", "d"), ("bid", "-")] in shown
    assert [each for each in shown if isinstance(each, bool)] == [True]
    said = capsys.readouterr().out
    assert "8,785 together" in said
    assert "('la', 'ksh', 'mi', '-')" in said
    assert "abirath → -: 0." in said
    assert "T 1: 28.4% at most, 3.42 bits" in said
