"""What SDM's session costs: short sessions beside sessions that fill the batch.

Both sides are the same encoder, forward and backward; "theirs" are sessions of the full
length, so the ratio says how much of the padding a short session does not pay for.
"""

from collections.abc import Callable, Iterator

import torch

from benchmarks.cases import case
from benchmarks.timing import Clock, Row, Sizes, compare
from seqviz.layers import ShortTermEncoder

MEAN = 8  # clicks


@case("session")
def session(sizes: Sizes, repeats: int, clock: Clock) -> Iterator[Row]:
    """Sessions of 8 clicks on average against full ones, at each length."""
    for length in sizes.lengths:
        encoder = ShortTermEncoder(sizes.dim)
        draws = torch.distributions.Geometric(1 / MEAN).sample((sizes.batch,))
        short = (draws.long() + 1).clamp(max=length)
        yield compare(
            f"session of {MEAN} clicks of {length} on average, against {length}",
            read(encoder, sizes, length, short),
            read(encoder, sizes, length, torch.full_like(short, length)),
            repeats,
            clock=clock,
        )


def read(
    encoder: ShortTermEncoder, sizes: Sizes, length: int, lengths: torch.Tensor
) -> Callable[[], None]:
    """A function to time: sessions ``[B]`` long, padded on the right to ``length``."""
    behaviors = torch.randn(len(lengths), length, sizes.dim, requires_grad=True)
    mask = torch.arange(length) < lengths[:, None]
    user = torch.randn(len(lengths), sizes.dim)

    def step() -> None:
        encoder(behaviors, mask, user).sum().backward()

    return step
