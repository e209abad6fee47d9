"""Where there is no finite Markov chain: best first, beams, bounds."""
