"""Forward and back through time, by hand: rows of any length, no graph of steps.

All states lie in one table: a row for each state to begin with, then the states after
the first events, after the second, and so on, the longest histories on top. So the
states before a step are a slice of the table, and rows that ended are just not in it.
"""

from typing import NamedTuple

import torch
from torch import Tensor

sigmoid_back = torch.ops.aten.sigmoid_backward.grad_input
tanh_back = torch.ops.aten.tanh_backward.grad_input

ENOUGH = 4096  # numbers, see _tanh


class Plan(NamedTuple):
    """Where the n real events of a batch go."""

    order: Tensor
    """``[B]``: the rows, longest first."""
    steps: list[tuple[int, int, int]]
    """For each step: where the states before begin in the table, those after, and how
    many rows go on."""
    source: Tensor | None
    """``[n]``: the place of each event among the ``B * T``; None where all are real."""
    index: Tensor | None
    """``[B, T]``: the row in the table of the state at each place."""
    middle: slice = slice(None)
    """The places at which anybody has an event."""

    @classmethod
    def of(cls, mask: Tensor) -> "Plan":
        """From ``mask [B, T]``, with padding anywhere."""
        count, length = mask.shape
        device = mask.device
        if mask.all():  # a transposition instead of a search
            order = torch.arange(count, device=device)
            steps = [(t * count, (t + 1) * count, count) for t in range(length)]
            return cls(order, steps, None, None)
        some = mask.any(0).nonzero()[:, 0].tolist() or [0]
        middle = slice(some[0], some[-1] + 1)
        inner = mask[:, middle]
        seen = inner.cumsum(1)  # real behaviors up to here
        lengths, order = seen[:, -1].sort(descending=True, stable=True)
        place = order.argsort()[:, None]  # of each row among the sorted
        # how many rows have a first, a second, ... event
        steps = torch.arange(inner.shape[1], device=device)
        sizes = (lengths > steps[:, None]).sum(1)
        starts = count + sizes.cumsum(0) - sizes
        after = starts[(seen - 1).clamp(min=0)] + place
        index = torch.where(seen > 0, after, place)
        before, behind = middle.start, length - middle.stop
        ends = place.expand(-1, before), index[:, -1:].expand(-1, behind)
        index = torch.cat([ends[0], index, ends[1]], 1)
        own = mask.flatten().nonzero()[:, 0]
        source = torch.empty_like(own)
        source[index.flatten()[own] - count] = own
        steps, before = [], 0
        for start, size in zip(starts.tolist(), sizes.tolist(), strict=True):
            if size:
                steps.append((before, start, size))
            before = start
        return cls(order, steps, source, index, middle)

    def events(self, behaviors: Tensor) -> Tensor:
        """``[B, T, ...]`` to ``[n, ...]``, step after step."""
        if self.source is None:
            return behaviors.transpose(0, 1).flatten(0, 1)
        return behaviors.flatten(0, 1).index_select(0, self.source)

    def places(self, events: Tensor, shape: tuple[int, int]) -> Tensor:
        """``[n, ...]`` to ``[B, T, ...]``, 0 at padding."""
        B, T = shape
        if self.source is None:
            return events.unflatten(0, (T, B)).transpose(0, 1)
        places = events.new_zeros(B * T, *events.shape[1:])
        places[self.source] = events
        return places.unflatten(0, (B, T))

    def spread(self, table: Tensor, shape: tuple[int, int]) -> Tensor:
        """The table to the state at each place, ``[B, T, H]``."""
        if self.source is None:
            return self.places(table[shape[0] :], shape)
        return table.index_select(0, self.index.flatten()).unflatten(0, shape)

    def gather(self, slope: Tensor, table: Tensor) -> None:
        """The way back of ``spread``: add ``slope [B, T, H]`` to the table."""
        count = len(self.order)
        if self.source is None:
            table[count:] += self.events(slope)
            return
        first, stop = self.middle.start, self.middle.stop
        if first:
            table[:count] += slope[:, :first].sum(1)[self.order]
        index, between = self.index[:, self.middle], slope[:, self.middle]
        table.index_add_(0, index.flatten(), between.flatten(0, 1))
        if stop < slope.shape[1]:
            table.index_add_(0, self.index[:, -1], slope[:, stop:].sum(1))

    def last(self, table: Tensor) -> Tensor:
        """The state at the last place, ``[B, H]``, as what can be indexed."""
        if self.source is None:
            return torch.arange(len(table) - len(self.order), len(table)).to(
                table.device
            )
        return self.index[:, -1]


