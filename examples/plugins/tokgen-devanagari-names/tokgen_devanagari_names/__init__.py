"""Data only: the card is corpus.yaml, and nothing here is ever imported."""
