"""The sampling loop that every tutorial has, as the reference to be measured against."""

from __future__ import annotations

import torch
from tokgen_models.mlp_network import Network


def torch_network(model):
    network = Network(model.options, model.vocabulary)
    network.load_state_dict({k: torch.from_numpy(v) for k, v in model.arrays().items()})
    return network.eval()


@torch.no_grad()
def sample_plainly(network, count, context=3, terminator=26):
    """A batch of names, one token at a time: forward pass, softmax, multinomial, append."""
    contexts = torch.full((count, context), terminator)
    names = [[] for _ in range(count)]
    alive = list(range(count))
    while alive:
        probabilities = torch.softmax(network(contexts), dim=1)
        tokens = torch.multinomial(probabilities, 1)
        kept = []
        for row, token in enumerate(tokens[:, 0].tolist()):
            if token != terminator:
                names[alive[row]].append(token)
                kept.append(row)
        alive = [alive[row] for row in kept]
        contexts = torch.cat([contexts[kept, 1:], tokens[kept]], dim=1)
    return names
