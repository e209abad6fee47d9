"""The sampling loops that tutorials have, as the reference to be measured against."""

from __future__ import annotations

import torch
from tokgen_models.mlp_network import TorchMLP
from tokgen_models.recurrent_network import TorchGRU
from torch import nn


class LogitsAlone(nn.Module):
    """A network that reads sequences, without the cache that it gives."""

    def __init__(self, network):
        super().__init__()
        self.network = network

    def forward(self, ids):
        return self.network(ids)[0]


def torch_network(model):
    """The torch module of a fitted `mlp` or `gru`, in float32."""
    network_class = TorchGRU if model.context_length is None else TorchMLP
    network = network_class(model.options, model.vocabulary)
    network.load_state_dict({k: torch.tensor(v) for k, v in model.arrays().items()})
    return (LogitsAlone(network) if network.reads == "sequence" else network).eval()


@torch.no_grad()
def sample_plainly(network, count, context=3, terminator=26):
    """A batch of names, one token at a time: forward pass, softmax, multinomial, append.

    Kinder than most: rows that have ended are dropped.
    """
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


@torch.no_grad()
def sample_rereading(network, count, terminator=26, longest=64):
    """The loop for models without a window: the whole prefix is read anew for each token.

    Every row goes on to the limit, as in makemore's and nanoGPT's `generate`, but for this: it
    stops when all have ended.
    """
    ids = torch.full((count, 1), terminator)
    ended = torch.zeros(count, dtype=torch.bool)
    for _ in range(longest):
        probabilities = torch.softmax(network(ids)[:, -1], dim=1)
        tokens = torch.multinomial(probabilities, 1)
        ids = torch.cat([ids, tokens], dim=1)
        ended |= tokens[:, 0] == terminator
        if ended.all():
            break
    return ids


def llama_of(model):
    """A fitted `transformer` as the same network of Hugging Face's transformers, in float32."""
    from transformers import LlamaConfig, LlamaForCausalLM

    options = model.options
    config = LlamaConfig(
        vocab_size=model.vocabulary.size,
        hidden_size=options.width,
        intermediate_size=options.hidden,
        num_hidden_layers=options.layers,
        num_attention_heads=options.heads,
        tie_word_embeddings=True,
    )
    llama = LlamaForCausalLM(config).eval()
    tensors = {name: torch.tensor(array) for name, array in model.arrays().items()}
    missing, unknown = llama.load_state_dict(tensors, strict=False)
    assert (missing, unknown) == (["lm_head.weight"], [])
    return llama


@torch.no_grad()
def sample_by_transformers(llama, count, terminator=26, longest=64):
    """Names by the library's own `generate`, with its cache; rows that have ended are padded."""
    ids = torch.full((count, 1), terminator)
    return llama.generate(
        ids,
        attention_mask=torch.ones_like(ids),
        do_sample=True,
        top_k=0,
        eos_token_id=terminator,
        pad_token_id=terminator,
        max_new_tokens=longest,
    )
