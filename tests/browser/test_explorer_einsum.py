"""The einsum explorer in a page without a kernel, on Chromium."""

import json

import numpy as np
import torch
from duty import Duty
from einsum_corpus import corpus, operands, torch_says
from explorer_pages import write_page
from serving import serve

from seqviz.explorers import EinsumExplorer
from seqviz.explorers.core.front import FOLDERS
from seqviz.explorers.core.link import link
from seqviz.explorers.einsum import NAMED
from seqviz.explorers.einsum.equation import (
    EquationError,
    loops,
    read_equation,
    remarks,
    torch_call,
)
from seqviz.explorers.einsum.still import fill


def explorer(*equation):
    return EinsumExplorer(*equation)


def shown(page):
    """Return the numbers of each tensor as the page shows them."""
    return page.evaluate(
        """() => [...document.querySelectorAll('.sv-tensor')].map(
            t => [...t.querySelectorAll('.sv-cell')].map(c => +c.dataset.value))"""
    )


def lit(page):
    """Return the places of the filled cells of each tensor."""
    return page.evaluate(
        """() => [...document.querySelectorAll('.sv-tensor')].map(
            t => [...t.querySelectorAll('.sv-hot')].map(c => c.dataset.at))"""
    )


def said(page):
    return page.locator(".sv-sentence").inner_text()


def code(page):
    return page.locator(".sv-code").inner_text()


def at_rest(page):
    page.mouse.move(2, 2)
    page.evaluate("() => document.activeElement.blur()")


# ---- The reader --------------------------------------------------------------


def test_the_page_reads_equations_as_python_and_torch_do(page):
    """The corpus as JSON through equation.js: reason, shape, numbers, texts."""
    cases = [
        {
            "equation": equation,
            "shapes": shapes,
            "data": [operand.flatten().tolist() for operand in operands(shapes)],
        }
        for equation, shapes in corpus(1500, seed=5)
    ]
    names = ("readEquation", "contract", "loopsOf", "torchCall", "remarksOn")
    equation_js = FOLDERS["einsum"] / "equation.js"
    reader = "\n".join(f"const {one} = {link(equation_js, one)};" for one in names)
    answers = page.evaluate(
        f"""(cases) => {{ {reader}
        return JSON.parse(cases).map(({{ equation, shapes, data }}) => {{
            let reading;
            try {{ reading = readEquation(equation, shapes); }}
            catch (error) {{ return {{ reason: error.message }}; }}
            const arrays = data.map((values) => ({{ data: values }}));
            return {{ shape: reading.shape, result: contract(reading, arrays).data,
                loops: loopsOf(reading), call: torchCall(equation, shapes.length),
                remarks: remarksOn(equation, reading) }};
        }}); }}""",
        json.dumps(cases),
    )
    wrong = 0
    for case, answer in zip(cases, answers, strict=True):
        equation, shapes = case["equation"], case["shapes"]
        want = torch_says(equation, shapes)
        try:
            reading = read_equation(equation, shapes)
        except EquationError as error:
            wrong += 1
            assert want is None
            assert answer == {"reason": str(error)}, (equation, shapes)
            continue
        assert answer["shape"] == list(want.shape), (equation, shapes)
        np.testing.assert_allclose(
            answer["result"], want.flatten(), atol=1e-6, rtol=1e-6
        )
        assert answer["loops"] == loops(reading)
        assert answer["call"] == torch_call(equation, len(shapes))
        assert answer["remarks"] == remarks(equation, reading)
    assert 300 < wrong < 1000


def test_every_named_equation_equals_torch(page):
    named = page.get_by_label("Named ones")
    for name, equation, shapes in NAMED:
        named.select_option(label=name)
        page.wait_for_function(
            "text => document.querySelector('.sv-write input').value === text",
            arg=equation,
        )
        if name.startswith("wrong"):
            assert "Does not hold" in said(page)
            continue
        arrays = [torch.tensor(fill(n, s)) for n, s in enumerate(shapes)]
        want = [*arrays, torch.einsum(equation, *arrays)]
        got = shown(page)
        assert len(got) == len(want)
        for values, tensor in zip(got, want, strict=True):
            np.testing.assert_allclose(values, tensor.flatten(), atol=1e-6, rtol=0)
        assert torch_call(equation, len(shapes)) in code(page)


def test_given_tensors_are_used_and_equal_torch(new_page, tmp_path):
    torch.manual_seed(0)
    weights, behaviors = torch.rand(5).softmax(0), torch.randn(5, 4)
    write_page(tmp_path, EinsumExplorer("t,te->e", weights, behaviors, cell=[2]))
    url, stop = serve(tmp_path)
    page = new_page()
    page.goto(url)
    page.wait_for_selector(".sv-explorer[data-sv-ready]")
    want = torch.einsum("t,te->e", weights.double(), behaviors.double())
    np.testing.assert_allclose(shown(page)[2], want, atol=1e-6, rtol=0)
    assert lit(page)[2] == ["2"]
    page.get_by_label("Equation").fill("t,te->te")  # the same operands
    outer = torch.einsum("t,te->te", weights.double(), behaviors.double())
    np.testing.assert_allclose(shown(page)[2], outer.flatten(), atol=1e-6, rtol=0)
    stop()


# ---- Writing -----------------------------------------------------------------


def test_a_new_equation_gets_shapes_that_fit(page):
    page.get_by_label("Equation").fill("bqe,bte->bqt")
    assert page.get_by_label("Shapes").input_value() == "[2, 3, 4] [2, 2, 4]"
    assert [len(values) for values in shown(page)] == [24, 16, 12]
    assert page.get_by_label("Named ones").input_value() == "your own"
    page.get_by_label("Equation").fill("...,...->")
    assert page.get_by_label("Shapes").input_value() == "[2] [2]"


