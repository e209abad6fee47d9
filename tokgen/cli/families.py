"""Which models of a corpus stand beside each other, and the request for each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from tokgen import registry
from tokgen.corpus.corpus import Corpus
from tokgen.paths import is_there
from tokgen.training.kept import cached_path, trained_models
from tokgen.training.model_request import ModelRequest
from tokgen.training.model_store import shipped_path


def models_there_are(request: ModelRequest, corpus: Corpus) -> dict[str, ModelRequest]:
    """By name, what is shipped with a corpus or kept of it.

    What was trained last comes before what is shipped.
    """
    kept = [*trained_models(corpus), *(n for n in _installed() if is_there(cached_path(corpus, n)))]
    found = {name: replace(request, model=name) for name in kept}
    for name in corpus.card.checkpoints if corpus.card else ():
        if name not in found and shipped_path(corpus, name):
            found[name] = replace(request, corpus=corpus.name, checkpoint=f"shipped:{name}")
    return found


def families_beside(
    found: Mapping[str, ModelRequest], request: ModelRequest
) -> dict[str, ModelRequest]:
    """By name, the families that are not among those found.

    A family that has a required option (a mixture's parts) is only compared if it is kept.
    """
    others = [name for name in _installed() if name not in found and _needs_no_option(name)]
    return {name: replace(request, model=name) for name in others}


def _installed() -> list[str]:
    return [plugin.name for plugin in registry.find_plugins() if plugin.kind == "models"]


def _needs_no_option(name: str) -> bool:
    declared = registry.load_model(name).Options.model_fields.values()
    return not any(option.is_required() for option in declared)
