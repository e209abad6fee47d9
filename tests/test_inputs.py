"""What a command reads is never written over, by any road to the same file."""

from __future__ import annotations

import os
import threading

import pytest
from words import words_file
from written import NEW, OLD, WRITERS, stood_before, write, write_and_raise

from tokgen.corpus.card import open_package
from tokgen.corpus.opening import open_corpus
from tokgen.errors import RequestError
from tokgen.files import check_writable, writing_keeping_partial
from tokgen.inputs import inputs_so_far, reads, remembering_inputs
from tokgen.training.checkpoint import Checkpoint
from tokgen.training.plan import plan
from tokgen.training.recipe import Recipe
from tokgen.training.train import train

old = pytest.fixture(stood_before)


@WRITERS
def test_an_input_is_refused_until_the_block_ends(writing, old, tmp_path):
    hard, link = tmp_path / "hard", tmp_path / "link"
    os.link(old, hard)
    link.symlink_to(hard)
    with remembering_inputs():
        reads(str(old), tmp_path / "none")
        for path in (old, hard, link):
            for attempt in (check_writable, lambda path: write(writing, path)):
                with pytest.raises(RequestError, match="which this command reads"):
                    attempt(path)
    assert old.read_bytes() == OLD
    write(writing, old)
    assert old.read_bytes() == NEW


def test_nothing_is_remembered_outside_a_block_or_in_another_thread(old):
    reads(old)
    assert inputs_so_far() == ()
    told = []
    with remembering_inputs():
        reads(old)
        with remembering_inputs():
            assert inputs_so_far() == ()
        assert inputs_so_far() == (old,)
        other = threading.Thread(target=lambda: told.append(inputs_so_far()))
        other.start()
        other.join()
    assert told == [()]


def test_a_partial_file_that_is_an_input_is_kept(old):
    partial = old.with_name(f"{old.name}.partial")
    partial.write_bytes(OLD)
    with remembering_inputs():
        reads(partial)
        with pytest.raises(KeyboardInterrupt):
            write_and_raise(writing_keeping_partial, old, KeyboardInterrupt)
    assert partial.read_bytes() == OLD


def test_corpora_and_checkpoints_are_inputs(tmp_path):
    corpus, path = words_file(tmp_path), tmp_path / "m.safetensors"
    train(plan(Recipe(corpus=corpus, model="ngram"))).checkpoint.save(path)
    package = open_package("indian-names")
    with remembering_inputs():
        open_corpus(corpus)
        open_corpus("indian-names")
        Checkpoint.load(path)
        assert [str(each) for each in inputs_so_far()] == [
            corpus,
            str(package.path(package.card.data.file)),
            str(path),
        ]
