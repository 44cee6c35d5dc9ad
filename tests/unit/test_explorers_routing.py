"""The Python side of the routing explorer: steps, plane, state, bad input."""

import json
import re
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from traitlets import TraitError

from seqviz.explorers import MODULES, Routing, RoutingExplorer
from seqviz.explorers.routing.steps import plane_of, route
from seqviz.layers import DynamicRouting

T, K, E = 6, 3, 5
HISTORY = ["", "trail shoes", "running socks", "", "tent", "stove"]
MASK = np.array([False, True, True, False, True, True])
FORMS = ("comirec-dr", "b2i")


def layer_of(form, seed=0, num_interests=K, **options):
    torch.manual_seed(seed)
    return DynamicRouting(E, num_interests, 2 * T, form=form, **options)


def votes(*shape, seed=1):
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def explorer(**changes):
    arguments = {
        "history": HISTORY,
        "forms": {
            "DR": Routing(votes(T, K, E)),
            "B2I": Routing(votes(T, E, seed=2), votes(T, K, seed=3)),
        },
        "mask": MASK,
    }
    return RoutingExplorer(**{**arguments, **changes})


# ---- The arithmetic ----------------------------------------------------------


@settings(deadline=None, max_examples=25)
@given(
    form=st.sampled_from(FORMS),
    seed=st.integers(0, 2**31 - 1),
    iterations=st.integers(1, 5),
    num_interests=st.integers(1, 5),
    adaptive=st.booleans(),
    mask=st.lists(st.booleans(), min_size=T, max_size=T).filter(any),
)
def test_every_iteration_is_that_of_the_layer(
    form, seed, iterations, num_interests, adaptive, mask
):
    layer = layer_of(
        form, seed, num_interests, iterations=iterations, adaptive=adaptive
    ).double()
    behaviors, real = torch.randn(1, T, E).double(), torch.tensor([mask])
    interests, coupling = layer(behaviors, real, need_weights=True)
    routing = Routing.of(layer, behaviors, real)
    shown = explorer(forms={form: routing}, mask=np.array(mask), iterations=iterations)
    steps = shown.steps()
    assert len(steps) == iterations + 1
    for step, want in zip(steps[1:], coupling[0].detach(), strict=True):
        np.testing.assert_allclose(step.coupling, want.T[real[0]], atol=2e-6)
    last = interests[0].detach()
    np.testing.assert_allclose(steps[-1].interests, last, atol=2e-6)
    np.testing.assert_array_equal(steps[0].coupling, steps[1].coupling)
    assert not steps[0].interests.any()
    np.testing.assert_array_equal(routing.active, layer.active(real)[0])


@pytest.mark.parametrize("form", FORMS)
def test_a_layer_may_be_read_without_a_batch_and_without_a_mask(form):
    layer, behaviors = layer_of(form), torch.randn(T, E)
    plain = Routing.of(layer, behaviors)
    batch = Routing.of(layer, behaviors[None], torch.ones(1, T).bool())
    for one, other in zip(vars(plain).values(), vars(batch).values(), strict=True):
        np.testing.assert_array_equal(
            torch.as_tensor(one).detach(), torch.as_tensor(other).detach()
        )
    # The latest behavior has the first row of the buffer.
    np.testing.assert_array_equal(plain.first_logits, layer.first_logits[:T].flip(0))
    with pytest.raises(ValueError, match="behaviors must be one history"):
        Routing.of(layer, torch.randn(2, T, E))


def test_the_next_logit_is_the_logit_and_the_agreement():
    shown = explorer(form=1)
    steps, real = shown.steps(), votes(T, E, seed=2)[MASK].astype(np.float64)
    for step, after in pairwise(steps[1:]):
        want = step.logits + real @ step.interests.T
        np.testing.assert_allclose(after.logits, want, atol=1e-12)
    assert (np.linalg.norm(steps[-1].interests, axis=-1) < 1).all()


