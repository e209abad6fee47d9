"""What a plan makes of a fitted model: a checkpoint that says where it came from."""

from __future__ import annotations

from tokgen import registry
from tokgen.corpus.tokenizer_choice import parse_tokenizer
from tokgen.plugin_api.model import LanguageModel
from tokgen.training.beginning import ancestor
from tokgen.training.checkpoint import Checkpoint
from tokgen.training.metadata import (
    FORMAT,
    Ancestor,
    CorpusRecord,
    Metadata,
    ModelRecord,
    TokenizerRecord,
    record,
)
from tokgen.training.plan import Plan


def planned_checkpoint(plan: Plan, model: LanguageModel) -> Checkpoint:
    """The checkpoint of a plan's fitted model, nothing measured yet."""
    tokenizer, node = _tokenizer_record(plan), record(plan.model_name, model)
    used = _plugins_by_key(tokenizer, node)
    metadata = Metadata(
        format=FORMAT,
        model=node,
        tokenizer=tokenizer,
        columns=dict(plan.vocabulary.columns),
        corpus=CorpusRecord(
            name=plan.corpus.lasting_name,
            fingerprint=plan.corpus.fingerprint,
            column=plan.corpus.text_column,
            where=dict(plan.corpus.where),
            documents=len(plan.corpus.documents),
        ),
        recipe=plan.recipe,
        plugins={key: found.owner for key, found in used.items() if not found.file},
        plugin_files={key: found.file for key, found in used.items() if found.file},
        ancestors=_ancestors(plan),
    )
    return Checkpoint(model, plan.tokenizer, metadata)


def _ancestors(plan: Plan) -> tuple[Ancestor, ...]:
    begun = plan.beginning
    if begun is None:
        return ()
    return (*begun.metadata.ancestors, ancestor(begun, plan.recipe.from_checkpoint))


def _tokenizer_record(plan: Plan) -> TokenizerRecord:
    name, _, options = parse_tokenizer(plan.chosen_tokenizer.written)
    return TokenizerRecord(
        name=name,
        options=options.model_dump(mode="json"),
        state=plan.tokenizer.to_json(),
    )


def _plugins_by_key(
    tokenizer: TokenizerRecord, model: ModelRecord
) -> dict[str, registry.FoundPlugin]:
    models = {f"models:{name}": registry.find("models", name) for name in model.names()}
    return {f"tokenizers:{tokenizer.name}": registry.find("tokenizers", tokenizer.name)} | models
