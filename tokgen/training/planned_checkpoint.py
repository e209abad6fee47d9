"""What a plan makes of a fitted model: a checkpoint that says where it came from."""

from __future__ import annotations

from tokgen import registry
from tokgen.defaults import DEFAULT_TOKENIZER
from tokgen.plugin_api.model import LanguageModel
from tokgen.plugin_api.options import parse_named, parse_options
from tokgen.training.checkpoint import Checkpoint
from tokgen.training.metadata import FORMAT, CorpusRecord, Metadata, TokenizerRecord, record
from tokgen.training.plan import Plan


def planned_checkpoint(plan: Plan, model: LanguageModel) -> Checkpoint:
    """The checkpoint of a plan's fitted model, nothing measured yet."""
    tokenizer, node = _tokenizer_record(plan), record(plan.model_name, model)
    metadata = Metadata(
        format=FORMAT,
        model=node,
        tokenizer=tokenizer,
        columns=dict(plan.vocabulary.columns),
        corpus=CorpusRecord(
            name=plan.corpus.name,
            fingerprint=plan.corpus.fingerprint,
            where=dict(plan.corpus.where),
            documents=len(plan.corpus.documents),
        ),
        recipe=plan.recipe,
        plugins=_owner("tokenizers", tokenizer.name)
        | {key: owner for name in node.names() for key, owner in _owner("models", name).items()},
    )
    return Checkpoint(model, plan.tokenizer, metadata)


def _tokenizer_record(plan: Plan) -> TokenizerRecord:
    written = parse_named(
        *registry.split_written("tokenizers", plan.recipe.tokenizer or DEFAULT_TOKENIZER)
    )
    declared = type(plan.tokenizer).Options
    options = parse_options(declared, written.options, f"Tokenizer {written.name!r}")
    return TokenizerRecord(
        name=written.name,
        options=options.model_dump(mode="json"),
        state=plan.tokenizer.to_json(),
    )


def _owner(kind: registry.Kind, name: str) -> dict[str, str]:
    found = registry.find(kind, name)
    return {f"{kind}:{name}": found.owner}
