"""Small tokenizers of the kinds that there are: by their pieces, or by more than that."""

from __future__ import annotations

from tokgen.errors import RequestError
from tokgen.plugin_api.tokenizer import Tokenizer


class Unfitted(Tokenizer):
    """Made by a test and never saved."""

    @classmethod
    def fit(cls, options, documents, characters):
        raise NotImplementedError

    @classmethod
    def from_json(cls, state):
        raise NotImplementedError


class PieceTokenizer(Unfitted):
    """The longest piece that fits, from the left; the terminator is the last id.

    Before it stands the start id, where there is one.
    """

    def __init__(self, pieces, *, started=False):
        special = ("^", "-") if started else ("-",)
        self._pieces = [*pieces, *(b"" for _ in special)]
        spelt = (piece.decode("utf-8", "backslashreplace") for piece in pieces)
        self.symbols = (*spelt, *special)
        self.terminator_id = len(self.symbols) - 1
        self.start_id = len(pieces) if started else None

    def encode(self, text):
        rest, ids = text.encode(), []
        while rest:
            fitting = [n for n, each in enumerate(self._pieces) if each and rest.startswith(each)]
            if not fitting:
                raise RequestError(f"No piece of {text!r} stands at the beginning of {rest!r}.")
            ids.append(max(fitting, key=lambda n: len(self._pieces[n])))
            rest = rest[len(self._pieces[ids[-1]]) :]
        return ids

    def pieces(self):
        return list(self._pieces)


class RepeatTokenizer(Unfitted):
    """The letters a and b, and a mark `+` that repeats what stands before it: no pieces."""

    def __init__(self, *, started=False):
        self.symbols = ("a", "b", "+", *("^" if started else ""), "-")
        self.terminator_id = len(self.symbols) - 1
        self.start_id = 3 if started else None

    def encode(self, text):
        if set(text) - {"a", "b"}:
            raise RequestError(f"{text!r} holds something else than a and b.")
        return [
            2 if text[:place].endswith(letter) else "ab".index(letter)
            for place, letter in enumerate(text)
        ]

    def decode(self, ids):
        text = ""
        for token in ids:
            if token == self.terminator_id:
                break
            if token != self.start_id:
                text += text[-1:] if token == 2 else self.symbols[token]
        return text

    def pieces(self):
        return None


# One text has several spellings: esh is e·s·h, e·sh, esh.
_OVERLAPPING = [b"a", b"e", b"h", b"l", b"s", b"sh", b"esh", b"la"]
# The bytes of a, é, € and 🙂, which also spell other characters and what is no character.
_SPLIT_BYTES = [bytes([byte]) for byte in sorted(set("aé€🙂".encode()))] + [
    b"a\xc3",
    b"\xa9a\xe2",
]
OVERLAPPING, OVERLAPPING_BEGUN = (
    PieceTokenizer(_OVERLAPPING, started=started) for started in (False, True)
)
SPLIT_BYTES, SPLIT_BYTES_BEGUN = (
    PieceTokenizer(_SPLIT_BYTES, started=started) for started in (False, True)
)
WITHOUT_PIECES, WITHOUT_PIECES_BEGUN = (
    RepeatTokenizer(started=started) for started in (False, True)
)
