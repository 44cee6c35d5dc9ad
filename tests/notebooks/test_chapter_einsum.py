"""What the einsum chapter defines is compared with torch and counted by hand."""

import ast
from pathlib import Path

import nbformat
import pytest
import torch
from definitions import BOOK, definitions
from einsum_corpus import corpus, operands, torch_says

from seqviz.checks import exercise
from seqviz.explorers.einsum import NAMED

chapter = definitions("foundations/einsum")
PATH = Path(BOOK) / "foundations" / "einsum.ipynb"


def cells():
    return nbformat.read(PATH, as_version=4).cells


def lines_of(name):
    for cell in cells():
        if cell.cell_type == "code":
            for node in ast.parse(cell.source).body:
                if isinstance(node, ast.FunctionDef) and node.name == name:
                    return node.end_lineno - node.lineno + 1
    raise AssertionError(name)


def test_the_chapters_einsum_is_torchs_on_the_corpus():
    right = 0
    for equation, shapes in corpus(900, seed=2):
        want = torch_says(equation, shapes)
        if want is None:
            continue
        right += 1
        got = chapter.einsum(equation, *operands(shapes))
        torch.testing.assert_close(got, want, rtol=1e-9, atol=1e-9)
    assert right > 400


def test_the_first_rung_does_the_nine_uses():
    for name, equation, shapes in NAMED[:9]:
        tensors = [torch.randn(shape) for shape in shapes]
        want = torch.einsum(equation, *tensors)
        got = chapter.plain_einsum(equation, *tensors)
        torch.testing.assert_close(got, want, msg=name)


def test_the_lengths_that_the_text_states():
    text = " ".join(cell.source for cell in cells())
    assert lines_of("plain_einsum") == 14 and "Fourteen lines" in text
    assert lines_of("spell_out") + lines_of("einsum") <= 40


def test_the_orders_are_all_and_the_costs_are_counted():
    found = {
        steps[0]: cost
        for cost, steps in chapter.orders(
            ["ab", "bc", "cd"], "ad", {"a": 2, "b": 3, "c": 5, "d": 7}
        )
    }
    assert found["ab,bc->ac"] == 2 * 3 * 5 + 2 * 5 * 7
    assert found["bc,cd->bd"] == 3 * 5 * 7 + 2 * 3 * 7
    assert found["ab,cd->abcd"] == 2 * 2 * 3 * 5 * 7
    assert len(found) == 3
    sizes = [torch.tensor([n]) for n in (2, 3, 5, 7)]
    cheapest = exercise("einsum/cheapest-order").reference(*sizes)
    assert cheapest.item() == min(found.values())


@pytest.mark.parametrize("terms", [["bt", "bte", "ne"], ["bie", "bje", "ij"]])
def test_every_order_gives_the_same_numbers(terms):
    size = {"b": 2, "t": 3, "e": 4, "n": 5, "i": 3, "j": 3}
    tensors = {term: torch.randn([size[c] for c in term]) for term in terms}
    kept = "bn" if "ne" in terms else "b"
    want = torch.einsum(f"{','.join(terms)}->{kept}", *tensors.values())
    count = 0
    for _, steps in chapter.orders(terms, kept, size):
        got = chapter.run(steps, tensors)
        torch.testing.assert_close(got, want, rtol=1e-4, atol=1e-4)
        count += 1
    assert count == 3


def test_the_printed_letters_are_wrong_where_the_chapter_says_so():
    a, b = torch.randn(2, 3, 4), torch.randn(2, 3, 5)
    by_hand = torch.zeros(4, 5)
    for i in range(2):
        for j in range(3):
            by_hand += a[i, j][:, None] * b[i, j][None]
    torch.testing.assert_close(chapter.formula(a, b), by_hand)
    with pytest.raises(RuntimeError):
        chapter.printed(a, b)
    a, b = torch.randn(3, 3, 3), torch.randn(3, 3, 3)
    assert not torch.allclose(chapter.printed(a, b), chapter.formula(a, b))


def product(equation):
    """What meets what: each letter's operands and whether it is kept, in any order.

    Letters that stand in all three places are left out: they only run along.
    """
    left, kept = equation.split("->")
    one, two = left.split(",")

    def letters(first, second):
        found = [(c in first, c in second, c in kept) for c in {*first, *second}]
        return tuple(sorted(letter for letter in found if letter != (True,) * 3))

    return min(letters(one, two), letters(two, one))


def equations_of(source):
    """The equations of two operands in calls of ``torch.einsum``."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "torch.einsum":
            equation = getattr(node.args[0], "value", None)
            if isinstance(equation, str) and equation.count(",") == 1:
                yield equation


def uses():
    (cell,) = [cell for cell in cells() if cell.get("id") == "later-run"]
    (table,) = [
        node.value
        for node in ast.parse(cell.source).body
        if isinstance(node, ast.Assign) and node.targets[0].id == "USES"
    ]
    return {row.elts[1].value: row.elts[0].value for row in table.elts}


def test_the_products_of_the_book_are_in_the_table():
    known = {product(equation) for equation in uses().values()}
    known |= {product(equation) for _, equation, _ in NAMED[:9] if "," in equation}
    layers = Path(BOOK).parent / "seqviz" / "layers"
    sources = {path.name: path.read_text("utf-8") for path in layers.glob("*.py")}
    for path in sorted(Path(BOOK).rglob("*.ipynb")):
        if path != PATH and ".ipynb_checkpoints" not in path.parts:
            for cell in nbformat.read(path, as_version=4).cells:
                if cell.cell_type == "code":
                    sources[f"{path.name}, {cell['id']}"] = cell.source
    found = {e: place for place, text in sources.items() for e in equations_of(text)}
    assert len(found) > 25
    missing = {e: place for e, place in found.items() if product(e) not in known}
    assert not missing, f"a product that the einsum chapter does not name: {missing}"


def test_every_product_of_the_table_can_be_picked_in_the_explorer():
    named = {name: equation for name, equation, _ in NAMED}
    assert {name: named.get(name) for name in uses()} == uses()
