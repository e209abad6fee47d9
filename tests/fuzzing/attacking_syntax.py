"""What users type for a recipe, a condition, options and sampler chains."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Self

import numpy as np
import yaml
from hypothesis import strategies as st
from mutation import nearly_bytes, nearly_tree, texts, values
from pydantic import BaseModel, Field, model_validator
from small_models import ngram, overlapping, without_pieces
from target import Target

from tokgen.errors import TokgenError
from tokgen.exact.condition_syntax import CONDITION_NAMES, parse_conditions
from tokgen.exact.joint_automaton import text_automaton_of
from tokgen.generation.sampler_syntax import parse_chain
from tokgen.plugin_api.options import PluginOptions, parse_named, parse_options
from tokgen.text_model.beginning import can_follow
from tokgen.text_model.text_model import TextModel
from tokgen.training.plan import plan
from tokgen.training.recipe import Recipe, find_recipe, read_recipe, setting_line

RECIPE = {
    "corpus": "indian-names",
    "where": {"gender": "f"},
    "deduplicate": True,
    "tokenizer": "alphabet",
    "model": "mlp",
    "options": {"steps": 3, "hidden": 5},
    "seed": 1,
    "refit": False,
    "device": "cpu",
}


RECIPE_NAMES = ("indian-names/", "recipe.yaml")
KNOWN_RECIPES = (
    b"indian-names/gru",
    b"indian-names/nosuch",
    b"recipe.yaml",
    b"from_checkpoint: other.safetensors",
    b"corpus: -",
    b"corpus: other/words.txt",
    b"- model",
    b"model: mlp\nmodel: gru",
    b"a: &a [1]\nb: *a",
    b"a: !!int 3x",
    b"[" * 50,
    b"a: " + b"9" * 5000,
    b"a: {b: " * 30,
    b"#" * 70_000,
    b"\xff",
    b"? [a]\n: b",
    b"options: {steps: 3}\nmodel: 'mlp",
)


def recipe():
    """A file that `--config` names."""
    written = [yaml.safe_dump(RECIPE).encode(), b"model: mlp\noptions: {steps: 3}\n# end\n"]
    trees = nearly_tree([RECIPE]).map(lambda tree: yaml.safe_dump(tree).encode("utf-8", "replace"))
    return Target(
        st.one_of(nearly_bytes(written), trees),
        _plan,
        ("tokgen/training/recipe.py", "tokgen/yaml_table.py"),
        KNOWN_RECIPES,
    )


def _plan(content: bytes, folder: Path) -> None:
    path = folder / "recipe.yaml"
    path.write_bytes(content)
    name = content.decode(errors="replace").partition("\n")[0]
    if name.startswith(RECIPE_NAMES):
        find_recipe(Path(name))
    settings = read_recipe(path)
    setting_line(path, ["options", "steps"])
    plan(Recipe.model_validate(settings))


marks = st.text("ab?*[]^-\\.,=: ", max_size=14)
numbers = st.one_of(st.integers(-3, 80).map(str), st.just("9" * 30), texts)
lengths = st.one_of(
    st.builds(lambda low, high: f"{low}..{high}", numbers, numbers), numbers, st.just("..")
)
words = st.one_of(
    st.builds(lambda key, value: f"{key}={value}", st.sampled_from(CONDITION_NAMES), marks),
    st.builds(lambda key, value: f"{key}={value}", st.sampled_from(CONDITION_NAMES), texts),
    lengths.map(lambda said: f"length={said}"),
    st.sampled_from([*CONDITION_NAMES, "pattern=?a*na", "suffix=na"]),
    texts,
)


KNOWN_CONDITIONS = (
    b"novel-distance=0",
    b"novel-distance=x",
    b"min-logprob=1",
    b"min-logprob=-9",
    b"quality=2",
    b"novel-distance=1",
    b"suffix=" + b"a" * 5000,
    b"pattern=" + b"?" * 5000,
    b"length=9..4",
    b"length=99999",
    b"length=4-9",
    b"length=",
    b"nosuch=1",
    b"novel",
    b"novel=1",
    b"novel novel",
    b"suffix=na suffix=na",
    b"length=2..9 suffix=na contains=b exclude=m novel",
    b"pattern=[^b]*[a\\-n]",
    b"pattern=[",
    b"pattern=[]",
    b"pattern=a\\",
    b"exclude=banmdkolieu",
    b"",
)


def condition():
    """Conditions as the REPL takes them, and documents that meet them."""
    return Target(
        st.lists(words, min_size=1, max_size=3).map(lambda said: _utf8(" ".join(said))),
        _draw_under_conditions,
        (
            "tokgen/exact/conditions.py",
            "tokgen/exact/condition_syntax.py",
            "tokgen/exact/condition_automata.py",
            "tokgen/exact/joint_automaton.py",
        ),
        KNOWN_CONDITIONS,
    )


# Bytes in which no tree of a corpus has room.
LITTLE = 1


def _draw_under_conditions(content: bytes, folder: Path) -> None:
    conditions = parse_conditions(content.decode().split())
    model = ngram()
    for document in model.generate(2, seed=1, conditions=conditions):
        assert conditions.met_by(document.text, model.known)
    text_automaton_of(conditions, lambda: model.known, memory=LITTLE)


keys = st.sampled_from(["t", "k", "p", "steps", "widths", "needed", "inner", "", " "])
items = st.one_of(st.builds(lambda k, v: f"{k}={v}", keys, st.one_of(texts, numbers)), texts)
tables = st.dictionaries(keys, values, max_size=4)
as_json = st.one_of(values, tables).map(json.dumps)


class Inner(BaseModel, extra="forbid"):
    depth: int = 1


class Taken(PluginOptions):
    """Options of each form that a plugin may declare, and what it may say of them together."""

    widths: tuple[int, ...] = ()
    steps: int = Field(default=1, ge=1)
    needed: str
    inner: Inner = Inner()

    @model_validator(mode="after")
    def fit_together(self) -> Self:
        """Refuse some, and fail at some."""
        if len(self.widths) > self.steps + 3:
            raise ValueError("there are more widths than steps")
        if self.inner.depth == 0:
            raise ZeroDivisionError
        return self


KNOWN_OPTIONS = (
    b"needed=a,steps=2",
    b"needed=a,steps=0",
    b"needed=a,inner=3",
    b"needed=a,nosuch=1",
    b"needed=a,needed=b",
    b"steps=1",
    b"needed",
    b"{]",
    b'{"needed": "a", "widths": "[1, 2]"}',
    b'{"needed": "a", "widths": "[1, 2"}',
    b'{"needed": "a", "widths": "1, 2"}',
    b'{"needed": "a", "widths": ""}',
    b'{"needed": "a", "widths": [1, 2, 3, 4, 5, 6]}',
    b'{"needed": "a", "inner": {"depth": 0}}',
    b'{"needed": "a", "inner": {"dept": 1}}',
    b'{"needed": "a", "widths": {"x": {"y": 1}}}',
    b'{"needed": "a", "steps": {"more": 1}}',
)


def options():
    """Options as they follow a plugin's name, and `-o`."""
    written = st.one_of(st.lists(items, max_size=3).map(",".join), as_json, marks)
    return Target(
        written.map(_utf8),
        _take_options,
        ("tokgen/plugin_api/options.py",),
        KNOWN_OPTIONS,
    )


