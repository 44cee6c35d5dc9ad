"""The score by the nearest interest, held to torch's own maximum."""

import pytest
import torch

from seqviz.layers.largest_score import largest_score
from seqviz.models import ComiRecSA


def drawn(*shape):
    return torch.randn(*shape, dtype=torch.float64, requires_grad=True)


@pytest.mark.parametrize("lead", [(), (3,)], ids=["one model", "three"])
@pytest.mark.parametrize("K", [1, 4])
def test_scores_and_gradients_are_those_of_the_maximum(lead, K):
    torch.manual_seed(0)
    interests, items = drawn(*lead, 5, K, 6), drawn(*lead, 9, 6)
    plain = (interests @ items.mT[..., None, :, :]).amax(-2)
    scores = largest_score(interests, items)
    torch.testing.assert_close(scores, plain)
    gradient = torch.randn_like(plain)
    found = torch.autograd.grad(scores, (interests, items), gradient)
    expected = torch.autograd.grad(plain, (interests, items), gradient)
    for one, other in zip(found, expected, strict=True):
        torch.testing.assert_close(one, other)


def test_a_tie_goes_to_the_first_interest():
    interests = torch.ones(1, 2, 3, requires_grad=True)
    largest_score(interests, torch.ones(4, 3)).sum().backward()
    assert interests.grad[0].tolist() == [[4, 4, 4], [0, 0, 0]]


def test_a_model_may_train_on_it():
    from torch.nn.functional import cross_entropy

    from seqviz.data import Batch

    torch.manual_seed(0)
    model = ComiRecSA(12, 8, 3, temperature=0.2, nearest=True)
    ids = torch.randint(0, 13, (6, 5))
    targets = torch.randint(1, 13, (6,))
    batch = Batch(ids, ids != 0, targets, targets[:, None], targets, targets)
    expected = cross_entropy(model.scores(batch)[:, 1:], targets - 1)
    torch.testing.assert_close(model.loss(batch), expected)
