"""ServedModel: the model that a server answers with, its name, and text as its ids."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from tokgen.corpus.once import called
from tokgen.errors import RequestError
from tokgen.exact.memory import default_memory
from tokgen.plugin_api.positions import most_tokens
from tokgen.server.api_errors import ApiError
from tokgen.server.limits import Limits
from tokgen.text_model.text_model import TextModel
from tokgen.unicode import nfc


@dataclass(frozen=True)
class ServedModel:
    """The model that a server answers with.

    Attributes:
        limits: how much one request may ask for.
        memory: bytes that the exact work of a request may take.
        created: when the server opened it, seconds since 1970.
    """

    text_model: TextModel
    limits: Limits = field(default_factory=Limits)
    memory: int = field(default_factory=default_memory)
    created: int = field(default_factory=lambda: int(time.time()))

    @property
    def name(self) -> str:
        """`CORPUS/MODEL`, by which requests may name it; of a file without its folders."""
        metadata = self.text_model.metadata
        return f"{called(metadata.corpus.name)}/{metadata.model.name}"

    @property
    def end(self) -> str:
        """The symbol of the terminator: what other servers call the eos token."""
        return self.text_model.tokenizer.symbols[self.text_model.tokenizer.terminator_id]

    @property
    def most_tokens(self) -> int:
        """How many tokens prompt and answer have together at most."""
        limit = self.limits.prompt_tokens + self.limits.max_tokens
        return min(limit, most_tokens(self.text_model.model) or limit)

    def check_name(self, asked: str | None) -> None:
        """Refuse a request for another model.

        Raises:
            ApiError: 404, naming the model that there is.
        """
        if asked is not None and asked != self.name:
            said = f"There is no model {asked!r} here: this server answers with {self.name!r}."
            raise ApiError(404, said, "model", "model_not_found")

    def ids_of(self, text: str) -> tuple[int, ...]:
        """The ids of a text; of the terminator's symbol alone, which can be no text, its id.

        Raises:
            RequestError: the text holds a character that the vocabulary cannot encode.
        """
        tokenizer = self.text_model.tokenizer
        try:
            return tuple(tokenizer.encode(nfc(text)))
        except RequestError:
            if text != self.end:
                raise
            return (tokenizer.terminator_id,)

    def text_of(self, ids: Sequence[int]) -> str:
        """The text of ids; of the terminator alone, its symbol, so that it can go back.

        Raises:
            RequestError: an id is none of the vocabulary.
        """
        self.check_ids(ids)
        tokenizer = self.text_model.tokenizer
        if list(ids) == [tokenizer.terminator_id]:
            return self.end
        begun = tokenizer.vocabulary.beginning
        return tokenizer.decode([token for token in ids if token not in begun])

    def check_ids(self, ids: Sequence[int]) -> None:
        """Refuse what is no id of the vocabulary.

        Raises:
            RequestError: naming the first such number.
        """
        size = self.text_model.model.vocabulary.size
        for token in ids:
            if not 0 <= token < size:
                raise RequestError(f"There is no token {token}: ids run from 0 to {size - 1}.")
