"""The defaults: the one file of the core that names plugins."""

from __future__ import annotations

DEFAULT_CORPUS = "indian-names"
DEFAULT_MODEL = "mlp"  # Of a card that names none.

# A file has no card: its number of documents decides.
MANY_DOCUMENTS = 1000
MODEL_OF_FEW = "mlp"
MODEL_OF_MANY = "gru"

# What a trained model is compared with.
BASELINE_MODEL = "ngram"

# A corpus of nothing but a-z gets the first tokenizer, any other the second.
DEFAULT_TOKENIZER = "characters"
TOKENIZER_OF_OTHERS = "alphabet"