def _take_options(content: bytes, folder: Path) -> None:
    named = parse_named("taken", content.decode())
    parse_options(Taken, named.options, f"Model {named.name!r}")


names = st.sampled_from(["temperature", "top_k", "top_p", "min_p", "greedy", "tempreature", "t:t"])
links = st.builds(
    lambda name, colon, rest: f"{name}{colon}{rest}",
    names,
    st.sampled_from(["", ":", "::", "={"]),
    st.one_of(st.lists(items, max_size=2).map(",".join), as_json),
)


def sampler_chain():
    """Samplers as `--sampler` takes them, and the distribution under them."""
    return Target(
        st.lists(links, max_size=3).map(lambda said: _utf8("\n".join(said))),
        _show_under_chain,
        ("tokgen/generation/sampler_syntax.py",),
    )


def _show_under_chain(content: bytes, folder: Path) -> None:
    chain = parse_chain(content.decode().split("\n") if content else [])
    shown = ngram().next("ba", chain)
    assert abs(np.exp(shown.final_logprobs).sum() - 1) < 1e-9


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "replace")


def text():
    """A prefix, and a document to be scored."""
    letters = st.text("aehlmrsbn", max_size=12)
    known = ("", "s", "sh", "ramesh", "lash", "esh", "lala" * 30, "sh" * 40, "xyz", "e\u0301")
    return Target(
        st.one_of(texts, letters).map(_utf8),
        _speak,
        ("tokgen/text_model/beginning.py",),
        tuple(map(_utf8, known)),
    )


def _speak(content: bytes, folder: Path) -> None:
    said = content.decode()
    for model in (ngram(), overlapping(), without_pieces()):
        for ask in (model.next, model.score, lambda text, model=model: _go_on(model, text)):
            with contextlib.suppress(TokgenError):
                ask(said)


def _go_on(model: TextModel, prefix: str) -> None:
    """Generate, and say of each document how far it agrees with the prefix and goes on from it."""
    given = model.given_prefix(prefix)
    for document in model.generate(6, prefix=prefix, seed=1):
        ids = model.tokenizer.encode(document.text)[len(given.beginning.ids) :]
        if can_follow(given.beginning, ids):
            given.after(model.tokenizer, ids[:1])
