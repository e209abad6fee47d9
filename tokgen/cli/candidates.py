"""What an argument may be completed to: names, files and options.

Each function is the `autocompletion` of arguments: of what it gives, Typer keeps what begins with
what was typed. Nothing of a plugin is imported, and what cannot be read gives nothing or fails:
whoever asks takes a failure for no candidates.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress

import typer

from tokgen import registry
from tokgen.cli import named_before
from tokgen.errors import PluginError

Candidates = list[tuple[str, str]]


def corpora(incomplete: str) -> Candidates:
    """Corpora, and text files and tables."""
    return [*_named("corpora"), *_files(incomplete, (".txt", ".csv", ".tsv"))]


def models() -> Candidates:
    """Models."""
    return _named("models")


def models_and_checkpoints(incomplete: str) -> Candidates:
    """Models, and files of checkpoints."""
    return [*models(), *_checkpoint_files(incomplete)]


def samplers(incomplete: str) -> Candidates:
    """Samplers; after the colon the options of the one that is named."""
    return _with_options("samplers", incomplete)


def tokenizers(incomplete: str) -> Candidates:
    """Tokenizers; after the colon the options of the one that is named."""
    return _with_options("tokenizers", incomplete)


def checkpoints(ctx: typer.Context, incomplete: str) -> Candidates:
    """What is shipped with the corpus that was named before, and files."""
    from tokgen.corpus.card import open_package

    name = named_before.corpus_name(ctx)
    shipped = open_package(name).card.checkpoints if name in registry.names("corpora") else {}
    named = [(f"shipped:{each}", path) for each, path in shipped.items()]
    kept = [(f"kept:{each}", corpus) for each, corpus in kept_models()]
    whole = ("shipped", "the one that the corpus comes with")
    return [whole, *named, *kept, *_checkpoint_files(incomplete)]


def recipes(incomplete: str) -> Candidates:
    """Recipes that corpora come with, and files of recipes."""
    from tokgen.corpus.card import open_package

    named: Candidates = []
    for corpus in registry.names("corpora"):
        with suppress(PluginError):  # One broken corpus hides no other's recipes.
            names = sorted(open_package(corpus).recipes())
            named += [(f"{corpus}/{name}", "") for name in names]
    is_folder = os.path.isdir(os.path.dirname(incomplete) or ".")
    return [*named, *(_files(incomplete, (".yaml", ".yml")) if is_folder else ())]


def kept_models() -> Candidates:
    """The models that trainings have kept, each with its corpus."""
    from tokgen.training.kept_models import kept_models as found

    return [(kept.name, kept.recipe.corpus or "" if kept.recipe else "") for kept in found()]


def model_options(ctx: typer.Context) -> Candidates:
    """Options of the model that was named before, else of the corpus' default model."""
    model = registry.find("models", named_before.model_name(ctx))
    return [*_assignments(model, ctx.params.get("option"))]


def plugin_options(ctx: typer.Context) -> Candidates:
    """Options of the plugin that was named before."""
    name, kind = named_before.argument(ctx, "plugin"), ctx.params.get("kind")
    return [
        assignment
        for found in registry.find_plugins()
        if name in (found.name, registry.unambiguous_name(found)) and kind in (None, found.kind)
        for assignment in _assignments(found, ctx.params.get("option"))
    ]


def plugins(incomplete: str) -> Candidates:
    """Plugins of every kind, and Python files."""
    found = [each for kind in registry.KINDS for each in _named(kind)]
    return [*found, *_files(incomplete, (".py",))]


def plugins_with_options(incomplete: str) -> Candidates:
    """Tokenizers, models and samplers, and Python files."""
    kinds: tuple[registry.Kind, ...] = ("tokenizers", "models", "samplers")
    return [*(each for kind in kinds for each in _named(kind)), *_files(incomplete, (".py",))]


def plugin_files(incomplete: str) -> Candidates:
    """Python files."""
    return [*_files(incomplete, (".py",))]


def kinds() -> Candidates:
    """Kinds of plugins."""
    return [(kind, "") for kind in registry.KINDS]


def clauses() -> Candidates:
    """Clauses of all kinds, each with what it wants."""
    from tokgen.testing.catalogue import CLAUSES

    return sorted({each.id: each.wants for kept in CLAUSES.values() for each in kept}.items())


def _named(kind: registry.Kind) -> Candidates:
    return [
        (registry.unambiguous_name(found), registry.source_of(found).summary)
        for found in registry.find_plugins()
        if found.kind == kind and not registry.disabled_by(found)
    ]


def _with_options(kind: registry.Kind, incomplete: str) -> Candidates:
    """Names; of a name that stands there whole, the options behind a colon, too."""
    named = _named(kind)
    name, written = registry.split_written(kind, incomplete)
    if name not in dict(named):
        return named
    before, comma, _ = written.rpartition(",")
    assignments = _assignments(registry.find(kind, name), before.split(","))
    return [*named, *((f"{name}:{before}{comma}{each}", said) for each, said in assignments)]


def _assignments(
    found: registry.FoundPlugin, written: Iterable[str] | None
) -> Iterator[tuple[str, str]]:
    """`key=` and, where they can be named, its values, for the options that are not written yet."""
    there = {each.partition("=")[0] for each in written or ()}
    for option in registry.written_options(found):
        if option.name not in there:
            yield f"{option.name}=", option.description
            yield from ((f"{option.name}={value}", option.description) for value in option.values)


def _files(incomplete: str, endings: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Files with these endings and, beside them, folders.

    Of folders alone nothing is given: a shell completes them better.
    """
    folder, beginning = os.path.split(incomplete)
    with os.scandir(folder or ".") as entries:
        fitting = sorted(
            (each.name, each.is_dir())
            for each in entries
            if each.name.startswith(beginning) and (beginning or not each.name.startswith("."))
        )
    files = [name for name, is_folder in fitting if name.endswith(endings) and not is_folder]
    folders = [f"{name}/" for name, is_folder in fitting if is_folder and files]
    for name in (*files, *folders):
        # The folder stays as it was typed, "./" too.
        yield os.path.join(folder, name), ""


def _checkpoint_files(incomplete: str) -> Iterator[tuple[str, str]]:
    return _files(incomplete, (".safetensors",))
