"""The MLP and the transformer of Karpathy's makemore, as references to be measured against.

Shapes, optimiser and batches are makemore's: AdamW at a constant rate of 0.0005, betas 0.9 and
0.99, weight decay 0.01, 32 documents in an update, no dropout. Every document is padded to the
length of the longest.
"""

from __future__ import annotations

import time

import numpy as np
import torch
from plain_training import document_examples, mean_loss
from torch import nn
from torch.nn import functional

BATCH = 32
EVALUATE_EVERY = 200


class MakemoreMLP(nn.Module):
    """All tokens of a document side by side, one hidden layer (Bengio et al. 2003)."""

    def __init__(self, size, length, embedding=64, hidden=64):
        super().__init__()
        self.length, self.nothing = length, size
        self.embedding = nn.Embedding(size + 1, embedding)
        self.hidden = nn.Linear(length * embedding, hidden)
        self.output = nn.Linear(hidden, size)

    def forward(self, ids):
        padded = functional.pad(ids, (self.length - 1, 0), value=self.nothing)
        windows = padded.unfold(1, self.length, 1)
        return self.output(self.hidden(self.embedding(windows).flatten(2)).tanh())


class MakemoreTransformer(nn.Module):
    """GPT-2 (Radford et al. 2019): learned positions, LayerNorm before each part, GELU."""

    def __init__(self, size, length, width=64, layers=4, heads=4):
        super().__init__()
        self.embedding = nn.Embedding(size, width)
        self.positions = nn.Embedding(length, width)
        self.layers = nn.ModuleList(
            nn.TransformerEncoderLayer(
                width, heads, 4 * width, 0.0, "gelu", batch_first=True, norm_first=True
            )
            for _ in range(layers)
        )
        self.norm = nn.LayerNorm(width)
        self.output = nn.Linear(width, size, bias=False)

    def forward(self, ids):
        length = ids.shape[1]
        mask = nn.Transformer.generate_square_subsequent_mask(length)
        stream = self.embedding(ids) + self.positions.weight[:length]
        for layer in self.layers:
            stream = layer(stream, mask, is_causal=True)
        return self.output(self.norm(stream))


NETWORKS = {"makemore's MLP": MakemoreMLP, "makemore's transformer": MakemoreTransformer}


def train_for(seconds, name, train, validation, test, seed=0):
    """The validation and test loss of the best weights within so many seconds of computing."""
    torch.manual_seed(seed)
    inputs, targets = document_examples(train)
    held_out, last = document_examples(validation), document_examples(test)
    length = max(inputs.shape[1], held_out[0].shape[1], last[0].shape[1])
    network = NETWORKS[name](train.vocabulary.size, length)
    optimizer = torch.optim.AdamW(
        network.parameters(), lr=5e-4, weight_decay=0.01, betas=(0.9, 0.99)
    )
    best, step, begun = (np.inf, np.inf), 0, time.process_time()
    while time.process_time() - begun < seconds:
        chosen = torch.randint(0, len(inputs), (BATCH,))
        loss = mean_loss(network(inputs[chosen]), targets[chosen])
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        step += 1
        if step % EVALUATE_EVERY == 0:
            best = min(best, (_measured(network, held_out), _measured(network, last)))
    return best


def _measured(network, examples):
    network.eval()
    with torch.no_grad():
        loss = mean_loss(network(examples[0]), examples[1]).item()
    network.train()
    return loss
