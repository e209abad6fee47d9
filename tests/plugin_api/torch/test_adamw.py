import pytest
import torch
from torch import nn

from tokgen.plugin_api.torch.adamw import AdamW
from tokgen.testing.fresh_process import printed_by, started

DECAY = 0.1
# Imports what trains, and takes a step with it.
PROGRAM = """
import sys, torch
from tokgen.plugin_api.torch.loop import AdamW
layer = torch.nn.Linear(2, 2)
optimizer = AdamW(layer.parameters(), 0.1)
layer(torch.ones(1, 2)).sum().backward()
optimizer.step(0.1)
print([each for each in ("torch._dynamo", "sympy") if each in sys.modules])
"""


class Network(nn.Module):
    """A vector before the matrices, and a matrix that only every second pass reads."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(3)
        self.scale = nn.Parameter(torch.ones(4))
        self.first = nn.Linear(4, 4)
        self.seldom = nn.Linear(4, 4, bias=False)
        self.frozen = nn.Linear(4, 4).requires_grad_(False)

    def loss(self, step):
        torch.manual_seed(step)
        x = torch.tanh(self.first(self.scale * torch.randn(8, 4)))
        return (self.frozen(self.seldom(x) if step % 2 else x) ** 2).sum()


def torch_optimizer(network):
    vectors = [each for each in network.parameters() if each.dim() <= 1]
    matrices = [each for each in network.parameters() if each.dim() > 1]
    groups = [
        {"params": matrices, "weight_decay": DECAY},
        {"params": vectors, "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups)


def rate_at(step):
    return 0.01 / (1 + step)


def step_with(network, optimizer, step):
    network.zero_grad(set_to_none=True)
    network.loss(step).backward()
    optimizer.step(rate_at(step))


def equal_bits(network, other):
    pairs = zip(network.parameters(), other.parameters(), strict=True)
    return all(torch.equal(each, twin) for each, twin in pairs)


def test_it_takes_the_steps_of_torch_bit_by_bit():
    network, other = Network(), Network()
    own, oracle = AdamW(network.parameters(), DECAY), torch_optimizer(other)
    for step in range(20):
        step_with(network, own, step)
        for group in oracle.param_groups:
            group["lr"] = rate_at(step)
        oracle.zero_grad()
        other.loss(step).backward()
        oracle.step()
        assert equal_bits(network, other), f"step {step}"
    assert not equal_bits(network, Network())


@pytest.mark.parametrize("before", [0, 1, 6])
def test_it_goes_on_from_its_state(before):
    network, other = Network(), Network()
    unstopped, first = AdamW(network.parameters(), DECAY), AdamW(other.parameters(), DECAY)
    for step in range(before):
        step_with(network, unstopped, step)
        step_with(other, first, step)
    resumed = AdamW(other.parameters(), DECAY)
    resumed.load({name: tensor.clone() for name, tensor in first.state().items()})
    for step in range(before, before + 5):
        step_with(network, unstopped, step)
        step_with(other, resumed, step)
    assert equal_bits(network, other)


def test_a_parameter_without_a_gradient_has_no_moments():
    network = Network()
    optimizer = AdamW(network.parameters(), DECAY)
    assert optimizer.state() == {}
    step_with(network, optimizer, 0)
    assert len({name.partition("/")[0] for name in optimizer.state()}) == 3


def test_a_sparse_gradient_moves_as_a_dense_one():
    torch.manual_seed(1)
    weights = torch.randn(5, 3)
    tables = [nn.Embedding(5, 3, sparse=each, _weight=weights.clone()) for each in (True, False)]
    for table in tables:
        optimizer = AdamW(table.parameters(), DECAY)
        for ids in ([1, 3], [0, 1]):
            table.zero_grad(set_to_none=True)
            (table(torch.tensor(ids)) ** 2).sum().backward()
            optimizer.step(0.1)
    assert equal_bits(*tables)


def test_a_step_does_not_import_the_compiler_of_torch():
    process = started(PROGRAM, [])
    assert printed_by(process) == ("[]\n", "")
