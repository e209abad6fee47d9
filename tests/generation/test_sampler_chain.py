"""Sampler chains: branches, positions and histories, against distributions worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from chain_states import state_after
from models import CountingModel, TableModel, symbols

from tokgen.errors import PluginError, RequestError
from tokgen.exact.markov.compilation import compile_chain
from tokgen.generation.grow import generate, grow
from tokgen.generation.growth import Beginning, Growth
from tokgen.generation.sampler_chain import ChainedSampler, SamplerChain
from tokgen.generation.sampler_syntax import parse_chain
from tokgen.plugin_api import Branches, Field, PluginOptions, Sampler

HALF = np.log(0.5)


class WithoutTop(Sampler):
    """With the probability one half the most probable token is removed."""

    def apply(self, logprobs, context):
        without = logprobs.copy()
        without[np.arange(len(without)), logprobs.argmax(axis=1)] = -np.inf
        return Branches((0.5, without), (0.5, logprobs))


class Square(Sampler):
    """Temperature one half: a sampler after which a mixture is no longer a mixture."""

    def apply(self, logprobs, context):
        return 2 * logprobs


class NoEndBefore(Sampler):
    """The terminator is impossible for the first two tokens."""

    needs = "position"
    constant_after = 2

    def apply(self, logprobs, context):
        changed = logprobs.copy()
        changed[context.position < 2, context.vocabulary.terminator_id] = -np.inf
        return changed


class NoRepeat(Sampler):
    """A token that was drawn is not drawn again; what stood in the prefix does not count."""

    needs = "history"

    def apply(self, logprobs, context):
        changed = logprobs.copy()
        for row in range(len(logprobs)):
            drawn = context.ids[row][int(context.start[row]) :]
            changed[row, drawn] = -np.inf
        return changed


class Surprised(Sampler):
    """The last token's surprisal is the temperature: a state that follows from what was drawn."""

    needs = "history"

    def apply(self, logprobs, context):
        if not context.surprisal_drawn.shape[1]:
            return logprobs
        return logprobs / (0.5 + context.surprisal_drawn[:, -1:])


def chain_of(*samplers):
    return SamplerChain(tuple(ChainedSampler(type(each).__name__, each) for each in samplers))


def made(sampler):
    return sampler(PluginOptions())


def rows(*probabilities):
    return np.log(np.array([probabilities]))


def test_branches_are_mixed_at_the_end():
    stages = chain_of(made(WithoutTop)).stages(rows(0.5, 0.3, 0.2), symbols(3))
    expected = 0.5 * np.array([0, 0.6, 0.4]) + 0.5 * np.array([0.5, 0.3, 0.2])
    np.testing.assert_allclose(np.exp(stages[0][0]), expected)


def test_later_samplers_apply_to_each_branch_which_is_renormalised():
    stages = chain_of(made(WithoutTop), made(Square)).stages(rows(0.5, 0.3, 0.2), symbols(3))
    first = np.array([0, 0.36, 0.16]) / 0.52
    second = np.array([0.25, 0.09, 0.04]) / 0.38
    np.testing.assert_allclose(np.exp(stages[1][0]), (first + second) / 2)


def test_a_chain_has_at_most_sixteen_branches():
    logprobs = rows(0.3, 0.25, 0.2, 0.15, 0.06, 0.04)
    four = chain_of(*[made(WithoutTop)] * 4)
    assert len(four.stages(logprobs, symbols(6))) == 4
    with pytest.raises(RequestError, match="32 branches; it may make 16"):
        chain_of(*[made(WithoutTop)] * 5).stages(logprobs, symbols(6))


def test_weights_that_do_not_sum_to_one_are_the_samplers_fault():
    class Wrong(Sampler):
        def apply(self, logprobs, context):
            return Branches((0.5, logprobs), (0.6, logprobs))

    with pytest.raises(PluginError, match=r"'Wrong' returned branches with weights \[0.5, 0.6\]"):
        chain_of(made(Wrong)).stages(rows(0.5, 0.5), symbols(2))


@pytest.mark.parametrize("weights", [(), (0.5, np.nan), (1.5, -0.5), (1 / 17,) * 17])
def test_branches_that_are_no_mixture_are_the_samplers_fault(weights):
    class Wrong(Sampler):
        def apply(self, logprobs, context):
            return Branches(*[(weight, logprobs) for weight in weights])

    with pytest.raises(PluginError, match=r"^The sampler 'Wrong' returned (branches|17 branches)"):
        chain_of(made(Wrong)).stages(rows(0.5, 0.5), symbols(2))


def writing_into(what):
    class Writing(Sampler):
        needs = "history"

        def apply(self, logprobs, context):
            what(logprobs, context)[...] = 0
            return logprobs

    return made(Writing)


