"""What users type for a recipe, a condition, options and sampler chains."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import numpy as np
import yaml
from hypothesis import strategies as st
from mutation import nearly_bytes, nearly_tree, texts, values
from pydantic import BaseModel, Field
from small_models import ngram
from target import Target

from tokgen.errors import TokgenError
from tokgen.exact.conditions import CONDITION_NAMES, parse_conditions
from tokgen.generation.sampler_syntax import parse_chain
from tokgen.plugin_api.options import PluginOptions, parse_named, parse_options
from tokgen.training.plan import plan
from tokgen.training.recipe import Recipe, read_recipe, setting_line

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


def recipe():
    """A file that `--config` names."""
    written = [yaml.safe_dump(RECIPE).encode(), b"model: mlp\noptions: {steps: 3}\n# end\n"]
    trees = nearly_tree([RECIPE]).map(lambda tree: yaml.safe_dump(tree).encode("utf-8", "replace"))
    return Target(
        st.one_of(nearly_bytes(written), trees),
        _plan,
        ("tokgen/training/recipe.py", "tokgen/yaml_table.py"),
    )


def _plan(content: bytes, folder: Path) -> None:
    path = folder / "recipe.yaml"
    path.write_bytes(content)
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


def condition():
    """Conditions as the REPL takes them, and documents that meet them."""
    return Target(
        st.lists(words, min_size=1, max_size=3).map(lambda said: _utf8(" ".join(said))),
        _draw_under_conditions,
        ("tokgen/exact/conditions.py", "tokgen/exact/condition_automata.py"),
    )


def _draw_under_conditions(content: bytes, folder: Path) -> None:
    conditions = parse_conditions(content.decode().split())
    model = ngram()
    for document in model.generate(2, seed=1, conditions=conditions):
        assert conditions.met_by(document.text, model.known)


keys = st.sampled_from(["t", "k", "p", "steps", "widths", "needed", "inner", "", " "])
items = st.one_of(st.builds(lambda k, v: f"{k}={v}", keys, st.one_of(texts, numbers)), texts)
tables = st.dictionaries(keys, values, max_size=4)
as_json = st.one_of(values, tables).map(json.dumps)


class Inner(BaseModel):
    depth: int = 1


class Taken(PluginOptions):
    """Options of each form that a plugin may declare."""

    widths: tuple[int, ...] = ()
    steps: int = Field(default=1, ge=1)
    needed: str
    inner: Inner = Inner()


def options():
    """Options as they follow a plugin's name, and `-o`."""
    written = st.one_of(st.lists(items, max_size=3).map(",".join), as_json, marks)
    return Target(
        written.map(_utf8),
        _take_options,
        ("tokgen/plugin_api/options.py",),
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
    return Target(texts.map(_utf8), _speak, ("tokgen/text_model/beginning.py",))


def _speak(content: bytes, folder: Path) -> None:
    said, model = content.decode(), ngram()
    for ask in (model.next, model.score, lambda prefix: list(model.generate(2, prefix=prefix))):
        with contextlib.suppress(TokgenError):
            ask(said)
