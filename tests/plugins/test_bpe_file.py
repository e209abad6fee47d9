"""`bpe:file=PATH,terminator=TOKEN`: what a tokenizer.json may hold, and what is refused by name."""

from __future__ import annotations

import json

import pytest
import tokenizers
from fitted_tokenizers import fitted
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import models, pre_tokenizers, trainers
from tokgen_tokenizers.bpe import BPE
from tokgen_tokenizers.library_json import BYTE_OF_SIGN, LibraryJson

from tokgen.errors import RequestError
from tokgen.unicode import REPLACEMENT

CORPUS = ["the cat", "the cat sat", "on the mat", "a café"]
END = "<|endoftext|>"


def as_gpt2(alphabet=None):
    """A tokenizer of bytes, as GPT-2's is, trained on the corpus."""
    made = tokenizers.Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=280,
        special_tokens=["<pad>", END],
        initial_alphabet=alphabet or pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    made.train_from_iterator(CORPUS, trainer)
    return made


def of_characters(**more):
    return json.loads(
        json.dumps(
            {
                "added_tokens": [{"id": 4, "content": END, "special": True, **FLAGS}],
                "normalizer": None,
                "pre_tokenizer": None,
                "model": {
                    "type": "BPE",
                    "vocab": {"a": 0, "b": 1, " ": 2, "ab": 3},
                    "merges": [["a", "b"]],
                },
            }
            | more
        )
    )


FLAGS = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False}


def model(**more):
    return {"model": of_characters()["model"] | more}


def added(**more):
    return {"added_tokens": [*of_characters()["added_tokens"], {"special": False, **FLAGS, **more}]}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "tokenizer.json"


def read(path, content, corpus=("ab",), terminator=END):
    path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    return fitted(BPE, corpus, file=str(path), terminator=terminator)


def test_a_tokenizer_of_bytes_encodes_every_text_as_the_library_does(path):
    library = as_gpt2()
    tokenizer = read(path, library.to_str(), CORPUS)
    for text in [*CORPUS, "☃ the", f"a{END}b", "\u0000"]:
        if END not in text:
            assert tokenizer.encode(text) == library.encode(text).ids
        assert tokenizer.decode(tokenizer.encode(text)) == text
    assert tokenizer.vocabulary.id_of(END) == tokenizer.terminator_id == 1
    assert {" the", "<0xC3>"} < {*tokenizer.symbols}
    # All bytes spell accents too, which compose.
    assert tokenizer.pieces() is None


def test_bytes_that_have_no_token_are_refused_by_their_character(path):
    signs = {sign: byte for sign, byte in BYTE_OF_SIGN.items() if byte < 0x80}
    written = as_gpt2(alphabet=[*signs])
    tokenizer = read(path, written.to_str(), CORPUS)
    assert tokenizer.pieces() is not None
    assert tokenizer.decode(tokenizer.encode("~é")) == "~é"
    with pytest.raises(RequestError, match="'☃' at position 2 of 'a☃'"):
        tokenizer.encode("a☃")
    with pytest.raises(RequestError, match=r"tokenizer.json has no tokens for '☃', which the corp"):
        read(path, written.to_str(), ["☃"])


def test_a_special_token_is_never_text(path):
    tokenizer = read(path, as_gpt2().to_str(), CORPUS)
    pad = tokenizer.vocabulary.id_of("<pad>")
    assert pad not in tokenizer.encode("<pad>")
    assert tokenizer.decode([pad]) == REPLACEMENT


def test_signs_of_bytes_are_those_of_the_library():
    assert {*BYTE_OF_SIGN} == {*pre_tokenizers.ByteLevel.alphabet()}
    writing = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    for byte in range(0x80):
        ((sign, _),) = writing.pre_tokenize_str(chr(byte))
        assert BYTE_OF_SIGN[sign] == byte


@settings(deadline=None, max_examples=30)
@given(st.text(st.sampled_from("ab "), max_size=10))
def test_it_is_kept_whole(text):
    tokenizer = BPE(LibraryJson.checked(of_characters()), END)
    again = BPE.from_json(json.loads(json.dumps(tokenizer.to_json())))
    assert again.encode(text) == tokenizer.encode(text)
    assert again.decode(again.encode(text)) == text
    assert again.encode_prefix(text) == ((), text.encode())


