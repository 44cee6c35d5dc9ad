"""How an exercise is read from its file, and how a check speaks."""

from types import ModuleType

import pytest
import torch

from seqviz import checks
from seqviz.checks.engine import (
    Task,
    histories,
    marks,
    mistake,
    museum,
    registry,
    rule,
    some,
)
from seqviz.checks.engine.grading import grade
from seqviz.checks.engine.page import read_page


def page(**parts):
    """A file with one exercise: the sum of the real numbers in each row, times two."""
    doc = "Twice the sum: of what is real."
    made = ModuleType("seqviz.checks.a_chapter.twice_the_sum", doc)
    made.TASK = Task(
        label="core, about 5 minutes",
        practice="a masked sum",
        shapes="numbers [B, T], mask [B, T] -> [B]",
        gradients=("numbers",),
        vary="padding",
    )

    def reference(numbers, mask, factor=2.0):
        return factor * numbers.masked_fill(~mask, 0.0).sum(1)

    def cases():
        mask = marks("xxx", "x..", "...", "xx.")
        yield "full", torch.randn(2, 3), marks("xxx", "xxx")
        yield "padding", torch.randn(4, 3), mask

    for name, part in {"reference": reference, "cases": cases, **parts}.items():
        setattr(made, name, part)
    return made


@mistake(seen_in="a book", symptom="another multiple of the sum")
def other_factors():
    """the factor
    is another.
    """
    yield {"factor": 1.0}
    yield {"factor": 3.0}


@mistake
def ignores_the_mask(numbers):
    """padding counts."""
    return 2 * numbers.sum(1)


@mistake
def sum_(right):
    """the sign is wrong."""
    return -right


def test_an_exercise_is_read_from_its_file():
    task = read_page(
        page(one=other_factors, two=ignores_the_mask, three=sum_, helper=len)
    )
    assert task.name == "a-chapter/twice-the-sum"
    assert task.title == "Twice the sum"
    assert (task.difficulty, task.minutes) == ("core", 5)
    assert task.inputs == {"numbers": "B T", "mask": "B T"} and task.output == "B"
    assert [m.name for m in task.mistakes] == [
        "other-factors",
        "ignores-the-mask",
        "sum",
    ]
    first = task.mistake("other-factors")
    assert (first.hint, first.seen_in) == ("the factor is another.", "a book")
    assert first.symptom == "another multiple of the sum" and task.common == (first,)
    assert task.practice == "a masked sum"
    numbers, mask = torch.tensor([[1.0, 2.0]]), marks("x.")
    given = [[float(v(numbers, mask)) for v in m.versions] for m in task.mistakes]
    assert given == [[1, 3], [6], [-2]]
    for made in task.mistakes:
        for version in made.versions:
            assert grade(task, version).mistake == made.name


def test_the_engine_varies_a_case():
    names = [case.name for case in read_page(page()).make_cases()]
    assert names[2:] == [
        "one user",
        "one behavior",
        "padding (not contiguous in memory)",
        "padding in float64",
        "padding in float16",
    ]
    _, padding, user, behavior, strided, *_ = read_page(page()).make_cases()
    for key, values in padding.inputs.items():
        assert torch.equal(user.inputs[key], values[:1])
        assert torch.equal(behavior.inputs[key], values[:, :1])
    assert not strided.inputs["numbers"].is_contiguous()


def test_a_case_of_the_file_takes_the_place_of_the_engines():
    def cases():
        yield "full", torch.randn(2, 3), marks("xxx", "xxx")
        yield "padding", torch.randn(2, 3), marks("x..", "..x")
        yield "one user", torch.randn(1, 3), marks("x.x")

    names = [case.name for case in read_page(page(cases=cases)).make_cases()]
    assert names[:4] == ["full", "padding", "one user", "one behavior"]


@pytest.mark.parametrize(
    "given, gradients, dtype_of",
    [
        ({"gradients": None}, ("numbers",), "numbers"),
        ({"gradients": None, "dtype_of": "numbers"}, (), "numbers"),
        ({"gradients": ()}, (), None),
    ],
)
def test_a_gradient_must_reach_every_floating_input_or_those_named(
    given, gradients, dtype_of
):
    made = page()
    made.TASK = Task(**vars(made.TASK) | given)
    task = read_page(made)
    assert (task.gradients, task.dtype_of) == (gradients, dtype_of)


