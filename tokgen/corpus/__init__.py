"""Corpora: text files, packages with a card, and their splits."""
