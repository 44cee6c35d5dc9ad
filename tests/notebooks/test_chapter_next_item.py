"""What the chapter defines is compared with the package; the stored runs are whole."""

import itertools

import numpy as np
import pytest
import torch
from definitions import definitions, experiment
from scipy.stats import hypergeom

from seqviz.data import Batch
from seqviz.experiments import read_study
from seqviz.layers import TransformerBlock, attend
from seqviz.models import BERT4Rec, SASRec

chapter = definitions("systems/next_item")
N, B, T, E, H = 20, 6, 7, 8, 2
STACK = {"norm_first": True, "activation": "relu", "output_layer": False}


@pytest.fixture(params=range(3))
def ids(request):
    """Histories with holes; one is empty, one is full."""
    torch.manual_seed(request.param)
    ids = torch.randint(1, N + 1, (B, T)) * (torch.rand(B, T) < 0.7)
    ids[0] = 0
    ids[-1] = torch.arange(1, T + 1)
    return ids


def network(model, positions):
    """The chapter's network with the weights of a model."""
    net = chapter.OneNetwork(N, E, H, len(positions.weight)).eval()
    for mine, theirs in zip(net.blocks, model.blocks, strict=True):
        state = {
            name.replace("attention.query", "query").replace(
                "attention.output", "output"
            ): value
            for name, value in theirs.state_dict().items()
        }
        mine.load_state_dict(state)
    with torch.no_grad():
        net.item.weight.copy_(model.embedding.weight)
        net.position.weight.copy_(positions.weight)
    return net


def test_the_block_is_that_of_the_package(ids):
    mask = ids != 0
    block, package = chapter.Block(E, E, H).eval(), TransformerBlock(E, H, hidden_dim=E)
    state = {
        name.replace("query_key", "attention.query_key").replace(
            "output", "attention.output"
        ): value
        for name, value in block.state_dict().items()
    }
    package.load_state_dict(state)
    x = torch.randn(B, T, E)
    readable = (mask[:, None] & mask[:, :, None]).tril()
    found = block(x, readable)[mask]
    torch.testing.assert_close(found, package(x, mask)[mask])


def test_the_first_network_is_sasrec_and_the_second_with_less(ids):
    torch.manual_seed(5)
    model = SASRec(N, E, H, max_length=T).eval()
    net = network(model, model.positions)
    mask = ids != 0
    expected = model.states(*model.behaviors(ids))[mask]
    torch.testing.assert_close(net.states(ids)[mask], expected)
    first = chapter.Network.states(net, ids)
    torch.testing.assert_close(first[mask], expected)


def test_a_hidden_item_is_told_as_by_the_package(ids):
    torch.manual_seed(6)
    model = BERT4Rec(N, E, H, max_length=T, hidden_dim=E, **STACK).eval()
    net = network(model, model.positions)
    net.mask_vector = model.mask_vector
    torch.testing.assert_close(
        chapter.serve_bert4rec(net, ids), model.interests(ids)[:, 0]
    )
    target = torch.randint(1, N + 1, (B,))
    hidden, answers = chapter.asked_by_bert4rec(ids, target)
    states = net.states(answers, hidden, causal=False)
    zeros = torch.zeros(B, dtype=torch.long)
    batch = Batch(ids, ids != 0, target, target[:, None], zeros, zeros)
    torch.testing.assert_close(
        chapter.loss_of(states, hidden, answers, net.item.weight),
        model.loss(batch, questions=model.questions(batch, hidden)),
    )


def test_the_questions_of_both(ids):
    # behind the history stands the target, so histories without holes
    ids = torch.where(torch.arange(T) < (ids == 0).sum(1, keepdim=True), 0, 3)
    target = torch.full((B,), 9)
    asked, answers = chapter.asked_by_sasrec(ids, target)
    assert torch.equal(asked, ids != 0)
    assert (answers[:, -1] == 9).all() and torch.equal(answers[:, :-1], ids[:, 1:])
    model = SASRec(N, E, H, max_length=T).eval()
    zeros = torch.zeros(B, dtype=torch.long)
    batch = Batch(ids, ids != 0, target, target[:, None], zeros, zeros)
    states = model.states(*model.behaviors(ids))
    torch.testing.assert_close(
        chapter.loss_of(states, asked, answers, model.embedding.weight),
        model.loss(batch),
    )
    for _ in range(5):
        hidden, row = chapter.asked_by_bert4rec(ids, target, share=0.05)
        assert hidden.any(1).all() and not (hidden & (row == 0)).any()


