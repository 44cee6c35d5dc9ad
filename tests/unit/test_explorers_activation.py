"""The Python side of the activation explorer: scores, weights, plane, bad input."""

import json
import re

import numpy as np
import pytest
import torch
from torch import nn
from traitlets import TraitError

from seqviz.explorers import MODULES, ActivationExplorer, DenseLayer, dense_layers
from seqviz.explorers.activation.unit import check_unit, scores
from seqviz.layers import AttentionSequencePooling, DualAttention, TargetAttention

T, M, E = 5, 7, 4
HISTORY = ["trail shoes", "running socks", "tent", "stove", "novel"]
CANDIDATES = [f"item {m}" for m in range(M)]
RNG = np.random.default_rng(0)
BEHAVIORS = RNG.normal(size=(T, E)).astype(np.float32)
VECTORS = RNG.normal(size=(M, E)).astype(np.float32)


class Dice(nn.Module):
    """As the paper writes it, at evaluation."""

    def __init__(self, units):
        super().__init__()
        self.alpha = nn.Parameter(torch.rand(units))
        self.register_buffer("running_mean", torch.randn(units))
        self.register_buffer("running_var", torch.rand(units) + 0.1)
        self.eps = 1e-3

    def forward(self, s):
        p = ((s - self.running_mean) / (self.running_var + self.eps).sqrt()).sigmoid()
        return p * s + (1 - p) * self.alpha * s


ACTIVATIONS = {
    "sigmoid": lambda units: nn.Sigmoid(),
    "prelu": lambda units: nn.PReLU(),
    "prelu of each unit": lambda units: nn.PReLU(units),
    "dice": Dice,
}


def torch_unit(activation="prelu", seed=0, hidden=(6, 3)):
    torch.manual_seed(seed)
    parts, width = [], 4 * E
    for units in hidden:
        parts += [nn.Linear(width, units), ACTIVATIONS[activation](units)]
        width = units
    return nn.Sequential(*parts, nn.Linear(width, 1)).double()


def by_torch(unit, query, behaviors=BEHAVIORS):
    """Return the logits ``[..., T]`` of ``query [..., E]``."""
    k = torch.as_tensor(behaviors).double()
    q = (
        torch.as_tensor(query)
        .double()[..., None, :]
        .expand(*query.shape[:-1], *k.shape)
    )
    k = k.expand_as(q)
    parts = torch.cat([q, k, q - k, q * k], -1)
    with torch.no_grad():  # PReLU of each unit wants the units second
        return unit(parts.flatten(0, -2)).view(parts.shape[:-1]).numpy()


def rounded(unit):
    """The unit with the float32 numbers that the explorer keeps."""
    return unit.float().double()


def explorer(**changes):
    arguments = {
        "history": HISTORY,
        "behaviors": BEHAVIORS,
        "candidates": CANDIDATES,
        "candidate_vectors": VECTORS,
        "unit": dense_layers(torch_unit()),
    }
    return ActivationExplorer(**{**arguments, **changes})


# ---- The arithmetic ----------------------------------------------------------


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("hidden", [(), (5,), (6, 3)])
def test_the_scores_are_those_of_the_torch_unit(activation, hidden):
    unit = rounded(torch_unit(activation, hidden=hidden))
    shown = explorer(unit=dense_layers(unit)).weights(VECTORS)["DIN"]
    np.testing.assert_allclose(shown, by_torch(unit, VECTORS), atol=1e-12, rtol=0)


def test_large_values_do_not_overflow():
    layer = DenseLayer(np.full((1, 4 * E), 1e4))
    last = DenseLayer(np.ones((1, 1)))
    unit = check_unit([layer, last], E)
    with np.errstate(over="raise", invalid="raise"):
        found = scores(unit, np.full(E, -10.0), BEHAVIORS)
    assert np.isfinite(found).all()


