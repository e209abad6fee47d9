"""Which models of a corpus stand beside each other, and the request for each."""

from __future__ import annotations

from dataclasses import replace

from tokgen import registry
from tokgen.corpus.corpus import Corpus
from tokgen.errors import RequestError
from tokgen.paths import is_there
from tokgen.training.kept import cached_path, trained_models
from tokgen.training.model_store import ModelRequest, shipped_path


def models_of(request: ModelRequest, corpus: Corpus, *, train: bool) -> dict[str, ModelRequest]:
    """By name, what is shipped with a corpus or kept of it, or (`train`) made of it now.

    What was trained last comes before what is shipped. A family that has a required option (a
    mixture's parts) is only there if it is kept.

    Raises:
        RequestError: there is none.
    """
    installed = [plugin.name for plugin in registry.find_plugins() if plugin.kind == "models"]
    kept = [*trained_models(corpus), *(n for n in installed if is_there(cached_path(corpus, n)))]
    found = {name: replace(request, model=name) for name in kept}
    for name in corpus.card.checkpoints if corpus.card else ():
        if name not in found and shipped_path(corpus, name):
            found[name] = replace(request, corpus=corpus.name, checkpoint=f"shipped:{name}")
    if train:
        others = [name for name in installed if name not in found and _needs_no_option(name)]
        found |= {name: replace(request, model=name) for name in others}
    if not found:
        raise RequestError(
            f"No model of {corpus.name!r} is shipped or kept: --train makes one of each family."
        )
    return dict(sorted(found.items()))


def _needs_no_option(name: str) -> bool:
    declared = registry.load_model(name).Options.model_fields.values()
    return not any(option.is_required() for option in declared)
