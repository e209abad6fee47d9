"""What to do where no checkpoint of a model can be told what is given: another, or a training."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress

from tokgen import registry
from tokgen.corpus.card import CorpusPackage, open_package
from tokgen.corpus.corpus import Corpus
from tokgen.corpus.once import is_standard_input
from tokgen.defaults import DEFAULT_CORPUS
from tokgen.errors import RequestError, TokgenError, did_you_mean
from tokgen.plugin_api.options import parse_options
from tokgen.training.default_model import choose_model
from tokgen.training.metadata import read_metadata
from tokgen.training.model_request import SHIPPED, ModelRequest
from tokgen.training.parts import reads_given


def cannot_be_told(
    request: ModelRequest, given: Mapping[str, str], corpus: Corpus, named: str, model: str
) -> RequestError:
    """No checkpoint of the model can be told the columns: why, and which command makes one.

    Args:
        request: what the user asked for.
        given: column -> value.
        corpus: the corpus of the request.
        named: the model or the checkpoint that the user named.
        model: the model's own name.

    Raises:
        RequestError: the corpus has no such column, or no such value; those that there are are
            told. Or there is no such model, or it has no such option.
        PluginError: the model fails.
    """
    kind = registry.load_model(model)
    for column, value in given.items():
        corpus.filtered({column: value})
    options = parse_options(kind.Options, request.options, f"Model {model!r}")
    columns = list(given)
    shipped = _shipped(corpus.package, columns)
    there_is = f" {shipped}" if shipped else ""
    if reads_given(kind, options):
        made = " with these options" if request.options else ""
        said = f"No {named!r} checkpoint{made} of {corpus.name!r} can be told {written(columns)}."
        makes = f" To make one: {_training(request, corpus, model, columns)}"
        return RequestError(f"{said}{there_is}{makes}")
    said = f"The model {model!r} cannot be told a column."
    if not there_is:
        request = ModelRequest(request.corpus, where=request.where, column=request.column)
        other = choose_model(None, corpus).name
        there_is = f" To make one that can: {_training(request, corpus, other, columns)}"
    return RequestError(f"{said}{there_is}")


def told_instead_by(corpus: str, columns: Sequence[str]) -> str:
    """Which model of a corpus can be told these columns, in a sentence.

    Args:
        corpus: the name of a corpus, whether or not it is here.
        columns: at least one.
    """
    package = None
    with suppress(TokgenError):
        package = open_package(corpus)
    known = package.card.data.columns if package else columns
    for column in columns:
        if column not in known:
            hint = did_you_mean(column, known) or " It has no columns."
            return f"Corpus {corpus!r} has no column {column!r}.{hint}"
    trained = f"One that was trained with --condition-on {','.join(columns)} can be told."
    return _shipped(package, columns) or trained


def _shipped(package: CorpusPackage | None, columns: Iterable[str]) -> str | None:
    """Which checkpoint of a corpus plugin can be told these columns, in a sentence."""
    wanted = set(columns)
    if package is None:
        return None
    for name, file in package.card.checkpoints.items():
        told = read_metadata(package.path(file)).columns
        if told and wanted <= told.keys():
            return f"The checkpoint {SHIPPED}:{name} can be told {written(told)}."
    return None


def written(columns: Iterable[str]) -> str:
    """`gender and origin`."""
    return " and ".join(columns) or "columns"


def _training(request: ModelRequest, corpus: Corpus, model: str, columns: Iterable[str]) -> str:
    """The command that trains a model which can be told the columns."""
    return shlex.join(["tokgen", "train", *_flags(request, corpus, model, columns)])


def _flags(
    request: ModelRequest, corpus: Corpus, model: str, columns: Iterable[str]
) -> Iterator[str]:
    if corpus.name != DEFAULT_CORPUS:
        yield from ("--corpus", "-" if is_standard_input(corpus.name) else corpus.name)
    if request.column is not None:
        yield from ("--column", request.column)
    yield from (f"--where={column}={value}" for column, value in request.where.items())
    yield from ("--model", model)
    for name, value in request.options.items():
        yield from ("-o", f"{name}={value if isinstance(value, str) else json.dumps(value)}")
    yield from ("--condition-on", ",".join(columns) or ",".join(corpus.columns))
    if file := registry.find("models", model).file:
        yield from ("--plugin", file)
