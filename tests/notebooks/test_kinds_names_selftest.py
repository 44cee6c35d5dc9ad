"""The checkers of letters and names find bad samples and let good ones pass."""

import ast

import pytest
from kinds.chapters import Cell, Chapter
from kinds.formulas import formulas, symbols
from kinds.introductions import bound, faults_of_introductions, free_names
from kinds.letters import (
    explained,
    faults_of_capitals,
    faults_of_letters,
    faults_of_missing_symbols,
    faults_of_notation,
    notation,
    rows_of,
)


def cells(*sources):
    """A chapter of cells: code where the source begins with a dollar and a blank."""
    made = []
    for number, source in enumerate(sources):
        kind = "code" if source.startswith("$ ") else "markdown"
        made.append(Cell(f"c{number}", kind, source.removeprefix("$ ")))
    return Chapter("part/sample", tuple(made))


@pytest.mark.parametrize(
    ("tex", "names"),
    [
        (r"\mathbf{u} = \frac{1}{T} \sum_{t=1}^{T} w_t \mathbf{x}_t", "u T t T w x"),
        (r"\operatorname{softmax}_k(s_k^{\,p})", "s p"),
        (r"\hat{\mathbf{e}}_{kt}^\top \bar{\mathbf{u}}", "e u"),
        (r"\text{if } a", "a"),
        (r"W_{kt}\, \lambda^2 + \ell", r"W \lambda \ell"),
        (r"\mathbb{E}[x]", "E x"),
        (r"\begin{aligned} a &= b \\ c \end{aligned}", "a b c"),
        (r"K_{\text{eff}}", "K"),
    ],
)
def test_letters_of_a_formula(tex, names):
    found = [s.name.rstrip("}").split("{")[-1] for s in symbols(tex)]
    assert found == names.split()


def test_formulas_are_told_from_code_and_money():
    text = "`$x$` costs \\$3, $a$ and\n$$\nb\n$$ here"
    assert [tex.strip() for _, _, tex in formulas(text)] == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("| $x$, $y$ | `[T]` | a thing of $z$ |", "x y"),
        ("where $x$ is the vote", "x"),
        ("of width $E$", "E"),
        ("of $x$ and $y$", ""),
        ("with $x$ the loss", "x"),
        ("with $x_1$ `[B, T]` and $y$ `[T]`", "x y"),
        ("the $K$ interests, $p$, the **power**", "K p"),
        (r"$a = b$ holds", "a"),
        (r"$$\max_j b$$", "j"),
        ("grows by $x + y$", ""),
    ],
)
def test_what_explains_a_letter(text, names):
    assert explained(text) == set(names.split())


def test_a_letter_without_explanation_is_named():
    bad = cells("By $q$ and more.", "$ x = 1  # [B, P]", "`[U]` and `[users]`")
    faults = faults_of_letters(bad, {"B"})
    assert [fault.split(": ")[1][0] for fault in faults] == ["q", "P", "U"]
    good = cells("| $q$ | a query |", "Of $q$, with the $P$ pairs.", "$ x = 1  # [P]")
    assert faults_of_letters(good, set()) == []
    late = cells("By $q$.", "Here $q$ is a query.")
    assert len(faults_of_letters(late, set())) == 1


LISTED = """
| letter | meaning |
|---|---|
| $S$ | negatives |
| $K$ | interests, also the keys of a chapter |

| formula | code | shape | what |
|---|---|---|---|
| $w_t$ | `weights` | `[T]` | weights |
| $w_{kt}$ | `weights` | `[K, T]` | weights |
"""


def test_a_letter_with_two_meanings_is_named():
    other = LISTED + "| $S(u)$ | `list` | | a function is another symbol |\n"
    assert faults_of_notation(rows_of(other)) == []
    (fault,) = faults_of_notation(rows_of(LISTED + "| $S$ | `list` | | a list |\n"))
    assert "$S$ has two meanings" in fault
    assert set(notation(LISTED)) == {"S", "K", "w", "t", "k"}


def test_symbols_of_several_chapters_are_listed():
    head = "| symbol | shape | what |\n|---|---|---|\n"
    tables = {
        "a": rows_of(f"{head}| $\\mathbf{{x}}_t$ | `[T]` | clicks |"),
        "b": rows_of(f"{head}| $\\mathbf{{x}}$ | `[T]` | clicks |\n| $y$ | | one |"),
        "c": rows_of(f"{head}| $w_t$ | `[T]` | weights |"),
        "d": rows_of(f"{head}| $w_t$ | `[T]` | weights |"),
    }
    (fault,) = faults_of_missing_symbols(tables, rows_of(LISTED))
    assert r"$\mathbf{x}$ is a symbol of a, b" in fault


def test_a_plain_capital_with_a_shape_is_named():
    head = "| symbol | shape | what |\n|---|---|---|\n"
    bad = cells(f"{head}| $X$, $W_Q$ | `[T, E]` | clicks |\n| $K$ | a number | many |")
    (fault,) = faults_of_capitals(bad)
    assert "$X$" in fault
    good = cells(f"{head}| $\\mathbf{{X}}$, $W$ | `[T, E]` | clicks |")
    assert faults_of_capitals(good) == []


@pytest.mark.parametrize(
    ("sources", "count"),
    [
        (["$ def f():\n    return g()", "$ def g():\n    return 1"], 1),
        (["$ def g():\n    return 1", "$ def f():\n    return g()"], 0),
        (["$ def f(g):\n    return g", "$ g = 1"], 0),
        (["$ def f():\n    return [g for g in (1,)]", "$ g = 1"], 0),
        (["$ class A:\n    def f(self):\n        return B()", "$ B = 1"], 1),
        (["We call `look_up()`.", "$ x = 1", "Words.", "$ def look_up(): pass"], 1),
        (["We write `look_up()`.", "$ def look_up(): pass"], 0),
        (["We write `look_up`.", "W.", "$ x = 1", "$ def look_up(): pass"], 0),
        (["Here `q` `[B, T]` asks.", "$ x = 1", "W.", "$ q = 1"], 0),
        (["`seen` asks.", "$ x = 1", "W.", "$ seen = 1"], 1),
        (["`torch.nn` asks.", "$ x = 1", "W.", "$ seen = 1"], 0),
        (["`given` asks.", "$ x = 1", "W.", "$ given = 1"], 0),
    ],
)
def test_what_is_used_before_it_exists_is_named(sources, count):
    assert len(faults_of_introductions(cells(*sources), {"given"})) == count


def test_bound_and_free_names():
    tree = ast.parse("import a.b\nfrom c import d as e\nf: int = g\nfor h in i: pass")
    assert bound(tree) == {"a", "e", "f", "h"}
    assert {use.name for use in free_names(tree)} == {"int", "g", "i"} - {"int"}
