"""SpeltTokenizer: what tokenizers have in common whose ids stand for bytes."""

from __future__ import annotations

from collections.abc import Sequence

from tokgen.plugin_api import Tokenizer, all_texts_are_nfc, nfc


class SpeltTokenizer(Tokenizer):
    """Each id has its bytes; `pieces` tells them where no characters of theirs can compose.

    Args:
        spelt: the bytes of each id, none for the terminator.
        symbols: one for each id.
        terminator_id: the id that ends a document.
        characters: every character that the bytes can spell.
    """

    def __init__(
        self, spelt: Sequence[bytes], symbols: Sequence[str], terminator_id: int, characters: str
    ) -> None:
        self._spelt = list(spelt)
        self.symbols = tuple(symbols)
        self.terminator_id = terminator_id
        self._pieces_tell_all = all_texts_are_nfc(characters)

    def pieces(self) -> list[bytes] | None:
        """The bytes of each id; none where two characters may become one across a border."""
        return list(self._spelt) if self._pieces_tell_all else None

    def decode(self, ids: Sequence[int]) -> str:
        """The text of the bytes up to a terminator, in NFC; ill-formed UTF-8 becomes U+FFFD."""
        spelt = []
        for token in ids:
            if token == self.terminator_id:
                break
            spelt.append(self._spelt[token])
        return nfc(b"".join(spelt).decode("utf-8", errors="replace"))
