"""What every exercise of every chapter owes; a new file is tested by being there."""

import itertools
import re

import pytest
import torch

from seqviz.checks import check, exercise, exercises
from seqviz.checks.engine.attempt import attempt, gradients
from seqviz.checks.engine.grading import agrees

EXERCISES = exercises()
MISTAKES = [(e, m) for e in EXERCISES for m in e.mistakes]
VERSIONS = [
    pytest.param(e, m, wrong, id=f"{e.name}/{m.name}-{number}")
    for e, m in MISTAKES
    for number, wrong in enumerate(m.versions)
]

# As many as there were on 2026-11-28, less a few for an exercise that goes.
LEAST_MISTAKES, LEAST_VERSIONS = 880, 960

each = pytest.mark.parametrize("task", EXERCISES, ids=lambda task: task.name)


def test_no_mistake_is_lost():
    assert len(MISTAKES) >= LEAST_MISTAKES
    assert len(VERSIONS) >= LEAST_VERSIONS


@each
def test_the_reference_passes(task):
    verdict = check(task.name, task.reference, quiet=True)
    assert verdict.passed, verdict
    assert verdict and verdict.mistake is None and not verdict.remark


@pytest.mark.parametrize("task, mistake, wrong", VERSIONS)
def test_every_wrong_version_gets_its_own_hint(task, mistake, wrong):
    verdict = check(task.name, wrong, quiet=True)
    only_in_half_precision = all(
        agrees(task.reference, wrong, task, case, part)
        for case in task.make_cases()
        for part in (("value", "gradient") if task.gradients else ("value",))
        if case.cast_to is not torch.float16 and (part == "value" or case.gradients)
    )
    assert verdict.passed == only_in_half_precision
    told = verdict.remark if verdict.passed else verdict.hint
    assert (verdict.mistake, told) == (mistake.name, mistake.hint)


@pytest.mark.parametrize("task, mistake, wrong", VERSIONS)
def test_every_wrong_version_returns_and_differs_somewhere(task, mistake, wrong):
    cases = task.make_cases()
    assert all(attempt(wrong, case).error is None for case in cases)
    parts = ("value", "gradient") if task.gradients else ("value",)
    assert not all(
        agrees(task.reference, wrong, task, case, part)
        for case in cases
        for part in parts
    )


@each
def test_hints_are_many_and_pairwise_different(task):
    assert len(task.mistakes) >= 4
    for one, other in itertools.combinations(task.mistakes, 2):
        assert one.name != other.name and one.hint != other.hint


@each
def test_hints_hold_no_code(task):
    for mistake in task.mistakes:
        for code in ("torch.", "einsum(", "softmax(", "dim=", "->"):
            assert code not in mistake.hint, (mistake.name, code)


@each
def test_a_stub_is_told_apart(task):
    def raises(*inputs):
        raise NotImplementedError

    stubs = [None, ..., raises, *(lambda *inputs, v=v: v for v in (None, ...))]
    hints = {check(task.name, stub, quiet=True).hint for stub in stubs}
    assert len(hints) == 1
    assert "nothing returned yet" in hints.pop()


@each
def test_an_exception_comes_with_the_shapes(task):
    def broken(*inputs):
        raise RuntimeError("boom")

    hint = check(task.name, broken, quiet=True).hint
    assert 'RuntimeError at `raise RuntimeError("boom")`: boom' in hint
    for name, value in task.make_cases()[0].inputs.items():
        assert f"{name} {list(value.shape)}" in hint


@each
def test_wrong_arguments_are_told_with_the_call(task):
    hint = check(task.name, lambda: 0, quiet=True).hint
    assert "TypeError" in hint and task.call in hint


@each
def test_a_result_instead_of_the_function(task):
    inputs = task.make_cases()[0].inputs.values()
    hint = check(task.name, task.reference(*inputs), quiet=True).hint
    assert "without calling it" in hint and "Tensor" in hint