@pytest.mark.parametrize(
    "what",
    [
        lambda logprobs, _: logprobs,
        lambda _, context: context.ids.ids,
        lambda _, context: context.ids.lengths,
        lambda _, context: context.start,
        lambda _, context: context.surprisal_model,
        lambda _, context: context.surprisal_drawn,
    ],
)
def test_what_a_sampler_is_given_is_read_only(what):
    growth = Growth.at(CountingModel(), chain_of(writing_into(what)), Beginning(), ())
    with pytest.raises(PluginError, match="'Writing' failed in apply: ValueError"):
        _ = growth.rows


@pytest.mark.parametrize("error", [SystemExit, RuntimeError("no"), MemoryError])
def test_whatever_a_sampler_raises_is_its_fault(error):
    class Failing(Sampler):
        def apply(self, logprobs, context):
            raise error

    with pytest.raises(PluginError, match=r"^The sampler 'Failing' failed in apply: "):
        chain_of(made(Failing)).stages(rows(0.5, 0.5), symbols(2))


def test_a_sampler_finds_only_what_it_declared():
    class Curious(Sampler):
        def apply(self, logprobs, context):
            return logprobs * context.position

    growth = Growth.begin(CountingModel(), chain_of(made(Curious)), Beginning())
    with pytest.raises(PluginError, match='declare needs = "position"; this one declares'):
        _ = growth.rows


def test_positions_count_from_the_end_of_the_prefix():
    model, chain = TableModel.random(3, 2, 1), chain_of(made(NoEndBefore))
    grown = generate(model, chain, Beginning((0, 1)), 3, np.arange(300), 30)
    assert min(map(len, grown.tokens)) == 2


def test_a_sampler_that_counts_compiles_with_a_counter():
    model, chain = TableModel.random(3, 2, 1), chain_of(made(NoEndBefore))
    compiled = compile_chain(model, chain, Beginning((0,)))
    for drawn in ([], [0], [1], [0, 1], [1, 1, 0], [0, 0, 0, 1]):
        expected = Growth.at(model, chain, Beginning((0,)), drawn).rows.final_logprobs[0]
        state = state_after(compiled, drawn)
        np.testing.assert_allclose(compiled.logprobs[state], expected, atol=1e-12)


def test_history_holds_what_was_drawn_and_where_drawing_began():
    model, chain = TableModel.random(5, 2, 1), chain_of(made(NoRepeat))
    grown = generate(model, chain, Beginning((0, 0, 3)), 3, np.arange(200), 30)
    assert all(len(set(tokens)) == len(tokens) for tokens in grown.tokens)
    assert any(0 in tokens for tokens in grown.tokens)


@pytest.mark.parametrize("sequence", range(8))
def test_after_a_jump_the_history_is_computed_again(sequence):
    model, chain, beginning = TableModel.random(3, 2, 4), chain_of(made(Surprised)), Beginning((1,))
    drawn = []
    for step in grow(model, chain, beginning, 1, np.array([sequence]), 6):
        jumped = Growth.at(model, chain, beginning, drawn)
        np.testing.assert_array_equal(jumped.final_logprobs, step.seen.final_logprobs)
        np.testing.assert_array_equal(
            jumped.history.surprisal_drawn, step.growth.history.surprisal_drawn
        )
        drawn.append(int(step.tokens[0]))


def test_a_forced_token_that_was_removed_counts_with_the_models_surprisal():
    class Never0(Sampler):
        def apply(self, logprobs, context):
            changed = logprobs.copy()
            changed[:, 0] = -np.inf
            return changed

    model, chain = TableModel.random(3, 1, 4), chain_of(made(Never0), made(Surprised))
    growth = Growth.at(model, chain, Beginning(), [0])
    expected = -model.table[2, 0]
    assert growth.history.surprisal_drawn[0].tolist() == [pytest.approx(expected)]
    assert growth.history.surprisal_model[0].tolist() == [pytest.approx(expected)]


@pytest.mark.parametrize(
    "written",
    [
        "greedy",
        "top_p:p=0.9",
        "temperature:t=inf",
        "dynamic_temperature:low=0.5,high=2.0",
        'logit_bias:{"bias":{"a":1.5,"-":-2.0}}',
        'ban:{"letters":"x,y","tokens":["sh"]}',
    ],
)
def test_a_sampler_is_written_as_it_is_read(written):
    (link,) = parse_chain([written]).samplers
    assert link.written == written
    assert parse_chain([link.written]).samplers[0].sampler.options == link.sampler.options


class Tilting(Sampler):
    """It has an option t, which is no temperature."""

    class Options(PluginOptions):
        t: float = Field(default=0.1, description="how much is taken off each next id")

    def apply(self, logprobs, context):
        return logprobs - self.options.t * np.arange(logprobs.shape[1])


def test_the_temperature_is_what_a_sampler_declares_and_no_option_by_its_name():
    tilting = ChainedSampler("tilting", Tilting(Tilting.Options()))
    (warm,) = parse_chain(["temperature:t=0.7"]).samplers
    assert SamplerChain((tilting,)).temperature == 1
    assert SamplerChain((warm, tilting)).temperature == 0.7
    assert parse_chain(["temperature:t=0.7", "temperature:t=2"]).temperature == 2
