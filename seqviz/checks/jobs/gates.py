"""A gate for each field: some fields are missing."""

import torch

from seqviz.checks.engine import Task, marks, mistake, rule

TASK = Task(
    label="warm-up, about 10 minutes",
    practice="a gate from a squeeze and two matrices",
    shapes="fields [B, F, E], W1 [F, D], W2 [D, F], mask [B, F] -> [B, F, E]",
    vary="some fields are missing",
)


def reference(
    fields,
    W1,
    W2,
    mask,
    squeeze=lambda fields: fields.mean(-1),
    between=torch.relu,
    excite=torch.sigmoid,
):
    fields = fields * mask[..., None]
    gate = excite(between(squeeze(fields) @ W1) @ W2)
    return gate[..., None] * fields


def cases():
    def draw(*rows, E=2, D=4):
        mask = marks(*rows)
        F = mask.shape[1]
        fields, W1 = torch.randn(len(rows), F, E) * 2, torch.randn(F, D)
        return fields, W1, torch.randn(D, F), mask

    yield "every field is there", *draw("xxxxx", "xxxxx", "xxxxx")
    yield "some fields are missing", *draw("xx.x.", ".xxxx", "x...x", "xxxxx")
    yield "a row without a field", *draw("xxx", "...", "x.x")
    yield "vectors of one number", *draw("xx.x", "xxxx", E=1)
    yield "as many fields as rows", *draw("xxx", "x.x", "xxx")


@mistake(squeeze=lambda fields: fields.amax(-1))
def squeezed_by_the_largest():
    """you squeeze a field to its largest entry; it is the mean of its entries."""


@mistake(squeeze=lambda fields: fields.sum(-1))
def squeezed_by_the_sum():
    """you squeeze a field to the sum of its entries; it is their mean."""


@mistake(squeeze=lambda fields: fields.mean(-1).mean(0, True).expand_as(fields[..., 0]))
def squeezed_over_the_batch():
    """every row gets the same gates: you squeeze over the rows as well. A row's gates
    come from its own fields."""


@mistake(squeeze=lambda fields: fields.norm(dim=-1))
def squeezed_by_the_length():
    """you squeeze a field to its length, which has lost the signs; it is the mean of
    its entries."""


@mistake(between=lambda hidden: hidden)
def no_activation_between():
    """nothing bends between the two matrices, so they are one. A ReLU belongs there."""


@mistake(between=torch.sigmoid)
def sigmoid_between():
    """the hidden layer goes through a sigmoid; it has a ReLU."""


@mistake(symptom="gates that sum to 1", excite=lambda logits: logits.softmax(-1))
def gates_that_compete():
    """your gates of a row sum to 1: when one opens, others must close. Each field has a
    gate of its own from 0 to 1."""


@mistake(excite=torch.relu)
def gates_of_relu():
    """your gates are 0 or any positive number, as published. Here they lie between 0
    and 1."""


@mistake(excite=lambda logits: 2 * torch.sigmoid(logits))
def gates_up_to_two():
    """your gates run from 0 to 2. That is LHUC; here they run from 0 to 1."""


@mistake(excite=torch.tanh)
def gates_with_a_sign():
    """your gates run from -1 to 1: a field can be turned round. They lie between 0 and
    1."""


@mistake(excite=lambda logits: logits)
def logits_as_gates():
    """you multiply by the logits themselves. A gate lies between 0 and 1."""


@mistake(symptom="gates that change with a missing field")
def missing_fields_squeezed(fields, W1, W2, mask):
    """a missing field still has a say in the gates of the others: what stands under
    the mask is squeezed too. It has to count as 0."""
    gate = torch.sigmoid(torch.relu(fields.mean(-1) @ W1) @ W2)
    return gate[..., None] * fields * mask[..., None]


@mistake
def the_mask_plays_no_part(fields, W1, W2):
    """the mask plays no part: what stands at a missing field is squeezed, and comes
    back. There it counts as 0, in both places."""
    gate = torch.sigmoid(torch.relu(fields.mean(-1) @ W1) @ W2)
    return gate[..., None] * fields


@mistake
def missing_fields_returned(fields, W1, W2, mask):
    """a missing field comes back as it stood there; it gives zeros."""
    squeezed = (fields * mask[..., None]).mean(-1)
    gate = torch.sigmoid(torch.relu(squeezed @ W1) @ W2)
    return gate[..., None] * fields


@mistake
def gate_added(fields, mask, right):
    """you add the gated field to the field. The gate multiplies, and nothing is
    added."""
    return right + fields * mask[..., None]


@mistake(right=lambda right: right.sum(1, keepdim=True).expand_as(right))
def gated_fields_summed():
    """you sum the gated fields and give the sum to each: that is a weighted sum. A gate
    leaves the fields apart."""


@rule
def no_longer_than_it_was(result, fields):
    """a gate between 0 and 1 makes no entry larger, and yours does."""
    return (result.abs() > fields.abs() + 1e-4).any()
