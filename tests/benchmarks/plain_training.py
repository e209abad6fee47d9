"""The training loop that tutorials have, as the reference: every example as it occurs.

The networks are textbook modules of the shapes that `mlp` and `gru` have by default; optimiser,
schedule and dropout are theirs, too. Nothing is merged, looked up or averaged.
"""

from __future__ import annotations

import time

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from tokgen.plugin_api.torch.network_options import learning_rate_at

EVALUATE_EVERY = 50
NO_TARGET = -100


class PlainMLP(nn.Module):
    """Contexts (B, k) -> logits (B, V)."""

    def __init__(self, options, size):
        super().__init__()
        self.embedding = nn.Embedding(size, options.embedding)
        self.hidden = nn.Linear(options.context * options.embedding, options.hidden)
        self.dropout = nn.Dropout(options.dropout)
        self.output = nn.Linear(options.hidden, size)

    def forward(self, ids):
        read = self.embedding(ids).flatten(start_dim=1)
        return self.output(self.dropout(functional.gelu(self.hidden(read), approximate="tanh")))

    def examples(self, dataset, options):
        windows = dataset.all_windows(options.context)
        return torch.tensor(windows.contexts), torch.tensor(windows.targets)


class PlainGRU(nn.Module):
    """Ids (B, T) -> logits (B, T, V)."""

    def __init__(self, options, size):
        super().__init__()
        self.embedding = nn.Embedding(size, options.embedding)
        self.gru = nn.GRU(options.embedding, options.hidden, batch_first=True)
        self.dropout = nn.Dropout(options.dropout)
        self.output = nn.Linear(options.hidden, size)

    def forward(self, ids):
        return self.output(self.dropout(self.gru(self.embedding(ids))[0]))

    def examples(self, dataset, options):
        """All documents, each behind the terminator, padded on the right."""
        end, count = dataset.vocabulary.terminator_id, len(dataset.lengths)
        inputs = np.full((count, dataset.lengths.max()), end)
        targets = np.full_like(inputs, NO_TARGET)
        for row, (start, length) in enumerate(zip(dataset.starts, dataset.lengths, strict=True)):
            targets[row, :length] = dataset.stream[start : start + length]
            inputs[row, 1:length] = targets[row, : length - 1]
        return torch.tensor(inputs), torch.tensor(targets)


NETWORKS = {"mlp": PlainMLP, "gru": PlainGRU}


def train_plainly(name, options, train, validation, seed=0):
    """The lowest validation loss (nats per token), and the seconds until it was reached."""
    torch.manual_seed(seed)
    size = train.vocabulary.size
    network = NETWORKS[name](options, size)
    inputs, targets = network.examples(train, options)
    held_out = network.examples(validation, options)
    optimizer = torch.optim.AdamW(network.parameters(), options.learning_rate, weight_decay=0.1)
    lowest, started = (np.inf, 0.0), time.perf_counter()
    for step in range(options.steps):
        chosen = torch.randint(0, len(inputs), (options.batch_size,))
        for group in optimizer.param_groups:
            group["lr"] = learning_rate_at(step, options)
        loss = _loss(network(inputs[chosen]), targets[chosen], size)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        if (step + 1) % EVALUATE_EVERY == 0:
            network.eval()
            with torch.no_grad():
                found = _loss(network(held_out[0]), held_out[1], size).item()
            network.train()
            lowest = min(lowest, (found, time.perf_counter() - started))
    return lowest


def _loss(logits, targets, size):
    return functional.cross_entropy(
        logits.reshape(-1, size), targets.reshape(-1), ignore_index=NO_TARGET
    )
