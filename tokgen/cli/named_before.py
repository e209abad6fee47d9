"""What the words before the one that is completed name: a corpus, a model, a checkpoint."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from tokgen import registry

if TYPE_CHECKING:
    from tokgen.corpus.corpus import Corpus

# A larger file is not read for a key press.
LARGEST_READ = 16 << 20


def corpus_name(ctx: typer.Context) -> str:
    """The corpus that was named before, that of the checkpoint that was, or the default."""
    from tokgen.defaults import DEFAULT_CORPUS
    from tokgen.training.metadata import read_metadata

    named, checkpoint = ctx.params.get("corpus") or argument(ctx, "name"), checkpoint_file(ctx)
    if named is None and checkpoint is not None:
        named = read_metadata(checkpoint).corpus.name
    return DEFAULT_CORPUS if named is None else str(named)


def argument(ctx: typer.Context, name: str) -> str | None:
    """An argument that stands before the option that is completed; Typer has not named it yet."""
    if name not in ctx.params:
        return None
    first: str | None = next(iter(ctx.args), ctx.params[name])
    return first


def checkpoint_file(ctx: typer.Context) -> Path | None:
    """The checkpoint that was named before, where it is a file."""
    path = Path(ctx.params.get("checkpoint") or "")
    return path if path.is_file() else None


def quick_corpus(ctx: typer.Context) -> Corpus:
    """The corpus that was named before.

    Raises:
        ValueError: it is a file so large that it cannot be read while a user waits.
    """
    from tokgen.corpus.opening import open_corpus

    name = corpus_name(ctx)
    file = Path(name)
    is_quick = file.is_file() and file.stat().st_size <= LARGEST_READ
    if name not in registry.names("corpora") and not is_quick:
        raise ValueError("It cannot be read while a user waits.")
    return open_corpus(name)


def model_name(ctx: typer.Context) -> str:
    """The model that was named before, else that of the checkpoint or of the corpus."""
    from tokgen.corpus.card import open_package
    from tokgen.training.default_model import choose_model
    from tokgen.training.metadata import read_metadata

    named, checkpoint = ctx.params.get("model"), checkpoint_file(ctx)
    if named is not None:
        return str(named)
    if checkpoint is not None:
        return read_metadata(checkpoint).model.name
    corpus = corpus_name(ctx)
    if corpus in registry.names("corpora"):
        return open_package(corpus).card.model
    return choose_model(None, quick_corpus(ctx)).name


def columns_told(ctx: typer.Context) -> Mapping[str, tuple[str, ...]]:
    """The columns of the checkpoint that was named, else of the one that the card names for it."""
    from tokgen.corpus.card import open_package
    from tokgen.training.metadata import read_metadata

    path, corpus = checkpoint_file(ctx), corpus_name(ctx)
    if path is None and corpus in registry.names("corpora"):
        package = open_package(corpus)
        checkpoint = ctx.params.get("checkpoint") or ""
        named = checkpoint.removeprefix("shipped").removeprefix(":") or package.card.given
        path = package.path(package.card.checkpoints[named]) if named else None
    return {} if path is None else read_metadata(path).columns