def test_softmax_and_strength():
    unit = rounded(torch_unit())
    shown = explorer(unit=dense_layers(unit), candidate=2)
    raw = by_torch(unit, VECTORS[2])
    np.testing.assert_allclose(shown.weights()["DIN"], raw, atol=1e-12, rtol=0)
    shown.softmax = True
    want = torch.from_numpy(raw).softmax(-1)
    np.testing.assert_allclose(shown.weights()["DIN"], want, atol=1e-12, rtol=0)


@pytest.mark.parametrize("softmax", [False, True])
@pytest.mark.parametrize("activation", ["sigmoid", "prelu", "dice"])
def test_the_weights_are_those_of_the_layer_of_din(activation, softmax):
    torch.manual_seed(5)
    layer = AttentionSequencePooling(E, (6, 3), activation, softmax)
    query = torch.from_numpy(VECTORS)[:, None]
    behaviors = torch.from_numpy(BEHAVIORS).expand(M, -1, -1)
    mask = torch.ones(M, T, dtype=torch.bool)
    for _ in range(3):  # moves the statistics of Dice
        layer(query + torch.randn_like(query), behaviors, mask)
    with torch.no_grad():
        for name, slope in layer.named_parameters():
            if name.endswith("alpha"):
                slope.uniform_(0.1, 0.9)
        _, weights = layer.eval()(query, behaviors, mask, need_weights=True)
    shown = explorer(unit=dense_layers(layer), softmax=softmax).weights(VECTORS)
    np.testing.assert_allclose(shown["DIN"], weights, atol=1e-6, rtol=1e-5)


