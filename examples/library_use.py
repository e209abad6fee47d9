"""tokgen as a library: load a model, look at a distribution, score a name, generate some."""

import tokgen

model = tokgen.load("indian-names")
following = model.next("abi")
best = following.logprobs.argmax()
print(f"after {following.prefix!r} the likeliest of {len(following.symbols)} symbols is", end=" ")
print(repr(following.symbols[best]))
print(f"abid has log-probability {model.score('abid').logprob:.2f}")
for document in model.generate(5, seed=1, samplers=["temperature:t=0.8"]):
    print(document.text, round(document.logprob, 2))
