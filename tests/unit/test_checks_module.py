"""The exercise whose answer is a class."""

import re

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from seqviz.checks import check, exercise


def pairs(mask):
    return mask[:, :, None] & mask[:, None]


class OfLinear(nn.Module):
    """The textbook's: four linear layers without a bias."""

    def __init__(self, E, H, bias=False):
        super().__init__()
        self.heads = H
        self.W_Q, self.W_K, self.W_V, self.W_O = (
            nn.Linear(E, E, bias=bias) for _ in range(4)
        )

    def forward(self, behaviors, mask):
        query, key, value = (
            W(behaviors).unflatten(-1, (self.heads, -1)).transpose(1, 2)
            for W in (self.W_Q, self.W_K, self.W_V)
        )
        read = F.scaled_dot_product_attention(
            query, key, value, attn_mask=pairs(mask).tril()[:, None]
        )
        return self.W_O(read.transpose(1, 2).flatten(2))


class OfParameters(OfLinear):
    """The same with plain parameters."""

    def __init__(self, E, H):
        nn.Module.__init__(self)
        self.heads = H
        for name in ("W_Q", "W_K", "W_V", "W_O"):
            setattr(self, name, nn.Parameter(torch.randn(E, E)))

    def forward(self, behaviors, mask):
        cut = (self.heads, -1)
        query, key, value = (
            (behaviors @ W).unflatten(-1, cut).transpose(1, 2)
            for W in (self.W_Q, self.W_K, self.W_V)
        )
        read = F.scaled_dot_product_attention(
            query, key, value, attn_mask=pairs(mask).tril()[:, None]
        )
        return read.transpose(1, 2).flatten(2) @ self.W_O


@pytest.mark.parametrize("module", [OfLinear, OfParameters])
def test_a_module_of_linear_layers_or_of_parameters_passes(module):
    verdict = check("self-attention/module", module, quiet=True)
    assert verdict.passed and not verdict.remark, verdict


class Stub(nn.Module):
    def __init__(self, E, H):
        super().__init__()

    def forward(self, behaviors, mask):
        return None


class StubOfForward(OfLinear):
    def forward(self, behaviors, mask):
        return None


class Plain(OfParameters):
    """Matrices that no optimizer would find."""

    def __init__(self, E, H):
        nn.Module.__init__(self)
        self.heads = H
        self.W_Q, self.W_K, self.W_V, self.W_O = torch.randn(4, E, E)


class InAList(OfLinear):
    def __init__(self, E, H):
        super().__init__(E, H)
        matrices = [self.W_O]
        del self.W_O
        self.matrices = matrices

    def forward(self, behaviors, mask):
        return self.matrices[0](behaviors)


class OneForTwo(OfLinear):
    def __init__(self, E, H):
        super().__init__(E, H)
        self.W_K = self.W_Q


class WithBias(OfLinear):
    def __init__(self, E, H):
        super().__init__(E, H, bias=True)


class AMatrixForEachHead(OfParameters):
    def __init__(self, E, H):
        super().__init__(E, H)
        self.W_O = nn.Parameter(torch.randn(H, E // H, E))


class CutOff(OfLinear):
    def forward(self, behaviors, mask):
        return super().forward(behaviors.detach(), mask)


class Frozen(OfParameters):
    def forward(self, behaviors, mask):
        matrices = (self.W_Q.detach(), self.W_K, self.W_V, self.W_O)
        return exercise("self-attention/module").reference(behaviors, mask, *matrices)


class Transposed(OfParameters):
    def forward(self, behaviors, mask):
        matrices = (self.W_Q.mT, self.W_K.mT, self.W_V.mT, self.W_O.mT)
        return exercise("self-attention/module").reference(behaviors, mask, *matrices)


class LooksAhead(OfParameters):
    def forward(self, behaviors, mask):
        (wrong,) = exercise("self-attention/module").mistake("looks-ahead").versions
        return wrong(behaviors, mask, self.W_Q, self.W_K, self.W_V, self.W_O)


class Raises(OfLinear):
    def forward(self, behaviors, mask):
        return behaviors @ mask


class NoModule:
    def __init__(self, E, H):
        self.W_Q = self.W_K = self.W_V = self.W_O = torch.eye(E)


@pytest.mark.parametrize(
    "answer, words",
    [
        (Stub, "^nothing returned yet"),
        (StubOfForward, "^nothing returned yet"),
        (Plain, "^your module has no parameter `W_Q`.* Registered: nothing.$"),
        (InAList, "no parameter `W_O`.* Registered: W_Q.weight, W_K.weight, W_V.wei"),
        (OneForTwo, "no parameter `W_K`.* the same as another"),
        (WithBias, r"W_Q.bias \[6\], W_K.bias .* They stand without a bias"),
        (AMatrixForEachHead, r"four matrices \[E, E\]: W_O \[2, 3, 6\]"),
        (CutOff, "no gradient reaches `behaviors`"),
        (Frozen, "no gradient reaches `W_Q`"),
        (Transposed, "^each matrix stands the wrong way round"),
        (LooksAhead, "^a behavior reads later ones"),
        (Raises, "raised RuntimeError at `return behaviors @ mask`"),
        (NoModule, "^pass the class itself, a subclass of `nn.Module`"),
        (OfLinear(4, 2), "^pass the class itself"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_what_a_class_lacks_is_told(answer, words):
    verdict = check("self-attention/module", answer, quiet=True)
    assert not verdict and re.search(words, verdict.hint), verdict
