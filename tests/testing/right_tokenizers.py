"""Small tokenizers of several kinds that keep every clause; the wrong ones differ in one thing."""

from __future__ import annotations

from small_plugins import Pairs, check_known, check_nfc

from tokgen.errors import RequestError
from tokgen.plugin_api import EncodedPrefix, Tokenizer, known_spelling, nfc, terminator_symbol


class Letters(Tokenizer):
    """Characters that do not compose."""

    terminator_id = 0
    unique_spelling = True
    terminator = None

    def __init__(self, units):
        self.units = units
        self.symbols = (self.terminator or terminator_symbol(units), *units)

    @classmethod
    def fit(cls, options, documents, characters):
        check_nfc(characters)
        return cls([*characters])

    def encode(self, text):
        check_known(text, self.units)
        return [1 + self.units.index(character) for character in text]

    def pieces(self):
        return [b"", *(unit.encode() for unit in self.units)]

    def to_json(self):
        return {"units": self.units}

    @classmethod
    def from_json(cls, state):
        match state:
            case {"units": list(units)}:
                return cls(units)
        raise ValueError("the units are no list")


class Composing(Letters):
    """Characters that may compose, and have no pieces therefore."""

    unique_spelling = False

    @classmethod
    def fit(cls, options, documents, characters):
        return cls([*characters])

    def encode(self, text):
        return super().encode(known_spelling(text, self.units.__contains__, "the units"))

    def pieces(self):
        return None

    def decode(self, ids):
        ended = ids[: ids.index(0)] if 0 in ids else ids
        return nfc("".join(self.units[token - 1] for token in ended))


class Bytes(Letters):
    """The bytes of the characters, which also spell others and what is no character."""

    unique_spelling = False

    def __init__(self, units):
        self.units = units
        self.symbols = ("-", *(f"<{unit:02x}>" for unit in units))

    @classmethod
    def fit(cls, options, documents, characters):
        check_nfc(characters)
        return cls(sorted(set(characters.encode())))

    def encode(self, text):
        for position, character in enumerate(text, start=1):
            if not set(character.encode()) <= set(self.units):
                raise RequestError(f"{character!r} at position {position} has unknown bytes.")
        return [1 + self.units.index(byte) for byte in text.encode()]

    def pieces(self):
        return [b"", *(bytes([unit]) for unit in self.units)]


class Repeating(Composing):
    """Characters, and a mark that repeats what stands before it: no pieces."""

    @classmethod
    def fit(cls, options, documents, characters):
        check_nfc(characters)
        return cls([*characters])

    def __init__(self, units):
        super().__init__(units)
        self.symbols = (*self.symbols, "↻")

    def encode(self, text):
        ids = super().encode(text)
        again = len(self.units) + 1
        return [again if ids[:place][-1:] == [token] else token for place, token in enumerate(ids)]

    def decode(self, ids):
        text = ""
        for token in ids[: ids.index(0)] if 0 in ids else ids:
            text += text[-1:] if token > len(self.units) else self.units[token - 1]
        return text


class Bases(Letters):
    """The four letters of DNA, whatever the corpus is."""

    @classmethod
    def fit(cls, options, documents, characters):
        return cls([*"ACGT"])


class Prefixes(Pairs):
    """Pairs of which all but the last are certain."""

    def encode_prefix(self, text):
        ids = self.encode(text)[:-1]
        spelt = sum(len(self.pieces()[token]) for token in ids)
        return EncodedPrefix(tuple(ids), text.encode()[spelt:])
