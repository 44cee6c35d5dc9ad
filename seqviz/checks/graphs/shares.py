"""Two sides to hear: what each node hears, from a table of counted steps."""

import torch

from seqviz.checks.engine import Task, mistake, rule

TASK = Task(
    label="warm-up, about 15 minutes",
    practice="normalizing a table in both directions",
    shapes="steps [B, G, G], states [B, G, E] -> [B, G, 2, E]",
    gradients=("states",),
    vary="some steps",
)


def reference(steps, states, share=None):
    share = by_row if share is None else share
    into, out = share(steps.mT), share(steps)  # [B, G, G]
    return torch.stack([into @ states, out @ states], 2)


def by_row(steps):
    """The share of each entry in its row; a row of zeros stays one."""
    return steps / steps.sum(-1, keepdim=True).clamp(min=1)


def cases():
    def draw(B=3, G=4, E=5, most=4, real=1.0):
        steps = torch.randint(0, most + 1, (B, G, G)).float()
        return steps * (torch.rand(B, G, G) < real), torch.randn(B, G, E)

    steps, states = draw()
    yield "every step was done", steps + 1, states
    yield "some steps", *draw(B=4, G=6, real=0.5)
    yield "steps done once", *draw(B=3, G=5, most=1)
    _, states = draw(B=2, G=5)
    yield "a path", torch.diag(torch.ones(4), 1).expand(2, 5, 5), states
    steps, states = draw(B=3, G=4)
    steps[1] = 0
    yield "a session of one click", steps, states
    steps, states = draw(B=3, G=3, real=0.4)
    steps[:, 0, 0] = 2
    yield "an item clicked twice in a row", steps, states


@mistake
def sides_exchanged(steps, states):
    """the two sides are exchanged: first comes what is heard from the nodes before,
    then from the nodes after."""
    return reference(steps, states).flip(2)


@mistake
def both_from_after(steps, states):
    """both sides hear the nodes after. Where are those that she came from?"""
    out = by_row(steps) @ states
    return torch.stack([out, out], 2)


@mistake
def both_from_before(steps, states):
    """both sides hear the nodes before."""
    into = by_row(steps.mT) @ states
    return torch.stack([into, into], 2)


@mistake(symptom="shares that do not sum to 1 on one side")
def transposed_after_sharing(steps, states):
    """you share out what leaves, then turn the table round for the other side. What
    enters a node has a sum of its own."""
    share = by_row(steps)
    turned = torch.stack([share.mT @ states, share @ states], 2)
    yield turned
    yield turned.flip(2)


@mistake(share=lambda steps: steps)
def raw_counts():
    """you add up the neighbors as often as the step was done. Wanted is the share."""


@mistake(
    share=lambda steps: by_row((steps > 0).to(steps.dtype)),
    seen_in="the authors' code of SR-GNN, RecBole 1.2.1",
)
def counts_an_edge_once():
    """a step that was done three times weighs as one that was done once. The authors'
    program does that, the paper and this exercise do not."""


@mistake(share=lambda steps: steps / steps.sum((-1, -2), keepdim=True).clamp(min=1))
def share_of_all():
    """your shares are of all steps of the session. They are of the steps of one
    node."""


@mistake(share=lambda steps: steps / steps.shape[-1])
def divided_by_the_number_of_nodes():
    """you divide by the number of nodes. What does the node's own row sum to?"""


@mistake(share=lambda steps: steps.softmax(-1))
def softmax_of_the_counts():
    """a softmax of the counts: a step that was never done gets a share."""


@mistake(share=lambda steps: by_row(steps * (1 - torch.eye(steps.shape[-1]).to(steps))))
def no_step_to_itself():
    """you leave out the step of a node to itself. An item clicked twice in a row is
    such a step."""


@mistake(share=lambda steps: by_row(steps + steps.mT))
def direction_lost():
    """you add the table to its own transpose: the direction is lost, and both sides
    hear the same."""


@mistake(share=lambda steps: by_row(steps + torch.eye(steps.shape[-1]).to(steps)))
def hears_itself():
    """every node hears itself, too. Here it hears its neighbors only."""


@mistake(share=lambda steps: steps / (steps.sum(-1, keepdim=True) + 1))
def one_too_many():
    """you add 1 to the sum to be safe: no share is whole then."""


@mistake(
    symptom="NaN for a node without edges",
    share=lambda steps: steps / steps.sum(-1, keepdim=True),
)
def nan_without_edges():
    """only nodes without edges are wrong: nothing divided by nothing is NaN. They hear
    zeros."""


@rule
def a_mean_lies_between(result, steps, states):
    """an entry lies outside all states: shares are 0 or more and sum to 1."""
    low, high = states.amin(1)[:, None, None], states.amax(1)[:, None, None]
    there = torch.stack([steps.sum(1) > 0, steps.sum(2) > 0], 2)[..., None]
    return (((result < low - 1e-2) | (result > high + 1e-2)) & there).any()