def test_a_mistake_says_what_it_changes_once_a_version():
    @mistake(mask=torch.logical_not, factor=3.0)
    @mistake(symptom="the padding", mask=torch.logical_not)
    def inverted():
        """the mask is inverted."""

    made = read_page(page(one=inverted)).mistake("inverted")
    numbers, mask = torch.tensor([[1.0, 2.0]]), marks("x.")
    assert [float(one(numbers, mask)) for one in made.versions] == [6, 4]
    assert made.symptom == "the padding"


def test_a_mistake_may_change_the_right_result():
    @mistake(right=lambda right: right + 1)
    @mistake(right=torch.neg)
    def wrong():
        """it is wrong."""

    made = read_page(page(one=wrong)).mistake("wrong")
    numbers, mask = torch.tensor([[1.0, 2.0]]), marks("xx")
    assert [float(one(numbers, mask)) for one in made.versions] == [7, -6]


def test_a_file_has_the_mistakes_of_the_engines_files_that_it_imports():
    def reference(numbers, mask, same=None, ask=None):
        return numbers.sum(1)

    made = page(museum=museum, reference=reference)
    names = [one.name for one in read_page(made).mistakes]
    assert "rounding-counts" in names and "all-rejected" in names


@pytest.mark.parametrize(
    "found, said",
    [
        (None, None),
        (False, None),
        (torch.tensor(False), None),
        (0.0, "the sum is 0."),
        (torch.tensor(2.0), "the sum is 2."),
    ],
)
def test_a_rule_says_its_docstring_with_the_numbers_that_break_it(found, said):
    @rule
    def about_the_sum(result):
        """the sum
        is {:.3g}."""
        return found

    (read,) = read_page(page(one=about_the_sum)).rules
    assert read(torch.ones(1), torch.ones(1, 1), marks("x")) == said


def test_the_same_cases_at_every_call_and_the_seed_is_left_alone():
    torch.manual_seed(3)
    one, other = (read_page(page()).make_cases()[1].inputs for _ in range(2))
    assert torch.equal(one["numbers"], other["numbers"])
    assert torch.rand(1) == torch.rand(1, generator=torch.Generator().manual_seed(3))


def silent(numbers):
    return numbers


@pytest.mark.parametrize(
    "parts, message",
    [
        ({"one": mistake(silent)}, "'silent' has no docstring"),
        ({"one": rule(lambda results: None)}, "wants 'results'; there are: result,"),
        ({"one": rule(lambda result: None)}, "the rule '<lambda>' has no docstring"),
        ({"reference": lambda number: number}, "wants 'number'; there are: numbers"),
        (
            {"cases": lambda: [("one", [1.0])]},
            r"'one' must have \(numbers, mask\), got 1",
        ),
    ],
)
def test_a_file_with_a_fault_is_told(parts, message):
    with pytest.raises(ValueError, match=message):
        read_page(page(**parts))


def test_a_file_without_a_part_is_told():
    empty = ModuleType("seqviz.checks.a_chapter.empty")
    with pytest.raises(ValueError, match="a_chapter.empty lacks TASK"):
        read_page(empty)


@pytest.mark.parametrize(
    "field, value, message",
    [
        ("label", "hard, about 5 minutes", "label must be a level of warm-up, "),
        ("vary", "paddings", "names no case: 'paddings'"),
        ("no_gradient", {"ties": "two"}, "names no case: 'ties'"),
        ("without", {"half": "no"}, "without knows B, T, K, Q, strided, float64"),
    ],
)
def test_a_task_with_a_fault_is_told(field, value, message):
    made = page()
    with pytest.raises(ValueError, match=message):
        made.TASK = Task(**vars(made.TASK) | {field: value})
        read_page(made)


@pytest.mark.parametrize(
    "spoilt, words",
    [
        (lambda mask: ~mask.any(1), "only in the rows of an empty history"),
        (lambda mask: ~mask.all(1), "only in the rows with padding."),
        (lambda mask: mask.any(1) & ~mask.all(1), "padding and a real behavior"),
    ],
)
def test_rows_that_differ_are_named(spoilt, words):
    task = read_page(page())
    verdict = grade(
        task, lambda numbers, mask: task.reference(numbers, mask) + spoilt(mask)
    )
    assert not verdict and words in verdict.hint


