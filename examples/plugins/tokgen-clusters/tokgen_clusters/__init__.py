"""A sampler against runs of consonants."""
