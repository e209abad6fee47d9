"""Choosing a checkpoint for a corpus and a model, or making it where there is none.

In this order: the file named; what the user last trained for that corpus and model; what was
shipped with the corpus; the default recipe, trained now and kept in the user's cache.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from tokgen import registry
from tokgen.corpus.corpus import Corpus
from tokgen.corpus.opening import open_corpus
from tokgen.defaults import DEFAULT_CORPUS
from tokgen.errors import RequestError, did_you_mean
from tokgen.paths import is_there
from tokgen.plugin_api.fit_run import Progress, ignore
from tokgen.plugin_api.options import parse_options
from tokgen.training.checkpoint import Checkpoint, LacksPluginError
from tokgen.training.default_model import choose_model
from tokgen.training.default_training import train_now
from tokgen.training.kept import cached_path, trained_paths
from tokgen.training.kept_models import find_kept
from tokgen.training.metadata import read_metadata
from tokgen.training.model_request import KEPT, SHIPPED, ChosenCheckpoint, ModelRequest
from tokgen.training.told_instead import cannot_be_told, written

# What is done where there is no checkpoint of a model for a corpus.
Making = Callable[[ModelRequest, Corpus, str], ChosenCheckpoint]


def choose(request: ModelRequest, report: Callable[[Progress], None] = ignore) -> ChosenCheckpoint:
    """The checkpoint that the request means; trained now if need be; raises as `choose_or`."""
    return choose_or(
        request, lambda request, corpus, model: train_now(request, corpus, model, report)
    )


def choose_or(request: ModelRequest, make: Making) -> ChosenCheckpoint:
    """The checkpoint that the request means; where there is none, what `make` makes.

    Raises:
        RequestError: there is no such corpus, model, file or shipped checkpoint.
        PluginError: a plugin fails.
    """
    named = request.checkpoint
    if named is None:
        whole = open_corpus(request.corpus_or_default, column=request.column)
        return replace(_of_corpus(request, whole.filtered(request.where), make), corpus=whole)
    if request.corpus is None:
        _check_no_column(request)
        return _named(request, named, make)
    rows = open_corpus(request.corpus, request.where, request.column)
    # The rows are those of the corpus that is named, whichever the model was trained on.
    request = replace(request, where={})
    return replace(_named(request, named, make), corpus=rows)


def checkpoint_path(named: str, corpus: str | None = None) -> Path:
    """The file of a checkpoint that is named as a request names it.

    What is shipped is looked for beside the corpus that is named, where it comes with any; else
    beside the default one.

    Raises:
        RequestError: there is none of that name.
    """
    if named.startswith(KEPT + ":"):
        (kept,) = find_kept([named.removeprefix(KEPT + ":")])
        return kept.path
    if named != SHIPPED and not named.startswith(SHIPPED + ":"):
        return Path(named)
    there = corpus if corpus in registry.names("corpora") else DEFAULT_CORPUS
    opened = open_corpus(there)
    model = named.removeprefix(SHIPPED).removeprefix(":") or choose_model(None, opened).name
    path = shipped_path(opened, model)
    if path is None:
        raise RequestError(_not_shipped(opened, model, {}))
    return path


def _check_no_column(request: ModelRequest) -> None:
    if request.column is not None:
        raise RequestError(
            f"The column {request.column!r} is of no corpus: beside a checkpoint a table has to be "
            "named, too.",
            field="corpus",
        )


def _named(request: ModelRequest, named: str, make: Making) -> ChosenCheckpoint:
    """The checkpoint of this name, or at this path."""
    if named == SHIPPED:
        corpus = open_corpus(request.corpus_or_default, request.where, request.column)
        return _of_corpus(request, corpus, make)
    if named.startswith(SHIPPED + ":"):
        return _shipped_under(request, named.removeprefix(SHIPPED + ":"))
    if named.startswith(KEPT + ":"):
        (kept,) = find_kept([named.removeprefix(KEPT + ":")])
        return _at(request, kept.path)
    return _at(request, Path(named))


def _of_corpus(request: ModelRequest, corpus: Corpus, make: Making) -> ChosenCheckpoint:
    """The checkpoint of a corpus, one that is shipped with it where the request says so."""
    if request.given is not None:
        return _that_is_told(request, request.given, corpus)
    chosen = choose_model(request.model, corpus)
    found = _of_model(request, corpus, chosen.name, make)
    if chosen.reason is None:
        return found
    return replace(found, said=f"{chosen.reason} · {found.said}")


def _of_model(request: ModelRequest, corpus: Corpus, model: str, make: Making) -> ChosenCheckpoint:
    """The checkpoint of a corpus and a model."""
    if request.checkpoint is None:
        for trained in trained_paths(corpus, model):
            if _made_with(trained, request.options):
                return _last_trained(trained)
    shipped = shipped_path(corpus, model)
    if shipped and _made_with(shipped, request.options):
        return ChosenCheckpoint(Checkpoint.load(shipped), f"shipped with {corpus.name}")
    if request.checkpoint == SHIPPED:
        raise RequestError(_not_shipped(corpus, model, request.options))
    path = cached_path(corpus, model)
    if is_there(path) and not request.options:
        with suppress(RequestError):  # What the cache holds can be made again.
            return ChosenCheckpoint(
                Checkpoint.load(path), f"trained before by the default recipe: {path}"
            )
    registry.find("models", model)
    return make(request, corpus, model)


def _that_is_told(
    request: ModelRequest, given: Mapping[str, str], corpus: Corpus
) -> ChosenCheckpoint:
    """The checkpoint that can be told columns; of several one that can be told those given."""
    named = request.model or (corpus.card.given if corpus.card else None)
    if named is None:
        because = "its card names none" if corpus.card else "a file names none"
        raise RequestError(
            f"Which model of {corpus.name!r} is told {written(given)} is not known: {because}.",
            field="given",
        )
    shipped = shipped_path(corpus, named)
    model = named if shipped is None else read_metadata(shipped).model.name
    trained = [] if request.checkpoint == SHIPPED else trained_paths(corpus, model)
    names = _shipped_of(corpus, named)
    can_be_told = [
        path
        for path in (*trained, *names)
        if read_metadata(path).columns and _made_with(path, request.options)
    ]
    if not can_be_told:
        raise cannot_be_told(request, given, corpus, named, model)
    fitting = [path for path in can_be_told if given.keys() <= read_metadata(path).columns.keys()]
    path = (fitting or can_be_told)[0]
    if path in names:
        said = f"shipped with {corpus.name} as {names[path]}"
        return ChosenCheckpoint(Checkpoint.load(path), said)
    return _last_trained(path)


def _shipped_of(corpus: Corpus, named: str) -> dict[Path, str]:
    """The shipped checkpoint of this name; where it is a model's, then all others of the model."""
    if corpus.package is None or corpus.where:
        return {}
    shipped = {
        corpus.package.path(file): name for name, file in corpus.package.card.checkpoints.items()
    }
    return {
        path: name
        for path, name in sorted(shipped.items(), key=lambda each: each[1] != named)
        if name == named or read_metadata(path).model.name == named
    }