def test_a_wrong_equation_gets_the_reason_and_the_picture_stays(page):
    before = shown(page)
    field = page.get_by_label("Equation")
    field.fill("ik,kj->iz")
    assert "z stands after the arrow but in no operand." in said(page)
    assert field.get_attribute("aria-invalid") == "true"
    described = field.get_attribute("aria-describedby")
    assert page.locator(f"#{described}").inner_text() == said(page)
    assert page.locator(".sv-sentence").get_attribute("aria-live") == "polite"
    assert shown(page) == before
    heading = page.locator(".sv-part").first
    assert heading.inner_text().startswith("The last one that held: ik,kj->ij")
    field.fill("ik,kj->ji")
    assert field.get_attribute("aria-invalid") == "false"
    assert "Does not hold" not in said(page)
    assert heading.inner_text().startswith("Picture of ik,kj->ji")


def test_shapes_can_be_written_and_fitted(page):
    shapes, fit = page.get_by_label("Shapes"), page.get_by_role("button", name="Fit")
    shapes.fill("[2, 3] [4, 2]")
    assert "k is 3 in A but 4 in B." in said(page)
    shapes.fill("[2, 1] [4, 2]")  # 1 is repeated, and the page says so
    assert "k is 1 in A and 4 elsewhere" in page.locator(".sv-remarks").inner_text()
    assert "A[i, 0] * B[k, j]" in code(page)
    shapes.fill("2, 3")
    assert "the shapes are read like [2, 3] [3, 4]" in said(page)
    shapes.fill("[2, 3] [30, 4]")
    assert "B would have 120 cells" in said(page) or "k is 3 in A" in said(page)
    page.get_by_label("Equation").fill("ik,lj->ij")
    assert shapes.input_value() == "[2, 3] [30, 4]"  # written by hand: left alone
    assert "B would have 120 cells; the picture holds 64" in said(page)
    fit.click()
    assert shapes.input_value() == "[2, 3] [4, 2]"
    assert "Does not hold" not in said(page)


def test_the_trace_a_scalar_and_capitals(page):
    field = page.get_by_label("Equation")
    field.fill("ii")
    page.get_by_role("button", name="Fit").click()
    assert [len(values) for values in shown(page)] == [4, 1]
    at_rest(page)
    assert said(page).startswith("out = ")
    assert "capitals first" in page.locator(".sv-remarks").inner_text()
    field.fill("bA")
    assert "out[A_, b] += A[b, A_]" in code(page)
    field.fill(",ij->ij")
    assert [len(values) for values in shown(page)] == [1, 6, 6]


# ---- Looking -----------------------------------------------------------------


def test_hover_lights_the_cells_that_meet_and_writes_the_sum(page):
    left, right = fill(0, (2, 3)), fill(1, (3, 4))
    page.locator("button.sv-cell[data-at='1,2']").hover()
    assert lit(page) == [["1,0", "1,1", "1,2"], ["0,2", "1,2", "2,2"], ["1,2"]]
    total = str(int((left @ right)[1, 2])).replace("-", "−")
    assert said(page).startswith("out[i = 1, j = 2] = ")
    assert f"= {total}: 3 products, one for each k." in said(page)
    at_rest(page)
    assert lit(page)[2] == ["0,0"]
    page.locator("button.sv-cell[data-at='0,3']").click()
    at_rest(page)
    assert lit(page)[2] == ["0,3"]  # picked: it stays


def test_the_summed_axes_are_named(page):
    assert page.locator(".sv-sum").all_inner_texts() == ["Σk", "Σk"]
    assert "kept: i, j · summed: k" in page.locator(".sv-part").first.inner_text()
    page.get_by_label("Named ones").select_option(label="Hadamard product")
    page.wait_for_function("() => !document.querySelector('.sv-sum')")
    assert "nothing is summed" in page.locator(".sv-part").first.inner_text()
    page.get_by_label("Named ones").select_option(label="sum along an axis")
    page.wait_for_function("() => document.querySelector('.sv-sum')")
    at_rest(page)
    assert "3 cells, one for each j." in said(page)


def test_the_keyboard_alone_reaches_everything(page):
    focused = "() => document.activeElement.{}"

    def press(*keys):
        for key in keys:
            page.keyboard.press(key)

    press("Tab")
    assert page.evaluate(focused.format("tagName")) == "SELECT"
    press("Tab")
    page.keyboard.press("Control+a")
    page.keyboard.type("i,j->ij")
    assert page.get_by_label("Shapes").input_value() == "[2] [3]"
    press("Tab", "Tab")
    assert page.evaluate(focused.format("textContent")) == "Fit shapes"
    press("Tab")
    assert page.evaluate(focused.format("dataset.at")) == "0,0"
    press("ArrowRight", "ArrowDown")
    assert page.evaluate(focused.format("dataset.at")) == "1,1"
    assert lit(page) == [["1"], ["1"], ["1,1"]]
    outline = page.evaluate(
        "() => getComputedStyle(document.activeElement).outlineStyle"
    )
    assert outline == "solid"
    press("Enter", "Tab")
    assert "sv-code" in page.evaluate(focused.format("className"))
    at_rest(page)
    assert lit(page)[2] == ["1,1"]


def write(equation):
    return lambda page: page.get_by_label("Equation").fill(equation)


DUTY = Duty(
    explorer,
    (write("bhqe,bhte->bhqt"), write("bt,bt->bt"), write("i,i->ii")),
    still=".sv-still [role=img]",
    words="The equation ik,kj->ij takes",
    printed=(".sv-sentence",),
    sizes=(lambda: explorer("bkt,bte->bke"),),
    tall=800,
)
