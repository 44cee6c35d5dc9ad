"""Adam for a table of which a step reads few rows, at the cost of these rows."""

import torch
from torch import Tensor
from torch.optim.adam import adam

from seqviz.arguments import require_number
from seqviz.layers.embedding_table import EmbeddingTable
from seqviz.layers.look_up import look_up

BETAS = (0.9, 0.999)  # torch's defaults, as epsilon
EPSILON = 1e-8
FADES = BETAS[0] / BETAS[1] ** 0.5  # what a resting row moves, from step to step
REST = 256  # steps after which it stands still: FADES^256 = 2e-12
CHUNK = 2**16  # rows that catch up at a time


class RowAdam:
    r"""Dense Adam's weights, with the rows that rest brought up when they are read.

    Adam moves every row of a table in every step, also those without a gradient. A row
    :math:`w` that rests after step :math:`t` with the means :math:`m, v` moves until
    step :math:`t + d` by what is known in advance:

    .. math::
        m \leftarrow \beta_1^d m, \qquad v \leftarrow \beta_2^d v, \qquad
        w \leftarrow w - \alpha
            \frac{m}{\sqrt v + \epsilon \sqrt{1 - \beta_2^{t+1}}}
            \sum_{k=1}^{d} \Big(\frac{\beta_1}{\sqrt{\beta_2}}\Big)^k
            \frac{\sqrt{1 - \beta_2^{t+k}}}{1 - \beta_1^{t+k}}

    The sum is the same for all rows that rest since :math:`t`, so one list of numbers,
    a step longer in every step, holds it for all. ``pull`` hands out rows as Adam would
    have them, ``push`` takes their gradients for the next step. What a step costs is
    the number of rows that it reads, not the size of the table.

    Against Adam: :math:`\epsilon` stands before the sum as its first term has it, which
    tells where :math:`\sqrt v` is not far above :math:`\epsilon`; else the two differ
    by rounding. Means that fade away become 0, not denormal. The means of a table in
    half precision are kept in float32, Adam's are not. "Lazy" Adam and
    ``torch.optim.SparseAdam`` do another thing: they leave a resting row where it is.
    Under Adam a gradient late in the training moves a row ten times as far as its own
    step does.

    Args:
        weight: ``[N, E]``; between ``catch_up`` and the next step it is what Adam would
            have made of it, else its rows lag behind.
        learning_rate: :math:`\alpha`, the same in all steps.

    Raises:
        TypeError, ValueError: ``learning_rate`` out of range, or ``weight`` without
            two dimensions.

    Source: Kingma and Ba 2015 (arXiv 1412.6980), algorithm 1.
    """

    def __init__(self, weight: Tensor, learning_rate: float = 1e-3) -> None:
        require_number(low=0, ends=False, learning_rate=learning_rate)
        if weight.dim() != 2:
            raise ValueError(f"weight must be [N, E], got {list(weight.shape)}")
        self.weight = weight
        self.learning_rate = learning_rate
        self.step = 0  # steps of all rows
        self._held: tuple[Tensor, ...] | None = None

    @torch.no_grad()
    def pull(self, rows: Tensor) -> Tensor:
        """Rows ``[R]``, each once, as they are after the last step: ``[R, E]``."""
        self._held = (rows, *self._now(rows))
        return self._held[1].to(self.weight.dtype, copy=True)

    @torch.no_grad()
    def push(self, rows: Tensor, gradient: Tensor) -> None:
        """Take a step: rows ``[R]``, each once, and their gradients ``[R, E]``."""
        if self.step == 0:
            self._begin()
        if self._held is None or self._held[0] is not rows:
            self._held = (rows, *self._now(rows))
        _, values, mean, square = self._held
        self._held = None
        self.step += 1
        adam(
            [values],
            [gradient.to(values.dtype)],
            [mean],
            [square],
            [],
            [self._steps],  # the kernel counts it up
            fused=True,
            amsgrad=False,
            beta1=BETAS[0],
            beta2=BETAS[1],
            lr=self.learning_rate,
            weight_decay=0.0,
            eps=EPSILON,
            maximize=False,
        )
        self._put(rows, values, mean, square)
        self._lengthen()

    @torch.no_grad()
    def catch_up(self) -> None:
        """Bring all rows up to the last step."""
        self._held = None
        if self.step == 0:
            return
        every = torch.arange(len(self.weight), device=self.weight.device)
        for rows in every.split(CHUNK):
            self._put(rows, *self._now(rows))

    def _begin(self) -> None:
        """Make the means, once it is clear that they are needed."""
        weight = self.weight.detach()
        kind = torch.promote_types(weight.dtype, torch.float32)
        self.exp_avg = torch.zeros_like(weight, dtype=kind)
        self.exp_avg_sq = torch.zeros_like(self.exp_avg)
        # the step up to which a row stands in the three tables
        self.stands = torch.zeros(len(weight), dtype=torch.int32, device=weight.device)
        self._steps = torch.zeros((), device=weight.device)  # as the kernel wants it
        self._sums = torch.zeros(1024, dtype=torch.float64, device=weight.device)

    def _now(self, rows: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Weights, mean and mean square of rows after the last step."""
        kind = torch.promote_types(self.weight.dtype, torch.float32)
        values = self.weight.detach().index_select(0, rows).to(kind)
        if self.step == 0:
            return values, torch.zeros_like(values), torch.zeros_like(values)
        mean = self.exp_avg.index_select(0, rows)
        square = self.exp_avg_sq.index_select(0, rows)
        stands = self.stands.index_select(0, rows)
        rest = (self.step - stands).double()
        moved = mean * self._sums.index_select(0, stands)[:, None].to(mean)
        epsilon = EPSILON * (1 - BETAS[1] ** (stands + 1).double()).sqrt()
        root = square.sqrt().add_(epsilon[:, None].to(square))
        values.addcdiv_(moved, root, value=-self.learning_rate)
        for part, beta in ((mean, BETAS[0]), (square, BETAS[1])):
            left = beta**rest
            # a denormal number would be slow for good: 0 is near enough
            left = left.masked_fill_(left < 1e-25, 0)
            part.mul_(left[:, None].to(part))
        return values, mean, square

    def _put(self, rows: Tensor, *parts: Tensor) -> None:
        tables = self.weight.detach(), self.exp_avg, self.exp_avg_sq
        for table, part in zip(tables, parts, strict=True):
            put_rows(table, rows, part.to(table.dtype))
        self.stands.index_fill_(0, rows, self.step)

    def _lengthen(self) -> None:
        """Add the term of this step to the sums of all that rest since a step."""
        t = self.step
        if t >= len(self._sums):
            self._sums = torch.cat([self._sums, torch.zeros_like(self._sums)])
        first = max(0, t - REST)
        rest = torch.arange(t - first, 0, -1, device=self._sums.device)
        corrected = (1 - BETAS[1] ** t) ** 0.5 / (1 - BETAS[0] ** t)
        self._sums[first:t] += corrected * FADES ** rest.double()


class TableRows:
    """What a training reads of a table, and moves: the ``reader`` of the table.

    Args:
        table: whose reader it becomes.
        adam: of the table's weight; or another with ``pull``, ``push``, ``catch_up``.
    """

    def __init__(self, table: EmbeddingTable, adam: RowAdam) -> None:
        self.table = table
        self.adam = adam
        self._read: list[tuple[Tensor, Tensor]] = []

    def open(self) -> None:
        """Become the reader of the table."""
        self.table.reader = self

    def __call__(self, ids: Tensor) -> Tensor:
        """Ids ``[...]`` to vectors ``[..., E]``."""
        rows, place = ids.flatten().unique(return_inverse=True)
        values = self.adam.pull(rows)  # [R, E]
        if torch.is_grad_enabled() and self.adam.weight.requires_grad:
            self._read.append((rows, values.requires_grad_()))
        return look_up(values, place.view(ids.shape), padding=False)

    def gradients(self) -> tuple[Tensor, Tensor] | None:
        """The rows that were read ``[R]``, each once, and their gradients ``[R, E]``.

        None where nothing was read that the loss depends on. The padding's is 0.
        """
        read = [(rows, x.grad) for rows, x in self._read if x.grad is not None]
        self._read.clear()
        if not read:
            return None
        rows, gradient = read[0]
        if len(read) > 1:
            each = torch.cat([rows for rows, _ in read])[None]
            parts = torch.cat([own for _, own in read])
            shape = self.table.num_embeddings, parts.shape[1]
            # sums in one order on any device, unlike index_add_
            whole = torch.sparse_coo_tensor(each, parts, shape, check_invariants=False)
            whole = whole.coalesce()
            rows, gradient = whole.indices()[0], whole.values()
        if self.table.padding_idx == 0:
            gradient[:1].masked_fill_(rows[:1, None] == 0, 0)  # rows are in order
        return rows, gradient

    def close(self) -> None:
        """Bring the table up to the last step and let it read its weight again."""
        self.adam.catch_up()
        self.table.reader = None


def put_rows(table: Tensor, rows: Tensor, values: Tensor) -> None:
    """``table[rows] = values`` for rows that differ."""
    if table.device.type != "cpu" or not table.is_contiguous():
        table.index_copy_(0, rows, values)
        return
    # a row at a time instead of a number: half the time of index_copy_
    width = f"V{table.shape[1] * table.element_size()}"
    whole, part = (
        x.contiguous().view(torch.uint8).numpy().view(width) for x in (table, values)
    )
    whole[rows.numpy()] = part