def test_plain_arrays_suffice_and_padding_may_hold_anything():
    odd, first = votes(T, K, E), votes(T, K, seed=4)
    want = explorer(forms={"DR": Routing(odd, first)}).steps()
    odd, first = odd.copy(), first.copy()
    odd[~MASK], first[~MASK] = np.nan, np.inf
    shown = explorer(forms={"DR": Routing(odd.tolist(), first)})
    assert shown.history == [name for name in HISTORY if name]
    for one, other in zip(shown.steps(), want, strict=True):
        np.testing.assert_array_equal(one.coupling, other.coupling)


def test_an_inactive_interest_takes_nothing_and_stays_zero():
    active = np.array([True, False, True])
    shown = explorer(forms={"B2I": Routing(votes(T, E), votes(T, K), active)})
    for step in shown.steps():
        assert (step.coupling[:, 1] == 0).all() and not step.interests[1].any()
        np.testing.assert_allclose(step.coupling.sum(1), 1)
    assert shown.forms[0]["active"] == [1, 0, 1]


# ---- The plane ---------------------------------------------------------------


@pytest.mark.parametrize("shape", [(1, 1, 2), (1, 1, 9), (4, 1, 3), (5, 3, 6)])
def test_everything_lies_within_the_rim(shape):
    cast = 4 * votes(*shape)
    steps = route(cast, np.zeros(shape[:2]), np.ones(shape[1], bool), 3)
    plane = plane_of(cast, steps)
    assert (np.linalg.norm(cast @ plane.axes.T / plane.rim, axis=-1) <= 1 + 1e-6).all()
    for step in steps:
        assert (np.linalg.norm(step.interests @ plane.axes.T, axis=-1) <= 1).all()
    gram = plane.axes @ plane.axes.T
    np.testing.assert_allclose(gram, np.diag(np.diag(gram)), atol=1e-6)
    assert all(0 <= share <= 1 for share in plane.shares)
    if shape[1] < 3:  # one interest and its votes span no more than is shown
        assert plane.shares[0] > 0.5


def test_votes_of_zero_are_drawn_in_the_middle():
    shown = explorer(forms={"DR": Routing(np.zeros((T, K, E)))})
    assert not shown.steps()[-1].interests.any()
    assert shown.forms[0]["rim"] == 1 and shown.forms[0]["shares"] == [1, 1]
    assert "nan" not in shown.still().lower()


# ---- What is sent, and the still figure --------------------------------------


def test_the_module_reads_what_is_sent_and_shared_votes_are_sent_once():
    shown = explorer()
    read = re.findall(r'model\.get\("(\w+)"\)', MODULES["routing"])
    assert set(read) <= set(shown.state())
    assert shown.forms[0]["votes"]["shape"] == [4, K, E]
    assert shown.forms[1]["votes"]["shape"] == [4, 1, E]
    large = RoutingExplorer(
        [f"behavior {t}" for t in range(12)],
        {
            "DR": Routing(votes(12, 4, 64)),
            "B2I": Routing(votes(12, 64), votes(12, 4)),
        },
    )
    assert len(json.dumps(large.state())) < 25_000


def test_the_still_figure_says_what_is_taken_and_escapes():
    odd = ["", "<b>", "a & b", "", "\"'", "</svg>" + "x" * 90]
    shown = explorer(history=odd)
    still = shown.still()
    assert "<b>DR" in still and still.count("</svg>") == 2
    assert "Before the first iteration: each behavior gives 33% to each" in still
    assert still == explorer(history=odd).still()
    for name, value in {"iteration": 2, "form": 1, "behavior": 3}.items():
        setattr(shown, name, value)
        assert shown.still() != still
        still = shown.still()
    step = shown.steps()[2]
    heavy = int(step.coupling[:, 0].argmax())
    assert (
        f"Iteration 2 of 3: interest 1 takes {step.coupling[heavy, 0]:.0%} of" in still
    )
    one = explorer(forms={"DR": Routing(votes(T, 1, E))}, iteration=1)
    assert "interest 1 takes 100% of trail shoes, length 0." in one.still()
    off = Routing(votes(T, E), votes(T, K), np.array([True, False, True]))
    still = explorer(forms={"B2I": off}, iteration=3).still()
    assert ">off<" in still and "interest 2" not in still
    assert "sv-sentence" in shown.outline()


