"""Tokenizers made wrong on purpose; each says which clauses it violates."""