def test_numbers_that_look_alike_get_more_digits():
    task = read_page(page(reference=lambda numbers, mask: numbers.sum(1) * 0 + 1.118))
    hint = grade(task, lambda numbers, mask: numbers.sum(1) * 0 + 1.1185).hint
    assert "1.118 at [0] where 1.118 is" not in hint and "1.1185" in hint


def test_a_new_file_is_found(tmp_path, monkeypatch):
    room = tmp_path / "a_new_chapter"
    room.mkdir()
    (room / "__init__.py").write_text("")
    (room / "one_more.py").write_text(
        '''"""The sum."""
import torch
from seqviz.checks.engine import Task
TASK = Task(
    label="core, about 1 minutes", practice="a sum", shapes="numbers [B, T] -> [B]"
)
def reference(numbers):
    return numbers.sum(1)
def cases():
    yield "few", [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]
'''
    )
    monkeypatch.setattr(checks, "__path__", [*checks.__path__, str(tmp_path)])
    registry._pages.cache_clear()
    try:
        assert "a-new-chapter/one-more" in [task.name for task in checks.exercises()]
    finally:
        registry._pages.cache_clear()


def test_chapters_come_in_the_order_of_the_book():
    chapters = [*dict.fromkeys(t.name.split("/")[0] for t in checks.exercises())]
    assert chapters[:3] == ["behavior-tensors", "fair-tests", "einsum"]
    known = [c for c in registry._order_of_the_book() if c in chapters]
    assert chapters == known


def test_without_a_table_of_contents_the_order_is_alphabetical(monkeypatch):
    monkeypatch.setattr(registry, "_order_of_the_book", lambda: [])
    chapters = [t.name.split("/")[0] for t in checks.exercises()]
    assert chapters == sorted(chapters)


def test_a_remark_is_shown_after_the_verdict():
    task = read_page(page())
    verdict = grade(task, lambda numbers, mask: task.reference(numbers, mask).double())
    assert verdict.passed and str(verdict).endswith(f"One remark: {verdict.remark}")
    assert "One remark:" in verdict._repr_html_()


def test_a_case_that_is_excused_is_not_among_those_that_agree():
    task = read_page(page())

    def not_in_half(numbers, mask):
        if numbers.dtype == torch.float16:
            raise RuntimeError("value cannot be converted without overflow")
        return task.reference(numbers, mask)

    right, excused = (grade(task, one) for one in (task.reference, not_in_half))
    assert right.passed and excused.passed and "float16" in excused.remark
    assert "float16" in right.hint and "float16" not in excused.hint


def test_inputs_that_many_cases_need():
    behaviors, mask = histories("..x", "xxx", E=2)
    assert behaviors.shape == (2, 3, 2) and mask.tolist()[0] == [False, False, True]
    assert some(3, 4, 1.0).all()
    part = some(3, 4, 0.5)
    assert part[:, -1].all() and not part[0, 0]


def test_the_versions_of_a_museum_hang_at_places_of_their_own():
    wrong = ["abcd", "efgh", "ijkl"]
    hung = dict(museum.rooms("right", wrong))
    assert [versions.index("right") for versions in hung.values()] == [2, 0, 4]
    assert all(len(versions) == 5 for versions in hung.values())


def test_a_museum_shows_what_each_version_gives_and_gives_alone():
    numbers, rest = torch.arange(6.0).view(3, 2), 10.0
    versions = [lambda x, n: x + n, lambda x, n: x - x.mean(0) + n]
    given = museum.given(versions, numbers, rest)
    alone = museum.given_alone(versions, numbers, rest=(rest,))
    assert given.shape == alone.shape == (2, 3, 2)
    assert museum.close(given, alone).tolist() == [True, False]


def test_a_museum_asks_for_every_property_for_others_and_for_the_opposite():
    true, false = torch.tensor([True, True, False]), torch.tensor([True, False, True])
    held = {"front": true, "order": false}
    assert museum.every(held).tolist() == [1, 0, 0]
    assert museum.without("order")(held).tolist() == [1, 1, 0]
    assert museum.opposite("order")(held).tolist() == [0, 1, 0]
    nan = torch.full((1, 2), torch.nan)
    assert not museum.close(nan, nan)