# ---- Bad input ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"history": "abcdef"}, "history must be a sequence"),
        ({"mask": MASK.astype(int)}, "mask must be bool.*int"),
        ({"mask": MASK[1:]}, r"mask must have shape \[6\].*\[5\]"),
        ({"mask": np.zeros(T, bool)}, "history must hold 1 to 20 real.*got 0"),
        ({"history": list(map(str, range(21))), "mask": None}, "1 to 20 .*got 21"),
        ({"forms": {}}, "forms must map 1 to 4"),
        ({"forms": [Routing(votes(T, K, E))]}, "forms must map 1 to 4"),
        (
            {"forms": {"DR": votes(T, K, E)}},
            r"forms\['DR'\] must be a Routing.*ndarray",
        ),
        ({"iterations": 0}, "iterations must be a whole number from 1 to 10, got 0"),
        ({"iterations": 11}, "iterations must be.*got 11"),
        ({"iterations": 2.0}, "iterations must be a whole number.*2.0"),
        ({"iterations": True}, "iterations must be a whole number.*True"),
        ({"title": " "}, "title"),
    ],
)
def test_bad_input_names_the_argument(changes, words):
    with pytest.raises((ValueError, TypeError), match=words):
        explorer(**changes)


@pytest.mark.parametrize(
    ("routing", "words"),
    [
        (Routing(votes(T)), r"votes must have shape \[T, K, E\].*\[6\]"),
        (Routing(votes(T + 1, K, E)), r"votes must have.*T = 6.*\[7, 3, 5\]"),
        (Routing(votes(T, E)), "first_logits must be given with votes"),
        (Routing([["a"]] * T), "votes must hold numbers"),
        (
            Routing(votes(T, K, E), votes(T, K + 1)),
            r"first_logits must have shape \[T, K\] = \[6, 3\], got \[6, 4\]",
        ),
        (Routing(votes(T, E), votes(K)), r"first_logits must have.*\[6, K\].*\[3\]"),
        (Routing(votes(T, 9, E)), "must have 1 to 8 interests, got 9"),
        (Routing(votes(T, 0, E)), "must have 1 to 8 interests, got 0"),
        (Routing(votes(T, K, 1)), "must have 2 to 128 numbers a vote, got 1"),
        (Routing(votes(T, K, E) * np.nan), "votes must be finite at every real"),
        (
            Routing(votes(T, K, E), np.full((T, K), np.inf)),
            "first_logits must be finite",
        ),
        (Routing(votes(T, K, E), None, [1, 1, 0]), "active must be bool"),
        (
            Routing(votes(T, K, E), None, np.array([True, True])),
            r"active must have shape \[K\] = \[3\].*\[True, True\]",
        ),
        (Routing(votes(T, K, E), None, np.zeros(K, bool)), "one True or more"),
    ],
)
def test_a_routing_of_the_wrong_form_is_refused_by_its_name(routing, words):
    with pytest.raises((ValueError, TypeError), match=words) as caught:
        explorer(forms={"DR": routing})
    assert str(caught.value).startswith("forms['DR']")


@pytest.mark.parametrize(
    ("name", "value"),
    [("form", 2), ("form", -1), ("iteration", 4), ("iteration", -1), ("behavior", 4)],
)
def test_a_trait_out_of_range_is_refused(name, value):
    with pytest.raises(TraitError, match=name):
        setattr(explorer(), name, value)
    with pytest.raises(TraitError, match=name):
        explorer(**{name: value})