def test_click_by_click_is_all_at_once():
    torch.manual_seed(0)
    blocks = [chapter.Block(E, E, H).eval() for _ in range(3)]
    x = torch.randn(B, T, E)
    earlier = torch.ones(B, T, T).bool().tril()
    whole = x
    for block in blocks:
        whole = block(whole, earlier)
    empty = torch.zeros(B, H, 0, E // H)
    kept = [(empty, empty) for _ in blocks]
    for t in range(T):
        found = chapter.one_more(blocks, kept, x[:, t : t + 1])
        torch.testing.assert_close(found[:, 0], whole[:, t])


def test_the_relatives_by_loops():
    torch.manual_seed(1)
    x, user, shared = torch.randn(2, 5, E), torch.randn(2, E), torch.randn(E)
    mask = torch.tensor([[False, True, True, True, True], [True] * 5])
    W_Q, W_K = torch.randn(2, E, E)
    v = torch.randn(E)
    for row in range(2):
        real, own = x[row][mask[row]], user[row]
        energy = [torch.sigmoid(real[-1] @ W_Q + state @ W_K) @ v for state in real]
        local = sum(e * state for e, state in zip(energy, real, strict=True))
        torch.testing.assert_close(
            chapter.narm(x, mask, W_Q, W_K, v)[row], torch.cat([real[-1], local])
        )
        torch.testing.assert_close(
            chapter.transrec(x, mask, user, shared)[row], real[-1] + own + shared
        )
        query, key = (real @ W_Q).relu(), (real @ W_K).relu()
        scores = query @ key.T / E**0.5
        scores.fill_diagonal_(-torch.inf)
        torch.testing.assert_close(
            chapter.attrec(x, mask, W_Q, W_K)[row], (scores.softmax(-1) @ real).mean(0)
        )
        related = attend(real[None], real[None], real[None])
        expected = attend(own[None, None], related, related)[0, 0]
        torch.testing.assert_close(chapter.atrank(x, mask, user)[row], expected)

        def asked(items, W, own=own):
            return ((items @ W + v).relu() @ own).softmax(0) @ items

        both = torch.cat([asked(real, W_Q)[None], real])
        torch.testing.assert_close(
            chapter.shan(x, mask, x, mask, user, (W_Q, v), (W_K, v))[row],
            asked(both, W_K),
        )
    nobody = torch.zeros(2, 5).bool()
    torch.testing.assert_close(  # without a past the session speaks alone
        chapter.shan(x, nobody, x, mask, user, (W_Q, v), (W_K, v))[1],
        ((x[1] @ W_K + v).relu() @ user[1]).softmax(0) @ x[1],
    )
    interests = chapter.sine(x, mask, W_Q, v, torch.randn(9, E))
    assert interests.shape == (2, 2, E)
    torch.testing.assert_close(interests.norm(dim=-1), torch.ones(2, 2))


def test_drawn_ranks_are_those_of_drawing():
    rng = np.random.default_rng(0)
    items = 300
    rank = np.array([1, 5, 60, 300])
    found = chapter.drawn_ranks(rank, np.full(4, items), rng)
    assert (found[:, 0] == 1).all() and (found[:, 3] == 101).all()
    others = np.delete(np.arange(1, items + 1), 60 - 1)
    drawn = [
        1 + (rng.choice(others, 100, replace=False) < 60).sum() for _ in range(3000)
    ]
    assert found[:, 2].mean() == pytest.approx(np.mean(drawn), abs=0.4)


@pytest.mark.parametrize("size", [150, 600])
def test_the_corrected_worth_has_the_smaller_error(size):
    """Against what it minimizes: no small change of it is better."""
    gamma = 0.01
    worth = chapter.corrected_worth(size, gamma)
    n = np.arange(1, size + 1)
    P = hypergeom.pmf(np.arange(101)[None], size - 1, n[:, None] - 1, 100)

    def cost(f):
        bias = (P @ f - chapter.ndcg_at(n)) ** 2
        return ((1 - gamma) * bias + gamma * (P @ f**2)).sum()

    rng = np.random.default_rng(0)
    for _ in range(20):
        assert cost(worth + 0.01 * rng.normal(size=101)) > cost(worth)
    plain = chapter.ndcg_at(np.arange(1, 102))
    assert (
        np.abs(P @ worth - chapter.ndcg_at(n)).sum()
        < np.abs(P @ plain - chapter.ndcg_at(n)).sum()
    )


class Fixed:
    """The same scores for everybody."""

    def __init__(self, scores):
        self.row = torch.tensor(scores)

    def scores(self, batch):
        return self.row.repeat(len(batch.item_ids), 1)


def test_a_stored_rank_leaves_other_true_items_out():
    from seqviz.data import Examples, Ragged, Split
    from seqviz.experiments.tasks import Task

    script = experiment("systems/next_item")
    users = np.arange(3)
    rows = Examples(
        users,
        users,
        Ragged.from_rows([[1], [2], [3]]),
        Ragged.from_rows([[4], [6, 2], [5]]),
    )
    # item i has rank i, but 5 and 6 score alike
    scores = [-torch.inf, 9.0, 8.0, 7.0, 6.0, 5.0, 5.0, 1.0]
    task = Task(None, None, Split(rows, rows, rows))
    found = script.placed(Fixed(scores), task, 4)
    assert found["rank"].tolist() == [4, 4, 5]
    assert found["items"].tolist() == [7, 6, 7]


def test_the_studies_store_ranks_of_every_test_user():
    for name, data in (("next_item", "shop"), ("next_item_movies", "movies")):
        stored = read_study(f"systems/{name}")
        models = [*stored.study.families, *stored.study.counts]
        for model, metric in itertools.product(models, ("rank", "items")):
            values = stored.values(data, model, metric)
            for part in values if isinstance(values, list) else [values]:
                assert part.min() >= 1
        rank, items = (stored.values(data, "SASRec", m) for m in ("rank", "items"))
        parts = zip(rank, items, strict=True)
        assert all((one <= other).all() for one, other in parts)
