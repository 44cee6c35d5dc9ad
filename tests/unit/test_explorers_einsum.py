"""The reader of equations against torch, and the Python side of the explorer."""

import json
import re
from xml.etree import ElementTree

import numpy as np
import pytest
import torch
from einsum_corpus import corpus, operands, torch_says
from hypothesis import given
from hypothesis import strategies as st
from traitlets import TraitError

from seqviz.explorers import MODULES, EinsumExplorer, show_einsum
from seqviz.explorers.einsum import NAMED, check_drawable
from seqviz.explorers.einsum.equation import (
    EquationError,
    loops,
    read_equation,
    remarks,
    torch_call,
)
from seqviz.explorers.einsum.still import fill


def read(equation, shapes):
    """Return the reading, or None when it does not hold."""
    try:
        return read_equation(equation, shapes)
    except EquationError:
        return None


# ---- The reader --------------------------------------------------------------


def test_the_reader_holds_what_torch_holds_on_a_corpus():
    right = wrong = 0
    for equation, shapes in corpus(3000):
        want, reading = torch_says(equation, shapes), read(equation, shapes)
        assert (want is None) == (reading is None), (equation, shapes)
        if want is None:
            wrong += 1
            continue
        right += 1
        assert reading.shape == tuple(want.shape), (equation, shapes)
        if right <= 400:
            arrays = [operand.numpy() for operand in operands(shapes)]
            np.testing.assert_allclose(reading.compute(arrays), want, atol=1e-9)
    assert right > 1500 and wrong > 500


@given(st.text(alphabet="ijkAZ.,->  1", max_size=14), st.data())
def test_the_reader_holds_what_torch_holds_on_any_text(equation, data):
    terms = equation.split("->")[0].split(",")
    size = st.integers(1, 3)
    shapes = [
        data.draw(st.lists(size, min_size=n, max_size=n))
        for n in (sum(c.isalpha() for c in term) for term in terms)
    ]
    want, reading = torch_says(equation, shapes), read(equation, shapes)
    assert (want is None) == (reading is None)
    if want is not None:
        assert reading.shape == tuple(want.shape)


@pytest.mark.parametrize(
    ("equation", "shapes", "words"),
    [
        ("ij,jk->il", [[2, 3], [3, 2]], "l stands after the arrow but in no operand"),
        ("i,i->ii", [[2], [2]], "i stands twice after the arrow"),
        ("ij,jk->ik", [[2, 3], [4, 2]], "j is 3 in A but 4 in B"),
        ("ii->i", [[2, 3]], "i stands twice in A, for sizes 2 and 3"),
        ("ii->i", [[1, 3]], "i stands twice in A, for sizes 1 and 3"),
        ("ijk->i", [[2, 3]], r"A has 2 axes, \[2, 3\], but 3 letters"),
        ("i->i", [[2, 3]], r"A has 2 axes, \[2, 3\], but 1 letter$"),
        ("i,j->ij", [[2]], "names 2 operands.*but 1 shape came"),
        ("i->i", [], "but 0 shapes came"),
        ("i.j->i", [[2, 3]], "a dot stands alone in A: an ellipsis is ..."),
        ("......", [[2, 3]], "an ellipsis stands twice in A"),
        ("i...->......i", [[2, 3]], "an ellipsis stands twice after the arrow"),
        ("i->i->i", [[2]], "one arrow, written ->"),
        ("i-i", [[2, 2]], "one arrow"),
        ("i,j->i,j", [[2], [3]], "a comma stands after the arrow"),
        ("i2->i", [[2, 2]], "2 in A is no letter"),
        ("é->é", [[2]], "é in A is no letter"),
        ("...,...->...", [[2], [3]], "an axis under the ellipsis is 2 in A but 3 in B"),
    ],
)
def test_the_reason_comes_in_words(equation, shapes, words):
    with pytest.raises(EquationError, match=words):
        read_equation(equation, shapes)
    assert torch_says(equation, shapes) is None or not shapes


def test_the_rules_of_torch_that_surprise():
    assert read_equation("bA", [[2, 3]]).output == ("A", "b")  # capitals first
    assert read_equation("ii", [[3, 3]]).output == ()  # implicit: the trace
    assert read_equation(" i j -> j i ", [[2, 3]]).shape == (3, 2)  # spaces
    assert read_equation("i...->...i", [[2, 3, 4]]).shape == (3, 4, 2)
    assert read_equation("i...->i", [[2, 3]]).summed == ("d1",)  # ellipsis dropped
    assert read_equation("ij->...", [[2, 3]]).shape == ()
    assert read_equation("ij,jk->ik", [[2, 1], [3, 4]]).sizes["j"] == 3  # repeated
    assert read_equation("", [[]]).shape == ()


def test_the_remarks_name_what_is_seldom_meant():
    def said(equation, *shapes):
        return " ".join(remarks(equation, read_equation(equation, shapes)))

    assert "t is 1 in B and 4 elsewhere" in said("bt,bt->bt", [2, 4], [2, 1])
    assert "t stands in A alone" in said("bt,be->be", [2, 4], [2, 3])
    assert said("bt,bt->b", [2, 4], [2, 4]) == ""
    assert said("ij->i", [2, 3]) == ""  # a plain sum is meant
    assert "capitals first: -> Ab" in said("bA", [2, 3])