@each
@pytest.mark.parametrize(
    "convert, message",
    [
        (lambda result: (result, result), "you returned a tuple of 2"),
        (lambda result: result.detach().numpy(), "you returned a ndarray"),
        (lambda result: result.to_sparse(), "without plain numbers .*sparse"),
        (lambda result: result.to("meta"), "without plain numbers .*meta"),
        (lambda result: result[None].tolist(), "you returned a list of"),
        (lambda result: result[None], r"you returned \[1, .*; expected|shape \[\]"),
        (
            lambda result: result.long(),
            "int64|is expected|below|sum|padding|none of her",
        ),
    ],
    ids=["tuple", "numpy", "sparse", "meta", "list", "extra axis", "integers"],
)
def test_another_type_shape_or_dtype(task, convert, message):
    verdict = check(task.name, lambda *x: convert(task.reference(*x)), quiet=True)
    assert not verdict
    assert re.search(message, verdict.hint), verdict


@each
def test_another_precision(task):
    verdict = check(task.name, lambda *x: task.reference(*x).double(), quiet=True)
    assert verdict.passed, verdict
    assert bool(verdict.remark) == (task.dtype_of is not None)
    if task.dtype_of:
        told = f"returned float64, not float32, the dtype of `{task.dtype_of}`"
        assert told in verdict.remark


@pytest.mark.parametrize(
    "task", [t for t in EXERCISES if not t.output], ids=lambda task: task.name
)
def test_a_plain_number(task):
    verdict = check(task.name, lambda *x: task.reference(*x).item(), quiet=True)
    assert verdict.passed == (not task.gradients), verdict
    if task.gradients:
        assert f"no gradient reaches `{task.gradients[0]}`" in verdict.hint


@each
def test_a_transposed_result_is_named_by_its_axes(task):
    axes = task.output.split()
    if len(axes) < 2:
        pytest.skip("the result has fewer than two axes")
    hint = check(task.name, lambda *x: task.reference(*x).mT, quiet=True).hint
    swapped = [*axes[:-2], axes[-1], axes[-2]]
    assert f"you returned [{', '.join(swapped)}]" in hint
    assert f"expected [{', '.join(axes)}]" in hint
    assert f"exchange the axes {swapped[-2]} and {swapped[-1]}" in hint


@each
def test_writing_to_an_input_is_noticed(task):
    def careless(*inputs):
        result = task.reference(*(value.clone() for value in inputs))
        inputs[0].zero_()
        return result

    verdict = check(task.name, careless, quiet=True)
    assert not verdict
    assert f"writes to its input `{next(iter(task.inputs))}`" in verdict.hint


@each
def test_a_result_without_a_gradient_is_noticed(task):
    verdict = check(task.name, lambda *x: task.reference(*x).detach(), quiet=True)
    assert verdict.passed == (not task.gradients)
    if task.gradients:
        assert f"no gradient reaches `{task.gradients[0]}`" in verdict.hint


@each
def test_an_unknown_mistake_is_described_by_its_numbers(task):
    verdict = check(task.name, lambda *x: task.reference(*x) * 1.37 + 0.01, quiet=True)
    assert not verdict and verdict.mistake is None
    assert task.make_cases()[0].name in verdict.hint


@each
def test_the_same_answer_gets_the_same_verdict_and_the_seed_is_left_alone(task):
    def random(*inputs):
        result = task.reference(*inputs)
        return result + torch.randn(result.shape).to(result)

    torch.manual_seed(3)
    verdicts = {str(check(task.name, random, quiet=True)) for _ in range(2)}
    assert len(verdicts) == 1
    undisturbed = torch.rand(1, generator=torch.Generator().manual_seed(3))
    assert torch.rand(1) == undisturbed


@each
def test_the_first_case_tells_axes_apart(task):
    case = task.make_cases()[0]
    sizes = {}
    for name, axes in task.inputs.items():
        for axis, size in zip(axes.split(), case.inputs[name].shape, strict=True):
            assert sizes.setdefault(axis, size) == size
    assert len(set(sizes.values())) == len(sizes)


@each
def test_every_case_has_a_name_of_its_own(task):
    names = [case.name for case in task.make_cases()]
    assert len(set(names)) == len(names)


