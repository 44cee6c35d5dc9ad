"""The layers of the jobs of attention beside deepctr-torch's: forward and backward.

Both get 26 fields of 16 numbers (Criteo's), the same weights and the same gradient from
above; ``check_same`` proves before the timing that outputs and gradients agree. MMoE
is timed without its embeddings and towers: experts and gates alone.
"""

from collections.abc import Callable, Iterator

import torch
from torch import Tensor, nn

from benchmarks.cases import case
from benchmarks.quiet_deepctr import import_deepctr
from benchmarks.timing import Clock, Row, Sizes, compare
from seqviz.layers import (
    InteractingLayer,
    MixtureOfExperts,
    PairwiseAttention,
    SqueezeExcitation,
)

import_deepctr()
from deepctr_torch.layers import interaction
from deepctr_torch.layers.core import DNN

FIELDS, WIDTH = 26, 16
HIDDEN, EXPERTS, LABELS, UNITS = 8, 4, 2, (64, 32)

Layer = Callable[[Tensor], Tensor]
Pair = tuple[nn.Module, Layer, nn.Module, Layer]


class TheirExperts(nn.Module):
    """The middle of deepctr-torch's MMOE, line by line."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.experts = nn.ModuleList(DNN(width, UNITS) for _ in range(EXPERTS))
        self.gates = nn.ModuleList(
            nn.Linear(width, EXPERTS, bias=False) for _ in range(LABELS)
        )

    def forward(self, inputs: Tensor) -> Tensor:
        """``[B, D] -> [B, Y, E]``."""
        said = torch.stack([expert(inputs) for expert in self.experts], 1)
        mixed = []
        for gate in self.gates:
            weights = gate(inputs).softmax(1).unsqueeze(1)
            mixed.append(torch.matmul(weights, said).squeeze(1))
        return torch.stack(mixed, 1)


def afm() -> Pair:
    """Both with the last product of the paper, ``[B, 1]``."""
    ours = PairwiseAttention(WIDTH, HIDDEN)
    theirs = interaction.AFMLayer(WIDTH, HIDDEN)
    with torch.no_grad():
        theirs.attention_W.copy_(ours.attention.weight.T)
        theirs.attention_b.copy_(ours.attention.bias)
        theirs.projection_h.copy_(ours.score.weight.T)
    last = theirs.projection_p.detach()
    return (
        ours,
        lambda fields: ours(fields) @ last,
        theirs,
        lambda fields: theirs(list(fields.split(1, dim=1))),  # as its models do
    )


def senet() -> Pair:
    """With the ReLU that was published."""
    ours, theirs = SqueezeExcitation(FIELDS), interaction.SENETLayer(FIELDS)
    with torch.no_grad():
        for mine, other in ((ours.squeeze, 0), (ours.excite, 2)):
            mine.weight.abs_()  # some fields must get through
            theirs.excitation[other].weight.copy_(mine.weight)
    return ours, ours, theirs, theirs


def autoint() -> Pair:
    """Two heads, with the residual."""
    ours, theirs = InteractingLayer(WIDTH), interaction.InteractingLayer(WIDTH)
    names = ("W_Query", "W_key", "W_Value", "W_Res")
    with torch.no_grad():
        for name, block in zip(
            names, ours.projections.weight.split(WIDTH), strict=True
        ):
            getattr(theirs, name).copy_(block.T)
    return ours, ours, theirs, theirs


def mmoe() -> Pair:
    """Four experts of two layers, two labels."""
    width = FIELDS * WIDTH
    ours = MixtureOfExperts(width, EXPERTS, LABELS, UNITS)
    theirs = TheirExperts(width)
    with torch.no_grad():
        for x, expert in enumerate(theirs.experts):
            first, second = expert.linears
            rows = slice(x * UNITS[0], (x + 1) * UNITS[0])
            first.weight.copy_(ours.first.weight[rows])
            first.bias.copy_(ours.first.bias[rows])
            second.weight.copy_(ours.weights[0][x].T)
            second.bias.copy_(ours.biases[0][x, 0])
        for y, gate in enumerate(theirs.gates):
            gate.weight.copy_(ours.gate.weight[y * EXPERTS : (y + 1) * EXPERTS])
    return (
        ours,
        lambda fields: ours(fields.flatten(1)),
        theirs,
        lambda fields: theirs(fields.flatten(1)),
    )


PAIRS = {"AFM": afm, "SENet": senet, "AutoInt": autoint, "MMoE": mmoe}


@case("jobs")
def jobs(sizes: Sizes, repeats: int, clock: Clock) -> Iterator[Row]:
    """Each layer, forward and backward to its weights and its fields."""
    for name, make in PAIRS.items():
        ours, mine, theirs, other = make()
        fields = torch.randn(sizes.batch, FIELDS, WIDTH)
        slope = torch.randn_like(mine(fields))
        check_same(mine, other, fields, slope)
        yield compare(
            f"{name} layer, {FIELDS} fields, deepctr-torch",
            step(ours, mine, fields, slope),
            step(theirs, other, fields, slope),
            repeats,
            clock=clock,
        )


def step(
    module: nn.Module, layer: Layer, fields: Tensor, slope: Tensor
) -> Callable[[], None]:
    """A function to time: forward and backward."""
    fields = fields.clone().requires_grad_()

    def work() -> None:
        fields.grad = None
        module.zero_grad(set_to_none=True)
        layer(fields).backward(slope)

    return work


def check_same(ours: Layer, theirs: Layer, fields: Tensor, slope: Tensor) -> None:
    """Raise unless outputs and gradients agree."""
    fields = fields.clone().requires_grad_()
    outputs = ours(fields), theirs(fields)
    torch.testing.assert_close(*outputs, atol=1e-5, rtol=1e-4)
    gradients = [torch.autograd.grad(y, fields, slope)[0] for y in outputs]
    torch.testing.assert_close(*gradients, atol=1e-4, rtol=1e-3)
