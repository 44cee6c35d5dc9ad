"""A mixture of experts for each label, of which some experts serve one label alone."""

import torch

from seqviz.checks.engine import Case, Task, mistake

TASK = Task(
    title="Experts of one's own",
    difficulty="core",
    minutes=15,
    shapes="inputs [B, D], experts [B, X, E], W [Y, D, X], allowed [Y, X] -> [B, Y, E]",
    gradients=("inputs", "experts", "W"),
    vary="some experts serve one label",
)


def masked(logits, allowed, dim=-1):
    lowest = torch.finfo(logits.dtype).min
    return logits.masked_fill(~allowed, lowest).softmax(dim) * allowed


def scores(inputs, W):
    return torch.einsum("bd,ydx->byx", inputs, W)


def reference(inputs, experts, W, allowed, share=masked, score=scores):
    return share(score(inputs, W), allowed) @ experts


def cases():
    def draw(name, rows, B=4, D=6, E=5):
        allowed = torch.tensor([[mark == "x" for mark in row] for row in rows])
        Y, X = allowed.shape
        inputs = {
            "inputs": torch.randn(B, D),
            "experts": torch.randn(B, X, E),
            "W": torch.randn(Y, D, X) * 1.5,
            "allowed": allowed,
        }
        return Case(name, inputs)

    yield draw("two labels share all experts", ["xxx", "xxx"])
    yield draw("some experts serve one label", ["xx.x", ".xxx"])
    yield draw("no expert in common", ["xx..", "..xx"])
    yield draw("three labels, one expert each", ["x..", ".x.", "..x"])
    yield draw("one row", ["xxx", "x.x"], B=1)
    yield draw("as many labels as experts", ["xxx", ".xx", "x.x"], B=3)


@mistake(share=lambda logits, allowed: masked(logits, allowed, 1))
def labels_compete():
    """the weights of an expert sum to 1 over the labels: labels compete for experts.
    Experts compete for a label."""


@mistake(share=lambda logits, allowed: masked(logits, allowed, 0))
def rows_compete():
    """the weights sum to 1 over the batch: what a row gets depends on who else is
    there."""


@mistake(share=lambda logits, allowed: logits.softmax(-1) * allowed)
def masked_after():
    """an expert that does not serve the label takes its share before you drop it, so
    the rest sums to less than 1."""


@mistake(share=lambda logits, allowed: logits.softmax(-1))
def everybody_serves():
    """experts that do not serve a label have weight there."""


@mistake(share=lambda logits, allowed: torch.sigmoid(logits) * allowed)
def gates_apart():
    """each expert has a gate of its own from 0 to 1; the weights of a label share 1."""


@mistake(share=lambda logits, allowed: logits * allowed)
def logits_as_weights():
    """you mix by the logits themselves. They go through a softmax."""


@mistake(
    share=lambda logits, allowed: (
        (allowed / allowed.sum(-1, keepdim=True)).to(logits).expand_as(logits)
        + 0 * logits
    )
)
def a_plain_mean():
    """every expert that serves a label weighs the same, whatever the input: nothing is
    left of the gate."""


def hard(logits, allowed):
    best = masked(logits, allowed).argmax(-1, keepdim=True)
    return torch.zeros_like(logits).scatter(-1, best, 1.0) + 0 * logits


@mistake(share=hard)
def the_best_expert_alone():
    """each label takes its best expert alone, and no gradient reaches its gate. It
    takes a mixture."""


@mistake(score=lambda inputs, W: scores(inputs, W[:1].expand_as(W) + 0 * W))
def one_gate_for_all_labels():
    """all labels use the gate of the first. Each has a matrix of its own: that is the
    first M of MMoE."""


@mistake(score=lambda inputs, W: scores(inputs - inputs.mean(0), W))
def gate_normalized_over_the_batch():
    """you take the mean of the batch away before the gate, so a row's experts depend on
    the other rows. A published MMoE does it by a batch norm in every gate."""


@mistake(score=lambda inputs, W: scores(inputs.mean(0, True).expand_as(inputs), W))
def one_gate_for_all_rows():
    """every row of the batch gets the same mixture. The gate reads the row."""


@mistake(score=lambda inputs, W: scores(inputs, W) / inputs.shape[1] ** 0.5)
def scaled_scores():
    """the scores are divided by the root of the input's width. Here nothing is."""


@mistake
def summed_labels(right):
    """all labels give the same: you sum or average over them."""
    yield right.mean(1, keepdim=True).expand_as(right)
    yield right.sum(1, keepdim=True).expand_as(right)
