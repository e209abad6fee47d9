"""The transformer: numpy, torch and Hugging Face's Llama agree; bits are a prefix' own."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from bits import assert_a_row_is_its_own
from hypothesis import given, settings
from hypothesis import strategies as st
from models import symbols
from tokgen_models.transformer import Transformer
from tokgen_models.transformer_layers import EPSILON, ROTARY_BASE
from tokgen_models.transformer_network import TorchTransformer

from tokgen.errors import RequestError
from tokgen.plugin_api.dataset import Dataset
from tokgen.plugin_api.encoded import EncodedDocuments
from tokgen.plugin_api.fit_run import FitRun
from tokgen.plugin_api.options import parse_options
from tokgen.plugin_api.prefixes import Prefixes
from tokgen.plugin_api.vocabulary import Vocabulary

PLAIN = symbols(5)
VOCABULARIES = {
    "plain": PLAIN,
    "start id": Vocabulary((*PLAIN.symbols, "^"), PLAIN.terminator_id, start_id=5),
    "columns": PLAIN.with_columns({"colour": ("red", "blue"), "size": ("large",)}),
}
SMALL = {"width": 12, "layers": 2, "heads": 3, "hidden": 7}
ROWS = [[], [1], [2, 2, 2, 2, 2, 2], [0, 3, 1, 2], [3, 1], [3, 1, 0]]


def network(vocabulary, seed=3, **options):
    """A network whose weights are large enough that attention looks at some tokens more."""
    begun = TorchTransformer.initial(
        Transformer.Options(**{**SMALL, **options}), vocabulary, seed=seed
    )
    with torch.no_grad():
        for parameter in begun.parameters():
            parameter.mul_(2 if parameter.dim() > 1 else 1.5)
    return begun


def in_numpy(begun):
    return Transformer.from_arrays(begun.options, begun.vocabulary, begun.arrays())


@pytest.mark.parametrize("norm", ["before", "after"])
@pytest.mark.parametrize("positions", ["rotary", "learned"])
@pytest.mark.parametrize("vocabulary", list(VOCABULARIES))
def test_forward_passes_agree(vocabulary, positions, norm):
    vocabulary = VOCABULARIES[vocabulary]
    begun = network(vocabulary, positions=positions, norm=norm)
    told = [(1, 0), (2, 1)] if vocabulary.columns else [()]
    for given_values in told:
        prefixes = Prefixes.of([[*vocabulary.beginning, *row] for row in ROWS], given_values)
        expected = begun.next_logprobs(prefixes)
        np.testing.assert_allclose(in_numpy(begun).next_logprobs(prefixes), expected, atol=5e-6)


def test_its_weights_are_those_of_llama():
    from transformers import LlamaConfig, LlamaForCausalLM

    begun = network(PLAIN)
    config = LlamaConfig(
        vocab_size=PLAIN.size,
        hidden_size=SMALL["width"],
        intermediate_size=SMALL["hidden"],
        num_hidden_layers=SMALL["layers"],
        num_attention_heads=SMALL["heads"],
        rms_norm_eps=EPSILON,
        rope_theta=ROTARY_BASE,
        tie_word_embeddings=True,
        attention_bias=False,
    )
    llama = LlamaForCausalLM(config).eval()
    tensors = {name: torch.from_numpy(array) for name, array in begun.arrays().items()}
    missing, unexpected = llama.load_state_dict(tensors, strict=False)
    assert (missing, unexpected) == (["lm_head.weight"], [])
    llama.tie_weights()
    for row in ROWS:
        read = torch.tensor([[PLAIN.terminator_id, *row]])
        with torch.no_grad():
            expected = torch.log_softmax(llama(read).logits[0, -1], dim=-1).numpy()
        actual = in_numpy(begun).next_logprobs(Prefixes.of([row]))[0]
        np.testing.assert_allclose(actual, expected, atol=2e-5)


@pytest.mark.parametrize("heads", [1, 3])
@pytest.mark.parametrize("batch", [1, 7, 64, 1000])
def test_equal_prefixes_get_equal_bits_in_every_batch(heads, batch):
    assert_a_row_is_its_own(in_numpy(network(PLAIN, heads=heads, width=30, hidden=17)), batch)


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_a_kept_state_equals_reading_anew(data):
    vocabulary = VOCABULARIES["columns"]
    model = in_numpy(network(vocabulary))
    token = st.integers(0, 4)

    def some_rows():
        told = (data.draw(st.integers(0, 2)), data.draw(st.integers(0, 1)))
        rows = data.draw(st.lists(st.lists(token, max_size=5), max_size=4))
        return [(row, told) for row in rows], Prefixes.of(rows, told)

    rows, prefixes = some_rows()
    decoder = model.decoder(prefixes)
    for _ in range(data.draw(st.integers(0, 10))):
        if not rows or data.draw(st.integers(0, 3)) == 0:
            more, prefixes = some_rows()
            decoder.join(prefixes)
            rows += more
        copied = decoder.copy() if data.draw(st.booleans()) else None
        # Each row once at most, as when documents end, or some of them twice.
        numbers, is_branching = st.integers(0, max(len(rows) - 1, 0)), data.draw(st.booleans())
        drawn = st.lists(numbers, max_size=6, unique=not is_branching) if rows else st.just([])
        parents = data.draw(drawn)
        added = data.draw(st.lists(token, min_size=len(parents), max_size=len(parents)))
        moved = np.array(parents, np.int64), np.array(added, np.int64)
        decoder.advance(*moved)
        rows = [
            ([*rows[parent][0], token], rows[parent][1])
            for parent, token in zip(parents, added, strict=True)
        ]
        alone = [model.next_logprobs(Prefixes.of([row], told))[0] for row, told in rows]
        assert decoder.logprobs().shape == (len(rows), 5)
        np.testing.assert_array_equal(decoder.logprobs(), np.array(alone).reshape(-1, 5))
        if copied is not None:
            # What a copy reads must be seen in no later row of the decoder.
            copied.advance(moved[0], 4 - moved[1])


def test_rotary_positions_see_distances_alone():
    """Of one layer: what is heard of a token depends on how far back it stands, not on where."""
    model = in_numpy(network(PLAIN, layers=1))
    near, far = (model.explain(Prefixes.of([row]))[0].values for row in ([1, 2], [1, 1, 2]))
    # Logarithms of the shares, but for the sum that a head divides by, are the scores.
    difference = np.log(far[-1]) - np.log(far[-2]) - (np.log(near[-1]) - np.log(near[-2]))
    np.testing.assert_allclose(difference, 0, atol=1e-5)


def test_it_explains_what_it_looks_at():
    model = in_numpy(network(PLAIN))
    prefixes = Prefixes.of([[3, 1]])
    first, second, _, _, softmax = model.explain(prefixes)
    of_head = SMALL["width"] // SMALL["heads"]
    shapes = f"softmax(Q x · K y / √{of_head}), Q and K {of_head} × {SMALL['width']}"
    assert first.name == f"attention of layer 1: {shapes}"
    assert first.rows == tuple(PLAIN.symbols[token] for token in (PLAIN.terminator_id, 3, 1))
    for attention in (first, second):
        assert attention.values.shape == (3, SMALL["heads"])
        assert attention.shares
        assert attention.columns[:2] == ("head 1", "head 2")
        np.testing.assert_allclose(attention.values.sum(axis=0), 1)
    np.testing.assert_array_equal(softmax.values, np.exp(model.next_logprobs(prefixes)[0]))


def test_learned_positions_end():
    assert in_numpy(network(PLAIN, positions="learned", max_positions=9)).max_positions == 9
    assert in_numpy(network(PLAIN)).max_positions is None


def test_the_heads_must_divide_the_width():
    with pytest.raises(RequestError, match="multiple of twice the heads"):
        parse_options(Transformer.Options, {"width": "12", "heads": "5"}, "Model 'transformer'")


def test_it_learns():
    data = Dataset(EncodedDocuments.of([[0, 1, 2, 3], [0, 1, 2, 3, 0, 1]] * 20), PLAIN)
    options = Transformer.Options(**SMALL, dropout=0, steps=60, batch_size=8, learning_rate=0.01)
    model = Transformer.fitted(options, PLAIN, data, data, FitRun(seed=1))
    assert model.next_logprobs(Prefixes.of([[0, 1, 2]]))[0].argmax() == 3
