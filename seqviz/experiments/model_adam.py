"""Adam for a whole model, some of whose tables are read by rows."""

import torch
from torch import nn

from seqviz.experiments.row_adam import RowAdam, TableRows
from seqviz.experiments.shards import ShardedRows, ShardedTable
from seqviz.layers.embedding_table import EmbeddingTable

#: Rows of a table from which reading by rows pays. Measured on one thread of an x86-64
#: server, ComiRec-SA, E 64, T 50, batch 256, 1,024 negatives: a step by rows takes 1.2
#: times as long as a dense one at 50,000 rows, as long at 75,000 to 100,000, .73 times
#: at 150,000 and .27 at a million. The more ids a step reads, the later it pays: with a
#: batch of 64 from 40,000 rows, with 1,024 from 200,000. `make bench`, case "catalog".
ROWS_FROM = 100_000


class ModelAdam:
    """``torch.optim.Adam``, fused, and a ``RowAdam`` for each table read by rows.

    Which tables those are the first step decides: a loss that reads ``weight`` itself
    gives it a gradient, and so it reads the table whole.

    Args:
        model: what is trained; its tables are those of class ``EmbeddingTable`` and, by
            rows whatever is asked for, ``ShardedTable``.
        learning_rate: of all parameters.
        table_optimizer: as in ``fit``.

    Raises:
        ValueError: "rows" was asked for and no table is read by rows.
        RuntimeError: a table is read whole by a later step though not by the first.
    """

    def __init__(
        self, model: nn.Module, learning_rate: float, table_optimizer: str | None
    ) -> None:
        self.model = model
        self.learning_rate = learning_rate
        self.others: torch.optim.Adam | None = None
        self._began = False
        self._must = table_optimizer == "rows"
        least = {"dense": float("inf"), "rows": 0, None: ROWS_FROM}[table_optimizer]
        self._tables = {
            name: TableRows(table, RowAdam(table.weight, learning_rate))
            for name, table in model.named_modules()
            if isinstance(table, EmbeddingTable) and table.num_embeddings >= least
        }
        self._tables |= {
            name: TableRows(table, ShardedRows(table, learning_rate))
            for name, table in model.named_modules()
            if isinstance(table, ShardedTable)
        }

    @property
    def by_rows(self) -> tuple[str, ...]:
        """The names of the tables that are read by rows."""
        return tuple(self._tables)

    def step(self) -> None:
        """Move what has a gradient."""
        gradients = {name: own.gradients() for name, own in self._tables.items()}
        for name in gradients:
            if self._tables[name].adam.weight.grad is not None:
                self._read_whole(name, gradients[name])
        if not self._began:
            self._began = True
            if self._must and not self._tables:
                raise ValueError(
                    "table_optimizer must be 'dense' for a loss that reads its tables "
                    "whole or has none, got 'rows'; with a sampler a loss reads rows"
                )
            by_rows = {id(own.adam.weight) for own in self._tables.values()}
            rest = [p for p in self.model.parameters() if id(p) not in by_rows]
            # fused: one pass over each table instead of a dozen
            if rest:
                self.others = torch.optim.Adam(rest, self.learning_rate, fused=True)
        if self.others is not None:
            self.others.step()
        for name, own in self._tables.items():
            if gradients[name] is not None:
                own.adam.push(*gradients[name])

    def open(self) -> None:
        """Begin to read tables by rows: before a step, and until ``close``."""
        for own in self._tables.values():
            own.open()

    def close(self) -> None:
        """Let the tables read their own weight again, up to the last step."""
        for own in self._tables.values():
            own.close()

    def _read_whole(
        self, name: str, read: tuple[torch.Tensor, torch.Tensor] | None
    ) -> None:
        """Hand a table over to the dense Adam, with what was read of it by rows."""
        if self._began:
            raise RuntimeError(
                f"{name}.weight was read whole after a first step that read rows; "
                "train with table_optimizer='dense'"
            )
        own = self._tables.pop(name)
        own.close()
        if read is not None:
            own.adam.weight.grad.index_add_(0, *read)
