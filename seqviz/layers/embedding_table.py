"""A table of vectors whose rows an optimizer may hand out."""

from collections.abc import Callable

from torch import Tensor, nn

from seqviz.layers.look_up import look_up

Reader = Callable[[Tensor], Tensor]


class EmbeddingTable(nn.Embedding):
    """``nn.Embedding``, with ``look_up`` where row 0 is padding.

    Attributes:
        reader: ids ``[...]`` to vectors ``[..., E]`` in place of ``weight``, while a
            training keeps the rows that it moves (``fit``); else None.
    """

    reader: Reader | None = None

    def forward(self, ids: Tensor) -> Tensor:
        """Ids ``[...]`` to vectors ``[..., E]``."""
        if self.reader is not None:
            return self.reader(ids)
        if self.padding_idx == 0:
            return look_up(self.weight, ids)
        return super().forward(ids)
