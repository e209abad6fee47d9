"""BPE: tokens made by joining, again and again, the two that most often stand side by side.

Byte-pair encoding is a way to compress (Gage 1994, "A New Algorithm for Data Compression"). As a
tokenizer (Sennrich et al. 2016, "Neural Machine Translation of Rare Words with Subword Units",
arXiv 1508.07909) it begins with characters. In each step of the training the pair of tokens that
stands side by side most often in the words of the corpus becomes one more token. A text is encoded
by the same steps in the same order. So frequent words are one token, and rare ones are several
parts that are frequent by themselves.

A word is what stands between spaces, with the space before it, and no token goes beyond it. All
characters of the corpus are tokens. The Hugging Face library `tokenizers` counts, joins and
encodes. It leaves out characters that it does not know, without a word; here they are refused.

`bpe:file=PATH,terminator=TOKEN` takes a tokenizer that was made elsewhere, as the library's
`tokenizer.json`; `library_json` tells what such a file may hold.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

from pydantic import model_validator

from tokgen.plugin_api import (
    Documents,
    EncodedDocuments,
    EncodedPrefix,
    Field,
    PluginOptions,
    RequestError,
    known_spelling,
    nfc,
    terminator_symbol,
)
from tokgen_tokenizers.byte_symbols import symbols_of
from tokgen_tokenizers.library_json import LibraryJson
from tokgen_tokenizers.spelt_tokenizer import SpeltTokenizer

DEFAULT_SIZE = 256
# A pair that is seen once is chance (the default of subword-nmt, the program of Sennrich et al.).
LEAST_OFTEN = 2
WORD_WITH_SPACE = " ?[^ ]+| "
AT_ONCE = 10_000


class BPEOptions(PluginOptions):
    """Trained to a size, or read from a file."""

    size: int | None = Field(
        default=None,
        ge=2,
        description="number of tokens at most, all characters and the terminator included "
        f"(default: {DEFAULT_SIZE})",
    )
    file: str | None = Field(default=None, description="a tokenizer.json that is used as it is")
    terminator: str | None = Field(
        default=None, description="the special token of the file that ends a document"
    )

    @model_validator(mode="after")
    def _one_or_the_other(self) -> Self:
        if self.file is None and self.terminator is not None:
            raise ValueError("terminator names a token of a file, and there is no file=PATH")
        if self.file is not None and self.size is not None:
            raise ValueError("size is for training, and a file has the size that it has")
        return self


class BPE(SpeltTokenizer):
    """One id a part of a word: what often stands side by side is joined, again and again."""

    Options = BPEOptions

    def __init__(self, described: LibraryJson, terminator: str) -> None:
        self._described, self._terminator = described, terminator
        self._library = described.tokenizer()
        pieces = described.pieces()
        terminator_id = described.special[terminator]
        pieces[terminator_id] = b""
        named = {number: token.encode() for token, number in described.special.items()}
        symbols = symbols_of(named.get(number, piece) for number, piece in enumerate(pieces))
        super().__init__(pieces, symbols, terminator_id, described.characters())

    @classmethod
    def fit(cls, options: BPEOptions, documents: Documents, characters: str) -> Self:
        """Trained on the documents, or what the file holds.

        Raises:
            RequestError: the size has no room for the characters, or the file is not one that can
                be used for this corpus.
        """
        if options.file is None:
            return cls.trained(options.size, documents, characters)
        read = cls.read(Path(options.file).expanduser(), options.terminator)
        unknown = next((each for each in characters if not read._described.knows(each)), None)
        if unknown:
            said = f"has no tokens for {unknown!r}, which the corpus holds"
            raise RequestError(f"The tokenizer of {options.file} {said}.")
        return read

    @classmethod
    def trained(cls, size: int | None, documents: Documents, characters: str) -> Self:
        """A tokenizer of at most `size` tokens."""
        needed = len(characters) + 1
        if size is not None and size < needed:
            raise RequestError(
                f"size={size} of the tokenizer 'bpe' has no room for the {len(characters)} "
                f"characters of the corpus and the terminator: size is at least {needed}."
            )
        from tokenizers import AddedToken, Regex, Tokenizer
        from tokenizers.models import BPE as Merging
        from tokenizers.pre_tokenizers import Split
        from tokenizers.trainers import BpeTrainer

        library = Tokenizer(Merging())
        library.pre_tokenizer = Split(Regex(WORD_WITH_SPACE), "isolated")
        trainer = BpeTrainer(
            vocab_size=max(size or DEFAULT_SIZE, needed) - 1,
            min_frequency=LEAST_OFTEN,
            initial_alphabet=list(characters),
            show_progress=False,
        )
        library.train_from_iterator(_batches(documents), trainer, length=len(documents))
        terminator = terminator_symbol(library.get_vocab())
        library.add_special_tokens([AddedToken(terminator, special=True, normalized=False)])
        return cls(LibraryJson.parsed(library.to_str()), terminator)

    @classmethod
    def read(cls, path: Path, terminator: str | None) -> Self:
        """The tokenizer of a file.

        Raises:
            RequestError: naming the file and what of it cannot be used, or the special tokens of
                which one is the terminator.
        """
        if path.exists() and not path.is_file():
            # A device may be read for ever.
            raise RequestError(f"{path} cannot be read: it is no regular file.")
        try:
            described = LibraryJson.parsed(path.read_text(encoding="utf-8"))
            return cls(described, described.special_token(terminator))
        except OSError as error:
            raise RequestError(f"{path} cannot be read: {error.strerror}.") from None
        except ValueError as error:
            raise RequestError(f"{path} cannot be used as a tokenizer: {error}.") from None

    @classmethod
    def from_json(cls, state: dict[str, Any]) -> Self:
        """The tokenizer that was saved.

        Raises:
            ValueError: the state is not one that `to_json` gives.
        """
        terminator = state.get("terminator")
        if not isinstance(terminator, str):
            raise ValueError("the terminator is no text")
        described = LibraryJson.checked(state.get("tokenizer"))
        return cls(described, described.special_token(terminator))

    def to_json(self) -> dict[str, Any]:
        """The library's own description, and the terminator."""
        return {"tokenizer": self._described.content, "terminator": self._terminator}

    def encode(self, text: str) -> list[int]:
        """Ids of a text, normalised first.

        Raises:
            RequestError: naming the first character that has no tokens.
        """
        return self._library.encode(self._spelt_text(text), add_special_tokens=False).ids

    def _spelt_text(self, text: str) -> str:
        which = "those that this tokenizer has tokens for"
        return known_spelling(text, self._described.knows, which)

    def encode_prefix(self, text: str) -> EncodedPrefix:
        """All words are certain but the last; of a file's rules for words nothing is known."""
        if not self._pieces_tell_all or not self._described.divides_at(WORD_WITH_SPACE):
            return super().encode_prefix(text)
        spelt = self._spelt_text(text)
        open_from = max(spelt.rfind(" "), 0)
        certain = self._library.encode(spelt[:open_from], add_special_tokens=False).ids
        return EncodedPrefix(tuple(certain), spelt[open_from:].encode())

    def encode_documents(self, documents: Documents) -> EncodedDocuments:
        """All documents by the library, some thousands at once.

        Raises:
            RequestError: naming the first document with a character that has no tokens.
        """
        if not all(map(self._described.knows, documents.different_characters())):
            return super().encode_documents(documents)
        rows: list[list[int]] = []
        for batch in _batches(documents):
            encoded = self._library.encode_batch_fast(batch, add_special_tokens=False)
            rows += (each.ids for each in encoded)
        return EncodedDocuments.of(rows)


def _batches(documents: Documents) -> Iterator[list[str]]:
    for begin in range(0, len(documents), AT_ONCE):
        yield [nfc(text) for text in documents[begin : begin + AT_ONCE]]
