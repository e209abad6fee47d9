"""Vowels, which a map of an alphabet marks: the first thing that one sees of it."""

VOWELS = frozenset("aeiou")
