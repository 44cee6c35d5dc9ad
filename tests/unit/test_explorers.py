"""The Python side of the explorers: codec, figure, state, errors, callback."""

import base64
import json
import re
import sys
from types import SimpleNamespace
from unittest.mock import Mock
from xml.etree import ElementTree

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from IPython.utils.dir2 import get_real_method
from traitlets import TraitError

from seqviz.explorers import (
    EXPLORERS,
    HOST,
    MODULES,
    STYLE,
    Explorer,
    InterestExplorer,
    Option,
    Question,
    Quiz,
    Reading,
)
from seqviz.explorers.core.arrays import masked_softmax, project
from seqviz.explorers.core.codec import encode, to_numpy
from seqviz.explorers.core.front import FOLDERS, script, source, style
from seqviz.explorers.core.reading import retrieve

U, K, T, N, E = 3, 2, 4, 6, 5
TITLES = ["", *(f"Item {n}" for n in range(1, N + 1))]
CATEGORIES = ["", "a", "a", "b", "b", "c", "c"]


def arguments(**changes):
    rng = np.random.default_rng(1)
    ids = np.array([[0, 1, 2, 3], [0, 0, 4, 5], [0, 0, 0, 0]])
    return {
        "item_ids": ids,
        "readings": Reading(rng.normal(size=(U, K, T)), rng.normal(size=(N + 1, E))),
        "titles": TITLES,
        "categories": CATEGORIES,
        **changes,
    }


def decode(encoded):
    """Return the array as ``array`` of arrays.js reads it."""
    flat = np.frombuffer(base64.b64decode(encoded["data"]), dtype=encoded["dtype"])
    values = flat.reshape(encoded["shape"])
    return values.astype(np.float32) if encoded["dtype"] == "float16" else values


def state_of(explorer):
    text = re.search(
        r'<script type="application/json" class="sv-state">(.*?)</script>',
        explorer.to_html(),
        re.DOTALL,
    )
    return json.loads(text[1])


# ---- Codec -------------------------------------------------------------------


@given(
    arrays.arrays(
        st.sampled_from([np.float32, np.int32, np.uint8]),
        arrays.array_shapes(min_dims=1, max_dims=3, min_side=0),
    )
)
def test_the_codec_brings_back_what_it_took(values):
    back = decode(json.loads(json.dumps(encode(values))))
    assert back.dtype == values.dtype
    assert back.shape == values.shape
    np.testing.assert_array_equal(back, values)


def test_the_codec_narrows_to_32_bits():
    assert encode(np.arange(3))["dtype"] == "int32"
    assert encode(np.array([1e-3]))["dtype"] == "float32"
    assert encode(np.array([True]))["data"] == "AQAAAA=="
    with pytest.raises(ValueError, match="32 bits"):
        encode(np.array([2**31]))
    with pytest.raises(TypeError, match="complex"):
        encode(np.array([1j]))


def test_the_codec_takes_half_the_room_only_where_nothing_is_lost():
    values = np.array([0, -0.0, 1 / 3, 65504, 6e-8], dtype=np.float16)
    assert encode(values)["dtype"] == "float16"
    np.testing.assert_array_equal(decode(encode(values)), values)
    assert encode(np.float32([1 / 3]))["dtype"] == "float32"
    for odd in (np.nan, np.inf, 1e6):
        assert encode(np.float32([odd]))["dtype"] == "float32"


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float64])
def test_tensors_are_taken_with_their_gradient(dtype):
    values = torch.ones(2, 3, dtype=dtype, requires_grad=True)
    np.testing.assert_array_equal(to_numpy(values, "values"), np.ones((2, 3)))


# ---- The figure --------------------------------------------------------------


def test_a_module_has_one_export_and_a_classic_form():
    for explorer in EXPLORERS:
        text = MODULES[explorer.module]
        assert text == source(FOLDERS[explorer.module]) == explorer._esm
        assert len(re.findall(r"(?m)^export ", text)) == 1
        assert "import " not in re.sub(r"//.*|/\*[\s\S]*?\*/", "", text)
        assert "export default" not in MODULES[f"{explorer.module}.file"]
        assert style(FOLDERS[explorer.module]) in explorer._css
        assert "--sv-ink" in explorer._css
        assert f".sv-{explorer.module}-explorer {{" in STYLE
    assert "svReady" in HOST


def test_a_module_without_an_export_is_refused(tmp_path):
    (tmp_path / "view.js").write_text("const render = () => {};")
    with pytest.raises(ValueError, match="view.js:1: .* not export default"):
        script(tmp_path)


