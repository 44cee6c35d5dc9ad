"""The exercises on fair tests: right answers in other words, natural wrong ones."""

import math

import pytest
import torch

from seqviz.checks import check


def repeat_by_loops(found, truths, item_ids):
    sums = [[], []]
    for hit, wanted, history in zip(found, truths, item_ids, strict=True):
        had = set(history.tolist()) - {0}
        for part, kind in enumerate((True, False)):
            own = [
                bool(h)
                for h, t in zip(hit, wanted.tolist(), strict=True)
                if t and (t in had) == kind
            ]
            if own:
                sums[part].append(sum(own) / len(own))
    return torch.tensor([sum(part) / len(part) for part in sums])


def repeat_by_nanmean(found, truths, item_ids):
    size = int(max(truths.max(), item_ids.max())) + 1
    known = torch.zeros(len(truths), size, dtype=torch.bool)
    known.scatter_(1, item_ids, True)
    had = known.gather(1, truths)
    recalls = [
        (found & kind & (truths > 0)).sum(1) / (kind & (truths > 0)).sum(1)
        for kind in (had, ~had)
    ]
    return torch.stack([recall.nanmean() for recall in recalls])


def ties_by_all_places(scores, relevant, n):
    """Shares every place of the list among the items that may take it."""
    B, N = scores.shape
    chance = torch.zeros(B, N)
    for b in range(B):
        for value in scores[b].unique():
            same = scores[b] == value
            first = int((scores[b] > value).sum())
            places = min(max(int(n) - first, 0), int(same.sum()))
            chance[b, same] = places / int(same.sum())
    return (chance * relevant).sum(1) / relevant.sum(1)


RIGHT = {
    "repeat": (repeat_by_loops, repeat_by_nanmean),
    "interval": (
        lambda a, b, picked: torch.quantile(
            a[picked].mean(1) - b[picked].mean(1), torch.tensor([0.025, 0.975]).to(a)
        ),
        lambda a, b, picked: torch.stack(
            [torch.quantile((a - b)[picked].mean(1), q) for q in (0.025, 0.975)]
        ),
    ),
    "ties": (ties_by_all_places,),
    "leaks": (
        lambda users, times, asked, moments: torch.tensor(
            [
                2.0
                if any(
                    u == who and t >= moment for u, t in zip(users, times, strict=True)
                )
                else float((times >= moment).any())
                for who, moment in zip(asked, moments, strict=True)
            ]
        ),
    ),
}


@pytest.mark.parametrize(
    ("name", "answer"), [(name, one) for name, some in RIGHT.items() for one in some]
)
def test_right_answers_in_other_words_pass(name, answer):
    verdict = check(f"fair-tests/{name}", answer, quiet=True)
    assert verdict.passed, verdict


@pytest.mark.parametrize(
    ("name", "answer", "mistake"),
    [
        (
            "repeat",
            lambda found, truths, item_ids: torch.stack(
                [
                    (found & kind).sum() / kind.sum()
                    for kind in (
                        (truths[:, :, None] == item_ids[:, None]).any(2) & (truths > 0),
                        ~(truths[:, :, None] == item_ids[:, None]).any(2)
                        & (truths > 0),
                    )
                ]
            ),
            "all-truths-in-one-pool",
        ),
        (
            "interval",
            lambda a, b, picked: (
                (a - b).mean()
                + torch.tensor([-1.96, 1.96]) * (a - b).std() / math.sqrt(len(a))
            ),
            "without-the-draws",
        ),
        (
            "ties",
            lambda scores, relevant, n: (
                (
                    torch.zeros_like(scores).scatter(1, scores.topk(int(n)).indices, 1)
                    * relevant
                ).sum(1)
                / relevant.sum(1)
            ),
            None,  # topk takes equals in an order of its own
        ),
        (
            "leaks",
            lambda users, times, asked, moments: (times.max() >= moments).float(),
            "the-clock-alone",
        ),
    ],
)
def test_natural_mistakes_are_named(name, answer, mistake):
    verdict = check(f"fair-tests/{name}", answer, quiet=True)
    assert not verdict.passed
    assert mistake is None or verdict.mistake == mistake, verdict
