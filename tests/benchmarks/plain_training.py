"""The training loop that tutorials have, as the reference: every example as it occurs.

The networks are textbook modules of the shapes that the families have by default; optimiser,
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


class PlainRecurrent(nn.Module):
    """Ids (B, T) -> logits (B, T, V)."""

    layer = None

    def __init__(self, options, size):
        super().__init__()
        self.embedding = nn.Embedding(size, options.embedding)
        self.recurrent = self.layer(options.embedding, options.hidden, batch_first=True)
        self.dropout = nn.Dropout(options.dropout)
        self.output = nn.Linear(options.hidden, size)

    def forward(self, ids):
        return self.output(self.dropout(self.recurrent(self.embedding(ids))[0]))

    def examples(self, dataset, options):
        return document_examples(dataset)


class PlainRNN(PlainRecurrent):
    layer = nn.RNN


class PlainGRU(PlainRecurrent):
    layer = nn.GRU


class PlainLSTM(PlainRecurrent):
    layer = nn.LSTM


class PlainCNN(nn.Module):
    """Convolutions of two taps, each gated; ids (B, T) -> logits (B, T, V)."""

    def __init__(self, options, size):
        super().__init__()
        channels = options.channels
        self.embedding = nn.Embedding(size, channels)
        self.both = nn.ModuleList(
            nn.Conv1d(channels, 2 * channels, 2, dilation=1 << i) for i in range(options.layers)
        )
        self.mixed = nn.ModuleList(
            nn.Conv1d(channels, 2 * channels, 1) for _ in range(options.layers)
        )
        self.dropout = nn.Dropout(options.dropout)
        self.output = nn.Linear(channels, size)

    def forward(self, ids):
        x = self.embedding(ids).transpose(1, 2)
        skips = torch.zeros_like(x)
        for i, (both, mixed) in enumerate(zip(self.both, self.mixed, strict=True)):
            filtered, gate = both(functional.pad(x, (1 << i, 0))).chunk(2, dim=1)
            out = self.dropout(filtered.tanh() * gate.sigmoid())
            residual, skip = mixed(out).chunk(2, dim=1)
            x, skips = x + residual, skips + skip
        return self.output(skips.relu().transpose(1, 2))

    def examples(self, dataset, options):
        return document_examples(dataset)


class PlainTransformer(nn.Module):
    """Llama's layers; ids (B, T) -> logits (B, T, V)."""

    def __init__(self, options, size):
        super().__init__()
        self.embedding = nn.Embedding(size, options.width)
        self.dropout = nn.Dropout(options.dropout)
        self.layers = nn.ModuleList(PlainLayer(options) for _ in range(options.layers))
        self.norm = nn.RMSNorm(options.width)
        for parameter in self.parameters():
            if parameter.dim() > 1:
                nn.init.normal_(parameter, std=0.02)

    def forward(self, ids):
        stream = self.dropout(self.embedding(ids))
        for layer in self.layers:
            stream = layer(stream)
        return functional.linear(self.norm(stream), self.embedding.weight)

    def examples(self, dataset, options):
        return document_examples(dataset)


class PlainLayer(nn.Module):
    """Attention with rotary positions, then SwiGLU."""

    def __init__(self, options):
        super().__init__()
        self.heads, self.dropout = options.heads, nn.Dropout(options.dropout)
        self.first, self.second = nn.RMSNorm(options.width), nn.RMSNorm(options.width)
        self.asked = nn.Linear(options.width, 3 * options.width, bias=False)
        self.out = nn.Linear(options.width, options.width, bias=False)
        self.opened = nn.Linear(options.width, 2 * options.hidden, bias=False)
        self.closed = nn.Linear(options.hidden, options.width, bias=False)

    def forward(self, stream):
        stream = stream + self.dropout(self.out(self.heard(self.first(stream))))
        gate, up = self.opened(self.second(stream)).chunk(2, dim=-1)
        return stream + self.dropout(self.closed(functional.silu(gate) * up))

    def heard(self, read):
        split = self.asked(read).unflatten(2, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        queries, keys, values = turned(split[0]), turned(split[1]), split[2]
        heard = functional.scaled_dot_product_attention(queries, keys, values, is_causal=True)
        return heard.transpose(1, 2).flatten(2)


def turned(rows):
    """Each head's halves (B, heads, T, D) turned by its place (Su et al. 2021)."""
    places, half = torch.arange(rows.shape[2]), rows.shape[3] // 2
    angles = places[:, None] / 10_000 ** (torch.arange(half) / half)
    first, second = rows.chunk(2, dim=-1)
    cosines, sines = angles.cos(), angles.sin()
    return torch.cat([first * cosines - second * sines, second * cosines + first * sines], dim=-1)


def document_examples(dataset):
    """All documents (D, T), each behind the terminator, padded on the right; and their targets."""
    end, count = dataset.vocabulary.terminator_id, len(dataset.lengths)
    inputs = np.full((count, dataset.lengths.max()), end)
    targets = np.full_like(inputs, NO_TARGET)
    for row, (start, length) in enumerate(zip(dataset.starts, dataset.lengths, strict=True)):
        targets[row, :length] = dataset.stream[start : start + length]
        inputs[row, 1:length] = targets[row, : length - 1]
    return torch.tensor(inputs), torch.tensor(targets)


NETWORKS = {
    "mlp": PlainMLP,
    "rnn": PlainRNN,
    "gru": PlainGRU,
    "lstm": PlainLSTM,
    "cnn": PlainCNN,
    "transformer": PlainTransformer,
}


def train_plainly(name, options, train, validation, seed=0):
    """The lowest validation loss (nats per token), and the seconds until it was reached."""
    torch.manual_seed(seed)
    size = train.vocabulary.size
    network = NETWORKS[name](options, size)
    inputs, targets = network.examples(train, options)
    held_out = network.examples(validation, options)
    optimizer = torch.optim.AdamW(network.parameters(), options.learning_rate, weight_decay=0.1)
    lowest, started = (np.inf, 0.0), time.process_time()
    for step in range(options.steps):
        chosen = torch.randint(0, len(inputs), (options.batch_size,))
        for group in optimizer.param_groups:
            group["lr"] = learning_rate_at(step, options)
        loss = mean_loss(network(inputs[chosen]), targets[chosen])
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        if (step + 1) % EVALUATE_EVERY == 0:
            network.eval()
            with torch.no_grad():
                found = mean_loss(network(held_out[0]), held_out[1]).item()
            network.train()
            lowest = min(lowest, (found, time.process_time() - started))
    return lowest


def mean_loss(logits, targets):
    """Mean negative log-likelihood of a target, nats."""
    return functional.cross_entropy(
        logits.flatten(0, -2), targets.flatten(), ignore_index=NO_TARGET
    )
