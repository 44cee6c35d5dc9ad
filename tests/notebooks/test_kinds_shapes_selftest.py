"""The checkers of running chapters find bad samples and let good ones pass."""

import ast
import shutil
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from kinds.chapters import Cell, Chapter
from kinds.outputs import faults_of_outputs
from kinds.running import words
from kinds.shape_comments import read_comment, shape_comments
from kinds.shapes import Scope, Shapes, assigned, faults_of_shapes, instrument, shape_of
from kinds.sizes import bind, read_shape
from nbformat import write
from nbformat.v4 import new_code_cell, new_notebook


def array(*shape):
    return np.zeros(shape)


def watched(*cells):
    """Run cells with numpy and ``array``; return the faults of their comments."""
    shapes = Shapes()
    names = {"array": array, "np": np, "__shapes__": shapes}
    for number, source in enumerate(cells):
        names["__scope__"] = Scope(variables=assigned(ast.parse(source)))
        tree = instrument(source, ast.parse(source), f"cell {number}", shapes)
        exec(compile(tree, "cell", "exec"), names)  # noqa: S102
    return faults_of_shapes(shapes.specs), len(shapes.specs)


@pytest.mark.parametrize(
    ("text", "real", "fits"),
    [
        ("[B, T]", (3, 4), True),
        ("[B, T]", (3, 4, 5), False),
        ("[]", (), True),
        ("[B, B]", (3, 4), False),
        ("[B, 1, T]", (3, 1, 4), True),
        ("[B, 1, T]", (3, 2, 4), False),
        ("[..., E]", (3, 4, 5), True),
        ("[B, ..., E]", (3,), False),
        ("[T, 4E]", (3, 8), True),
        ("[T, 4E]", (3, 9), False),
        ("[N + 1, N]", (7, 6), True),
        ("[N + 1, N]", (7, 7), False),
        ("[T - 1, T]", (7, 8), True),
        ("[H, T, E/H, E]", (2, 7, 4, 8), True),
        ("[H, T, E/H, E]", (2, 7, 4, 9), False),
        ("[H·D, H, D]", (6, 2, 3), True),
        ("[H * D, H, D]", (7, 2, 3), False),
        ("[B S, B, S]", (6, 2, 3), True),
        ("[users, items]", (2, 3), True),
    ],
)
def test_a_shape_is_read_and_compared(text, real, fits):
    assert (bind(read_shape(text), real, {}, {}) is None) == fits


@pytest.mark.parametrize(
    "text", ["[:, -1]", "[0.5, 1]", "[i = j]", "[a list]", "[f(x)]"]
)
def test_other_brackets_are_no_shape(text):
    assert read_shape(text) is None


def test_letters_stay_what_they_are():
    sizes = {}
    assert bind(read_shape("[B, T]"), (3, 4), sizes, {}) is None
    assert sizes == {"B": 3, "T": 4}
    assert "T = 4" in bind(read_shape("[T]"), (5,), sizes, {})
    assert "T = 5" in bind(read_shape("[T]"), (4,), sizes, {"T": 5})


@pytest.mark.parametrize(
    ("comment", "said"),
    [
        ("# [B, T]", ["[B, T]"]),
        ("# [B, T], [T]: words", ["[B, T]", "[T]"]),
        ("# [B, M]  <- was [B]", ["[B, M]"]),
        ("# [B, T] -> [B]", ["[B, T]", "[B]"]),
        ("# [B] twice -> [B, 1]", ["[B]", "[B]", "[B, 1]"]),
        ("# mask [B, T]", ["[B, T]"]),
        ("# takes behaviors[:, -1]", []),
        ("# bytes of [B, T, 4E]", []),
        ("# no shape", []),
    ],
)
def test_a_comment_is_read(comment, said):
    assert [one.shape.text for one in read_comment(comment)] == said


def test_names_each_and_arrow_are_read():
    first, second, third = read_comment("# Wq, Wk [D, E], a [D] -> [Q] each")
    assert first.names == ("Wq", "Wk") and second.names == ("a",)
    assert not second.returned and third.returned and third.each
    assert read_comment("# item ids [9]")[0].names == ()


def test_prose_on_a_line_of_its_own_says_no_shape():
    assert shape_comments("# of all rows\n# the other is [B]: words\nx = 1") == []
    assert len(shape_comments("# x [B], y [T]\nx = 1")) == 1


