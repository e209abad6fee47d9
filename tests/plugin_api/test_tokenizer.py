"""Tokenizers: what follows from `encode` and `pieces`, and their options."""

from __future__ import annotations

import pytest
from small_plugins import Pairs

from tokgen.corpus.opening import open_corpus
from tokgen.corpus.tokenizer_choice import fit_tokenizer
from tokgen.errors import RequestError
from tokgen.plugin_api.documents import Documents

WORDS = [f"{a}{b}{c}" for a in "bdkm" for b in "aeiou" for c in "lnrst"]


@pytest.fixture
def words(tmp_path):
    path = tmp_path / "words.txt"
    path.write_text("\n".join([*WORDS, "qzq"]))
    return open_corpus(str(path))


def test_it_is_fitted_on_the_training_split_and_told_all_characters(small_plugins, words):
    tokenizer = fit_tokenizer("pairs:count=3", words)
    assert tokenizer.seen["documents"] == list(words.split("train"))
    assert len(tokenizer.seen["documents"]) < len(words.documents)
    assert tokenizer.seen["characters"] == "".join(sorted({*"".join(WORDS), *"qz"}))
    for text in words.documents:
        assert tokenizer.decode(tokenizer.encode(text)) == text


def test_its_options_are_those_that_are_written(small_plugins, words):
    units = {count: fit_tokenizer(f"pairs:count={count}", words).units for count in (0, 1, 4)}
    assert [sum(len(unit) == 2 for unit in units[count]) for count in (0, 1, 4)] == [0, 1, 4]
    by_default = fit_tokenizer("pairs", words)
    assert by_default.units == units[1] == fit_tokenizer('pairs:{"count": 1}', words).units


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("pairs:cuont=3", "Tokenizer 'pairs' has no option 'cuont'. Did you mean 'count'"),
        ("pairs:count=many", "Tokenizer 'pairs': option 'count'"),
        ("pairs:count=-1", "Tokenizer 'pairs': option 'count'"),
        ("pairs:count", "'count' is not key=value. Did you mean 'pairs:count=…'?"),
        ("pairs:3", "'3' is not key=value. Did you mean 'pairs:count=3'?"),
        ("pairs:count=1,count=2", "The option 'count' is given twice"),
        ("paris:count=1", "There is no tokenizer 'paris'. Did you mean 'pairs'"),
        ("alphabet:count=1", "Tokenizer 'alphabet' has no option 'count'. It takes none"),
    ],
)
def test_wrong_options_are_refused_by_name(small_plugins, words, written, said):
    with pytest.raises(RequestError) as raised:
        fit_tokenizer(written, words)
    assert said in str(raised.value)


def test_pieces_decode_and_stream_the_same_text():
    tokenizer = Pairs.fit(Pairs.Options(count=2), Documents.of(["aé", "aéz", "zéz"]), "aéz")
    for ids in ([4, 1, 3], [5, 4], [2, 0, 1], []):
        detokenizer = tokenizer.detokenizer()
        streamed = "".join(map(detokenizer.add, ids[: ids.index(0)] if 0 in ids else ids))
        assert streamed + detokenizer.finish() == tokenizer.decode(ids)
