r"""A planted pair of tasks: one history, one candidate, two questions.

The items come in G sets of two, a main thing and what goes with it (a tent and its
pegs), and each is sold in two colors. A history holds S sets, drawn without
repetition; of each set it holds both parts, in colors that are fair coins of their own,
in random order. So T = 2 S, and behavior t is described by its set, its part and its
color,

.. math:: g_t \in \{0, \dots, G - 1\}, \quad p_t \in \{0, 1\}, \quad
   b_t \in \{0, 1\}.

The candidate stands for a set c, one of those in the history (uniform). Let t be its
main thing and t' its companion: :math:`g_t = g_{t'} = c, \; p_t = 0, \; p_{t'} = 1`.

.. math:: y_{\text{relevance}} = [b_t = 0], \qquad y_{\text{relation}} = [b_t = b_{t'}] .

Both labels are fair coins. The first needs one behavior, the one that the candidate
points at. In the second no single behavior says anything: whatever one part's color, the
label stays a fair coin.
"""

from __future__ import annotations

from typing import NamedTuple

import torch

from .arguments import require_whole


class PlantedPairs(NamedTuple):
    """n examples of both tasks."""

    group: torch.Tensor
    """int64 ``[n, T]``: which set each behavior belongs to."""
    part: torch.Tensor
    """int64 ``[n, T]``: 0 is the main thing, 1 its companion."""
    color: torch.Tensor
    """int64 ``[n, T]``: 0 or 1."""
    candidate: torch.Tensor
    """int64 ``[n]``: the set that is asked about."""
    relevance: torch.Tensor
    """float32 ``[n]``, the label of the first task: the main thing has color 0."""
    relation: torch.Tensor
    """float32 ``[n]``, the label of the second: both parts have one color."""


def planted_pairs(
    num_examples: int,
    num_groups: int = 32,
    groups_in_history: int = 5,
    *,
    generator: torch.Generator | None = None,
) -> PlantedPairs:
    """Draws examples by the equations at the head of :mod:`seqviz.data.planted`.

    Args:
        num_examples: n.
        num_groups: G.
        groups_in_history: S, at most G; a history has T = 2 S behaviors.
        generator: of the draws; torch's own if not given.

    Raises:
        TypeError, ValueError: a number is not whole or out of range.
    """
    require_whole("num_examples", num_examples, 1)
    require_whole("num_groups", num_groups, 1)
    require_whole("groups_in_history", groups_in_history, 1, num_groups)
    n, length = num_examples, 2 * groups_in_history
    dealt = torch.rand(n, num_groups, generator=generator).argsort(1)
    sets = dealt[:, :groups_in_history]  # [n, S]
    color = torch.randint(0, 2, (n, length), generator=generator)
    order = torch.rand(n, length, generator=generator).argsort(1)
    # before the shuffle: set 0's main thing, set 0's companion, set 1's ...
    return _labelled(
        group=sets.repeat_interleave(2, 1).gather(1, order),
        part=(torch.arange(length) % 2).expand(n, length).gather(1, order),
        color=color.gather(1, order),
        candidate=sets[:, 0],
    )


def four_versions(pairs: PlantedPairs) -> PlantedPairs:
    """Every example with all four colorings of the candidate's set: 4 n examples.

    Rows 4 i to 4 i + 3 differ in nothing else; the colors of (main thing, companion)
    are 00, 01, 10, 11. Two of the four have each label, in both tasks.
    """
    group, part, color, candidate = (x.repeat_interleave(4, 0) for x in pairs[:4])
    version = torch.arange(len(group)) % 4
    chosen = torch.where(part == 0, version[:, None] // 2, version[:, None] % 2)
    asked = group == candidate[:, None]  # [4 n, T]
    return _labelled(group, part, torch.where(asked, chosen, color), candidate)


def _labelled(
    group: torch.Tensor,
    part: torch.Tensor,
    color: torch.Tensor,
    candidate: torch.Tensor,
) -> PlantedPairs:
    asked = group == candidate[:, None]  # [n, T]
    main = (color * (asked & (part == 0))).sum(1)
    companion = (color * (asked & (part == 1))).sum(1)
    return PlantedPairs(
        group,
        part,
        color,
        candidate,
        relevance=(main == 0).float(),
        relation=(main == companion).float(),
    )