@pytest.mark.parametrize(
    "source",
    [
        "x = array(2, 3)  # [B, T]",
        "x, y = array(2, 3), array(3)  # [B, T], [T]",
        "_, x = 1, array(2, 3)  # [B, T]",
        "x, y = (array(2) for _ in range(2))  # [B] each",
        "x = (\n    array(3)  # [T]\n    + array(2, 3)  # [B, T]\n)",
        "x = dict(\n    a=array(2),  # [B]\n    b=array(2, 5),  # [B, T]\n)",
        "x = array(4, 2)\nx[:] = array(4, 2)  # [T, E]",
        "def f(a, b):  # [T], [T] -> []\n    return a @ b\nf(array(3), array(3))",
        "def f(a, W):  # W [E, E]\n    a @ W  # [T, E]\nf(array(3, 2), array(2, 2))",
        "def f(\n    a,  # [T]\n    b,  # [B, T]\n):\n    a\nf(array(3), array(2, 3))",
        "def f(a):\n    # a [B, T]\n    return a\nf(array(2, 3))",
        "def f():\n    return array(2), array(3)  # [B], [T]\nf()",
        "def f():\n    return array(2), 'words'  # [B]\nf()",
        "def f(a):  # [T]\n    return a\nf(array(2)); f(array(3))",
        "xs = []\nxs.append(array(2))  # [B]",
        "for n in (2, 3):\n    x = array(n)  # [T]",
        "for x in (array(2), array(2)):  # [T]\n    pass",
        "class A:\n    def f(self, a):  # [B]\n        return a\nA().f(array(2))",
        "x = array(2, 3)[\n    0\n]  # [T]",
        "x = [1, 2, 3]  # [T]",
        "T = 4\nx = array(4)  # [T]",
    ],
)
def test_true_comments_pass(source):
    faults, count = watched(source)
    assert faults == [] and count >= 1


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("x = array(2, 3)  # [B, T, E]", "2 axes"),
        ("x, y = array(2), array(3)  # [B], [B]", "y: [B] is said, [3] is true"),
        ("x, y = array(2), array(3)  # [B] each", "y: [B] is said"),
        ("x, y = array(2), array(3)  # [B], [T], [T]", "3 shapes for 2 names"),
        ("x = array(2)  # [B], [T]", "2 shapes for one value"),
        ("x = 'words'  # [B]", "x is a str, which has no shape"),
        ("def f(a):  # [B]\n    return a", "the line never ran"),
        ("def f(a):  # [B, T]\n    return a\nf(array(2))", "a: [B, T] is said"),
        ("def f(a):  # [B] -> [B, T]\n    return a\nf(array(2))", "[B, T] is said"),
        ("def f(a, b):  # [B], [B]\n    return a\nf(array(2), array(3))", "b: [B]"),
        ("def f(a):  # [B]\n    return a[None]  # [B, 1]\nf(array(2))", "B is not 1"),
        ("x = (\n    array(2, 3)  # [B]\n    + array(3)\n)", "[B] is said"),
        ("a = array(2)  # [B]\nb = array(3)  # [B]", "B is not 3 with B = 2"),
        ("T = 5\nx = array(4)  # [T]", "T is not 4 with T = 5"),
        ("x = array(2)\ny = 1  # x [B, T]", "x: [B, T] is said"),
        ("def f(a):\n    # a [B, T]\n    return a\nf(array(2))", "a: [B, T]"),
        ("xs = []\nxs.append(array(2))  # [B, T]", "[B, T] is said"),
    ],
)
def test_false_comments_are_named(source, words):
    (fault,) = watched(source)[0]
    assert words in fault and fault.startswith("cell 0, line ")


def test_each_call_and_each_cell_have_letters_of_their_own():
    function = "def f(a):  # [T]\n    return a * 2  # [T]"
    calls = "f(array(3))\nx = array(5)  # [T]\nf(array(4))"
    assert watched(function, calls, "x = array(6)  # [T]") == ([], 4)


def test_a_fault_in_a_later_call_is_found():
    source = "def f(a):\n    b = a[:2]  # [2]\n    return b\nf(array(3))\nf(array(1))"
    assert len(watched(source)[0]) == 1


def test_letters_of_a_loop_end_with_a_round():
    source = "for n in (2, 3):\n    x = array(n)  # [T]\n    y = array(n + 1)  # [T]"
    (fault,) = watched(source)[0]
    assert "T is not 3 with T = 2" in fault


