"""A bounded model as a finite Markov chain, and what can be computed of it."""
