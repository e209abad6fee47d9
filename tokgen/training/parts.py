"""Parts: the whole models that a model is made of (a mixture's), named in its option `parts`."""

from __future__ import annotations

from pathlib import Path

from tokgen import registry
from tokgen.errors import RequestError
from tokgen.plugin_api.fit_run import FitRun
from tokgen.plugin_api.model import LanguageModel, Parts
from tokgen.plugin_api.options import parse_named, parse_options
from tokgen.training.checkpoint import Checkpoint
from tokgen.training.plan import Plan


def open_parts(plan: Plan, run: FitRun) -> Parts:
    """The models that the option `parts` names, each under the name that is written there.

    A checkpoint file is loaded; a model's name, with options as `ngram:order=3`, is fitted on the
    plan's training split.

    Raises:
        RequestError: there is no such model or file, or its tokens are not the plan's.
    """
    written = getattr(plan.options, "parts", ())
    return {each: _opened(each, plan, run) for each in written}


def _opened(written: str, plan: Plan, run: FitRun) -> LanguageModel:
    vocabulary = plan.tokenizer.vocabulary
    if written.endswith(".safetensors"):
        checkpoint = Checkpoint.load(Path(written))
        if checkpoint.tokenizer.vocabulary != vocabulary:
            raise RequestError(f"The part {written!r} has other tokens than the corpus.")
        return checkpoint.model
    named = parse_named(written)
    model_class = registry.load_model(named.name)
    options = parse_options(model_class.Options, named.options, f"Model {named.name!r}")
    validation = plan.corpus.split("validation")
    return model_class.fitted(
        options,
        vocabulary,
        plan.dataset(plan.corpus.split("train")),
        plan.dataset(validation) if len(validation) else None,
        run,
    )