@pytest.mark.parametrize("seed", range(3))
def test_the_loops_are_the_call(seed):
    for equation, shapes in corpus(80, seed):
        reading = read(equation, shapes)
        if reading is None:
            continue
        names = dict(zip("ABC", operands(shapes), strict=False))
        namespace = {"torch": torch, **names}
        exec(loops(reading), namespace)  # noqa: S102
        want = eval(torch_call(equation, len(shapes)), namespace)
        torch.testing.assert_close(
            namespace["out"].double(), want, rtol=1e-5, atol=1e-4, check_dtype=False
        )


@given(st.sampled_from(NAMED), st.integers(0, 10**6))
def test_the_cells_that_meet_are_those_that_matter(one, pick):
    """The gradient of one cell of the result reaches the cells that are lit."""
    _, equation, shapes = one
    reading = read(equation, shapes)
    if reading is None:
        return
    tensors = [torch.rand(shape).add(1).requires_grad_() for shape in shapes]
    cells = list(np.ndindex(*reading.shape))
    cell = cells[pick % len(cells)]
    torch.einsum(equation, *tensors)[cell].backward()
    terms = reading.meetings(cell)
    for number, tensor in enumerate(tensors):
        reached = {tuple(at) for at in tensor.grad.nonzero().tolist()}
        assert reached == {places[number] for places in terms}


# ---- The explorer ------------------------------------------------------------


def state_of(explorer):
    text = re.search(r'class="sv-state">(.*?)</script>', explorer.to_html(), re.DOTALL)
    return json.loads(text[1])


def test_every_named_equation_is_what_its_name_says():
    for name, equation, shapes in NAMED:
        reading = read(equation, shapes)
        assert (reading is None) == name.startswith("wrong")
        assert (torch_says(equation, shapes) is None) == name.startswith("wrong")
        if reading:
            check_drawable(reading)
            ElementTree.fromstring(f"<div>{EinsumExplorer(equation).still()}</div>")
    assert len({name for name, *_ in NAMED}) == len(NAMED)


def test_the_state_is_what_the_module_reads():
    explorer = EinsumExplorer("t,te->e", torch.rand(3), torch.rand(3, 2), cell=[1])
    state = state_of(explorer)
    read_in_page = re.findall(r'model\.get\("(\w+)"\)', MODULES["einsum"])
    assert set(read_in_page) <= set(state)
    assert state["shapes"] == [[3], [3, 2]] and state["cell"] == [1]
    assert state["examples"][0]["name"] == "of this page"
    assert len(json.dumps(state)) < 5000


def test_the_still_picture_lights_the_cells_that_meet():
    explorer = EinsumExplorer("ik,kj->ij", cell=[1, 2])
    still = explorer.still()
    lit = still.count('fill="var(--sv-accent')
    assert lit == 3 + 3 + 1
    assert "out[1, 2] is" in still and "summed: k" in still
    explorer.cell = [0, 0]
    assert explorer.still() != still
    explorer.equation = "ik,kj->iz"  # wrong: the first one stays
    assert "The equation ik,kj-&gt;ij" in explorer.still()
    assert "sv-sentence" in explorer.outline()


def test_made_up_numbers_are_small_whole_numbers():
    values = fill(1, (4, 4))
    assert values.shape == (4, 4) and set(values.flat) <= set(range(-2, 6))
    assert len(set(values.flat)) > 4


@pytest.mark.parametrize(
    ("arguments", "options", "words"),
    [
        (("ij->z",), {}, "z stands after the arrow"),
        (("ij->i", torch.rand(2)), {}, "A has 1 axis"),
        (("i->i", torch.tensor([np.nan])), {}, "operand A must be finite"),
        (("i->i", ["a"]), {}, "operand A must hold numbers"),
        ((3,), {}, "equation must be a text"),
        (("ij->i", (9, 9)), {}, "A would have 81 cells"),
        (("i->i", (0,)), {}, "A has no cell"),
        (("i,j,k->", (9,), (9,), (9,)), {}, "729 terms a cell"),
        (("ij->i",), {"cell": [9]}, r"cell must lie in the result \[2\], got \[9\]"),
        (("ij->i",), {"examples": [("a", "b")]}, r"examples\[0\] must be"),
        (("ij->i",), {"title": " "}, "title"),
    ],
)
def test_bad_input_names_the_argument(arguments, options, words):
    with pytest.raises((ValueError, TypeError), match=words):
        EinsumExplorer(*arguments, **options)


def test_a_trait_of_another_kind_is_refused():
    explorer = EinsumExplorer()
    with pytest.raises(TraitError):
        explorer.shapes = "2, 3"
    with pytest.raises(TraitError):
        explorer.equation = None


def test_show_einsum_gives_the_picture_and_the_words(capsys, monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda b, raw: shown.append(b))
    show_einsum("i,i->", (3,), torch.ones(3), caption="What <meets>?")
    (bundle,) = shown
    assert "summed: i" in bundle["text/plain"]
    assert "<figcaption>What &lt;meets&gt;?</figcaption>" in bundle["text/html"]
    ElementTree.fromstring(bundle["text/html"])
    with pytest.raises(ValueError, match="cell"):
        show_einsum("i->i", (3,), cell=[3])
