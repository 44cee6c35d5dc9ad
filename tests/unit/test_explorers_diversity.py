"""The Python side of the diversity explorer: lists, state, still figure, bad input."""

import base64
import re

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from traitlets import TraitError

from seqviz.explorers import MODULES, DiversityExplorer
from seqviz.retrieval.rerank import greedy_diversity, list_value

U, M = 2, 10
KINDS = ["running", "camping", "coffee"]
CURVE = [[0, 0.5, 0.1], [0.5, 0.4, 0.6], [2, 0.2, 0.8]]


def sample(seed=1):
    rng = np.random.default_rng(seed)
    scores = (rng.integers(-8, 9, (U, M)) / 8).astype(np.float32)
    return scores, rng.integers(0, 3, (U, M))


SCORES, CATEGORIES = sample()
MASK = np.ones((U, M), bool)
MASK[:, 3] = False


def explorer(scores=SCORES, kinds=CATEGORIES, **changes):
    arguments = {
        "names": [[f"item {u} {m}" for m in range(M)] for u in range(U)],
        "scores": scores,
        "categories": [[KINDS[kind] for kind in row] for row in kinds],
        "mask": MASK,
        "lengths": [3, 8],
        "n": 8,
        "curves": {8: CURVE},
    }
    return DiversityExplorer(**{**arguments, **changes})


@settings(deadline=None, max_examples=60)
@given(
    st.integers(0, 2**32 - 1),
    st.sampled_from([0, 0.1, 0.125, 1 / 3, 1, 50, 1e6]),
    st.integers(0, U - 1),
)
def test_the_picks_are_greedy_diversity_and_the_gains_add_up_to_the_value(
    seed, weight, user
):
    scores, categories = sample(seed)
    shown = explorer(scores, categories, diversity_weight=weight, user=user)
    picks = shown.picks()
    rows = [torch.from_numpy(one)[user : user + 1] for one in (scores, categories)]
    mask = torch.from_numpy(MASK)[user : user + 1]
    want = greedy_diversity(*rows, 8, weight, mask)
    assert [pick.column for pick in picks] == want[0].tolist()
    assert 3 not in want
    value = list_value(*rows, want, weight).item()
    assert sum(pick.gain for pick in picks) == pytest.approx(value)
    for place, pick in enumerate(picks):
        before = [other.category for other in picks[:place]]
        assert pick.others == sum(kind != pick.category for kind in before)
        assert pick.score == scores[user, pick.column]


def test_each_pick_has_the_largest_gain_of_those_that_are_left():
    shown = explorer(diversity_weight=0.375)
    chosen = []
    for pick in shown.picks():
        gains = {
            column: SCORES[0, column]
            + 0.375 * (CATEGORIES[0, chosen] != CATEGORIES[0, column]).sum()
            for column in np.flatnonzero(MASK[0])
            if column not in chosen
        }
        assert pick.gain == max(gains.values())
        assert pick.column == min(c for c, g in gains.items() if g == pick.gain)
        chosen.append(pick.column)


def test_scores_are_sent_as_they_are():
    scores = np.float32([[0.1, 0.2, 0.30000001, 1 / 3]])
    shown = DiversityExplorer(["a"] * 4, scores[0], list("abab"), lengths=[2])
    assert shown.scores["dtype"] == "float32"
    sent = np.frombuffer(base64.b64decode(shown.scores["data"]), "<f4")
    assert sent.tolist() == scores[0].tolist()
    # Half the room where that changes nothing.
    assert explorer().scores["dtype"] == "float16"
    read = re.findall(r'model\.get\("(\w+)"\)|table\("(\w+)"\)', MODULES["diversity"])
    assert {one or other for one, other in read} <= set(shown.state())


def test_one_user_needs_no_nesting_and_names_may_repeat():
    shown = DiversityExplorer(
        ["tent", "tent", "cap"], [1.0, 2.0, 3.0], ["a", "a", "b"], lengths=(1, 3)
    )
    assert (shown.n, shown.users, shown.titles) == (1, ["1"], ["tent", "cap"])
    shown.n = 3
    assert [pick.column for pick in shown.picks()] == [2, 1, 0]
    assert [pick.column for pick in shown.picks(10)] == [2, 1, 0]
    assert shown.curves == {} and shown.interests is None and shown.relevant is None