@each
def test_the_page_can_state_title_practice_minutes_and_difficulty(task):
    assert exercise(task.name).title == task.title
    assert task.title and task.minutes > 0
    assert task.difficulty in ("warm-up", "core", "project")
    assert task.label == f"{task.difficulty}, about {task.minutes} minutes"
    assert re.fullmatch(r"[a-zA-Z][^.\n]{8,50}[^.\s]", task.practice)


@each
def test_the_two_commonest_errors_have_a_symptom(task):
    """In the learner's words: what it looks like, not what is wrong."""
    one, other = task.common
    assert one.symptom != other.symptom
    for mistake in task.common:
        assert re.fullmatch(r"[a-zA-Z0-9][^.\n]{8,58}[^.\s]", mistake.symptom)
        inputs = re.findall(r"`(.*?)`", mistake.symptom)
        assert set(inputs) <= set(task.inputs), "names what the exercise does not have"
        assert not re.search(r"\w\(|==|\w\.\w", mistake.symptom), "no code"


@pytest.mark.parametrize(
    "task, mistake",
    [(e, m) for e in EXERCISES for m in e.common],
    ids=lambda one: one.name,
)
def test_a_symptom_is_what_the_wrong_version_shows(task, mistake):
    """Where it speaks of NaN, a shape, a gradient; the other words nothing can hold."""
    cases = [case for case in task.make_cases() if case.cast_to is None]
    given = [attempt(mistake.wrong, case).value for case in cases]
    broken = any(not value.isfinite().all() for value in given)
    assert broken or not re.match("NaN|infinity", mistake.symptom)
    if shape := re.search(r"of shape \[(.*)\]", mistake.symptom):
        sizes = {}
        for name, axes in task.inputs.items():
            sizes |= zip(axes.split(), cases[0].inputs[name].shape, strict=True)
        assert [sizes[axis] for axis in shape[1].split(", ")] == [*given[0].shape]
    if mistake.symptom.startswith("the right shape"):
        right = task.reference(*cases[0].inputs.values())
        assert given[0].shape == right.shape and not torch.equal(given[0], right)
    if mistake.symptom.startswith("no gradient"):
        name = re.search(r"`(.*?)`", mistake.symptom)[1]
        assert gradients(mistake.wrong, cases[0], (name,))[name] is None


def test_the_exercises_of_a_chapter_rise():
    chapter = exercises("comirec-sa")
    assert len(chapter) == 5
    order = ["warm-up", "core", "project"]
    levels = [order.index(task.difficulty) for task in chapter]
    assert levels == sorted(levels)


def test_unknown_names_list_the_known_ones():
    with pytest.raises(ValueError, match="comirec-sa/weights.*comirec-sa/ndcg"):
        check("comirec-sa/weight", lambda: 0)
    with pytest.raises(ValueError, match="Did you mean 'comirec-sa/weights'"):
        exercise("comirec-sa/weight")
    with pytest.raises(ValueError, match="known: behavior-tensors, "):
        exercises("nowhere")
    with pytest.raises(ValueError, match="mask-after-softmax"):
        exercise("comirec-sa/weights").mistake("nothing")


def test_what_torch_cannot_do_in_half_precision_is_not_held_against_anybody():
    def by_cdist(query, key):
        if query.dtype == torch.float16:  # as torch says it on a CPU
            raise NotImplementedError("\"cdist\" not implemented for 'Half'")
        return -torch.cdist(query, key).square()

    verdict = check("soft-lookup/distance", by_cdist, quiet=True)
    assert verdict.passed
    assert "on 8 cases" in verdict.hint and "float16" not in verdict.hint


def test_where_nothing_is_summed_no_gradient_is_asked_for():
    def by_loops(fields, strength):
        total = fields.new_zeros(len(fields))
        for i in range(fields.shape[1]):
            for j in range(i + 1, fields.shape[1]):
                meet = (fields[:, i] * fields[:, j]).sum(-1)
                total = total + strength[i, j] * meet
        return total

    assert check("einsum/pairs", by_loops, quiet=True).passed
    verdict = check("einsum/pairs", lambda *given: by_loops(*given).detach())
    assert not verdict.passed and "gradient" in verdict.hint
