"""torch-rechub's ComiRec-SA, DIEN and SENet are ours; where its other layers differ."""

from types import SimpleNamespace

import pytest
import torch

pytest.importorskip("torch_rechub", reason="make test-peers")

from torch_rechub.basic.features import SparseFeature
from torch_rechub.basic.layers import CapsuleNetwork, MultiInterestSA, SENETLayer
from torch_rechub.models.multi_task import MMOE
from torch_rechub.models.ranking import AFM
from torch_rechub.models.ranking.dien import AUGRU, DIEN

from seqviz.layers import (
    DynamicRouting,
    InterestEvolution,
    InterestExtractor,
    MultiInterestSelfAttention,
    SqueezeExcitation,
    squash,
)

B, T, K, E = 7, 9, 4, 8
seeds = pytest.mark.parametrize("seed", range(3))


def case(seed):
    """Histories with holes anywhere, one real behavior at least."""
    torch.manual_seed(seed)
    mask = torch.rand(B, T) < 0.6
    mask[torch.arange(B), torch.randint(T, (B,))] = True
    return torch.randn(B, T, E), mask


@seeds
def test_comirec_sa(seed):
    behaviors, mask = case(seed)
    ours, theirs = MultiInterestSelfAttention(E, K), MultiInterestSA(E, K)
    with torch.no_grad():
        theirs.W1.copy_(ours.W1)
        theirs.W2.copy_(ours.W2)
    slope = torch.randn(B, K, E)
    inputs = behaviors.requires_grad_()
    interests, expected = ours(inputs, mask), theirs(inputs, mask[..., None])
    torch.testing.assert_close(interests, expected)
    torch.testing.assert_close(
        *(
            torch.autograd.grad((vectors * slope).sum(), inputs)[0]
            for vectors in (interests, expected)
        ),
        atol=1e-5,
        rtol=1e-4,
    )


def capsules(length, iterations):
    """ComiRec-DR's, ours and theirs with the same matrices."""
    ours = DynamicRouting(E, K, length, iterations=iterations)
    theirs = CapsuleNetwork(E, length, 2, K, routing_times=iterations)
    with torch.no_grad():
        # ours counts positions back from the latest behavior, theirs from the first
        theirs.w.copy_(ours.weight.flip(0)[None])
    return ours, theirs


@seeds
def test_one_iteration_of_comirec_dr(seed):
    """With as many behaviors as interests both softmaxes of zeros give 1 / K."""
    torch.manual_seed(seed)
    behaviors, everything = torch.randn(B, K, E), torch.ones(B, K)
    ours, theirs = capsules(K, iterations=1)
    interests = ours(behaviors)
    torch.testing.assert_close(
        interests, theirs(behaviors, everything), atol=1e-5, rtol=1e-4
    )
    assert interests.std() > 1e-2


@seeds
def test_more_iterations_share_each_interest_out_over_the_sequence(seed):
    """Its softmax runs over T, before the mask: neither published form does that."""
    behaviors, mask = case(seed)
    ours, theirs = capsules(T, iterations=3)
    expected = theirs(behaviors, mask.float())
    votes = torch.einsum("tkde,bte->bktd", theirs.w[0].unflatten(1, (K, E)), behaviors)
    logits = torch.zeros(B, K, T)
    for _ in range(3):
        weights = logits.softmax(-1) * mask[:, None]
        read = squash(torch.einsum("bkt,bktd->bkd", weights, votes))
        logits = logits + torch.einsum("bktd,bkd->bkt", votes, read)
    torch.testing.assert_close(read, expected, atol=1e-4, rtol=1e-3)
    assert (ours(behaviors, mask) - expected).abs().max() > 0.01


@seeds
def test_the_routing_of_mind_draws_its_logits_anew(seed):
    behaviors, mask = case(seed)
    layer = CapsuleNetwork(E, T, 0, K).eval()
    one, two = (layer(behaviors, mask.float()) for _ in range(2))
    assert (one - two).abs().max() > 1e-3
    ours = DynamicRouting(E, K, T, form="b2i").eval()
    assert torch.equal(ours(behaviors, mask), ours(behaviors, mask))


