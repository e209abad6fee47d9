"""tokgen's own tokenizers of several characters a token, fitted so small that all ids can be tried.

Each is written in few tokens, so that every document of some tokens can be listed.
"""

from __future__ import annotations

from tokgen_tokenizers.bpe import BPE
from tokgen_tokenizers.bytes_seen import Bytes
from tokgen_tokenizers.words import Words

from tokgen.plugin_api import Documents


def fitted(kind, texts, **options):
    """A tokenizer of this class, fitted on texts that are all there is of the corpus."""
    documents = Documents.of(texts)
    return kind.fit(kind.Options(**options), documents, documents.different_characters())


FITTED = {
    "fitted bpe": fitted(BPE, ["ab", "aab", "abab", "ab"], size=5),
    "fitted words": fitted(Words, ["a bb", "bb", "a bb"]),
    "fitted bytes": fitted(Bytes, ["aé"]),
}
