"""GuardedModel: the mixin in front of every model class that the registry loads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar, Self, cast

from tokgen.arrays import Arrays, Floats, Ints
from tokgen.guards.blame import NotAsPromisedError, Registered, blamed, not_blamed
from tokgen.guards.decoder import GuardedDecoder
from tokgen.guards.model_checks import (
    check_array_names,
    check_arrays_of_numbers,
    check_attributes,
    check_embedding_table,
    check_explanations,
    check_gradient_step,
    check_learned,
    check_state_keys,
    check_token_logprobs,
)
from tokgen.guards.rows import check_form, check_normalised, without_start
from tokgen.guards.stamp import adopted
from tokgen.guards.tiles import in_tiles
from tokgen.plugin_api.dataset import Dataset
from tokgen.plugin_api.decoder import Decoder, RecomputingDecoder
from tokgen.plugin_api.explanation import Explanation
from tokgen.plugin_api.fit_run import FitRun
from tokgen.plugin_api.gradient_step import GradientStep
from tokgen.plugin_api.learned import Shape
from tokgen.plugin_api.model import LanguageModel, Parts
from tokgen.plugin_api.prefixes import Prefixes
from tokgen.plugin_api.vocabulary import Vocabulary


class GuardedModel(LanguageModel):
    """Every call is blamed on the plugin, what it is given read-only, what it gives checked."""

    registered_as: ClassVar[Registered]
    implementation: ClassVar[type[LanguageModel]]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        with blamed(self.registered_as, "its constructor"):
            super().__init__(*args, **kwargs)

    @classmethod
    def fitted(
        cls,
        options: Any,
        vocabulary: Vocabulary,
        train: Dataset,
        validation: Dataset | None,
        run: FitRun,
        parts: Parts | None = None,
    ) -> Self:
        """A guarded model that has learnt."""
        with blamed(cls.registered_as, "fitted"):
            model = super().fitted(options, vocabulary, train, validation, run, parts)
            return cast(Self, adopted(model, cls))

    @classmethod
    def from_arrays(
        cls, options: Any, vocabulary: Vocabulary, arrays: Arrays, parts: Parts | None = None
    ) -> Self:
        """A guarded model from arrays; a ValueError says that they are not its arrays."""
        with blamed(cls.registered_as, "from_arrays", promised=ValueError):
            model = super().from_arrays(options, vocabulary, arrays, parts)
            return cast(Self, adopted(model, cls))

    @classmethod
    def initial(cls, options: Any, vocabulary: Vocabulary, seed: int) -> Self | None:
        """A guarded model that has learnt nothing yet."""
        with blamed(cls.registered_as, "initial"):
            begun = super().initial(options, vocabulary, seed)
            return None if begun is None else cast(Self, adopted(begun, cls))

    def fit(self, train: Dataset, validation: Dataset | None, run: FitRun) -> None:
        """Learn; afterwards everything that `learned` names must be there."""
        told = replace(
            run,
            report=not_blamed(run.report),
            save_snapshot=not_blamed(run.save_snapshot),
            watch=not_blamed(run.watch),
        )
        with blamed(self.registered_as, "fit"):
            super().fit(train, validation, told)  # type: ignore[safe-super]
            check_learned(self, self.implementation)

    def learned(self) -> Mapping[str, Shape | None]:
        """Names, each with a shape or None."""
        with blamed(self.registered_as, "learned"):
            learned = super().learned()  # type: ignore[safe-super]
            check_array_names(learned)
        return learned

    def prepare(self) -> None:
        """Get ready; afterwards the model's attributes must be what they may be."""
        with blamed(self.registered_as, "prepare", promised=ValueError):
            super().prepare()
            check_attributes(self)

    def arrays(self) -> Arrays:
        """What was learnt, in arrays of numbers."""
        with blamed(self.registered_as, "arrays"):
            arrays = super().arrays()
            check_arrays_of_numbers(arrays)
        return arrays

    def next_logprobs(self, prefixes: Prefixes) -> Floats:
        """Checked rows (B, V), asked for in tiles where the model does not promise equal bits."""
        asked = super().next_logprobs  # type: ignore[safe-super]

        def ask(prefixes: Prefixes) -> Floats:
            rows = asked(prefixes)
            check_form(rows, (len(prefixes), self.vocabulary.size), self.dtype)
            return rows

        with blamed(self.registered_as, "next_logprobs"):
            here, size = prefixes.last(self.context_length), self.vocabulary.size
            if self.batch_invariant:
                rows = ask(here.read_only())
            else:
                rows = in_tiles(ask, here, self.context_length, size, self.dtype)
            check_normalised(rows)
            return without_start(rows, self.vocabulary)

    def token_logprobs(self, documents: Prefixes) -> Floats | None:
        """Checked log-probabilities (B, T)."""
        with blamed(self.registered_as, "token_logprobs"):
            scored = super().token_logprobs(documents.read_only())
            if scored is not None:
                check_token_logprobs(scored, documents)
        return scored

    def embedding_table(self) -> Floats | None:
        """A checked table (V, K)."""
        with blamed(self.registered_as, "embedding_table"):
            table = super().embedding_table()
            if table is not None:
                check_embedding_table(table, self.vocabulary.size)
        return table

    def state_keys(self, prefixes: Prefixes) -> Ints:
        """Checked keys (B, W)."""
        if self.implementation.state_keys is LanguageModel.state_keys:
            return super().state_keys(prefixes)
        with blamed(self.registered_as, "state_keys"):
            keys = super().state_keys(prefixes.read_only())
            check_state_keys(keys, len(prefixes), self.vocabulary.size)
        return keys

    def explain(self, prefixes: Prefixes) -> list[Explanation]:
        """Checked steps."""
        with blamed(self.registered_as, "explain"):
            steps = super().explain(prefixes.read_only())
            check_explanations(steps)
        return steps

    def gradient_step(self, prefix: Prefixes, target: int, rate: float) -> GradientStep | None:
        """A step with a checked gradient (V,)."""
        with blamed(self.registered_as, "gradient_step"):
            step = super().gradient_step(prefix.read_only(), target, rate)
            if step is not None:
                check_gradient_step(step, self.vocabulary.size)
        return step

    def decoder(self, prefixes: Prefixes) -> Decoder:
        """The plugin's own decoder, guarded; one that asks the model anew needs no guard."""
        with blamed(self.registered_as, "decoder"):
            made = super().decoder(prefixes.read_only())
            if type(made) is RecomputingDecoder:
                return made
            if not isinstance(made, Decoder):
                raise NotAsPromisedError(f"it gives {type(made).__name__} instead of a Decoder")
        return GuardedDecoder(self.registered_as, made, len(prefixes), self.vocabulary, self.dtype)
