"""What `tokgen plugins new` writes is installed, tested, linted and used as an author would."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest
from running import tokgen

from tokgen.scaffold.kinds import KINDS
from tokgen.testing.catalogue import CLAUSES

pytestmark = pytest.mark.slow

NAMES = {
    "sampler": "soften-tail",
    "model": "pair-counts",
    "torch-model": "small_rnn",
    "tokenizer": "cut2",
    "corpus": "waters",
    "command": "oddest",
}


def python(*arguments):
    done = subprocess.run(
        [sys.executable, *map(str, arguments)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A folder with a distribution of each kind, by kind."""
    folder = tmp_path_factory.mktemp("written")
    for kind, name in NAMES.items():
        done = tokgen("plugins", "new", kind, name, "--into", folder / kind, "--author", 'A "B" ç')
        assert done.code == 0, done.err
    return folder


@pytest.fixture(scope="module", autouse=True)
def installed(written, tmp_path_factory):
    """All of them in one folder on the path of the processes that a test starts."""
    site = tmp_path_factory.mktemp("site")
    pip = ("-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index")
    python(*pip, "--target", site, *(written / kind for kind in NAMES))
    with pytest.MonkeyPatch.context() as patched:
        paths = (str(site), os.environ.get("PYTHONPATH", ""))
        patched.setenv("PYTHONPATH", os.pathsep.join(filter(None, paths)))
        yield site


def used(*arguments):
    done = tokgen(*arguments)
    assert done.code == 0, done.err
    return done.out


def test_there_is_a_test_for_each_kind():
    assert set(NAMES) == set(KINDS)


@pytest.mark.parametrize("kind", NAMES)
def test_its_own_tests_pass(kind, written):
    said = python("-m", "pytest", "-q", "-p", "no:cacheprovider", written / kind)
    has_clauses = bool(CLAUSES.get(KINDS[kind].group, kind == "command"))
    assert (" passed" in said) is has_clauses


def test_the_test_of_the_sampler_calls_apply_and_finds_a_wrong_formula(written, tmp_path):
    shutil.copytree(written / "sampler", tmp_path / "wrong")
    (source,) = (tmp_path / "wrong").glob("tokgen_*/soften_tail.py")
    source.write_text(source.read_text().replace("np.log1p(-share)", "np.log1p(-share / 2)"))
    asked = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "mixed", tmp_path / "wrong")
    paths = os.pathsep.join([str(tmp_path / "wrong"), os.environ["PYTHONPATH"]])
    done = subprocess.run(
        [sys.executable, *map(str, asked)],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": paths},
    )
    assert "1 failed" in done.stdout


@pytest.mark.parametrize("kind", NAMES)
def test_its_style_is_that_of_ruff(kind, written):
    python("-m", "ruff", "check", written / kind)
    python("-m", "ruff", "format", "--check", written / kind)


def test_the_authors_name_stands_where_it_should(written, installed):
    for path in ("LICENSE", "pyproject.toml"):
        text = (written / "model" / path).read_text(encoding="utf-8")
        assert 'A "B" ç' in text.replace('\\"', '"')
    (metadata,) = installed.glob("tokgen_pair_counts-*.dist-info/METADATA")
    assert 'A "B" ç' in metadata.read_text(encoding="utf-8").replace('\\"', '"')


def test_all_are_listed_under_their_names():
    listed = {
        (row["kind"], row["name"], row["distribution"], row["status"])
        for row in tokgen("plugins", "list", "--json").rows
    }
    assert {
        (kind.group, NAMES[name], f"tokgen-{NAMES[name].replace('_', '-')}", "available")
        for name, kind in KINDS.items()
        if name != "command"
    } <= listed


def test_the_sampler_is_used():
    rows = tokgen("next", "abi", "--sampler", "soften-tail:share=1", "--json").rows
    assert [each["prob"] for each in rows[0]["next"]] == pytest.approx([1 / 27] * 27)


@pytest.mark.parametrize(
    ("model", "options"), [("pair-counts", ()), ("small_rnn", ("-o", "width=8", "-o", "steps=5"))]
)
def test_the_models_learn_the_corpus_with_the_tokenizer(model, options, tmp_path):
    path = tmp_path / "trained.safetensors"
    choice = ("--corpus", "waters", "--model", model, "--tokenizer", "cut2:pairs=5", *options)
    used("train", *choice, "--seed", 1, "--output", path)
    assert len(used("generate", "--checkpoint", path, "-n", 7, "--seed", 1).splitlines()) == 7
    used("next", "rh", "--checkpoint", path)


def test_the_corpus_is_what_its_card_says():
    assert "✗" not in used("corpora", "check", "waters")
    assert "40 documents (train 31, validation 5, test 4)" in used("corpora", "show", "waters")
