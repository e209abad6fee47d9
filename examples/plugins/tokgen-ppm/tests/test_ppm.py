"""PPM against dictionaries of counts, one string after the other."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokgen_ppm.model import PPM

from tokgen.plugin_api import Dataset, EncodedDocuments, FitRun, Prefixes, Vocabulary

WITHOUT_START = Vocabulary(("a", "b", "c", "-"), terminator_id=3)
WITH_START = Vocabulary(("a", "b", "c", "-", "^"), terminator_id=3, start_id=4)
BEGINNING = "beginning"

vocabularies = st.sampled_from([WITHOUT_START, WITH_START])
corpora = st.lists(st.lists(st.integers(0, 2), max_size=7), min_size=1, max_size=8)
strings = st.lists(st.integers(0, 2), max_size=6)
options = st.fixed_dictionaries(
    {
        "order": st.none() | st.integers(0, 3),
        "begin": st.sampled_from(["deterministic", "longest"]),
    }
)


def fitted(vocabulary, documents, **options):
    data = Dataset(EncodedDocuments.of(documents), vocabulary)
    return PPM.fitted(PPM.Options(**options), vocabulary, data, None, FitRun())


def prefixes_of(vocabulary, strings):
    return Prefixes.of([[*vocabulary.beginning, *string] for string in strings])


def followers(documents, context):
    """How often each token follows the context, a tuple that may begin with BEGINNING."""
    counts = Counter()
    for document in documents:
        tokens = (BEGINNING, *document, WITHOUT_START.terminator_id)
        for end in range(1, len(tokens)):
            if end >= len(context) and tokens[end - len(context) : end] == context:
                counts[tokens[end]] += 1
    return counts


def probabilities(documents, string, order, begin):
    """Method C with exclusion, read off the papers: {token: probability}."""
    text = (BEGINNING, *string)
    longest = len(text) if order is None else min(order, len(text))
    levels = [followers(documents, text[len(text) - n :]) for n in range(longest + 1)]
    levels = [counts for counts in levels if counts]
    if begin == "deterministic":
        alone = [len(counts) == 1 for counts in levels]
        levels = levels[: alone.index(True) + 1] if any(alone) else levels
    remaining, told, escaped = {0, 1, 2, 3}, {}, 1.0
    for counts in reversed(levels):
        counts = {token: count for token, count in counts.items() if token in remaining}
        remaining = remaining - counts.keys()
        divisor = sum(counts.values()) + (len(counts) if remaining else 0)
        for token, count in counts.items():
            told[token] = escaped * count / divisor
        if counts:
            escaped *= 1 - sum(counts.values()) / divisor
    return told | {token: escaped / len(remaining) for token in remaining}


@given(vocabularies, corpora, st.lists(strings, min_size=1, max_size=4), options)
def test_the_probabilities_are_those_of_dictionaries(vocabulary, documents, strings, options):
    model = fitted(vocabulary, documents, **options)
    rows = np.exp(model.next_logprobs(prefixes_of(vocabulary, strings)))
    np.testing.assert_allclose(rows.sum(axis=1), 1, rtol=1e-12)
    for row, string in zip(rows, strings, strict=True):
        told = probabilities(documents, string, **options)
        np.testing.assert_allclose(row[:4], [told[token] for token in range(4)], rtol=1e-9)
        assert not row[4:].any()


def test_one_string_by_hand():
    # After "a": twice b, once the end. Below it a (2 times) is left, then c alone.
    model = fitted(WITHOUT_START, [[0, 1], [0, 1, 0]], order=1)
    row = np.exp(model.next_logprobs(Prefixes.of([[0]])))[0]
    np.testing.assert_allclose(row, [2 / 5 * 3 / 4, 2 / 5, 2 / 5 * 1 / 4, 1 / 5])


@given(vocabularies, corpora, strings, options, st.data())
def test_the_decoder_is_at_each_step_what_is_computed_anew(
    vocabulary, documents, string, options, data
):
    model = fitted(vocabulary, documents, **options)
    prefixes = prefixes_of(vocabulary, [string, []])
    decoder = model.decoder(prefixes)
    for _ in range(3):
        rows = st.lists(st.integers(0, len(prefixes) - 1), min_size=1, max_size=3)
        parents = np.array(data.draw(rows))
        tokens = np.array([data.draw(st.integers(0, 2)) for _ in parents])
        decoder.advance(parents, tokens)
        joined = prefixes_of(vocabulary, [data.draw(strings)])
        decoder.join(joined)
        prefixes = prefixes.select(parents).append(tokens).join(joined)
        np.testing.assert_array_equal(decoder.logprobs(), model.next_logprobs(prefixes))


@given(vocabularies, corpora, st.lists(strings, min_size=1, max_size=4), options)
def test_whole_documents_are_scored_step_by_step(vocabulary, documents, scored, options):
    model = fitted(vocabulary, documents, **options)
    ends = [[*string, vocabulary.terminator_id] for string in scored]
    told = model.token_logprobs(Prefixes.of(ends))
    for row, document in zip(told, ends, strict=True):
        befores = [document[:n] for n in range(len(document))]
        steps = model.next_logprobs(prefixes_of(vocabulary, befores))
        expected = steps[np.arange(len(document)), document]
        np.testing.assert_array_equal(row[len(row) - len(document) :], expected)


@given(corpora, strings, options)
def test_what_is_saved_comes_back(documents, string, options):
    model = fitted(WITHOUT_START, documents, **options)
    again = PPM.from_arrays(model.options, WITHOUT_START, model.arrays())
    prefixes = Prefixes.of([string])
    np.testing.assert_array_equal(again.next_logprobs(prefixes), model.next_logprobs(prefixes))


@pytest.mark.parametrize("following", [np.array([[0]]), np.array([0.5]), np.array([4])])
def test_what_cannot_have_been_learnt_is_refused(following):
    with pytest.raises(ValueError, match="following"):
        PPM.from_arrays(PPM.Options(), WITHOUT_START, {"following": following})
