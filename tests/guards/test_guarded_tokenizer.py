"""Tokenizers that break one clause of their contract each: the clause is told, the plugin named."""

from __future__ import annotations

import numpy as np
import pytest
from guarding import guarded_tokenizer, raised

from tokgen.errors import RequestError
from tokgen.plugin_api import (
    Detokenizer,
    Documents,
    EncodedDocuments,
    EncodedPrefix,
    PluginOptions,
    Tokenizer,
)

TEXTS = Documents.of(["ab", "", "b"])


class Sound(Tokenizer):
    """a, b and the terminator."""

    symbols = ("a", "b", "-")
    terminator_id = 2

    @classmethod
    def fit(cls, options, documents, characters):
        return cls()

    @classmethod
    def from_json(cls, state):
        return cls()

    def encode(self, text):
        if set(text) - set("ab"):
            raise RequestError("There are only a and b.")
        return ["ab".index(character) for character in text]

    def pieces(self):
        return [b"a", b"b", b""]


def fitted(**changed):
    return mine(**changed).fit(PluginOptions(), TEXTS, "ab")


def mine(**changed):
    return guarded_tokenizer(type("Mine", (Sound,), changed))


def giving(thing):
    return lambda *_: thing


VOCABULARIES = {
    "two alike": ({"symbols": ("a", "a", "-")}, "the ids 0 and 1 have the same symbol 'a'"),
    "an empty one": ({"symbols": ("a", "", "-")}, "the symbol '' is not a text"),
    "a number": ({"symbols": ("a", 3, "-")}, "the symbol 3 is not a text"),
    "none": ({"symbols": None}, "TypeError"),
    "no such terminator": ({"terminator_id": 3}, "its terminator_id is 3, none of its 3 ids"),
    "a negative terminator": ({"terminator_id": -1}, "its terminator_id is -1"),
    "no terminator": ({"terminator_id": None}, "its terminator_id is None"),
    "numpy's terminator": ({"terminator_id": np.int64(2)}, "its terminator_id is"),
    "no such start": ({"start_id": 3}, "its start_id is 3"),
    "start and terminator": ({"start_id": 2}, "its start_id is its terminator_id"),
}


@pytest.mark.parametrize("name", VOCABULARIES)
def test_the_vocabulary_is_sound(name):
    changed, said = VOCABULARIES[name]
    raised(f"failed in fit: {said}", lambda: fitted(**changed))
    raised(f"failed in from_json: {said}", lambda: mine(**changed).from_json({}))


def test_a_start_id_among_the_ids_is_sound():
    assert fitted(symbols=("a", "b", "-", "^"), start_id=3).vocabulary.start_id == 3


IDS = {
    "None": (None, "gives NoneType instead of a list of ids"),
    "a tuple": ((0, 1), "gives tuple instead of a list of ids"),
    "an array": (np.array([0, 1]), "gives ndarray instead of a list of ids"),
    "numpy's integers": ([np.int64(0)], "gives int64 instead of int as an id"),
    "a fraction": ([0.0], "gives float instead of int as an id"),
    "an id too large": ([0, 3], "gives the id 3, and there are 3"),
    "a negative id": ([-1], "gives the id -1, and there are 3"),
    "the terminator": ([0, 2], "gives the terminator"),
}


@pytest.mark.parametrize("name", IDS)
def test_ids_are_among_the_vocabulary(name):
    ids, said = IDS[name]
    tokenizer = fitted(encode=giving(ids))
    raised(f"failed in encode: it {said}", lambda: tokenizer.encode("ab"))
    raised(f"failed in encode: it {said}", lambda: tokenizer.encode_documents(TEXTS))


def test_the_start_id_is_no_id_of_a_text():
    tokenizer = fitted(symbols=("a", "b", "-", "^"), start_id=3, encode=giving([3]))
    raised("gives the start id", lambda: tokenizer.encode("ab"))


def encoded(ids, offsets, kind=np.uint8):
    return EncodedDocuments(np.array(ids, kind), np.array(offsets))