def dien(seed):
    """Their AUGRU with our weights: attention and all nine matrices."""
    torch.manual_seed(seed)
    ours, theirs = InterestEvolution(E), AUGRU(E)
    torch.nn.init.normal_(ours.bias)
    cell = theirs.augru_cell
    with torch.no_grad():
        theirs.Wa.copy_(ours.score.W.T)
        for mine, other in [
            (ours.input_weight, (cell.Wr, cell.Wu, cell.Wh)),
            (ours.state_weight, (cell.Ur, cell.Uu, cell.Uh)),
            (ours.bias[:, None], (cell.br, cell.bu, cell.bh)),
        ]:
            for part, matrix in zip(mine.split(E), other, strict=True):
                matrix.copy_(part.T)
    return ours, theirs


@seeds
def test_the_evolution_of_dien(seed):
    """Padded on the right, the only side that theirs reads."""
    ours, theirs = dien(seed)
    states, query = torch.randn(B, T, E).requires_grad_(), torch.randn(B, 1, E)
    mask = torch.arange(T) < torch.randint(1, T + 1, (B, 1))
    weights = ours.attention(query, states, mask)
    evolved = ours.evolve(states, weights, mask)
    expected, _ = theirs(states, query[:, 0], mask)
    torch.testing.assert_close(evolved[mask], expected[mask])
    slope = torch.randn(int(mask.sum()), E)
    torch.testing.assert_close(
        *(
            torch.autograd.grad((found[mask] * slope).sum(), states)[0]
            for found in (evolved, expected)
        ),
        atol=1e-5,
        rtol=1e-4,
    )


@seeds
def test_the_auxiliary_loss_of_dien(seed):
    """Theirs is the mean over the positive pairs plus that over the negative ones."""
    torch.manual_seed(seed)
    ours = InterestExtractor(E)
    behaviors, negatives = torch.randn(2, B, T, E)
    mask = torch.arange(T) < torch.randint(1, T + 1, (B, 1))
    states = ours(behaviors, mask)
    theirs = SimpleNamespace(BCELoss=torch.nn.BCELoss())
    torch.testing.assert_close(
        ours.auxiliary_loss(states, behaviors, negatives, mask),
        DIEN.auxiliary(theirs, states, behaviors, negatives, mask),
    )


@seeds
@pytest.mark.parametrize("reduction", [2, 3])
def test_senet(seed, reduction):
    torch.manual_seed(seed)
    ours, theirs = SqueezeExcitation(T, reduction), SENETLayer(T, reduction)
    with torch.no_grad():
        for weight in ours.parameters():
            weight.abs_()  # some fields must get through both ReLUs
        theirs.mlp[0].weight.copy_(ours.squeeze.weight)
        theirs.mlp[2].weight.copy_(ours.excite.weight)
    fields = torch.randn(B, T, E)
    assert ours(fields).any()
    torch.testing.assert_close(ours(fields), theirs(fields))


def test_the_attention_of_its_afm_is_always_one():
    """It sums the pairs first and takes a softmax over that single score."""
    torch.manual_seed(0)
    model = AFM([SparseFeature(f"f{n}", 9, E) for n in range(3)], E)
    ids = {f"f{n}": torch.randint(9, (B,)) for n in range(3)}
    seen = []
    attention = model.attention
    model.attention = lambda sums: seen.append(attention(sums)) or seen[-1]
    model(ids).sum().backward()
    assert seen[0].shape == (B, 1) and (seen[0] == 1).all()
    assert (model.h.grad == 0).all()


def test_the_gates_of_its_mmoe_mix_the_rows_in_training():
    torch.manual_seed(0)
    model = MMOE(
        [SparseFeature("f", 9, E)],
        ["classification"] * 2,
        2,
        {"dims": [4]},
        [{"dims": [4]}] * 2,
    )
    ids = torch.arange(B)
    gate = model.gates[0]
    vectors = model.embedding({"f": ids}, model.features, squeeze_dim=True)
    for training, depends in ((True, True), (False, False)):
        whole = gate.train(training)(vectors)
        half = gate(vectors[:4])
        assert torch.allclose(whole[:4], half, atol=1e-4) != depends
