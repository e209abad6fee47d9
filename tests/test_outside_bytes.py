"""Whatever is typed or read, the answer is a result or a sentence, never a traceback.

Each test makes a few hundred tries; TOKGEN_FUZZ=20000 makes that many of each.
"""

from __future__ import annotations

import json
import os

import numpy as np
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import tokgen
from tokgen.corpus.corpus import open_corpus
from tokgen.corpus.report import check, report
from tokgen.errors import RequestError, TokgenError
from tokgen.exact.conditions import Conditions, parse_lengths
from tokgen.plugin_api.options import parse_assignments
from tokgen.session.commands import COMMANDS
from tokgen.session.events import Refused
from tokgen.session.session import Session
from tokgen.session.state import Settings, State
from tokgen.text_model.text_model import TextModel
from tokgen.training.checkpoint import Checkpoint
from tokgen.training.model_store import ModelRequest
from tokgen.training.plan import plan
from tokgen.training.recipe import Recipe, read_recipe
from tokgen.training.tensor_file import read_tensors, read_text, write_tensors
from tokgen.training.train import train

TRIES = int(os.environ.get("TOKGEN_FUZZ", "150"))
fuzz = settings(
    max_examples=TRIES,
    deadline=None,
    derandomize="TOKGEN_FUZZ" not in os.environ,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
texts = st.one_of(st.text(max_size=12), st.text("abz-?*:=,. ", max_size=12))
words = st.text("abcdefghijklmnopqrstuvwxyz", max_size=8)


@pytest.fixture(scope="module")
def model():
    return tokgen.load("indian-names", "ngram")


@fuzz
@given(text=texts)
def test_prefixes_and_names(model, text):
    for ask in (model.next, model.score, lambda prefix: list(model.generate(2, prefix=prefix))):
        try:
            ask(text)
        except RequestError as error:
            assert str(error)


names = st.sampled_from(["temperature", "top_k", "top_p", "min_p", "greedy", "tempreature"])
keys = st.sampled_from(["t", "k", "p", "share", ""])
values = st.one_of(st.floats().map(str), st.integers().map(str), texts)


@fuzz
@given(
    link=st.one_of(texts, st.builds(lambda n, k, v: f"{n}:{k}={v}", names, keys, values)),
    prefix=words,
)
def test_samplers_and_their_options(model, link, prefix):
    try:
        shown = model.next(prefix, [link])
    except RequestError as error:
        assert str(error)
    else:
        assert np.exp(shown.final_logprobs).sum() == pytest.approx(1)


@fuzz
@given(lengths=texts, pattern=texts, suffix=texts, contains=texts)
def test_conditions(model, lengths, pattern, suffix, contains):
    try:
        conditions = Conditions(
            parse_lengths(lengths) if lengths else None, pattern or None, suffix or None, contains
        )
        assert len(list(model.generate(2, conditions=conditions))) == 2
    except RequestError as error:
        assert str(error)


@fuzz
@given(assignments=st.lists(texts, max_size=3))
def test_model_options(assignments):
    try:
        options = parse_assignments(assignments)
        plan(Recipe(model="mlp", options=options))
    except RequestError as error:
        assert str(error)


recipes = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), texts),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.one_of(st.sampled_from([*Recipe.model_fields, "order", "steps"]), texts),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=8,
)


@fuzz
@given(content=st.one_of(st.binary(max_size=60), recipes.map(lambda r: yaml.safe_dump(r).encode())))
def test_recipes(tmp_path, content):
    path = tmp_path / "recipe.yaml"
    path.write_bytes(content)
    try:
        plan(Recipe.model_validate(read_recipe(path)))
    except TokgenError as error:
        assert str(error)


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    folder = tmp_path_factory.mktemp("fuzz")
    (folder / "words.txt").write_text("\n".join(f"{a}{b}na" for a in "bdk" for b in "aeiou"))
    path = folder / "m.safetensors"
    recipe = Recipe(corpus=str(folder / "words.txt"), model="ngram", options={"order": 2})
    train(plan(recipe)).checkpoint.save(path)
    return read_tensors(path), json.loads(read_text(path))


def places(tree, path=()):
    """The path to each thing in a JSON tree."""
    yield path
    if isinstance(tree, dict):
        for key, inner in tree.items():
            yield from places(inner, (*path, key))


@fuzz
@given(data=st.data())
def test_checkpoint_metadata(saved, tmp_path, data):
    arrays, tree = saved
    tree = json.loads(json.dumps(tree))
    *way, last = data.draw(st.sampled_from([path for path in places(tree) if path]))
    holder = tree
    for key in way:
        holder = holder[key]
    holder[last] = data.draw(recipes)
    path = tmp_path / "m.safetensors"
    write_tensors(path, arrays, json.dumps(tree))
    try:
        loaded = Checkpoint.load(path)
        assert loaded.model.context_length is not None
    except TokgenError as error:
        assert str(error)


@fuzz
@given(
    content=st.one_of(
        st.binary(max_size=80),
        texts.map(lambda text: text.encode("utf-8", "surrogatepass")),
        st.lists(texts, max_size=30).map(lambda lines: "\n".join(lines).encode("utf-8", "replace")),
        st.lists(words, min_size=20, max_size=40).map(lambda lines: "\r\n".join(lines).encode()),
    )
)
def test_corpus_bytes(tmp_path, content):
    path = tmp_path / "corpus.txt"
    path.write_bytes(content)
    try:
        corpus = open_corpus(str(path))
        check(corpus)
        report(corpus)
        trained = train(plan(Recipe(corpus=str(path), model="ngram"))).checkpoint
        model = TextModel(trained)
        list(model.generate(3))
    except RequestError as error:
        assert str(error)


lines = st.one_of(
    texts,
    st.just(""),
    st.builds(
        lambda command, rest: f":{command} {rest}",
        st.sampled_from([*COMMANDS, "unknown"]),
        st.one_of(texts, words, st.integers(-3, 30).map(str)),
    ),
)


@fuzz
@given(typed=st.lists(lines, min_size=1, max_size=4))
def test_sessions(model, typed, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    session = Session(State(model, Settings(seed=1), ModelRequest(), lambda request: model))
    for line in typed:
        told = [event.text for event in session.handle(line) if isinstance(event, Refused)]
        assert not any("failed: " in text for text in told), told
