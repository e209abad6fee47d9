"""The model in the help of `tokgen.plugin_api.torch` is a plugin that works."""

from __future__ import annotations

import textwrap

from made_wrong import assert_keeps_everything
from running import tokgen
from words import words_file

from tokgen import registry
from tokgen.plugin_api import torch as room


def test_it_keeps_every_clause_and_is_trained(tmp_path):
    _, _, rest = room.__doc__.partition("--model bengio`:\n")
    source, _, _ = rest.partition("\nThis one reads contexts")
    path = tmp_path / "bengio.py"
    path.write_text(textwrap.dedent(source))
    asked = (
        "--model",
        "bengio",
        "--plugin",
        path,
        "-o",
        "steps=20",
        "--corpus",
        words_file(tmp_path),
    )
    done = tokgen("train", *asked, "--seed", 1, "--output", tmp_path / "m.safetensors")
    assert done.code == 0, done.err
    registry.add_file(path)
    assert_keeps_everything("models", "bengio")