def test_pages_load_nothing_from_elsewhere():
    for text in (*MODULES.values(), STYLE, HOST):
        assert set(re.findall(r"https?://[^\"'\s]+", text)) <= {
            "http://www.w3.org/2000/svg"
        }


def test_the_mimebundle_holds_the_widget_and_the_page(monkeypatch):
    monkeypatch.delenv("SEQVIZ_BOOK", raising=False)
    explorer = InterestExplorer(**arguments())
    bundle = explorer._repr_mimebundle_()
    data = bundle[0] if isinstance(bundle, tuple) else bundle
    assert "application/vnd.jupyter.widget-view+json" in data
    assert data["text/html"] == explorer.to_html()
    assert "InterestExplorer" in data["text/plain"]


def test_while_the_book_is_built_there_is_no_widget(monkeypatch):
    monkeypatch.setenv("SEQVIZ_BOOK", "1")
    explorer = InterestExplorer(**arguments())
    assert set(explorer._repr_mimebundle_()) == {"text/plain", "text/html"}
    assert explorer.comm is None
    explorer.user = 1  # no channel, no trouble


def test_in_colab_the_figure_carries_all_it_needs_and_is_no_widget(monkeypatch):
    monkeypatch.delenv("SEQVIZ_BOOK", raising=False)
    colab = SimpleNamespace(output=Mock())
    monkeypatch.setitem(sys.modules, "google", SimpleNamespace(colab=colab))
    monkeypatch.setitem(sys.modules, "google.colab", colab)
    explorer = InterestExplorer(**arguments())
    bundle = explorer._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "text/html"}
    assert explorer.comm is None
    html = bundle["text/html"]
    assert explorer.to_html() in html and "<style>" in html
    assert html.count("<script") == html.count("</script>") == 2
    assert "svExplorers" in html and not re.search(
        r"<(script|link)[^>]*(src|href)=", html
    )


def test_an_old_ipywidgets_asks_for_the_bundle():
    """Version 7 has a method that would show the widget alone, as "object at 0x"."""
    display = get_real_method(InterestExplorer(**arguments()), "_ipython_display_")
    assert display is None


def test_no_text_can_leave_the_state_or_the_svg():
    nasty = "</script><b>&\"'"
    explorer = InterestExplorer(
        **arguments(titles=["", nasty, *TITLES[2:]], title=nasty, caption=nasty)
    )
    page = explorer.to_html()
    assert page.count("</script>") == 1
    assert "<b>&" not in page
    assert state_of(explorer)["titles"][1] == "</script><b>&”’"
    ElementTree.fromstring(explorer.still())


def test_the_state_is_what_the_module_reads():
    state = state_of(InterestExplorer(**arguments(num_retrieved=3)))
    assert state["live"] is False
    assert state["num_retrieved"] == 3
    assert state["choices"] == [K]
    assert not any(name.startswith("_") or name == "layout" for name in state)
    sent = arguments()
    np.testing.assert_array_equal(decode(state["item_ids"]), sent["item_ids"])
    items = decode(state["vectors"][0]["items"])
    wanted = np.float32(sent["readings"].item_vectors)
    np.testing.assert_array_equal(items[1:], wanted[1:])
    read = re.findall(r'model\.get\("(\w+)"\)', MODULES["interest"])
    assert set(read) <= set(state)


def test_equal_item_vectors_travel_once():
    one = arguments()["readings"]
    rng = np.random.default_rng(2)
    other = Reading(rng.normal(size=(U, 4, T)), one.item_vectors)
    third = Reading(rng.normal(size=(U, 1, T)), 2 * one.item_vectors)
    explorer = InterestExplorer(**arguments(readings={2: one, 4: other, 1: third}))
    assert len(explorer.vectors) == 2
    assert explorer.choices == [1, 2, 4]
    assert explorer.num_interests == 4


def test_title_and_caption_must_say_something():
    class Bare(Explorer):
        pass

    for empty in ("", "  ", None):
        with pytest.raises(ValueError, match="title"):
            Bare(title=empty, caption="See.")
        with pytest.raises(ValueError, match="caption"):
            Bare(title="Title", caption=empty)


# ---- Numbers -----------------------------------------------------------------


