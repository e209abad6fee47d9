"""NextToken from a row of `Growth`: the one way in which a distribution comes to be shown."""

from __future__ import annotations

from tokgen.generation.growth import Growth
from tokgen.plugin_api.tokenizer import Tokenizer
from tokgen.text_model.beginning import text_of
from tokgen.text_model.given import given_values
from tokgen.text_model.results import NextToken
from tokgen.text_model.window import window_of


def next_token(tokenizer: Tokenizer, growth: Growth, row: int = 0) -> NextToken:
    """What may follow one of the sequences that grow, as it is going to be drawn.

    Raises:
        RequestError: the model cannot spell what is left of the prefix, or the sampler chain has
            too many branches.
        PluginError: the model or a sampler fails.
    """
    seen, history, symbols = growth.rows, growth.history, tokenizer.symbols
    ids, rest = tuple(history.ids[row]), rest_of(growth, row)
    width = growth.model.context_length
    width = len(ids) if width is None else width
    tokens = tuple(symbols[token] for token in ids)
    return NextToken(
        prefix=text_of(tokenizer, ids, rest),
        ids=ids,
        rest=rest,
        start=int(history.start[row]),
        tokens=tokens,
        seen=min(width, len(ids)),
        window=window_of(growth.model, symbols, tokens),
        symbols=tuple(symbols),
        logprobs=seen.logprobs[row],
        labels=tuple(chained.label for chained in growth.chain.samplers),
        stages=tuple(stage[row] for stage in seen.stages),
        given=given_values(growth.model.vocabulary, history.ids.given[row].tolist()),
    )


def rest_of(growth: Growth, row: int) -> bytes:
    """The bytes of the prefix that a sequence has still to spell."""
    return b"" if growth.spelling is None else growth.spelling.rest[int(growth.spelt[row]) :]
