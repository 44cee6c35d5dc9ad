"""The planted pair of tasks is what its equations say."""

import pytest
import torch

from seqviz.data.planted import four_versions, planted_pairs

N, G, S = 4000, 12, 4


@pytest.fixture(scope="module")
def pairs():
    return planted_pairs(N, G, S, generator=torch.Generator().manual_seed(0))


def test_a_history_holds_both_parts_of_each_of_its_sets(pairs):
    assert pairs.group.shape == pairs.part.shape == pairs.color.shape == (N, 2 * S)
    for group, part in zip(pairs.group[:200], pairs.part[:200], strict=True):
        held = set(zip(group.tolist(), part.tolist(), strict=True))
        assert len(held) == 2 * S
        assert all((g, 1 - p) in held for g, p in held)
    assert pairs.group.min() == 0 and pairs.group.max() == G - 1
    assert (pairs.group == pairs.candidate[:, None]).sum(1).eq(2).all()


def test_the_labels_by_a_loop(pairs):
    for row in range(200):
        colors = {
            (int(g), int(p)): int(b)
            for g, p, b in zip(
                pairs.group[row], pairs.part[row], pairs.color[row], strict=True
            )
        }
        c = int(pairs.candidate[row])
        assert pairs.relevance[row] == (colors[c, 0] == 0)
        assert pairs.relation[row] == (colors[c, 0] == colors[c, 1])


def test_every_coin_is_fair_and_no_single_behavior_tells_the_relation(pairs):
    tolerance = 4 * 0.5 / (N / 4) ** 0.5  # four standard errors of a quarter
    for label in (pairs.relevance, pairs.relation, pairs.color.float()):
        assert abs(label.mean() - 0.5) < tolerance
    asked = pairs.group == pairs.candidate[:, None]
    for part in (0, 1):
        place = (asked & (pairs.part == part)).long().argmax(1)
        color = pairs.color.gather(1, place[:, None])[:, 0]
        for value in (0, 1):
            assert abs(pairs.relation[color == value].mean() - 0.5) < tolerance
    # nor does the place: the order is random
    first = asked.long().argmax(1)
    assert first.unique().numel() == 2 * S - 1


def test_four_versions_differ_in_the_two_colors_alone(pairs):
    few = type(pairs)(*(column[:50] for column in pairs))
    four = four_versions(few)
    assert len(four.group) == 200
    for name in ("group", "part", "candidate"):
        whole = getattr(few, name).repeat_interleave(4, 0)
        assert torch.equal(getattr(four, name), whole)
    rest = four.group != four.candidate[:, None]
    colors = few.color.repeat_interleave(4, 0)
    assert torch.equal(four.color[rest], colors[rest])
    assert four.relevance.view(-1, 4).tolist() == [[1, 1, 0, 0]] * 50
    assert four.relation.view(-1, 4).tolist() == [[1, 0, 0, 1]] * 50
    # the example itself is one of its four versions
    same = (four.color == colors).all(1).view(-1, 4)
    assert same.sum(1).eq(1).all()


def test_one_generator_one_world():
    def draw(seed):
        return planted_pairs(5, generator=torch.Generator().manual_seed(seed))

    assert all(torch.equal(a, b) for a, b in zip(draw(1), draw(1), strict=True))
    assert not torch.equal(draw(1).group, draw(2).group)


@pytest.mark.parametrize(
    "arguments, message",
    [
        ((0,), "num_examples is 0"),
        ((1.5,), "num_examples is 1.5: expected a whole number"),
        ((1, 0), "num_groups is 0"),
        ((1, 3, 4), "groups_in_history is 4: expected 1 to 3"),
    ],
)
def test_bad_input(arguments, message):
    with pytest.raises((TypeError, ValueError), match=message):
        planted_pairs(*arguments)
