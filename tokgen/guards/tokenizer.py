"""GuardedTokenizer: the mixin in front of every tokenizer class that the registry loads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Self

from tokgen.guards.blame import Registered, blamed
from tokgen.guards.stamp import adopted
from tokgen.guards.tokenizer_checks import (
    check_documents,
    check_ids,
    check_json,
    check_pieces,
    check_prefix,
    check_text,
    check_vocabulary,
)
from tokgen.plugin_api.detokenizer import Detokenizer
from tokgen.plugin_api.documents import Documents
from tokgen.plugin_api.encoded import EncodedDocuments, EncodedPrefix
from tokgen.plugin_api.tokenizer import Tokenizer

# An attribute that no tokenizer has of its own.
PIECES = "pieces that were checked"


class GuardedTokenizer(Tokenizer):
    """Every call is blamed on the plugin, and what it gives is checked."""

    registered_as: ClassVar[Registered]
    implementation: ClassVar[type[Tokenizer]]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        with blamed(self.registered_as, "its constructor"):
            super().__init__(*args, **kwargs)

    @classmethod
    def fit(cls, options: Any, documents: Documents, characters: str) -> Self:
        """A guarded tokenizer with a sound vocabulary."""
        with blamed(cls.registered_as, "fit"):
            made = super().fit(options, documents.read_only(), characters)
            check_vocabulary(adopted(made, cls))
        return made

    @classmethod
    def from_json(cls, state: dict[str, Any]) -> Self:
        """A guarded tokenizer from its state; a ValueError says that it is not its state."""
        with blamed(cls.registered_as, "from_json", promised=ValueError):
            made = super().from_json(state)
            check_vocabulary(adopted(made, cls))
        return made

    def to_json(self) -> dict[str, Any]:
        """A state of JSON's types."""
        with blamed(self.registered_as, "to_json"):
            state = super().to_json()
            check_json(state)
        return state

    def encode(self, text: str) -> list[int]:
        """Checked ids."""
        with blamed(self.registered_as, "encode"):
            ids = super().encode(text)  # type: ignore[safe-super]
            check_ids(ids, self)
        return ids

    def encode_documents(self, documents: Documents) -> EncodedDocuments:
        """Checked ids of all documents."""
        with blamed(self.registered_as, "encode_documents"):
            encoded = super().encode_documents(documents.read_only())
            check_documents(encoded, len(documents), self)
        return encoded

    def encode_prefix(self, text: str) -> EncodedPrefix:
        """Checked ids and the bytes that are left."""
        with blamed(self.registered_as, "encode_prefix"):
            prefix = super().encode_prefix(text)
            check_prefix(prefix, text, self)
        return prefix

    def pieces(self) -> list[bytes] | None:
        """The bytes of each id, or None; asked for once, since a tokenizer never changes."""
        if PIECES not in self.__dict__:
            with blamed(self.registered_as, "pieces"):
                pieces = super().pieces()  # type: ignore[safe-super]
                if pieces is not None:
                    check_pieces(pieces, self)
            self.__dict__[PIECES] = pieces
        pieces = self.__dict__[PIECES]
        return None if pieces is None else list(pieces)

    def decode(self, ids: Sequence[int]) -> str:
        """Text."""
        with blamed(self.registered_as, "decode"):
            return check_text(super().decode(ids))

    def detokenizer(self) -> Detokenizer:
        """A guarded detokenizer."""
        with blamed(self.registered_as, "detokenizer"):
            return GuardedDetokenizer(self.registered_as, super().detokenizer())


class GuardedDetokenizer(Detokenizer):
    """Stands before a detokenizer of a plugin."""

    def __init__(self, plugin: Registered, detokenizer: Detokenizer) -> None:
        self._plugin = plugin
        self._detokenizer = detokenizer

    def add(self, token: int) -> str:
        """Text."""
        with blamed(self._plugin, "its detokenizer's add"):
            return check_text(self._detokenizer.add(token))

    def finish(self) -> str:
        """Text."""
        with blamed(self._plugin, "its detokenizer's finish"):
            return check_text(self._detokenizer.finish())