def test_what_a_cell_returns_and_binds_is_unchanged():
    source = "def f(a):  # [T]\n    'Words.'\n    return a + 1  # [T]\ny = f(array(2))"
    shapes = Shapes()
    names = {"array": array, "__shapes__": shapes, "__scope__": Scope()}
    tree = instrument(source, ast.parse(source), "cell", shapes)
    exec(compile(tree, "cell", "exec"), names)  # noqa: S102
    assert names["y"].tolist() == [1, 1] and names["f"].__doc__ == "Words."


def test_variables_of_a_cell_are_those_outside_its_functions():
    source = "a = 1\nfor b in [c for c in x]:\n    def f():\n        d = 1"
    assert assigned(ast.parse(source)) == {"a", "b"}


def test_shapes_of_values():
    assert shape_of(SimpleNamespace(shape=(2, 3))) == (2, 3)
    assert shape_of(1.5) == () and shape_of([1, 2]) == (2,)
    assert shape_of("words") is None and shape_of([array(2)]) is None


def cells(*pairs):
    made = [Cell(f"c{i}", kind, text) for i, (kind, text) in enumerate(pairs)]
    return Chapter("part/sample", tuple(made))


def test_the_run_of_a_chapter_is_watched(root, tmp_path):
    """Under nbval a shape that is not true fails, and so does a verdict on its own."""
    sources = [
        "import numpy as np\nx = np.zeros(3)  # [T]\nprint('alike:', x.sum() == 0)",
        "from IPython.display import Markdown\nMarkdown('so it is')",
        "y = x  # [B, T]",
    ]
    notebook = new_notebook(cells=[new_code_cell(source) for source in sources])
    shutil.copy(root / "book" / "conftest.py", tmp_path)
    write(notebook, tmp_path / "sample.ipynb")
    command = [sys.executable, "-m", "pytest", "--nbval-lax", "--nbval-current-env"]
    options = ["-rA", "-c", "pyproject.toml", f"--rootdir={root}", "-p", "no:xdist"]
    done = subprocess.run(
        [*command, *options, str(tmp_path / "sample.ipynb")],
        cwd=root,
        capture_output=True,
        text=True,
    )
    assert "2 failed, 4 passed" in done.stdout, done.stdout
    assert "[B, T] is said" in done.stdout, done.stdout
    assert "prints 'alike: True'" in done.stdout


def test_words_of_outputs():
    outputs = [
        {"name": "stdout", "text": "one"},
        {"name": "stderr", "text": "hidden"},
        {"data": {"text/markdown": "two", "text/plain": "<Markdown>"}},
        {"data": {"text/html": "<td>three</td>", "text/plain": "table"}},
        {"data": {"text/html": "<svg>hidden</svg>", "text/plain": "figure"}},
        {"data": {"text/plain": "four"}},
    ]
    assert words(outputs).split() == ["one", "two", "three", "four"]


@pytest.mark.parametrize(
    ("code", "output", "text", "count"),
    [
        ("print('alike:', same)", "alike: False", "Words.", 1),
        ("print('alike:', same)", "alike: True", "Words.", 1),
        ("print('alike:', same)\nassert same", "alike: True", "Words.", 0),
        ("print('alike:', same)\nassert other", "alike: True", "Words.", 1),
        ("print('alike:', same)", "alike: False", "It says False, since …", 0),
        ("print('alike:', same)", "alike: False", "They are not alike.", 0),
        ("print('alike:', same)", "alike: True", "They are alike.", 1),
        ("print(f'sum {x}')", "sum nan", "Words.", 1),
        ("print(f'sum {x}')\nassert x.isnan()", "sum nan", "Words.", 0),
        ("print(f'causal = {x}: 1')", "causal = False: 1", "Words.", 0),
        ("print('banana')", "banana", "Words.", 0),
        ("print(f'{name:<9}{found}')\nassert found", "raw   NaN", "Words.", 0),
        ("print(f'{name:<9}{found}')\nassert other", "raw   NaN", "Words.", 1),
    ],
)
def test_a_verdict_is_asserted_or_explained(code, output, text, count):
    chapter = cells(("code", code), ("markdown", text))
    assert len(faults_of_outputs(chapter, {"c0": output})) == count


def test_the_cell_that_says_what_it_means_may_assert():
    print_it, says = ("code", "print('alike:', same)"), ("code", "assert same\nfine")
    outputs = {"c0": "alike: False", "c1": "They are."}
    assert faults_of_outputs(cells(print_it, says, ("markdown", "W.")), outputs) == []
    late = cells(print_it, ("markdown", "W."), says)
    assert len(faults_of_outputs(late, outputs)) == 1