@given(st.integers(0, 2**32 - 1))
def test_weights_and_retrieval_are_those_of_torch(seed):
    rng = np.random.default_rng(seed)
    logits = rng.normal(size=(K, T)) * 5
    kept = rng.random(T) < 0.7
    ids = rng.integers(1, N + 1, T)
    vectors = rng.normal(size=(N + 1, E))
    weights = masked_softmax(logits, kept)
    if not kept.any():
        assert (weights == 0).all()
        assert retrieve(weights @ vectors[ids], vectors, 3, set()) == [[], []]
        return
    masked = torch.from_numpy(logits).masked_fill(~torch.from_numpy(kept), -torch.inf)
    np.testing.assert_allclose(weights, masked.softmax(-1).numpy(), atol=1e-12)
    assert (weights[:, ~kept] == 0).all()
    seen = set(ids[kept].tolist())
    scores = torch.from_numpy(weights @ vectors[ids] @ vectors.T)
    scores[:, [0, *seen]] = -torch.inf
    count = N - len(seen)
    found = retrieve(weights @ vectors[ids], vectors, count, seen)
    best = scores.topk(count)
    assert [[item for item, _ in row] for row in found] == best.indices.tolist()


def test_the_map_is_a_pca_with_fixed_signs():
    rng = np.random.default_rng(0)
    vectors = np.float32(rng.normal(size=(40, 6)) * [5, 3, 1, 1, 1, 1])
    shadow = project(vectors)
    np.testing.assert_allclose(shadow.axes @ shadow.axes.T, np.eye(2), atol=1e-6)
    assert (shadow.axes[[0, 1], np.abs(shadow.axes).argmax(1)] > 0).all()
    assert 0.7 < shadow.share < 1
    flipped = project(vectors[:, ::-1])
    np.testing.assert_allclose(flipped.axes, shadow.axes[:, ::-1], atol=1e-5)
    assert project(np.ones((2, 1), dtype=np.float32)).share == 1


def test_the_still_figure_is_the_same_every_time_and_follows_the_state():
    explorer = InterestExplorer(**arguments(users=["Mia", "Jo", "Kim"]))
    still = explorer.still()
    assert still == InterestExplorer(**arguments(users=["Mia", "Jo", "Kim"])).still()
    assert 'aria-label="User Mia. Interest 1 reads' in still
    assert "var(--sv-interest-1,#" in still
    explorer.removed = [1]
    assert explorer.still() != still
    explorer.user = 2
    assert "No clicks yet." in explorer.still()
    assert "sv-sentence" in explorer.outline()


# ---- Bad input ---------------------------------------------------------------

REAL = arguments()["readings"]


def with_nan(at):
    logits = np.zeros((U, K, T))
    logits[at] = np.nan
    return Reading(logits, REAL.item_vectors)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"item_ids": np.zeros((0, T), int)}, "item_ids.*one user"),
        ({"item_ids": np.zeros(T, int)}, "item_ids must have shape"),
        ({"item_ids": np.full((U, T), N + 1)}, r"item_ids must lie in 0 to 6.*got 7"),
        ({"item_ids": np.full((U, T), -1)}, "item_ids must lie"),
        ({"item_ids": np.ones((U, T))}, "item_ids must hold whole numbers"),
        ({"item_ids": np.ones((U, T + 1), int)}, "logits must have shape"),
        ({"item_ids": [[1] * 5, [1], []]}, "at most T = 4"),
        ({"item_ids": [["a"], ["b"], ["c"]]}, "item_ids must hold numbers"),
        ({"readings": {}}, "at least one Reading"),
        ({"readings": {3: REAL}}, r"readings\[3\].logits must have 3 interests"),
        ({"readings": Reading(np.zeros((U, 9, T)), 0)}, "1 to 8 interests"),
        ({"readings": Reading(np.zeros((U, K)), 0)}, "logits must have shape"),
        ({"readings": with_nan((0, 0, 3))}, "finite at every click.*position 3"),
        (
            {"readings": Reading(REAL.logits, np.zeros((N, E)))},
            r"item_vectors must have shape.*\[7, E\]",
        ),
        (
            {"readings": Reading(REAL.logits, np.full((N + 1, E), np.inf))},
            "item_vectors must be finite.*item 1",
        ),
        ({"titles": [""]}, "titles must hold N.1"),
        ({"titles": "Items"}, "titles must be a sequence"),
        ({"categories": ["", "a"]}, "categories must hold 7"),
        ({"users": ["Mia"]}, "users must hold 3"),
        ({"truth": [[None] * T]}, "truth must have the shape"),
        ({"num_retrieved": 0}, "num_retrieved"),
        ({"num_interests": 3}, "num_interests must be one of"),
        ({"choices": [3]}, "choices without a reading need interests_of"),
        ({"choices": [9], "interests_of": len}, "choices must lie in 1 to 8"),
        ({"title": " "}, "title"),
    ],
)
def test_bad_input_names_the_argument(changes, words):
    with pytest.raises((ValueError, TypeError), match=words):
        InterestExplorer(**arguments(**changes))


