"""The exercises of the DIN chapter: right in another way, and against other people."""

import pytest
import torch
from sklearn.metrics import roc_auc_score

from seqviz.checks import exercises
from seqviz.checks.engine.grading import grade
from seqviz.layers import Dice, LocalActivationUnit
from seqviz.metrics.clicks import gauc

TASKS = {task.name.split("/")[1]: task for task in exercises("din")}


def activation_input_by_loops(candidates, behaviors, weight):
    rows = []
    for own, history in zip(candidates, behaviors, strict=True):
        for q in own:
            rows += [torch.cat([q, k, q - k, q * k]) @ weight for k in history]
    return torch.stack(rows).view(*candidates.shape[:2], behaviors.shape[1])


def activation_input_by_parts(candidates, behaviors, weight):
    a, b, c, d = weight.view(4, -1)
    return (
        (candidates @ (a + c))[:, :, None]
        + (behaviors @ (b - c))[:, None]
        + torch.einsum("bme,bte,e->bmt", candidates, behaviors, d)
    )


def pooling_by_loops(logits, behaviors, mask, use_softmax):
    users = []
    for row, history, real, share in zip(
        logits, behaviors, mask, use_softmax, strict=True
    ):
        weights = row[real].softmax(0) if share else row[real]
        users.append((weights[:, None] * history[real]).sum(0))
    return torch.stack(users)


def pooling_by_lowest_number(logits, behaviors, mask, use_softmax):
    lowest = torch.finfo(logits.dtype).min
    shared = logits.masked_fill(~mask, lowest).softmax(-1)
    weights = torch.where(use_softmax[:, None], shared, logits)
    return ((weights * mask)[:, None] @ behaviors)[:, 0]


def dice_by_the_real_rows(s, mask, alpha):
    result = torch.zeros_like(s)
    real = s[mask]
    if len(real):
        p = torch.sigmoid(
            (real - real.mean(0)) / (real.var(0, correction=0) + 1e-8).sqrt()
        )
        result[mask] = p * real + (1 - p) * alpha * real
    return result


def dice_by_the_layer(s, mask, alpha):
    if not mask.any():
        return torch.zeros_like(s)
    layer = Dice(len(alpha)).to(s.dtype)
    del layer.alpha
    layer.alpha = alpha  # keeps the way of the gradient
    return layer(s, mask).masked_fill(~mask[..., None], 0.0)


def gauc_by_the_package(scores, clicked, users):
    return torch.tensor(gauc(scores, clicked, users))


def gauc_by_scikit_learn(scores, clicked, users):
    total, weights = 0.0, 0
    for user in users.unique():
        own = users == user
        if clicked[own].any() and not clicked[own].all():
            area = roc_auc_score(clicked[own].numpy(), scores[own].numpy())
            total += int(own.sum()) * area
            weights += int(own.sum())
    return torch.tensor(total / weights)


def split_layer_by_the_unit(candidates, behaviors, weight, bias):
    """One candidate at a time through a unit that ends after its first layer."""
    unit = LocalActivationUnit(candidates.shape[-1], ()).to(weight.dtype)
    found = []
    for query in candidates.unbind(1):
        rows = []
        for row, add in zip(weight, bias, strict=True):
            first = unit.layers[0]
            del first.weight, first.bias
            first.weight, first.bias = row[None], add[None]
            rows.append(unit(query[:, None], behaviors)[..., 0])
        found.append(torch.stack(rows, -1))
    return torch.stack(found, 1)


def split_layer_by_the_whole_input(candidates, behaviors, weight, bias):
    query = candidates[:, :, None].expand(-1, -1, behaviors.shape[1], -1)
    key = behaviors[:, None].expand_as(query)
    parts = torch.cat([query, key, query - key, query * key], -1)
    return torch.nn.functional.linear(parts, weight, bias)


def split_layer_by_a_matrix_of_each_candidate(candidates, behaviors, weight, bias):
    E = candidates.shape[-1]
    own, other, difference, product = weight.split(E, 1)
    # q * k under a matrix is k under a matrix whose columns are scaled by q.
    scaled = candidates[:, :, None] * product + other - difference  # [B, M, H, E]
    asks = candidates @ (own + difference).T  # [B, M, H]
    return torch.einsum("bmhe,bte->bmth", scaled, behaviors) + asks[:, :, None] + bias


ANSWERS = [
    activation_input_by_loops,
    activation_input_by_parts,
    pooling_by_loops,
    pooling_by_lowest_number,
    dice_by_the_real_rows,
    dice_by_the_layer,
    gauc_by_scikit_learn,
    gauc_by_the_package,
    split_layer_by_the_unit,
    split_layer_by_the_whole_input,
    split_layer_by_a_matrix_of_each_candidate,
]


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: answer.__name__)
def test_another_right_way_passes(answer):
    name = answer.__name__.split("_by_")[0].replace("_", "-")
    verdict = grade(TASKS[name], answer)
    assert verdict.passed, verdict


def test_the_exercises_rise():
    order = ["warm-up", "core", "project"]
    levels = [order.index(task.difficulty) for task in TASKS.values()]
    assert levels == sorted(levels) and len(levels) == 5


def test_two_mistakes_at_once_are_still_told():
    def neither(logits, behaviors, mask, use_softmax):
        return (logits.softmax(-1)[..., None] * behaviors).mean(1)

    verdict = grade(TASKS["pooling"], neither)
    assert not verdict and "is expected" in verdict.hint


def test_the_properties_speak_where_no_mistake_fits():
    def doubled(logits, behaviors, mask, use_softmax):
        right = TASKS["pooling"].reference(logits, behaviors, mask, use_softmax)
        return torch.where(mask.any(1)[:, None], right, 2.0).to(right)

    assert "empty history should get zeros" in grade(TASKS["pooling"], doubled).hint

    def above_one(scores, clicked, users):
        return TASKS["gauc"].reference(scores, clicked, users) + 3

    assert "lies between 0 and 1" in grade(TASKS["gauc"], above_one).hint
