"""Keys and values that are kept, so that one more click costs one row, not all."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from seqviz.arguments import require_behaviors, require_mask, require_whole
from seqviz.layers.heads import join_heads
from seqviz.layers.transformer import TransformerBlock


class KeyCache:
    """What causal blocks remember of B histories, click by click.

    In a causal stack nothing that comes later changes what was read before: keys and
    values of old clicks stay as they are, as long as their positions do (counted from
    the oldest, ``LearnedPositions(from_oldest=True)``). So a new click asks once, O(T)
    a block, where the whole stack reads T behaviors T times. To serve, not to train:
    it has no gradient.

    Args:
        blocks: the stack, with causal attention and projections.
        batch_size: B.
        max_length: the most clicks of a history.

    Attributes:
        count: ``[B]``, how many clicks each history holds.

    Raises:
        TypeError, ValueError: a size is out of range, there is no block, or one that is
            not causal.

    Example:
        >>> blocks = [TransformerBlock(embedding_dim=8).eval()]
        >>> cache = KeyCache(blocks, batch_size=2, max_length=10)
        >>> for click in torch.randn(3, 2, 8):
        ...     state = cache.append(click)
        >>> cache.count, list(state.shape)
        (tensor([3, 3]), [2, 8])
    """

    def __init__(
        self, blocks: Sequence[TransformerBlock], batch_size: int, max_length: int
    ) -> None:
        require_whole(batch_size=batch_size, max_length=max_length)
        if not len(blocks) or not all(block.attention.causal for block in blocks):
            raise ValueError(
                "blocks must be causal TransformerBlocks, got "
                f"{[block.attention.causal for block in blocks]} as their causal"
            )
        self.blocks = blocks
        weight = blocks[0].attention.output.weight
        self.count = torch.zeros(batch_size, dtype=torch.long, device=weight.device)
        self._longest = 0
        heads = [block.attention.num_heads for block in blocks]
        self._kept = [  # keys and values: [2, B, H, L, E/H] of each block
            weight.new_zeros(2, batch_size, H, max_length, len(weight) // H)
            for H in heads
        ]

    @property
    def max_length(self) -> int:
        """The most clicks of a history."""
        return self._kept[0].shape[3]

    @torch.no_grad()
    def fill(self, behaviors: Tensor, mask: Tensor) -> Tensor:
        """Read whole histories, forgetting what was there: states ``[B, T, E]``.

        Args:
            behaviors: ``[B, T, E]``, positions added.
            mask: ``[B, T]``, True = real; padding may stand anywhere.
        """
        require_behaviors(behaviors, self._width)
        require_mask(mask, behaviors.shape[:2])
        require_mask(mask.any(1), self.count.shape)
        self._require_room(int(mask.sum(1).max()))
        # real clicks to the front, in order, so that the next has a place of its own
        order = (~mask).long().argsort(dim=1, stable=True)[:, : self.max_length]
        states = behaviors
        for block, kept in zip(self.blocks, self._kept, strict=True):
            _, *pair = block.attention.look_up(block.asking(states))
            for own, made in zip(kept, pair, strict=True):  # [B, H, T, E/H]
                front = made.take_along_dim(order[:, None, :, None], 2)
                own[:, :, : front.shape[2]] = front
            states = block(states, mask)
        self.count = mask.sum(1)
        self._longest = int(self.count.max())
        return states

    @torch.no_grad()
    def append(self, behavior: Tensor) -> Tensor:
        """Read one more click of every history: ``[B, E]`` to its state ``[B, E]``.

        Args:
            behavior: its vector, with the position ``count`` added.

        Raises:
            ValueError: the shape does not fit, or a history is full.
        """
        if behavior.shape != (len(self.count), self._width):
            raise ValueError(
                f"behavior must have shape {[len(self.count), self._width]}, got "
                f"{list(behavior.shape)}"
            )
        places = self.next_places()
        rows = torch.arange(len(self.count), device=self.count.device)
        self._longest += 1
        filled = torch.arange(self._longest, device=self.count.device)
        readable = (filled <= places[:, None])[:, None, None]  # [B, 1, 1, T + 1]
        state = behavior[:, None]  # [B, 1, E]
        for block, kept in zip(self.blocks, self._kept, strict=True):
            query, *pair = block.attention.look_up(block.asking(state))
            for own, made in zip(kept, pair, strict=True):
                own[rows, :, places] = made[:, :, 0].to(own)  # half under autocast
            key, value = kept[:, :, :, : self._longest]  # [B, H, T + 1, E/H]
            read = F.scaled_dot_product_attention(query, key, value, readable)
            read = block.attention.output(join_heads(read))
            state = block.correct(state, read)
        self.count = places + 1
        return state[:, 0]

    def next_places(self) -> Tensor:
        """``[B]``: the position of the next click, counted from the oldest.

        Raises:
            ValueError: a history is full.
        """
        self._require_room(self._longest + 1)
        return self.count

    @property
    def _width(self) -> int:
        return self.blocks[0].attention.embedding_dim

    def _require_room(self, length: int) -> None:
        if length > self.max_length:
            raise ValueError(
                f"a history must hold at most max_length = {self.max_length} clicks, "
                f"got {length}; cut it and fill the cache anew"
            )