def full_rows(
    cell: type,
    behaviors: Tensor,
    input_weight: Tensor,
    state_weight: Tensor,
    bias: Tensor,
    state_bias: Tensor | None,
    *starts: Tensor,
) -> tuple[Tensor, ...]:
    """``[B, T, H]`` and the last ``[B, H]`` of each of ``starts``: torch's kernel.

    But a GRU that learns on the CPU goes through time: torch's way back is a graph of
    all its steps there.
    """
    if cell is GRUCell and behaviors.device.type == "cpu" and torch.is_grad_enabled():
        mask = torch.ones(behaviors.shape[:2], dtype=torch.bool)
        weights = input_weight, state_weight, bias, state_bias
        return ThroughTime.apply(
            cell, Plan.of(mask), behaviors, *weights, None, *starts
        )
    other = torch.zeros_like(bias)  # torch adds a second bias to the state's product
    if state_bias is not None:
        other = torch.cat([other[: -len(state_bias)], state_bias])
    first = tuple(start[None] for start in starts)
    states, *last = cell.kernel(
        behaviors,
        first if len(first) > 1 else first[0],
        (input_weight, state_weight, bias, other),
        has_biases=True,
        num_layers=1,
        dropout=0.0,
        train=torch.is_grad_enabled(),  # keep what the way back needs
        bidirectional=False,
        batch_first=True,
    )
    return states, *(part[0] for part in last)


class ThroughTime(torch.autograd.Function):
    """``states [B, T, H]`` of a cell and the last ``[B, H]`` of each of its tables.

    Where a candidate reads its two products apart (``apart``) the way back has a block
    more than there are gates: the candidate's from the state, the gates', the
    candidate's from the input. So what came from the state is all but the last block,
    and what came from the input all but the first.
    """

    @staticmethod
    def forward(
        ctx,
        cell: type,
        plan: Plan,
        behaviors: Tensor,
        input_weight: Tensor,
        state_weight: Tensor,
        bias: Tensor,
        state_bias: Tensor | None,
        attention: Tensor | None,
        *starts: Tensor,
    ) -> tuple[Tensor, ...]:
        """Run the cell over the real events and spread its states over the places.

        ``attention [B, T]`` is for the cells that read one, else None.
        """
        events = plan.events(behaviors)  # [n, E]
        own = () if attention is None else (plan.events(attention[..., None]),)
        gates = torch.addmm(bias, events, input_weight.T)  # [n, parts * H]
        count, width = starts[0].shape
        tables = [start.new_empty(count + len(events), width) for start in starts]
        for table, start in zip(tables, starts, strict=True):
            table[:count] = start[plan.order]
        kept = cell.forward(
            plan, gates, state_weight.T, state_bias, count, *tables, *own
        )
        ctx.cell, ctx.plan, ctx.shape = cell, plan, behaviors.shape
        ctx.biased, ctx.own = state_bias is not None, len(own)
        weights = input_weight, state_weight
        ctx.save_for_backward(events, *weights, gates, kept, *own, *tables)
        ctx.set_materialize_grads(False)  # who reads the last state reads no other
        states = plan.spread(tables[0], behaviors.shape[:2])
        return states, *(table[plan.last(table)] for table in tables)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(
        ctx, slope: Tensor | None, *ends: Tensor | None
    ) -> tuple[Tensor | None, ...]:
        """The same way back, then each weight in one product over all events."""
        plan = ctx.plan
        events, input_weight, state_weight, gates, kept, *tables = ctx.saved_tensors
        own, tables = tables[: ctx.own], tables[ctx.own :]
        slopes = [torch.zeros_like(table) for table in tables]
        if slope is not None:
            plan.gather(slope, slopes[0])
        for total, end in zip(slopes, ends, strict=True):
            if end is not None:
                total.index_add_(0, plan.last(total), end)
        count, width = len(plan.order), tables[0].shape[1]
        back, *of_attention = ctx.cell.backward(
            plan, gates, kept, state_weight, count, tables, slopes, *own
        )
        parts, first = gates.shape[1], width if ctx.cell.apart else 0
        from_state, from_input = back[:, :parts], back[:, first:]  # [n, parts * H] each
        sums = back.sum(0)
        if plan.source is None:
            before = tables[0][:-count]  # [n, H]
        else:
            before = torch.cat(
                [tables[0][:0]]
                + [tables[0][start : start + size] for start, _, size in plan.steps]
            )
        shape = ctx.shape[:2]
        firsts = []
        for total in slopes:
            begun = torch.empty_like(total[:count])
            begun[plan.order] = total[:count]
            firsts.append(begun)
        return (
            None,
            None,
            plan.places(from_input @ input_weight, shape),
            from_input.T @ events,
            (from_state.T @ before).roll(-first, 0),
            sums[first:],
            sums[:width] if ctx.biased else None,
            plan.places(of_attention[0], shape) if own else None,
            *firsts,
        )