def test_padding_may_hold_anything():
    reading = with_nan((slice(None), slice(None), 0))  # position 0 is padding
    explorer = InterestExplorer(**arguments(readings=reading))
    assert np.isfinite(decode(explorer.readings["2"]["logits"])).all()


def test_ragged_histories_are_padded_on_the_left():
    padded = InterestExplorer(**arguments())
    ragged = InterestExplorer(**arguments(item_ids=[[1, 2, 3], [4, 5], []]))
    assert ragged.item_ids == padded.item_ids


@pytest.mark.parametrize(
    ("name", "value"),
    [("user", 3), ("num_interests", 5), ("removed", [4]), ("selected", -1)],
)
def test_a_trait_out_of_range_is_refused(name, value):
    explorer = InterestExplorer(**arguments())
    with pytest.raises(TraitError, match=name):
        setattr(explorer, name, value)


# ---- The callback ------------------------------------------------------------


def test_python_is_asked_when_clicks_are_left_out_and_for_another_k():
    calls = []

    def interests_of(item_ids, num_interests):
        calls.append((item_ids, num_interests))
        return torch.zeros(num_interests, len(item_ids)), REAL.item_vectors

    explorer = InterestExplorer(**arguments(interests_of=interests_of, choices=[3]))
    assert explorer.choices == [2, 3]
    explorer.removed = [2]
    assert calls == [([1, 3], 2)]
    assert explorer.answer["positions"] == [1, 3]
    assert explorer.answer["vectors"] == 0  # known vectors are not sent again
    assert decode(explorer.answer["logits"]).shape == (2, 2)
    explorer.removed = []
    assert explorer.answer == {}
    explorer.num_interests = 3
    assert calls[-1] == ([1, 2, 3], 3)
    explorer.removed = [1]
    explorer.user = 1
    assert explorer.removed == []
    assert calls[-1] == ([4, 5], 3)
    explorer.user = 2  # no clicks: nothing to ask
    assert explorer.answer == {}
    assert state_of(explorer)["choices"] == [2]  # the page has no kernel
    assert state_of(explorer)["num_interests"] == 2


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (
            lambda n, k: (np.zeros((k, n + 1)), REAL.item_vectors),
            "logits of interests_of",
        ),
        (
            lambda n, k: (np.zeros((k + 1, n)), REAL.item_vectors),
            "must have 2 interests",
        ),
        (
            lambda n, k: (np.zeros((k, n)), np.zeros((3, E))),
            "item_vectors of interests_of",
        ),
        (lambda n, k: 1 / 0, "ZeroDivisionError"),
    ],
)
def test_a_bad_answer_is_told_and_shown(answer, words):
    explorer = InterestExplorer(
        **arguments(interests_of=lambda ids, count: answer(len(ids), count))
    )
    with pytest.raises((ValueError, ZeroDivisionError)):
        explorer.removed = [1]
    assert re.search(words, explorer.answer["problem"])


# ---- Quiz --------------------------------------------------------------------


def test_a_quiz_holds_its_words_and_its_fallback():
    right = Option("The `T` axis", True, "Each interest sums to 1.")
    wrong = Option("The batch", False, "Users share nothing.")
    quiz = Quiz([Question("Which <axis>?", [right, wrong])])
    assert quiz.answers == [-1]
    page = quiz.to_html()
    assert "<details>" in page and "The <code>T</code> axis" in page
    assert "Which &lt;axis&gt;?" in page
    assert state_of(quiz)["questions"][0]["options"][0]["correct"] is True


@pytest.mark.parametrize(
    ("questions", "words"),
    [
        ([], "at least one"),
        (["What?"], r"questions\[0\] must be a Question"),
        ([Question("What?", [Option("a", True, "b")])], "two Options"),
        (
            [Question("What?", [Option("a", True, "b"), Option("c", True, "d")])],
            "exactly one correct option, got 2",
        ),
        (
            [Question("What?", [Option("a", True, "b"), Option("c", False, " ")])],
            "needs a text and a why",
        ),
        ([Question("", [Option("a", True, "b"), Option("c", False, "d")])], "a text"),
    ],
)
def test_a_quiz_that_is_not_well_formed(questions, words):
    with pytest.raises((ValueError, TypeError), match=words):
        Quiz(questions)