@pytest.mark.parametrize(
    ("name", "layer"),
    [
        ("target attention", TargetAttention(E, projection=False)),
        ("dual attention", DualAttention(E)),
    ],
)
def test_beside_stand_the_layers_without_matrices(name, layer):
    if name == "dual attention":  # every matrix the identity
        for matrix in layer.parameters():
            eye = torch.eye(E).repeat(matrix.shape[0] // E, 1)
            matrix.data.copy_(eye)
    _, weights = layer(
        torch.from_numpy(VECTORS)[None],
        torch.from_numpy(BEHAVIORS)[None],
        need_weights=True,
    )
    shown = explorer().weights(VECTORS)[name]
    np.testing.assert_allclose(shown, weights[0, 0].detach().numpy(), atol=1e-6, rtol=0)


def test_the_matrices_of_a_trained_attention_go_into_its_keys():
    torch.manual_seed(2)
    layer = TargetAttention(E)
    behaviors, vectors = torch.from_numpy(BEHAVIORS), torch.from_numpy(VECTORS)
    W_K = layer.key_value.weight.chunk(2)[0].T
    keys = behaviors @ W_K @ layer.query.weight / E**0.5
    _, weights = layer(vectors[None], behaviors[None], need_weights=True)
    shown = explorer(beside={"target": keys}).weights(VECTORS)["target"]
    np.testing.assert_allclose(shown, weights[0, 0].detach().numpy(), atol=1e-6, rtol=0)


def test_padding_is_left_away_everywhere():
    mask = np.array([False, True, True, False, True])
    keys = RNG.normal(size=(T, E))
    shown = explorer(mask=mask, beside={"target": keys})
    want = explorer(
        history=[HISTORY[1], HISTORY[2], HISTORY[4]],
        behaviors=BEHAVIORS[mask],
        beside={"target": keys[mask]},
    )
    assert shown.history == want.history
    for name, row in shown.weights().items():
        np.testing.assert_array_equal(row, want.weights()[name])


# ---- The plane ---------------------------------------------------------------


def test_a_moved_candidate_keeps_what_its_item_has_outside_the_plane():
    shown = explorer(candidate=3)
    np.testing.assert_array_equal(shown.query(), VECTORS[3])
    shown.point = [0.7, -1.3]
    np.testing.assert_allclose(shown.places(shown.query()), [0.7, -1.3], atol=1e-6)
    axes = shown._plane.axes
    moved = shown.query() - VECTORS[3]
    np.testing.assert_allclose(moved - (moved @ axes.T) @ axes, 0, atol=1e-6)
    shown.point = shown.places(VECTORS[3]).tolist()
    np.testing.assert_allclose(shown.query(), VECTORS[3], atol=1e-6)


@pytest.mark.parametrize("count", [1, 2, M])
def test_everything_lies_inside_the_map(count):
    shown = explorer(candidates=CANDIDATES[:count], candidate_vectors=VECTORS[:count])
    (left, right), (low, high) = shown.frame
    places = shown.places(np.vstack([VECTORS[:count], BEHAVIORS]))
    assert (places > [left, low]).all() and (places < [right, high]).all()
    assert (right - left) / (high - low) == pytest.approx(1.25, abs=1e-4)
    gram = shown._plane.axes @ shown._plane.axes.T
    np.testing.assert_allclose(gram, np.eye(2), atol=1e-6)


# ---- What is sent, and the still figure --------------------------------------


def test_the_module_reads_what_is_sent_and_that_is_little():
    shown = explorer()
    read = re.findall(r'model\.get\("(\w+)"\)', MODULES["activation"])
    assert set(read) <= set(shown.state())
    wide = [
        DenseLayer(RNG.normal(size=(64, 64))),
        DenseLayer(RNG.normal(size=(32, 64))),
    ]
    large = explorer(
        history=[f"behavior {t}" for t in range(20)],
        behaviors=RNG.normal(size=(20, 16)),
        candidates=[f"item {m}" for m in range(60)],
        candidate_vectors=RNG.normal(size=(60, 16)),
        unit=[*wide, DenseLayer(RNG.normal(size=(1, 32)))],
    )
    assert len(json.dumps(large.state())) < 60_000


def test_the_still_figure_says_what_is_read_and_escapes():
    odd = ["<b>", "a & b", "\"'", "x" * 90, "</svg>"]
    shown = explorer(history=odd, candidates=["<i>", *CANDIDATES[1:]])
    still = shown.still()
    assert "Candidate &lt;i&gt;: DIN gives" in still
    assert "<b>" not in still and "<i>" not in still and still.count("</svg>") == 1
    assert still == explorer(history=odd, candidates=["<i>", *CANDIDATES[1:]]).still()
    changes = {"candidate": 2, "point": [0.1, 0.2], "behavior": 3, "surface": 1}
    for name, value in {**changes, "softmax": True}.items():
        setattr(shown, name, value)
        assert shown.still() != still
        still = shown.still()
    assert "(moved)" in still
    assert "sv-sentence" in shown.outline()


def test_the_still_map_is_the_weight_at_each_place():
    from seqviz.explorers.activation import still

    kept = {}
    shown = explorer(behavior=1, candidate=4)
    original = still.draw
    still.draw = lambda surface, *rest: kept.update(s=surface) or "drawn"
    try:
        assert shown.still() == "drawn"
    finally:
        still.draw = original
    columns, rows = still.GRID
    (left, right), (low, high) = shown.frame
    shown.point = [
        left + (7 + 0.5) * (right - left) / columns,
        high - (3 + 0.5) * (high - low) / rows,
    ]
    assert kept["s"][3, 7] == pytest.approx(shown.weights()["DIN"][1], abs=1e-9)


# ---- Bad input ---------------------------------------------------------------

LAST = DenseLayer(np.ones((1, 3)))


def layers(**changes):
    return [DenseLayer(**{"weight": np.ones((3, 4 * E)), **changes}), LAST]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"history": "abcde"}, "history must be a sequence"),
        ({"history": HISTORY[1:]}, "history must hold 5 texts, got 4"),
        ({"behaviors": BEHAVIORS[0]}, r"behaviors must have shape \[count, E\].*\[4\]"),
        ({"behaviors": BEHAVIORS[:, 1:]}, "behaviors must be E = 4 .* got 3"),
        ({"behaviors": BEHAVIORS * np.nan}, "behaviors must be finite"),
        ({"candidates": CANDIDATES[1:]}, "candidates must hold 7 texts, got 6"),
        ({"candidate_vectors": np.zeros((M, 33))}, "2 to 32 numbers wide, got 33"),
        ({"candidate_vectors": np.zeros((M, 1))}, "2 to 32 numbers wide, got 1"),
        ({"candidate_vectors": [["a"]]}, "candidate_vectors must hold numbers"),
        ({"mask": np.ones(T)}, "mask must be bool.*float"),
        ({"mask": np.ones(4, bool)}, r"mask must have shape \[5\].*\[4\]"),
        ({"mask": np.zeros(T, bool)}, "history must hold 1 to 20 items, got 0"),
        ({"unit": torch_unit()}, "unit must be a list of DenseLayer.*Sequential"),
        ({"unit": []}, "unit must be a list of DenseLayer"),
        ({"unit": layers()[:1]}, "unit must end .* got 3 outputs"),
        (
            {"unit": [*layers()[:1], DenseLayer(np.ones((1, 3)), alpha=1)]},
            "alpha given",
        ),
        (
            {"unit": layers(weight=np.ones((3, 4)))},
            r"unit\[0\].weight must have shape \[out, 16\] .*\[3, 4\]",
        ),
        ({"unit": layers(weight=np.ones((81, 16)))}, r"unit\[0\] must have 1 to 80"),
        ({"unit": layers(bias=np.ones(2))}, r"unit\[0\].bias must have shape \[3\]"),
        ({"unit": layers(alpha=np.ones(2))}, r"unit\[0\].alpha must have shape \[3\]"),
        ({"unit": layers(mean=np.ones(3))}, r"unit\[0\] must have mean, variance and"),
        (
            {"unit": layers(alpha=1, mean=np.ones(3), variance=-np.ones(3))},
            "variance must not be negative",
        ),
        ({"unit": layers(bias=np.full(3, np.inf))}, r"unit\[0\].bias must be finite"),
        ({"beside": [1]}, "beside must map"),
        ({"beside": dict.fromkeys("abcd", BEHAVIORS)}, "beside must map up to 3"),
        ({"beside": {"a": BEHAVIORS[1:]}}, r"beside\['a'\] must have the shape .*\[4,"),
        ({"beside": {"DIN": BEHAVIORS}}, "name must differ from those in beside"),
        ({"title": " "}, "title"),
    ],
)
def test_bad_input_names_the_argument(changes, words):
    with pytest.raises((ValueError, TypeError), match=words):
        explorer(**changes)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("candidate", M),
        ("candidate", -1),
        ("behavior", T),
        ("surface", 3),
        ("point", [1.0]),
        ("point", [1.0, np.nan]),
    ],
)
def test_a_trait_out_of_range_is_refused(name, value):
    with pytest.raises(TraitError, match=name):
        setattr(explorer(), name, value)


@pytest.mark.parametrize(
    ("module", "words"),
    [
        (nn.Sequential(nn.Sigmoid(), nn.Linear(4, 1)), "begin with a linear layer"),
        (nn.Sequential(nn.Linear(4, 2), nn.Tanh(), nn.Linear(2, 1)), "Dice only.*Tanh"),
        (nn.Sequential(nn.Dropout()), "must hold linear layers"),
    ],
)
def test_a_unit_of_other_parts_is_refused(module, words):
    with pytest.raises(ValueError, match=words):
        dense_layers(module)


def test_dropout_does_nothing_at_evaluation():
    module = nn.Sequential(
        nn.Linear(16, 3), nn.Dropout(0.5), nn.PReLU(), nn.Linear(3, 1)
    )
    first, last = dense_layers(module)
    assert first.alpha is module[2].weight and last.alpha is None