class PlainCell:
    """h = tanh(W x + U h + b)."""

    kernel = torch.rnn_tanh
    apart = False

    @staticmethod
    def forward(plan, gates, weight, state_bias, count, states):
        """Fill the tables; return what the way back needs."""
        for start, stop, size in plan.steps:
            new = gates[stop - count : stop - count + size]
            new.addmm_(states[start : start + size], weight)
            _tanh(new, out=states[stop : stop + size])
        return states

    @staticmethod
    def backward(plan, gates, kept, weight, count, tables, slopes):
        """Slopes of what came from input and state, ``[n, H]``."""
        (states,), (slope,) = tables, slopes
        back = 1 - states[count:].square()  # [n, H]
        for start, stop, size in reversed(plan.steps):
            part = back[stop - count : stop - count + size]
            part *= slope[stop : stop + size]
            slope[start : start + size].addmm_(part, weight)
        return (back,)


class LSTMCell:
    """Gates in the order input, forget, candidate, output."""

    kernel = torch.lstm
    apart = False

    @staticmethod
    def forward(plan, gates, weight, state_bias, count, states, cells):
        """Fill the tables; return what the way back needs."""
        width = states.shape[1]
        shown = torch.empty_like(states[count:])  # tanh(C)
        for start, stop, size in plan.steps:
            now, before = slice(stop, stop + size), slice(start, start + size)
            event = slice(stop - count, stop - count + size)
            new = gates[event].addmm_(states[before], weight)
            new[:, : 2 * width].sigmoid_()
            new[:, 3 * width :].sigmoid_()
            write, forget, candidate, output = new.chunk(4, 1)
            _tanh(candidate, out=candidate)
            cell = torch.mul(forget, cells[before], out=cells[now])
            cell.addcmul_(write, candidate)
            _tanh(cell, out=shown[event])
            torch.mul(output, shown[event], out=states[now])
        return shown

    @staticmethod
    def backward(plan, gates, shown, weight, count, tables, slopes):
        """Slopes of what came from input and state, ``[n, 4H]``."""
        cells, (slope, cell_slope) = tables[1], slopes
        write, forget, candidate, output = gates.chunk(4, 1)  # [n, H] each
        back = torch.empty_like(gates)
        # what does not depend on the slope, for all steps at once
        of_write, of_forget, of_candidate, of_output = back.chunk(4, 1)
        torch.mul(write * (1 - write), candidate, out=of_write)
        torch.mul(forget, 1 - forget, out=of_forget)
        torch.mul(write, 1 - candidate.square(), out=of_candidate)
        torch.mul(output * (1 - output), shown, out=of_output)
        through = output * (1 - shown.square())  # from h to C
        for start, stop, size in reversed(plan.steps):
            now, before = slice(stop, stop + size), slice(start, start + size)
            event = slice(stop - count, stop - count + size)
            into_cell = cell_slope[now].addcmul_(slope[now], through[event])
            part = back[event]
            of_write, of_forget, of_candidate, of_output = part.chunk(4, 1)
            of_write *= into_cell
            of_forget *= into_cell
            of_forget *= cells[before]
            of_candidate *= into_cell
            of_output *= slope[now]
            cell_slope[before].addcmul_(into_cell, forget[event])
            slope[before].addmm_(part, weight)
        return (back,)


