"""How far down the identical step can go: its largest kernels and nothing else."""

from collections.abc import Callable, Iterator

import torch

from benchmarks.cases import case
from benchmarks.rechub import models, steps, their_loss
from benchmarks.timing import RATE, Clock, Row, Sizes, compare, training


@case("floor")
def floor(sizes: Sizes, repeats: int, clock: Clock) -> Iterator[Row]:
    """Their whole step against the kernels that both sides cannot do without.

    The ratio is a bound: no way to write the step, with the same numbers out of the
    same kernels of torch, is further ahead of theirs.
    """
    for length in sizes.lengths:
        _, theirs = models(sizes, sizes.items)
        yield compare(
            f"step, T {length}, ours: only its largest kernels, Adam fused",
            _kernels(sizes, length),
            training(theirs, their_loss, steps(sizes, length, sizes.items), fused=True),
            repeats,
            clock=clock,
        )


def _kernels(sizes: Sizes, length: int) -> Callable[[], None]:
    """Look-up, products, tanh, dense gradient, Adam; into memory that is kept.

    Left out: the softmax over the behaviors, A X, cosines, the read-out, the loss, the
    gradients of all these, autograd itself.
    """
    model, _ = models(sizes, sizes.items)
    table, W1, W2 = model.embedding.weight, model.attention.W1, model.attention.W2
    optimizer = torch.optim.Adam([table, W1, W2], RATE, fused=True)
    batches = steps(sizes, length, sizes.items)
    rows = sizes.batch * length
    vectors = torch.empty(rows + sizes.batch * (1 + sizes.negatives), sizes.dim)
    X = vectors[:rows]  # [B * T, E], the behaviors
    H, dH = torch.empty(2, rows, W1.shape[1])
    dA = torch.full((rows, sizes.interests), 1e-3)  # stands for the gradient of H W2
    gradient = torch.zeros_like(vectors)
    W1.grad, W2.grad = torch.zeros_like(W1), torch.zeros_like(W2)

    @torch.no_grad()
    def step() -> None:
        batch, negatives = next(batches)
        ids = torch.cat(
            [batch.item_ids.flatten(), batch.target_ids, negatives.flatten()]
        )
        torch.index_select(table, 0, ids, out=vectors)
        torch.mm(X, W1, out=H).tanh_()
        torch.mm(H, W2)
        torch.mm(H.T, dA, out=W2.grad)
        torch.mm(dA, W2.T, out=dH)
        torch.ops.aten.tanh_backward.grad_input(dH, H, grad_input=dH)
        torch.mm(X.T, dH, out=W1.grad)
        torch.mm(dH, W1.T, out=gradient[:rows])
        table.grad = torch.ops.aten.embedding_dense_backward(
            gradient, ids, len(table), 0, False
        )
        optimizer.step()

    return step
