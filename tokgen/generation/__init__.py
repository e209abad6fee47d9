"""One token after the other: the step loop, sampler chains, the draw, scoring."""