def test_the_still_figure_follows_the_state_and_escapes():
    odd = [["<b>", "a & b", "\"'", "x" * 90, *"cdefgh"]] * U
    shown = explorer(names=odd, curve_label="</p>")
    still = shown.still()
    assert "&lt;b&gt;" in still and "<b>&" not in still and "</p>:" not in still
    assert still == explorer(names=odd, curve_label="</p>").still()
    for name, value in {"diversity_weight": 0.7, "user": 1, "n": 3}.items():
        setattr(shown, name, value)
        assert shown.still() != still
        still = shown.still()
    assert "λ = 0.7" in still and "score" in still
    assert "sv-sentence" in shown.outline()


def test_the_letters_of_the_still_figure_are_the_categories_of_the_lists():
    shown = explorer(largest=4.0, diversity_weight=0.5)
    order = []
    for column in np.argsort(-SCORES[0], kind="stable"):
        if MASK[0, column] and KINDS[CATEGORIES[0, column]] not in order:
            order.append(KINDS[CATEGORIES[0, column]])
    still = shown.still()
    for weight in (0, 0.5, 1, 4):
        told = " ".join("ABC"[order.index(p.category)] for p in shown.picks(weight))
        assert f"<b>λ = {weight:g}</b> <span>{told}</span>" in still


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"scores": np.zeros((1, 1, 3))}, r"scores must have shape \[M\] or"),
        ({"scores": np.zeros((U, 0))}, "scores must have shape"),
        ({"scores": [["a"]]}, "scores must hold numbers"),
        ({"scores": np.full((U, M), np.nan)}, "scores must be finite.*user 0, col"),
        ({"scores": np.full((U, M), 1e39)}, "scores must be finite"),
        ({"names": "abc"}, "names must be a sequence of texts"),
        ({"names": [["a"] * M]}, "names must be 2 lists of texts.*got 1"),
        ({"names": [["a"] * 9] * U}, "names must hold 10 texts, got 9"),
        ({"categories": [["a"] * 9] * U}, "categories must hold 10 texts, got 9"),
        ({"categories": ["a" * M] * U}, "categories must be a sequence"),
        ({"mask": MASK.astype(int)}, "mask must be bool, got int"),
        ({"mask": MASK[:, 1:]}, r"mask must have the shape of scores \[2, 10\]"),
        ({"mask": ~MASK}, "lengths must lie in 1 to 1, the candidates of the user"),
        ({"mask": np.zeros((U, M), bool)}, "lengths must lie in 1 to 0"),
        ({"interests": np.zeros((U, M))}, "interests must be whole numbers"),
        ({"interests": np.full((U, M), 8)}, "interests must lie in -1 to 7, got 8"),
        ({"interests": np.zeros(M, int)}, "interests must have the shape of scores"),
        ({"relevant": MASK[0]}, "relevant must have the shape of scores"),
        ({"lengths": []}, "lengths must be one rising"),
        ({"lengths": [8, 3]}, "lengths must be one rising"),
        ({"lengths": [2.5, 8]}, "lengths must be one rising"),
        ({"lengths": [0, 8]}, "lengths must lie in 1 to 9"),
        ({"lengths": [8, 10]}, r"lengths must lie in 1 to 9.*\[8, 10\]"),
        ({"curves": [CURVE]}, "curves must map lengths"),
        ({"curves": {50: CURVE}}, r"curves must map lengths of \[3, 8\].*\[50\]"),
        ({"curves": {8: CURVE[:1]}}, r"curves\[8\] must have shape \[P, 3\]"),
        ({"curves": {8: CURVE[::-1]}}, r"curves\[8\] must come by rising weight"),
        ({"curves": {8: [[-1, 0, 0], [1, 0, 0]]}}, "finite weights from 0 up"),
        ({"curves": {8: [[0, 44, 5], [1, 40, 9]]}}, r"curves\[8\] must have recall"),
        ({"largest": 0}, "largest must lie above 0"),
        ({"largest": "2"}, "largest must be a number, got '2'"),
        ({"users": ["a"]}, "users must hold 2"),
        ({"title": " "}, "title"),
    ],
)
def test_bad_input_names_the_argument(changes, words):
    with pytest.raises((ValueError, TypeError), match=words):
        explorer(**changes)


def test_what_is_no_candidate_may_hold_anything():
    scores = SCORES.copy()
    scores[:, 3] = -np.inf
    assert [p.column for p in explorer(scores).picks()] == [
        p.column for p in explorer().picks()
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("user", 2),
        ("user", -1),
        ("n", 5),
        ("diversity_weight", -0.1),
        ("diversity_weight", float("nan")),
        ("diversity_weight", float("inf")),
        ("diversity_weight", "0.25"),
    ],
)
def test_a_trait_out_of_range_is_refused(name, value):
    with pytest.raises(TraitError, match=name):
        setattr(explorer(), name, value)
    with pytest.raises(TraitError, match=name):
        explorer(**{name: value})
