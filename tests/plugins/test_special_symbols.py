"""A text that reads as a terminator's symbol is a text, and no view takes one for the other."""

from __future__ import annotations

import pytest
from fitted_tokenizers import fitted
from overlapping import session_of, table_model, text_model
from tokgen_tokenizers.alphabet import Alphabet
from tokgen_tokenizers.bpe import BPE
from tokgen_tokenizers.bytes_seen import Bytes
from tokgen_tokenizers.words import Words

from tokgen.generation.sampler_chain import SamplerChain
from tokgen.plugin_api.terminator import TERMINATORS
from tokgen.server.served_model import ServedModel
from tokgen.session.events import Sampled
from tokgen.text_model.symbols import symbol_meant
from tokgen.unicode import shown_symbol

# All that a terminator may be called, the escapes and what tables write for a space among it.
TEXTS = [*TERMINATORS, "⟨end 2⟩", "<0x2D>", "␣ ", "\\u2423", "<>", "a-␃", *TERMINATORS]
TOKENIZERS = {
    "alphabet": fitted(Alphabet, TEXTS),
    "words": fitted(Words, TEXTS, min_count=1),
    "bpe": fitted(BPE, TEXTS, size=200),
    "bytes": fitted(Bytes, TEXTS),
}
every_tokenizer = pytest.mark.parametrize("tokenizer", TOKENIZERS.values(), ids=TOKENIZERS)


def served(tokenizer):
    return text_model(table_model(tokenizer, context=1), tokenizer)


@every_tokenizer
def test_a_text_never_ends_itself(tokenizer):
    assert len(set(map(shown_symbol, tokenizer.symbols))) == len(tokenizer.symbols)
    end = tokenizer.symbols[tokenizer.terminator_id]
    for text in [*TEXTS, end]:
        try:
            ids = tokenizer.encode(text)
        except ValueError:
            assert text == end
            continue
        assert tokenizer.terminator_id not in ids
        assert tokenizer.decode(ids) == text


@every_tokenizer
def test_every_token_can_be_named_as_tables_show_it(tokenizer):
    for number, symbol in enumerate(tokenizer.symbols):
        meant = symbol_meant(shown_symbol(symbol), tokenizer.symbols)
        assert tokenizer.vocabulary.id_of(meant) == number


@every_tokenizer
def test_a_token_that_is_forced_as_it_is_shown_is_that_token(tokenizer):
    model = served(tokenizer)
    for symbol in tokenizer.symbols:
        events = session_of(model, SamplerChain()).handle(f":force {shown_symbol(symbol)}")
        assert [each.token for each in events if isinstance(each, Sampled)] == [symbol]


@every_tokenizer
def test_a_server_reads_a_text_as_a_text(tokenizer):
    model = ServedModel(served(tokenizer))
    for text in TEXTS:
        assert model.text_of(model.ids_of(text)) == text