def _not_shipped(corpus: Corpus, model: str, options: Mapping[str, Any]) -> str:
    if corpus.where:
        rows = ", ".join(f"{column}={value}" for column, value in corpus.where.items())
        return (
            f"What is shipped with {corpus.name!r} was trained on all its rows, not only on those "
            f"with {rows}: leave the checkpoint out, and a model of these rows is trained."
        )
    known = sorted(corpus.card.checkpoints) if corpus.card else []
    there_is = f" There is: {', '.join(known)}." if known else ""
    made = " with these options" if options else ""
    return f"No {model!r} checkpoint{made} is shipped with {corpus.name!r}.{there_is}"


def _last_trained(path: Path) -> ChosenCheckpoint:
    try:
        checkpoint = Checkpoint.load(path)
    except LacksPluginError as lacks:
        # Nobody has named this checkpoint, so that it is said which one it is.
        said = f"{lacks} It is what you last trained: {path}"
        raise LacksPluginError(said, field=lacks.field) from None
    stopped = " and stopped early" if checkpoint.metadata.stopped else ""
    return ChosenCheckpoint(checkpoint, f"what you last trained{stopped}: {path}")


def shipped_path(corpus: Corpus, model: str) -> Path | None:
    """The checkpoint of this model that came with the corpus; a filtered corpus has none."""
    if corpus.package is None or corpus.where:
        return None
    relative = corpus.package.card.checkpoints.get(model)
    return corpus.package.path(relative) if relative else None


def _shipped_under(request: ModelRequest, name: str) -> ChosenCheckpoint:
    """The shipped checkpoint that the card lists under a name of its own."""
    corpus = open_corpus(request.corpus_or_default)
    path = shipped_path(corpus, name)
    if path is None:
        known = corpus.card.checkpoints if corpus.card else ()
        hint = did_you_mean(name, known)
        raise RequestError(f"No checkpoint {name!r} is shipped with {corpus.name!r}.{hint}")
    if request.model not in (None, name, held := read_metadata(path).model.name):
        raise RequestError(f"'shipped:{name}' holds the model {held!r}, not {request.model!r}.")
    _check_fixed(request, path, f"'shipped:{name}'")
    return ChosenCheckpoint(Checkpoint.load(path), f"shipped with {corpus.name} as {name}")


def _at(request: ModelRequest, path: Path) -> ChosenCheckpoint:
    checkpoint = Checkpoint.load(path)
    name = checkpoint.metadata.model.name
    if request.model not in (None, name):
        raise RequestError(f"{str(path)!r} holds the model {name!r}, not {request.model!r}.")
    _check_fixed(request, path, repr(str(path)))
    return ChosenCheckpoint(checkpoint, str(path))


def _check_fixed(request: ModelRequest, path: Path, named: str) -> None:
    """Refuse options and rows that are not those of the checkpoint which is named."""
    if not _made_with(path, request.options):
        raise RequestError(
            f"{named} holds a model that has other options: those of a checkpoint are fixed."
        )
    trained_on = read_metadata(path).corpus
    if request.where and dict(request.where) != trained_on.where:
        rows = " ".join(f"{column}={value}" for column, value in trained_on.where.items())
        raise RequestError(
            f"{named} holds a model of {f'the rows with {rows}' if rows else 'all rows'} of "
            f"{trained_on.name!r}: the rows of a checkpoint are fixed."
        )


def _made_with(path: Path, options: Mapping[str, Any]) -> bool:
    """Whether the checkpoint's model has these options, written as a user writes them."""
    if not options:
        return True
    model = read_metadata(path).model
    declared = registry.load_model(model.name).Options
    asked = parse_options(declared, options, f"Model {model.name!r}").model_dump(mode="json")
    return all(model.options.get(key) == asked[key] for key in options)
