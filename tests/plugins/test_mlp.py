"""The MLP: numpy and torch agree, and the shipped checkpoint can be made again."""

from __future__ import annotations

import numpy as np
import pytest
from models import symbols
from tokgen_models.mlp import ACTIVATIONS, MLP
from tokgen_models.mlp_network import TorchMLP

from tokgen.plugin_api.dataset import Dataset
from tokgen.plugin_api.encoded import EncodedDocuments
from tokgen.plugin_api.fit_run import FitRun
from tokgen.plugin_api.prefixes import Prefixes
from tokgen.plugin_api.vocabulary import Vocabulary

VOCABULARY = symbols(5)
STARTED = Vocabulary((*VOCABULARY.symbols, "^"), VOCABULARY.terminator_id, start_id=5)
TOLD = VOCABULARY.with_columns({"colour": ("red", "blue"), "size": ("large",)})


@pytest.mark.parametrize("vocabulary", [VOCABULARY, STARTED, TOLD])
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("layers", [1, 3])
def test_forward_passes_agree(activation, layers, vocabulary):
    options = MLP.Options(
        context=3, embedding=4, hidden=9, layers=layers, activation=activation, steps=3
    )
    data = Dataset(EncodedDocuments.of([[0, 1, 2, 3], [3, 3], []]), vocabulary)
    torch_model = TorchMLP.fitted(options, vocabulary, data, data, FitRun(seed=1))
    numpy_model = MLP.from_arrays(options, vocabulary, torch_model.arrays())
    rows = [[*vocabulary.beginning, *row] for row in ([], [1], [0, 4, 2], [3, 2, 1])]
    for told in [(1, 0), (2, 1)] if vocabulary.columns else [()]:
        prefixes = Prefixes.of(rows, told)
        expected = torch_model.next_logprobs(prefixes)
        np.testing.assert_allclose(numpy_model.next_logprobs(prefixes), expected, atol=1e-12)


@pytest.mark.parametrize("options", [{"hidden": 512}, {"hidden": 257, "layers": 3}, {"hidden": 11}])
@pytest.mark.parametrize("batch", [1, 7, 64, 1000])
def test_equal_contexts_get_equal_bits_in_every_batch(options, batch):
    model = MLP.initial(MLP.Options(**options), VOCABULARY, seed=1)
    contexts = np.random.default_rng(batch).integers(0, 5, (batch, 3))
    prefixes = Prefixes(contexts, np.full(batch, 3), np.zeros((batch, 0), np.int64))
    logprobs = model.next_logprobs(prefixes)
    for row in range(0, batch, 9):
        alone = model.next_logprobs(prefixes.select(np.array([row])))
        np.testing.assert_array_equal(logprobs[row], alone[0])
    (softmax,) = [step for step in model.explain(prefixes) if step.name == "softmax"]
    np.testing.assert_array_equal(softmax.values, np.exp(logprobs[0]))


def test_training_is_repeatable_and_keeps_the_best_weights():
    options = MLP.Options(hidden=16, embedding=3, steps=40, evaluate_every=5, learning_rate=0.05)
    rows = np.random.default_rng(0).integers(0, 4, (40, 5)).tolist()
    data = Dataset(EncodedDocuments.of(rows), VOCABULARY)
    held_out = Dataset(EncodedDocuments.of(rows[:9]), VOCABULARY)
    seen = []
    first = MLP.fitted(options, VOCABULARY, data, held_out, FitRun(3, report=seen.append))
    second = MLP.fitted(options, VOCABULARY, data, held_out, FitRun(3))
    for name, array in first.arrays().items():
        np.testing.assert_array_equal(array, second.arrays()[name])
    held_out_losses = [each.validation_loss for each in seen if each.validation_loss is not None]
    windows = held_out.all_windows(3)
    logprobs = first.next_logprobs(
        Prefixes(windows.contexts, np.full(len(windows.targets), 3), windows.given)
    )
    loss = -logprobs[np.arange(len(windows.targets)), windows.targets].mean()
    assert loss == pytest.approx(min(held_out_losses), abs=1e-5)


def test_wrong_tensors_are_refused():
    options = MLP.Options(hidden=4, embedding=2)
    data = Dataset(EncodedDocuments.of([[0, 1]]), VOCABULARY)
    arrays = MLP.fitted(options.model_copy(update={"steps": 1}), VOCABULARY, data, data, FitRun())
    good = arrays.arrays()
    for name in good:
        with pytest.raises(ValueError, match=f"tensor '{name}' has the shape"):
            MLP.from_arrays(options, VOCABULARY, {**good, name: good[name][:1]})
    poisoned = {**good, "output.bias": np.full_like(good["output.bias"], np.nan)}
    with pytest.raises(ValueError, match="finite"):
        MLP.from_arrays(options, VOCABULARY, poisoned)