def test_an_added_token_is_one_token_wherever_it_stands(path):
    tokenizer = read(path, of_characters(**added(id=5, content="bb")))
    assert tokenizer.encode("abba") == [0, 5, 0]
    assert tokenizer.decode([0, 5, 0]) == "abba"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "is not JSON"),
        ("[]", "no table with a model"),
        (of_characters(**model(type="WordPiece")), "type 'WordPiece', and only 'BPE'"),
        (of_characters(**model(type="Unigram")), "type 'Unigram', and only 'BPE'"),
        (of_characters(**model(dropout=0.1)), "'dropout'"),
        (of_characters(**model(byte_fallback=True)), "'byte_fallback'"),
        (of_characters(**model(end_of_word_suffix="</w>")), "'end_of_word_suffix'"),
        (of_characters(**model(continuing_subword_prefix="##")), "'continuing_subword_prefix'"),
        (of_characters(**model(vocab={"a": 0, "": 1})), "one of its tokens is empty"),
        (of_characters(**model(vocab={"a": 0, "ab": 5})), "not the numbers from 0 on"),
        (of_characters(**model(vocab={"a": 10**12})), "not the numbers from 0 on"),
        (of_characters(**model(vocab={"a": 0.5})), "no table of ids"),
        (of_characters(**model(vocab={"a": 0, "d": 1, " ": 2, "ab": 3})), "'b', which is no token"),
        (of_characters(**model(merges=["a"])), "no list of pairs"),
        (of_characters(**model(merges=[["a", "x"]])), "the library tokenizers says of it"),
        (of_characters(normalizer={"type": "Lowercase"}), "its normalizer 'Lowercase'"),
        (
            of_characters(
                normalizer={
                    "type": "Sequence",
                    "normalizers": [{"type": "NFC"}, {"type": "StripAccents"}],
                }
            ),
            "its normalizer 'StripAccents'",
        ),
        (of_characters(pre_tokenizer={"type": "Whitespace"}), "its pre-tokenizer 'Whitespace'"),
        (
            of_characters(
                pre_tokenizer={
                    "type": "Split",
                    "pattern": {"String": " "},
                    "behavior": "Removed",
                    "invert": False,
                }
            ),
            "'Split' removes characters",
        ),
        (
            of_characters(
                pre_tokenizer={
                    "type": "ByteLevel",
                    "add_prefix_space": True,
                    "trim_offsets": True,
                    "use_regex": True,
                }
            ),
            "'ByteLevel' adds a space",
        ),
        (of_characters(**added(id=5, content="c")), "its token 'c' holds 'c'"),
        (of_characters(**added(id=5, content="a ", rstrip=True)), "drops spaces beside it"),
        (of_characters(**added(id=3, content="ab", special=True)), "'ab' is also made of text"),
        (of_characters(**added(id=9, content="bb")), "not the numbers from 0 on"),
    ],
)
def test_what_could_lose_text_is_refused_by_its_name(path, content, said):
    with pytest.raises(RequestError) as raised:
        read(path, content)
    assert said in str(raised.value)
    assert str(raised.value).startswith(f"{path} cannot be used as a tokenizer: ")


def test_the_terminator_is_one_of_the_special_tokens(path):
    with pytest.raises(RequestError, match=r"ends a document, and say which: '<.endoftext.>'"):
        read(path, of_characters(), terminator=None)
    with pytest.raises(RequestError, match=r"and 'a' is none: '<.endoftext.>'"):
        read(path, of_characters(), terminator="a")


def test_a_file_that_is_not_there_is_named(path):
    with pytest.raises(RequestError, match=r"tokenizer.json cannot be read: No such file"):
        fitted(BPE, ["a"], file=str(path), terminator="x")


def test_a_device_is_refused_and_not_read_for_ever():
    with pytest.raises(RequestError, match="/dev/zero cannot be read: it is no regular file"):
        fitted(BPE, ["a"], file="/dev/zero", terminator="x")