DOCUMENTS = {
    "lists": ([[0, 1], [], [1]], "gives list, no EncodedDocuments"),
    "signed": (encoded([0, 1, 1], [0, 2, 2, 3], np.int64), "no row of unsigned integers"),
    "too large": (encoded([0, 9, 1], [0, 2, 2, 3], np.uint64), "gives the id 9"),
    "the terminator": (encoded([0, 2, 1], [0, 2, 2, 3]), "gives the terminator"),
    "a document too few": (encoded([0, 1, 1], [0, 2, 3]), "do not divide 3 ids into 3 documents"),
    "an id too many": (encoded([0, 1, 1, 1], [0, 2, 2, 3]), "do not divide 4 ids"),
    "beginning late": (encoded([0, 1, 1], [1, 2, 2, 3]), "do not divide 3 ids"),
    "going back": (encoded([0, 1, 1], [0, 2, 1, 3]), "its offsets go back"),
    "fractions": (encoded([0, 1, 1], [0.0, 2, 2, 3]), "no array of int64"),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_encoded_documents_fit_together(name):
    made, said = DOCUMENTS[name]
    raised(said, lambda: fitted(encode_documents=giving(made)).encode_documents(TEXTS))


@pytest.mark.parametrize("name", ["text", "starts", "ends"])
def test_documents_are_given_read_only(name):
    def write(cls_or_self, *arguments):
        (documents,) = [each for each in arguments if isinstance(each, Documents)]
        getattr(documents, name)[:] = 0

    fit = mine(fit=classmethod(write)).fit
    raised("failed in fit: ValueError", lambda: fit(None, TEXTS, "ab"))
    encode = fitted(encode_documents=write).encode_documents
    raised("failed in encode_documents: ValueError", lambda: encode(TEXTS))


PIECES = {
    "texts": (["a", "b", ""], "one of its pieces is not bytes"),
    "too few": ([b"a", b"b"], "gives no list of 3 pieces"),
    "a tuple": ((b"a", b"b", b""), "gives no list of 3 pieces"),
    "a terminator": ([b"a", b"b", b"-"], "the piece of '-' is not empty"),
}


def test_pieces_are_asked_for_once_and_nobody_can_change_them():
    asked = []

    def pieces(self):
        asked.append(self)
        return [b"a", b"b", b""]

    tokenizer = fitted(pieces=pieces)
    tokenizer.pieces().clear()
    assert tokenizer.pieces() == [b"a", b"b", b""]
    assert len(asked) == 1


@pytest.mark.parametrize("name", PIECES)
def test_pieces_are_bytes_of_each_id(name):
    pieces, said = PIECES[name]
    raised(
        f"failed in pieces: {'it ' * said.startswith('gives')}{said}",
        fitted(pieces=giving(pieces)).pieces,
    )


PREFIXES = {
    "another text": (EncodedPrefix((0,), b""), None, "do not spell 'ab' as encode does"),
    "too much": (EncodedPrefix((0, 1), b"b"), None, "do not spell 'ab'"),
    "a list": (([0, 1], b""), None, "something else than a tuple of ids and bytes"),
    "the terminator": (EncodedPrefix((2,), b"ab"), None, "gives the terminator"),
    "a rest that nothing spells": (
        EncodedPrefix((), b"ab"),
        giving(None),
        "it leaves b'ab' open, and without pieces nothing can be",
    ),
    "other ids": (EncodedPrefix((1,), b""), giving(None), "do not spell 'ab' as encode does"),
}


@pytest.mark.parametrize("name", PREFIXES)
def test_a_prefix_spells_its_text(name):
    prefix, pieces, said = PREFIXES[name]
    changed = {"encode_prefix": giving(prefix)} | ({"pieces": pieces} if pieces else {})
    raised("failed in encode_prefix: it", lambda: fitted(**changed).encode_prefix("ab"))
    raised(said, lambda: fitted(**changed).encode_prefix("ab"))


@pytest.mark.parametrize("ids", [(), (0,), (0, 1)])
def test_a_prefix_may_leave_open_what_it_likes(ids):
    prefix = EncodedPrefix(ids, b"ab"[len(ids) :])
    assert fitted(encode_prefix=giving(prefix)).encode_prefix("ab") == prefix


STATES = {
    "an array": (np.zeros(2), "ndarray"),
    "numpy's integer": (np.int64(3), "int64"),
    "numpy's fraction": (np.float64(3), "float64"),
    "bytes": (b"a", "bytes"),
    "a tuple": ((1, 2), "tuple"),
    "a set": ({1}, "set"),
    "NaN": (float("nan"), "nan"),
}


@pytest.mark.parametrize("name", STATES)
@pytest.mark.parametrize(
    "place", [lambda value: {"merges": value}, lambda v: {"merges": [{"x": v}]}]
)
def test_a_state_is_of_jsons_types(name, place):
    value, said = STATES[name]
    state = place(value)
    raised(f"is {said}, no ", lambda: fitted(to_json=giving(state)).to_json())
    raised("failed in to_json: its value 'merges", lambda: fitted(to_json=giving(state)).to_json())


def test_keys_of_a_state_are_texts():
    raised(
        "its key ids.1 is int, not str",
        lambda: fitted(to_json=giving({"ids": {1: "a"}})).to_json(),
    )
    raised("gives list instead of dict", fitted(to_json=giving([])).to_json)


def test_every_type_of_json_is_sound():
    state = {"a": [1, 2.5, "x", None, True, {"b": []}]}
    assert fitted(to_json=giving(state)).to_json() is state


class Numbers(Detokenizer):
    def add(self, token):
        return token

    def finish(self):
        return [][99]


def test_a_text_is_a_text():
    raised(
        "failed in decode: it gives int instead of a text",
        lambda: fitted(decode=giving(3)).decode([0]),
    )
    detokenizer = fitted(detokenizer=giving(Numbers())).detokenizer()
    raised("its detokenizer's add: it gives int", lambda: detokenizer.add(0))
    raised("its detokenizer's finish: IndexError", detokenizer.finish)


def never(*arguments):
    return [][99]


CALLS = {
    "to_json": lambda tokenizer: tokenizer.to_json(),
    "encode": lambda tokenizer: tokenizer.encode("ab"),
    "encode_documents": lambda tokenizer: tokenizer.encode_documents(TEXTS),
    "encode_prefix": lambda tokenizer: tokenizer.encode_prefix("ab"),
    "pieces": lambda tokenizer: tokenizer.pieces(),
    "decode": lambda tokenizer: tokenizer.decode([0]),
    "detokenizer": lambda tokenizer: tokenizer.detokenizer(),
}


@pytest.mark.parametrize("call", CALLS)
def test_whatever_call_fails_is_named(call):
    raised(f"failed in {call}: IndexError: list", lambda: CALLS[call](fitted(**{call: never})))


@pytest.mark.parametrize("call", ["fit", "from_json"])
def test_class_methods_are_named(call):
    broken = mine(**{call: classmethod(never)})
    made = {"fit": lambda: broken.fit(None, TEXTS, ""), "from_json": lambda: broken.from_json({})}
    raised(f"failed in {call}: IndexError", made[call])
    wrong = mine(**{call: classmethod(giving(None))})
    made = {"fit": lambda: wrong.fit(None, TEXTS, ""), "from_json": lambda: wrong.from_json({})}
    raised("it gives NoneType instead of an instance of its class", made[call])


def test_what_tokgen_tells_already_and_a_wrong_state_pass_through():
    with pytest.raises(RequestError, match=r"^There are only a and b\.$"):
        fitted().encode("abc")

    def refuses(cls, state):
        raise ValueError("not mine")

    with pytest.raises(ValueError, match="not mine"):
        mine(from_json=classmethod(refuses)).from_json({})


def test_an_author_who_names_the_class_instead_of_cls_gets_a_guarded_tokenizer():
    class Named(Sound):
        @classmethod
        def fit(cls, options, documents, characters):
            return Named()

        def encode(self, text):
            return [9]

    raised("gives the id 9", lambda: guarded_tokenizer(Named).fit(None, TEXTS, "").encode("ab"))
