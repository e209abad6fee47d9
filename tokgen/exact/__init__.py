"""The documents of a model as a set: conditions on them, as automata."""
