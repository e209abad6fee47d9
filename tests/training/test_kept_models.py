"""What is kept is listed, by names that are one model's alone, and removed whole."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from words import WORDS, words_file

from tokgen.corpus.opening import open_corpus
from tokgen.errors import RequestError, TokgenError
from tokgen.paths import make_folder
from tokgen.plugin_api.fit_run import Snapshot
from tokgen.temporary import SUFFIX
from tokgen.training.checkpoint import Checkpoint
from tokgen.training.kept import cached_path, trained_folder
from tokgen.training.kept_models import find_kept, kept_models, kept_of, remove
from tokgen.training.model_request import ModelRequest
from tokgen.training.model_store import choose
from tokgen.training.place import begun_anew
from tokgen.training.plan import plan
from tokgen.training.recipe import Recipe
from tokgen.training.resume import resume_path, stopped_path
from tokgen.training.train import train
from tokgen.training.trained import Unfinished

NOTHING_YET = Unfinished(Snapshot(), (), {}, 0.0)


@pytest.fixture
def corpus(small_plugins, tmp_path):
    return words_file(tmp_path)


@pytest.fixture
def keep(corpus):
    """Train and keep; each file is a second younger than the one before."""
    clock = iter(range(1_000, 2_000))

    def kept(model="bigram", **recipe):
        undertaking = begun_anew(plan(Recipe(corpus=corpus, model=model, **recipe)), None)
        undertaking.check_place()
        train(undertaking.plan).checkpoint.save(undertaking.path)
        os.utime(undertaking.path, (next(clock),) * 2)
        return undertaking

    return kept


def test_nothing_is_kept_at_first(corpus):
    assert kept_models() == []
    with pytest.raises(RequestError, match=r"^No model 'bigram' is kept\.$"):
        find_kept(["bigram"])
    with pytest.raises(RequestError, match=r"is kept\.$"):
        kept_of(corpus)


def test_each_is_listed_with_what_it_is(corpus, keep):
    keep(seed=1)
    keep(seed=2, tokenizer="pairs:count=2")
    keep("stopped", options={"evaluated": 3})
    unfinished = begun_anew(plan(Recipe(corpus=corpus, model="stopped", seed=9)), None)
    unfinished.keep(NOTHING_YET)
    choose(ModelRequest(corpus, "ngram"))
    told = {(kept.model, kept.state, kept.used, kept.resumable) for kept in kept_models()}
    assert told == {
        ("bigram", "finished", True, False),
        ("bigram", "finished", False, False),
        ("stopped", "stopped", True, False),
        ("stopped", "unfinished", False, True),
        ("ngram", "finished", False, False),
    }
    first, second = (kept for kept in kept_models() if kept.model == "bigram")
    assert (first.recipe.seed, second.recipe.seed) == (2, 1)
    row = first.as_json()
    metrics = Checkpoint.load(first.path).metadata.metrics
    assert row["name"] == f"bigram-{first.path.stem}"
    assert (row["corpus"], row["tokenizer"], row["seed"]) == (corpus, "pairs:count=2", 2)
    assert (row["loss"], row["loss_split"]) == (metrics["validation_loss"], "validation")
    assert row["date"].startswith("1970-01-01T00:16:41")
    assert row["path"] == str(first.path)
    assert len({kept.name for kept in kept_models()}) == 5


def test_what_is_used_is_what_is_chosen(corpus, keep):
    for order in (2, 3):
        keep("ngram", options={"order": order})
    (used,) = (kept for kept in kept_models() if kept.used)
    assert choose(ModelRequest(corpus, "ngram")).said == f"what you last trained: {used.path}"


def test_files_of_earlier_folders_are_listed_and_removed(corpus, keep):
    undertaking = keep()
    folder = undertaking.path.parents[1]
    before = folder / "bigram.safetensors"
    shutil.move(undertaking.path, before)
    undertaking.path.parent.rmdir()
    (kept,) = kept_models()
    assert (kept.name, kept.path) == (f"bigram-{folder.name[:12]}", before)
    remove(kept)
    assert kept_models() == []
    assert list(trained_folder().iterdir()) == []


def test_what_is_damaged_is_listed_and_removed(keep):
    path = keep().path
    path.write_bytes(path.read_bytes()[:100])
    (kept,) = kept_models()
    assert (kept.state, kept.recipe) == ("damaged", None)
    assert "is not a whole checkpoint" in kept.problem
    remove(*find_kept(["bigram"]))
    assert kept_models() == []


def test_a_name_is_found_by_its_beginning(keep):
    names = [kept.name for kept in (keep(seed=1), keep(seed=2), keep("told")) and kept_models()]
    told, *others = names
    assert [kept.name for kept in find_kept(["told", others[0], others[1][:-2]])] == names
    with pytest.raises(RequestError, match="'bigram' is the beginning of 2 models: bigram-"):
        find_kept(["bigram"])
    with pytest.raises(RequestError, match=r"No model 'tol-d' is kept\. Did you mean 'told'\?"):
        find_kept(["tol-d"])
    with pytest.raises(RequestError, match=f"Did you mean {told!r}"):
        find_kept([f"{told}0"])
    with pytest.raises(RequestError, match="No model '' is kept"):
        find_kept([""])


def test_all_of_a_corpus_by_name_or_file(corpus, keep, tmp_path, monkeypatch):
    keep(seed=1)
    keep(seed=2)
    other = tmp_path / "other"
    other.mkdir()
    choose(ModelRequest(words_file(other, WORDS[::2]), "bigram"))
    monkeypatch.chdir(tmp_path)
    for name in (corpus, "words.txt", "other/../words.txt"):
        assert {kept.recipe.seed for kept in kept_of(name)} == {1, 2}
    assert len(kept_of("other/words.txt")) == 1
    with pytest.raises(RequestError, match=r"Did you mean .*words.txt"):
        kept_of(f"{corpus}t")


def test_nothing_of_it_is_left(corpus, keep):
    undertaking = keep()
    undertaking.keep(NOTHING_YET)
    Checkpoint.load(undertaking.path).save(stopped_path(undertaking.path))
    leftover = undertaking.path.with_name(f".gone.{SUFFIX}")
    leftover.write_bytes(b"half")
    other = cached_path(open_corpus(corpus), "bigram")
    make_folder(other.parent)
    other.with_name(f".gone.{SUFFIX}").write_bytes(b"half")
    remove(*kept_models())
    assert list(trained_folder().iterdir()) == []
    assert list(other.parent.iterdir()) == []


def test_the_checkpoint_goes_last(keep, monkeypatch):
    undertaking = keep()
    undertaking.keep(NOTHING_YET)
    removed = []
    monkeypatch.setattr(Path, "unlink", lambda path, **how: removed.append(path))
    remove(*kept_models())
    assert removed[0] == resume_path(undertaking.path)
    assert removed[2] == undertaking.path


def test_what_cannot_be_removed_is_told(keep, monkeypatch):
    path = keep().path

    def fails(*anything, **how):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "unlink", fails)
    said = f"Cannot remove {str(path)!r}: you have no permission to change its folder."
    with pytest.raises(TokgenError) as refused:
        remove(*kept_models())
    assert str(refused.value) == said
    assert path.exists()
