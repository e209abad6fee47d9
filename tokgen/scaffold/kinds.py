"""Kinds: what can be begun with `tokgen plugins new`, and what differs between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tokgen import registry
from tokgen.errors import RequestError, did_you_mean
from tokgen.scaffold.names import Names

CORPUS = "corpus"
COMMAND = "command"
SAMPLER = "sampler"


@dataclass(frozen=True)
class Kind:
    """A kind of plugin as its author thinks of it.

    Attributes:
        name: as it is typed.
        group: its entry-point group, without `tokgen.`.
        template: its source among the templates; None where it has no source.
        stand_in: the plugin's name in the template.
        requires: distributions that its source imports, beside tokgen.
        uses: commands that use it, with `{name}` for the plugin's.
        uses_file: the same where it is one file, `{file}`, that is not installed.
    """

    name: str
    group: registry.Kind
    template: str | None
    stand_in: str
    requires: tuple[str, ...]
    uses: tuple[str, str, str]
    uses_file: tuple[str, str, str] | None

    def attribute(self, names: Names) -> str:
        """What its entry point names in its module."""
        return "app" if self.name == COMMAND else names.class_name


_NUMPY = ("numpy>=1.26",)
_CHECK, _CHECK_FILE = "tokgen plugins check {name}", "tokgen plugins check {file}"
_MODEL_USES = (_CHECK, "tokgen train --model {name}", "tokgen generate --model {name}")
_MODEL_USES_FILE = (
    _CHECK_FILE,
    "tokgen train --plugin {file} --model {name}",
    "tokgen generate --plugin {file} --model {name}",
)

_ALL = (
    Kind(
        SAMPLER,
        "samplers",
        "sampler.py",
        "mix-uniform",
        _NUMPY,
        (_CHECK, "tokgen next abi --sampler {name}", "tokgen generate --sampler {name}"),
        (
            _CHECK_FILE,
            "tokgen next abi --plugin {file} --sampler {name}",
            "tokgen generate --plugin {file} --sampler {name}",
        ),
    ),
    Kind("model", "models", "model.py", "smoothed-bigram", _NUMPY, _MODEL_USES, _MODEL_USES_FILE),
    Kind(
        "torch-model",
        "models",
        "torch_model.py",
        "char-rnn",
        ("torch>=2.2",),
        _MODEL_USES,
        _MODEL_USES_FILE,
    ),
    Kind(
        "tokenizer",
        "tokenizers",
        "tokenizer.py",
        "letter-pairs",
        (),
        (_CHECK, "tokgen train --tokenizer {name}", "tokgen generate"),
        (
            _CHECK_FILE,
            "tokgen train --plugin {file} --tokenizer {name}",
            "tokgen generate --plugin {file}",
        ),
    ),
    Kind(
        CORPUS,
        "corpora",
        None,
        "rivers",
        (),
        (
            "tokgen corpora check {name}",
            "tokgen plugins check {name}",
            "tokgen generate --corpus {name}",
        ),
        None,
    ),
    Kind(
        COMMAND,
        "commands",
        "command.py",
        "surprising-lines",
        ("typer>=0.12",),
        (
            "tokgen {name} --help",
            "tokgen generate -n 100 --temp 2 --output words.txt",
            "tokgen {name} words.txt",
        ),
        (
            "python {file} --help",
            "tokgen generate -n 100 --temp 2 --output words.txt",
            "python {file} words.txt",
        ),
    ),
)
KINDS: Mapping[str, Kind] = {kind.name: kind for kind in _ALL}


def find_kind(name: str) -> Kind:
    """The kind of this name.

    Raises:
        RequestError: there is none; the nearest is suggested.
    """
    if name not in KINDS:
        raise RequestError(f"There is no kind {name!r}.{did_you_mean(name, KINDS)}")
    return KINDS[name]