class GRUCell:
    """Gates in the order reset, update, candidate; kept: U h + c of the candidate."""

    kernel = torch.gru
    apart = True

    @staticmethod
    def forward(plan, gates, weight, state_bias, count, states):
        """Fill the tables; return what the way back needs."""
        width = states.shape[1]
        kept = torch.empty_like(states[count:])
        of_gates, of_candidate = weight[:, :-width], weight[:, -width:]
        for start, stop, size in plan.steps:
            now, before = slice(stop, stop + size), slice(start, start + size)
            event = slice(stop - count, stop - count + size)
            state, new = states[before], gates[event]
            new[:, :-width].addmm_(state, of_gates).sigmoid_()
            reset, update, candidate = new.chunk(3, 1)  # [size, H] each
            read = torch.addmm(state_bias, state, of_candidate, out=kept[event])
            _tanh(candidate.addcmul_(reset, read), out=candidate)
            torch.lerp(candidate, state, update, out=states[now])
        return kept

    @staticmethod
    def backward(plan, gates, kept, weight, count, tables, slopes):
        """Slopes of what came from state and input, in one ``[n, 4H]``."""
        (states,), (slope,) = tables, slopes
        width = states.shape[1]
        found = gates.new_empty(len(gates), 4 * width)
        weight = weight.roll(width, 0)
        # step by step, so that what is needed twice is still in the cache
        for start, stop, size in reversed(plan.steps):
            now, before = slice(stop, stop + size), slice(start, start + size)
            event = slice(stop - count, stop - count + size)
            back, part = slope[now], found[event]
            reset, update, candidate = gates[event].chunk(3, 1)  # [size, H] each
            to_read, to_reset, to_update, new = part.chunk(4, 1)
            torch.addcmul(back, back, update, value=-1, out=new)
            tanh_back(new, candidate, grad_input=new)
            torch.mul(new, kept[event], out=to_reset)
            sigmoid_back(to_reset, reset, grad_input=to_reset)
            torch.sub(states[before], candidate, out=to_update).mul_(back)
            sigmoid_back(to_update, update, grad_input=to_update)
            torch.mul(new, reset, out=to_read)
            into = slope[before].addcmul_(back, update)
            into.addmm_(part[:, :-width], weight)
        return (found,)


class AUGRUCell:
    """Gates in the order reset, update, candidate; kept: U h of the candidate.

    Here the update gate says how much is written, and attention scales it.
    """

    apart = True
    updates = True

    @classmethod
    def forward(cls, plan, gates, weight, state_bias, count, states, attention):
        """Fill the table; return what the way back needs."""
        width = states.shape[1]
        kept = torch.empty_like(states[count:])
        of_gates, of_candidate = weight[:, :-width], weight[:, -width:]
        for start, stop, size in plan.steps:
            now, before = slice(stop, stop + size), slice(start, start + size)
            event = slice(stop - count, stop - count + size)
            state, new = states[before], gates[event]
            new[:, :-width].addmm_(state, of_gates).sigmoid_()
            reset, *update, candidate = new.split(width, 1)  # [size, H] each
            read = torch.mm(state, of_candidate, out=kept[event])
            _tanh(candidate.addcmul_(reset, read), out=candidate)
            write = attention[event]
            if cls.updates:
                write = write * update[0]
            torch.lerp(state, candidate, write, out=states[now])
        return kept

    @classmethod
    def backward(cls, plan, gates, kept, weight, count, tables, slopes, attention):
        """Slopes of what came from state and input in one, and of attention ``[n]``."""
        (states,), (slope,) = tables, slopes
        width = states.shape[1]
        found = gates.new_empty(len(gates), gates.shape[1] + width)
        of_attention = gates.new_empty(len(gates))
        weight = weight.roll(width, 0)
        # step by step, so that what is needed twice is still in the cache
        for start, stop, size in reversed(plan.steps):
            now, before = slice(stop, stop + size), slice(start, start + size)
            event = slice(stop - count, stop - count + size)
            back, share, part = slope[now], attention[event], found[event]
            reset, *update, candidate = gates[event].split(width, 1)  # [size, H] each
            to_read, to_reset, *to_update, new = part.split(width, 1)
            to_write = (candidate - states[before]).mul_(back)
            if cls.updates:
                torch.sum(to_write * update[0], 1, out=of_attention[event])
                sigmoid_back(to_write.mul_(share), update[0], grad_input=to_update[0])
                share = update[0] * share
            else:
                torch.sum(to_write, 1, out=of_attention[event])
            written = back * share
            tanh_back(written, candidate, grad_input=new)
            torch.mul(new, kept[event], out=to_reset)
            sigmoid_back(to_reset, reset, grad_input=to_reset)
            torch.mul(new, reset, out=to_read)
            into = slope[before].add_(back).sub_(written)
            into.addmm_(part[:, :-width], weight)
        return found, of_attention


class AGRUCell(AUGRUCell):
    """Gates in the order reset, candidate: attention stands where update stood."""

    updates = False


def _tanh(x: Tensor, out: Tensor) -> Tensor:
    """``2 sigmoid(2x) - 1``, which is tanh x.

    On the CPU torch's sigmoid is so much faster that these four take a third of tanh,
    if there are enough numbers for the calls not to matter.
    """
    if x.device.type != "cpu" or x.numel() < ENOUGH:
        return torch.tanh(x, out=out)
    return torch.mul(x, 2, out=out).sigmoid_().mul_(2).sub_(1)
