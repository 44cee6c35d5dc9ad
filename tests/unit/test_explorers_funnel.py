"""The Python side of the funnel explorer: stages, state, still figure, bad input."""

import re

import numpy as np
import pytest
import torch
from traitlets import TraitError

from seqviz.data import Batch
from seqviz.explorers import MODULES, FunnelExplorer
from seqviz.models import ComiRecSA
from seqviz.retrieval import Funnel, Greedy, InterestSearch

N, K, EACH = 20, 2, 6
TITLES = ["", *(f"item {n}" for n in range(1, N + 1))]
KINDS = ["", *("abc"[n % 3] for n in range(1, N + 1))]


def finds(seed=0, users=2):
    rng = np.random.default_rng(seed)
    items = np.array(
        [[rng.permutation(N)[:EACH] + 1 for _ in range(K)] for _ in range(users)]
    )
    near = -np.sort(-rng.random(items.shape))
    scores = rng.random((users, N + 1))
    own = np.take_along_axis(scores, items.reshape(users, -1), 1)
    return items, near, own.reshape(items.shape)


def explorer(**changes):
    items, near, scores = finds()
    arguments = {
        "items": items,
        "retrieval": near,
        "rankers": {"DIN": scores, "none": near},
        "truths": [[1, 2], [3]],
        "sizes": (2, 4),
        **changes,
    }
    return FunnelExplorer(TITLES, KINDS, **arguments)


def test_it_is_the_package_s_funnel():
    torch.manual_seed(0)
    model = ComiRecSA(N, 8, K, temperature=0.1).eval()
    ids = torch.randint(1, N + 1, (3, 5))
    zeros = torch.zeros(3, dtype=torch.long)
    batch = Batch(ids, ids > 0, zeros, ids, zeros, zeros)
    scores = torch.randn(3, N + 1)
    kinds = torch.tensor([0, *(1 + "abc".index(kind) for kind in KINDS[1:])])
    funnel = Funnel(
        InterestSearch(model, EACH),
        lambda batch, found: scores.gather(1, found.items),
        Greedy(kinds, 0.3),
    )
    expected = funnel(batch, 5, 4)
    near, items = (
        model.scaled_interests(ids).detach() @ model.item_vectors().detach()[1:].T
    ).topk(EACH, dim=2)
    items = items + 1
    own = scores[torch.arange(3)[:, None, None], items]
    figure = explorer(
        items=items,
        retrieval=near,
        rankers={"any": own},
        truths=[[1]] * 3,
        m=5,
        size=4,
        diversity_weight=0.3,
    )
    for user in range(3):
        figure.user = user
        trace = figure.trace()
        assert trace.ranked[0].tolist() == expected.ranked[user].tolist()
        assert trace.listed[0].tolist() == expected.listed[user].tolist()


def test_only_the_names_that_are_needed_travel():
    items, near, scores = finds()
    items[:] = np.array([[1, 2, 3, 4, 5, 6]] * K)
    figure = explorer(items=items, truths=[[9], [3]])
    assert figure.titles == [TITLES[n] for n in (1, 2, 3, 4, 5, 6, 9)]
    assert figure.truths == [[6], [2]] and figure.widest == 6 and figure.catalog == N


def test_the_still_figure_says_what_is_lost():
    figure = explorer(truths=[[int(finds()[0][0, 0, 0])], [3]])
    drawn = figure.still()
    assert "best recall" in drawn and "1.00" in drawn
    assert len(re.findall("<tr>", drawn)) == 3
    assert figure.to_html().count("<table") == 2  # still and outline
    assert "funnel" in MODULES


def test_traits_are_checked():
    figure = explorer()
    for name, value in (
        ("user", 2),
        ("ranker", 2),
        ("n", EACH + 1),
        ("m", 0),
        ("size", 3),
        ("diversity_weight", -1.0),
    ):
        with pytest.raises(TraitError, match=f"{name} must"):
            setattr(figure, name, value)


def test_bad_input_is_named():
    items, near, scores = finds()

    def bad(match, error=ValueError, **changes):
        with pytest.raises(error, match=match):
            explorer(**changes)

    bad(r"items must have shape \[U, K, n\]", items=items[0])
    bad("items must be whole numbers, got float64", TypeError, items=near)
    bad("items must lie in 0..20, got 2..21", items=np.where(items == N, 21, items))
    bad(r"retrieval must have the shape of items \[2, 2, 6\]", retrieval=near[:1])
    bad("retrieval must be finite", retrieval=near * np.nan)
    bad("rankers must be a mapping of names", TypeError, rankers=scores)
    bad(r"rankers\['x'\] must have the shape", rankers={"x": scores[:1]})
    bad("truths must be 2 lists of ids, got 1", truths=[[1]])
    bad("truths must hold ids in 1..20, one or more", truths=[[1], []])
    bad("sizes must be rising numbers", sizes=(4, 2))
    bad("largest must lie above 0", largest=0)
    bad("items must be of at most 8 interests with 50", items=np.ones((2, 9, 3), int))
