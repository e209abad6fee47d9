"""LibraryJson: a `tokenizer.json` of the library `tokenizers`, checked before it is used.

What is allowed keeps every text: the pieces of the tokens, put together, are what was encoded. Each
part that may change, drop or mark text is refused by its name.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

from tokgen_tokenizers.bytes_seen import spellable

if TYPE_CHECKING:
    from tokenizers import Tokenizer

# These divide a text, and lose nothing unless they are told to remove what they divide at.
DIVIDING = ("Split", "Digits", "Punctuation", "UnicodeScripts", "FixedLength", "ByteLevel")
# Settings of the model that mark tokens, write bytes in another way or choose at random.
REFUSED_SETTINGS = (
    "dropout",
    "byte_fallback",
    "continuing_subword_prefix",
    "end_of_word_suffix",
)
# A special token is no text: this byte is no UTF-8, and shows as U+FFFD.
NO_TEXT = b"\xff"


@dataclass(frozen=True, eq=False)
class LibraryJson:
    """A checked description of a BPE tokenizer.

    Attributes:
        content: all of it.
        vocabulary: the id of each token of the model.
        special: the id of each added token that no text means.
        added: the id of each other added token.
    """

    content: dict[str, Any]
    vocabulary: Mapping[str, int]
    special: Mapping[str, int]
    added: Mapping[str, int]

    @classmethod
    def parsed(cls, text: str) -> Self:
        """The description that a text holds; raises as `checked`."""
        try:
            content = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise ValueError(f"it is not JSON: {error}") from None
        return cls.checked(content)

    @classmethod
    def checked(cls, content: Any) -> Self:
        """A description that was read.

        Raises:
            ValueError: naming what of it is not allowed.
        """
        model = content.get("model") if isinstance(content, dict) else None
        if not isinstance(model, dict):
            raise ValueError("it is no table with a model, as the library tokenizers writes it")
        _check_model(model)
        for part in _parts(content.get("normalizer"), "normalizers"):
            if part.get("type") != "NFC":
                said = "may change the text, and only NFC is taken"
                raise ValueError(f"its normalizer {part.get('type')!r} {said}")
        _check_dividing(list(_parts(content.get("pre_tokenizer"), "pretokenizers")))
        added = _added_tokens(content.get("added_tokens") or [])
        made = cls(content, model["vocab"], added[True], added[False])
        made._check_tokens()
        return made

    def _check_tokens(self) -> None:
        ids = {**self.vocabulary, **self.special, **self.added}
        if sorted(ids.values()) != list(range(len(ids))):
            raise ValueError("the ids of its tokens are not the numbers from 0 on")
        for token in self.vocabulary:
            if token not in self.special and token not in self.added:
                self._check_spelt(token)
        for token in self.added:
            unknown = next((each for each in token if not self.knows(each)), None)
            if unknown:
                raise ValueError(f"its token {token!r} holds {unknown!r}, which has no tokens")
        model = self.content["model"]
        made = {"".join(_pair(each) or ()) for each in model["merges"]}
        for token in self.special.keys() & self.vocabulary.keys():
            if len(token) == 1 or token in made or model.get("ignore_merges"):
                raise ValueError(f"its special token {token!r} is also made of text")

    def _check_spelt(self, token: str) -> None:
        for sign in token:
            if sign not in self.vocabulary or sign in self.special:
                raise ValueError(f"its token {token!r} holds {sign!r}, which is no token by itself")
            if self.is_of_bytes and sign not in BYTE_OF_SIGN:
                raise ValueError(f"its token {token!r} holds {sign!r}, which stands for no byte")

    @cached_property
    def is_of_bytes(self) -> bool:
        """Whether its tokens are made of the signs that GPT-2 writes for bytes."""
        parts = _parts(self.content.get("pre_tokenizer"), "pretokenizers")
        return any(part["type"] == "ByteLevel" for part in parts)

    @cached_property
    def _bytes(self) -> frozenset[int]:
        """The bytes that have tokens."""
        return frozenset(byte for sign, byte in BYTE_OF_SIGN.items() if sign in self.vocabulary)

    def knows(self, character: str) -> bool:
        """Whether a character has tokens."""
        if self.is_of_bytes:
            return self._bytes.issuperset(character.encode("utf-8", "surrogatepass"))
        return character in self.vocabulary and character not in self.special

    def characters(self) -> str:
        """All characters that its tokens can spell."""
        if self.is_of_bytes:
            return spellable(self._bytes)
        return "".join(sorted(filter(self.knows, set("".join(self.vocabulary)))))

    def pieces(self) -> list[bytes]:
        """The bytes of each id; of a special token one that is no UTF-8."""
        pieces = [NO_TEXT] * len({**self.vocabulary, **self.special, **self.added})
        for token, number in self.vocabulary.items():
            if token not in self.special:
                pieces[number] = self._piece(token)
        for token, number in self.added.items():
            pieces[number] = token.encode()
        return pieces

    def _piece(self, token: str) -> bytes:
        if self.is_of_bytes and token not in self.added:
            return bytes(BYTE_OF_SIGN[sign] for sign in token)
        return token.encode()

    def special_token(self, token: str | None) -> str:
        """The token, which is a special one.

        Raises:
            ValueError: it is none of these, and they are named.
        """
        if token is None or token not in self.special:
            named = ", ".join(map(repr, self.special)) or "it has none"
            asked = f"{token!r} is none" if token is not None else "say which"
            said = "terminator=TOKEN names the special token that ends a document"
            raise ValueError(f"{said}, and {asked}: {named}")
        return token

    def divides_at(self, pattern: str) -> bool:
        """Whether this expression, and nothing else, divides a text before it is encoded."""
        dividing = self.content.get("pre_tokenizer") or {}
        settings = [dividing.get(key) for key in ("type", "pattern", "behavior", "invert")]
        return not self.added and settings == ["Split", {"Regex": pattern}, "Isolated", False]

    def tokenizer(self) -> Tokenizer:
        """The library's tokenizer, which takes every text for plain text.

        Raises:
            ValueError: the library cannot read the description, or reads other ids in it.
        """
        import tokenizers

        try:
            made = tokenizers.Tokenizer.from_str(json.dumps(self.content))
        except Exception as error:
            raise ValueError(f"the library tokenizers says of it: {error}") from None
        if made.get_vocab(True) != {**self.vocabulary, **self.special, **self.added}:
            raise ValueError("the library tokenizers gives its added tokens other ids")
        made.no_truncation()
        made.no_padding()
        made.encode_special_tokens = True
        return made


def _check_model(model: dict[str, Any]) -> None:
    if model.get("type") != "BPE":
        raise ValueError(f"its model is of type {model.get('type')!r}, and only 'BPE' is taken")
    for setting in REFUSED_SETTINGS:
        if model.get(setting):
            raise ValueError(f"its model sets {setting!r}, which is not taken")
    vocabulary, merges = model.get("vocab"), model.get("merges")
    if not isinstance(vocabulary, dict) or any(
        type(each) is not int for each in vocabulary.values()
    ):
        raise ValueError("its vocabulary is no table of ids")
    if "" in vocabulary:
        raise ValueError("one of its tokens is empty")
    if not isinstance(merges, list) or any(_pair(each) is None for each in merges):
        raise ValueError("its merges are no list of pairs of tokens")


def _pair(merge: Any) -> list[str] | None:
    """The two tokens of a merge: a list, or a text with a space between them in older files."""
    pair = merge.split(" ") if isinstance(merge, str) else merge
    two = isinstance(pair, list) and len(pair) == 2 and all(type(each) is str for each in pair)
    return pair if two else None


def _parts(part: Any, name: str) -> Iterator[dict[str, Any]]:
    """A normalizer or pre-tokenizer, or those of a sequence of them."""
    waiting = [] if part is None else [part]
    while waiting:
        part = waiting.pop(0)
        if not isinstance(part, dict):
            raise ValueError(f"one of its {name} is no table")
        if part.get("type") != "Sequence":
            yield part
        elif isinstance(part.get(name), list):
            waiting = [*part[name], *waiting]


def _check_dividing(parts: list[dict[str, Any]]) -> None:
    for part in parts:
        kind = part.get("type")
        if kind not in DIVIDING:
            said = "may drop or change characters; these do not"
            raise ValueError(f"its pre-tokenizer {kind!r} {said}: {', '.join(DIVIDING)}")
        if part.get("behavior") == "Removed":
            raise ValueError(f"its pre-tokenizer {kind!r} removes characters (behavior 'Removed')")
        if part.get("add_prefix_space"):
            raise ValueError(f"its pre-tokenizer {kind!r} adds a space (add_prefix_space)")
    if sum(part["type"] == "ByteLevel" for part in parts) > 1:
        raise ValueError("it has the pre-tokenizer 'ByteLevel' twice")


def _added_tokens(added: Any) -> dict[bool, dict[str, int]]:
    """The ids of the added tokens, by whether they are special."""
    found: dict[bool, dict[str, int]] = {True: {}, False: {}}
    if not isinstance(added, list) or not all(isinstance(each, dict) for each in added):
        raise ValueError("its added tokens are no list of tables")
    for each in added:
        token, number, special = each.get("content"), each.get("id"), each.get("special")
        if not isinstance(token, str) or not token or type(number) is not int:
            raise ValueError("one of its added tokens has no content or no id")
        if not special and (each.get("lstrip") or each.get("rstrip")):
            raise ValueError(f"its added token {token!r} drops spaces beside it (lstrip, rstrip)")
        found[bool(special)][token] = number
    return found


def _byte_of_sign() -> dict[str, int]:
    """GPT-2's signs of the 256 bytes: their own in Latin-1 where it is seen, else from U+0100 on.

    Radford et al. 2019, the function `bytes_to_unicode` of the program that belongs to the paper.
    """
    seen = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in seen]
    return {chr(byte): byte for byte in seen} | {
        chr(0x100 + number): byte for number, byte in enumerate(others)
    }


BYTE_OF_SIGN = _byte_of_sign()
