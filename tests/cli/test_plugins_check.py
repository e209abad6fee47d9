"""`tokgen plugins check`: what is shown of a plugin that is right, and of one that is not."""

from __future__ import annotations

import re

import pytest
from running import tokgen

from tokgen.testing.catalogue import CLAUSES

pytestmark = pytest.mark.slow

WRONG = '''
import numpy as np
from tokgen.plugin_api import Sampler


class Sharper(Sampler):
    """Double every log-probability, in place."""

    def apply(self, logprobs, context):
        logprobs *= 2
        return logprobs
'''

TORCH = '''
from torch import nn
from tokgen.plugin_api import NetworkOptions, TorchModel

class Network(TorchModel):
    """Logits of the last id alone."""

    reads = "sequence"
    Options = NetworkOptions

    def build(self, options, vocabulary):
        self.table = nn.Embedding(vocabulary.size, vocabulary.size)

    def forward(self, ids, given=None, cache=None):
        return self.table(ids)
'''


@pytest.fixture
def wrong(tmp_path):
    path = tmp_path / "wrong.py"
    path.write_text(WRONG)
    return path


def test_a_sampler_that_is_right():
    done = tokgen("plugins", "check", "min_p")
    assert done.code == 0
    heading, kept = done.out.splitlines()
    count = len(CLAUSES["samplers"])
    assert heading.startswith(
        f"sampler 'min_p' of the distribution tokgen 0.1.0, {count} clauses, "
    )
    assert kept.split() == ["✓", str(count), "kept"]


def test_a_sampler_that_is_wrong_is_told_where_and_how_to_mend_it(wrong):
    done = tokgen("plugins", "check", wrong)
    assert done.code == 3
    said = " ".join(done.out.split())
    assert "✗ input-unharmed" in said
    assert "shown by" in said
    assert "→ " in said
    assert max(map(len, done.out.splitlines())) <= 80


def test_scripts_get_an_object_for_each_clause(wrong):
    done = tokgen("plugins", "check", wrong, "--json")
    assert done.code == 3
    assert [row["clause"] for row in done.rows] == [each.id for each in CLAUSES["samplers"]]
    (failed,) = [row for row in done.rows if row["verdict"] == "failed"]
    assert failed["clause"] == "input-unharmed"
    assert failed["shown"]
    assert failed["place"] == ""


def test_the_line_of_the_plugin_that_fails_is_told(tmp_path):
    path = tmp_path / "failing.py"
    path.write_text(WRONG.replace("logprobs *= 2", "self.missing.apply()"))
    line = path.read_text().splitlines().index("        self.missing.apply()") + 1
    done = tokgen("plugins", "check", path, "--json")
    places = {row["place"] for row in done.rows if row["verdict"] == "failed"}
    assert places == {f"{path}:{line}"}
    shown = tokgen("plugins", "check", path).out.splitlines()
    assert shown.count(f"   at {path}:{line}") == 1
    assert shown[0].startswith("sampler 'sharper' of the file failing.py, ")
    assert " ".join(shown[2].split()).startswith("✗ applies It failed in apply: AttributeError:")


def test_clauses_kept_in_part_or_not_checked_for_one_reason_share_a_line(tmp_path):
    path = tmp_path / "failing.py"
    path.write_text(WRONG.replace("logprobs *= 2", "assert len(logprobs) > 1"))
    said = " ".join(tokgen("plugins", "check", path).out.split())
    assert said.count("for the others apply gave no result that could be looked at") == 1
    path.write_text(WRONG.replace("logprobs *= 2", "assert len(logprobs) > 9999"))
    said = " ".join(tokgen("plugins", "check", path).out.split())
    assert "of them" not in said
    assert said.count("not checked: no call of apply gave a result") == 1


def test_the_heading_breaks_before_the_time_and_not_within(tmp_path):
    path = tmp_path / ("long_" * 8 + "name.py")
    path.write_text(WRONG.replace("Sharper", "SharperThanEveryOtherOne"))
    out = tokgen("plugins", "check", path).out
    assert any(re.search(r"\d\N{NO-BREAK SPACE}s$", line) for line in out.splitlines()[:3])


def test_a_clause_explains_itself():
    done = tokgen("plugins", "check", "--explain", "input-unharmed", "--json")
    (row,) = done.rows
    assert "samplers" in row["kinds"]
    assert row["wants"]
    assert row["why"]
    assert row["mend"]
    unknown = tokgen("plugins", "check", "--explain", "input-unharmd")
    assert unknown.code == 2
    assert "Did you mean 'input-unharmed'?" in unknown.err


def test_a_file_of_documents_is_told_from_a_file_of_plugins(tmp_path):
    table = tmp_path / "trees.csv"
    table.write_text("tree,leaf\noak,broad\n")
    done = tokgen("plugins", "check", table)
    assert done.code == 2
    assert f"tokgen corpora check {table} checks a file of documents." in done.err


def test_all_clauses_are_listed():
    listed = tokgen("plugins", "check", "--kind", "corpora", "--json").rows
    assert [row["clause"] for row in listed] == [each.id for each in CLAUSES["corpora"]]
    assert "quiet-import" in tokgen("plugins", "check").out


def test_what_takes_too_long_is_not_kept():
    done = tokgen("plugins", "check", "min_p", "--seconds", "0", "--json")
    verdicts = {row["verdict"] for row in done.rows}
    assert "skipped" in verdicts
    assert "failed" not in verdicts
    assert done.code == 1
    late = [row["clause"] for row in done.rows if row["seconds_wanted"]]
    assert f"because the time was over: {len(late)} clauses ({', '.join(late)})." in done.err
    assert re.search(r"--seconds [1-9]\d*\.$", done.err.strip())


def test_an_error_of_the_plugin_is_told_once_with_its_line_and_no_other_hint(tmp_path):
    path = tmp_path / "failing.py"
    path.write_text(TORCH.replace('    reads = "sequence"\n', ""))
    done = tokgen("plugins", "check", path, "--json")
    (failed,) = [row for row in done.rows if row["verdict"] == "failed"]
    assert failed["clause"] == "fits"
    assert 'write `reads = "sequence"` into the class' in failed["said"]
    assert failed["place"] == f"{path}:5"
    assert failed["mend"] == ""
    others = {row["said"] for row in done.rows if row["verdict"] == "skipped"}
    assert others == {"follows from fits"}


def test_an_option_can_be_given(wrong):
    done = tokgen("plugins", "check", "top_k", "-o", "k=0")
    assert done.code == 2
    assert "'k'" in done.err
