"""The same probes of every model of the package; a model that joins is found.

A model is an ``nn.Module`` of ``seqviz.models`` that predicts: it has ``logits``,
``scores`` or ``loss``. Bases that leave a method to others are not asked. What it is
called with is said by the type of its batch; arguments and columns by their names.
"""

import importlib
import inspect
import io
import pkgutil
import re
import typing

import pytest
import torch
from torch import nn

import seqviz.models
from seqviz.data import Batch
from seqviz.models import ClickModel, ComiRecSA, Retriever, TargetPooling

N, E, T = 30, 8, 10

#: For the arguments that have no default.
ARGUMENTS = {
    "num_items": lambda: N,
    "embedding_dim": lambda: E,
    "max_length": lambda: 2 * T,
    "all_positions": lambda: True,
    "pooling": lambda: TargetPooling(E),
    "sizes": lambda: (4, 7, 3),
    "model": lambda: ComiRecSA(N, E, 3),
}

#: Users by their history, oldest click first: full, with repeats, short, empty.
HISTORIES = [
    [3, 7, 11, 5, 9, 2, 14, 8, 21, 6],
    [4, 4, 9, 4, 12, 9],
    [17, 23],
    [8],
    [],
]


def _models():
    found = {}
    for module in pkgutil.iter_modules(seqviz.models.__path__, "seqviz.models."):
        for name, kind in vars(importlib.import_module(module.name)).items():
            own = inspect.isclass(kind) and kind.__module__ == module.name
            if own and issubclass(kind, nn.Module) and not name.startswith("_"):
                if _predicts(kind):
                    found[name] = kind
    return found


def _predicts(kind):
    if not any(hasattr(kind, name) for name in ("logits", "scores", "loss")):
        return False
    try:
        predictions(make(kind), batch(kind))
    except NotImplementedError:
        return False
    return True


def make(kind, seed=0, dtype=torch.float32, **options):
    """A model whose weights are all drawn, so that none hides behind a zero."""
    torch.manual_seed(seed)
    needed = _needed(kind)
    assert needed <= set(ARGUMENTS), f"say in ARGUMENTS what {kind.__name__} gets"
    model = kind(**{name: ARGUMENTS[name]() for name in needed}, **options).eval()
    with torch.no_grad():
        for weight in model.parameters():
            weight.add_(torch.randn_like(weight), alpha=0.2)
        for table in model.modules():
            if isinstance(table, nn.Embedding) and table.padding_idx is not None:
                table.weight[table.padding_idx] = 0
    return model.to(dtype)


def _needed(kind):
    """The arguments without a default, those handed to a base included; and E."""
    found = set()
    for base in kind.__mro__:
        arguments = inspect.signature(base).parameters.values()
        for argument in arguments:
            needed = argument.default is argument.empty
            if argument.kind in (argument.VAR_POSITIONAL, argument.VAR_KEYWORD):
                continue
            if needed or argument.name == "embedding_dim":
                found.add(argument.name)
        if not any(argument.kind is argument.VAR_POSITIONAL for argument in arguments):
            return found
    return found


def batch_type(kind):
    """The batch with the most columns that one of its methods is called with."""
    found = []
    for name, method in inspect.getmembers(kind, inspect.isfunction):
        hint = typing.get_type_hints(method).get("batch")
        if not name.startswith("_") and hasattr(hint, "_fields"):
            found.append(hint)
    return max(found, key=lambda hint: len(hint._fields), default=Batch)


def batch(kind, histories=HISTORIES, length=T, side="left"):
    """A row for each history."""

    def padded(rows, width):
        rows = [row[-width:] for row in rows]
        empty = [[0] * (width - len(row)) for row in rows]
        pairs = zip(rows, empty, strict=True)
        return torch.tensor([e + r if side == "left" else r + e for r, e in pairs])

    ids = padded(histories, length)
    row = torch.tensor([sum(history) for history in histories])
    columns = {
        "item_ids": lambda: ids,
        "mask": lambda: ids != 0,
        "target_ids": lambda: row % N + 1,
        "truths": lambda: row[:, None] % N + 1,
        "users": lambda: row * 0,
        "times": lambda: row * 0,
        "clicked": lambda: (row % 2).float(),
        # sessions of three clicks, counted back from the latest
        "sessions": lambda: padded(
            [[(len(h) - 1 - t) // 3 + 1 for t in range(len(h))] for h in histories],
            length,
        ),
        "session_ids": lambda: padded([h[-3:] for h in histories], max(1, length // 2)),
        "fields": lambda: torch.zeros(len(histories), 3).long(),
        "item_categories": lambda: ids % 7,
        "labels": lambda: torch.stack([row % 2, row % 3 == 0], 1).float(),
        "long_ids": lambda: padded(
            [list(dict.fromkeys(h[:-3])) for h in histories], length
        )[:, None],
    }
    kind = batch_type(kind)
    missing = set(kind._fields) - set(columns)
    assert not missing, f"say here what the columns {missing} hold"
    return kind(*(columns[name]() for name in kind._fields))


@torch.no_grad()
def predictions(model, data):
    """``[B, ...]``; without the padding's own score, which is -inf."""
    if hasattr(model, "logits"):
        return model.logits(data)
    return model.scores(data)[:, 1:] if hasattr(model, "scores") else model(data)


MODELS = _models()
CLICK_MODELS = {n: kind for n, kind in MODELS.items() if issubclass(kind, ClickModel)}
RETRIEVERS = {n: kind for n, kind in MODELS.items() if issubclass(kind, Retriever)}
every_model = pytest.mark.parametrize("kind", MODELS.values(), ids=MODELS)


def test_models_are_found():
    assert {"DIN", "DIEN", "SASRec", "SDM", "StrengthWeighted"} <= set(MODELS)
    assert not {"Retriever", "NextItem", "TargetPooling"} & set(MODELS)


@every_model
def test_padding_of_any_length_on_any_side(kind):
    model = make(kind)
    expected = predictions(model, batch(kind))
    assert expected.isfinite().all()
    for length, side in ((T, "right"), (2 * T, "left"), (2 * T, "right")):
        found = predictions(model, batch(kind, length=length, side=side))
        torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-4)


@every_model
def test_histories_are_read(kind):
    """What the other probes would not see: a model that reads nothing."""
    model = make(kind)
    found = predictions(model, batch(kind)).view(len(HISTORIES), -1)
    for one in range(len(HISTORIES)):
        for other in range(one):
            assert (found[one] - found[other]).abs().max() > 1e-4


@every_model
def test_nobody_clicked_anything(kind):
    model = make(kind)
    nothing = predictions(model, batch(kind, [[], []]))
    assert nothing.isfinite().all()
    alone = predictions(model, batch(kind, [[]], length=1))
    torch.testing.assert_close(alone[0], nothing[0])


@every_model
def test_a_row_does_not_know_the_others(kind):
    """A batch of one included."""
    model = make(kind)
    expected = predictions(model, batch(kind))
    for row, history in enumerate(HISTORIES):
        alone = predictions(model, batch(kind, [history]))
        torch.testing.assert_close(alone[0], expected[row], atol=1e-5, rtol=1e-4)


@every_model
def test_two_calls_agree(kind):
    model, data = make(kind), batch(kind)
    torch.manual_seed(1)
    once = predictions(model, data)
    torch.manual_seed(2)
    assert torch.equal(predictions(model, data), once)


@every_model
def test_order_is_as_the_docstring_says(kind):
    said = re.findall(
        r"order of the clicks (matters|does not matter)",
        re.sub(r"\s+", " ", kind.__doc__),
    )
    assert len(said) == 1, (
        f"say in {kind.__name__}'s docstring whether the order of the clicks matters "
        "or does not matter, with the arguments left out"
    )
    model = make(kind)
    history = HISTORIES[0]
    # the latest click stays: some models ask with it alone
    turned = [*history[:-1][::-1], history[-1]]
    one, other = predictions(model, batch(kind, [history, turned]))
    change = (one - other).abs().max()
    assert (change > 1e-4) == (said == ["matters"]), f"it changed by {change:.1e}"


@every_model
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision(kind, dtype):
    data = batch(kind)
    expected = predictions(make(kind), data)
    found = predictions(make(kind, dtype=dtype), data)
    assert found.dtype in (dtype, torch.float32)
    scale = expected.abs().max()
    assert (found.float() - expected).abs().max() < 0.1 * scale


@pytest.mark.parametrize("kind", RETRIEVERS.values(), ids=RETRIEVERS)
def test_training_in_half_precision(kind):
    """The direction of an empty history's zeros is zeros, with a finite gradient."""
    model = make(kind, dtype=torch.float16, temperature=0.1).train()
    model.loss(batch(kind)).backward()
    for name, weight in model.named_parameters():
        if weight.numel():
            assert weight.grad.isfinite().all(), name


@every_model
def test_it_is_exported_once_for_any_number_of_users(kind):
    if kind.forward is nn.Module.forward:
        pytest.skip("it has no forward")
    model = make(kind)
    few, many = (batch(kind, HISTORIES * times) for times in (1, 3))
    name = list(inspect.signature(kind.forward).parameters)[1]  # after self
    few, many = (data if name == "batch" else data.item_ids for data in (few, many))
    rows = torch.export.Dim("B", min=1)
    shapes = {0: rows}
    if name == "batch":
        shapes = type(few)(*({0: rows} for _ in few))
    exported = torch.export.export(model, (few,), dynamic_shapes=(shapes,))
    for data in (few, many):
        torch.testing.assert_close(
            exported.module()(data), model(data), atol=1e-5, rtol=1e-4
        )


@every_model
def test_saved_and_loaded_it_predicts_the_same(kind):
    model, data = make(kind), batch(kind)
    if hasattr(model, "loss"):  # moves the statistics that a model may keep
        torch.manual_seed(0)
        model.train().loss(data)
    expected = predictions(model.eval(), data)
    file = io.BytesIO()
    torch.save(model.state_dict(), file)
    file.seek(0)
    other = make(kind, seed=1)
    assert not torch.allclose(predictions(other, data), expected)
    other.load_state_dict(torch.load(file))
    assert torch.equal(predictions(other, data), expected)


@every_model
def test_every_weight_learns_and_the_padding_does_not(kind):
    if not hasattr(kind, "loss"):
        pytest.skip("nothing is trained")
    model = make(kind).train()
    loss = model.loss(batch(kind))
    loss.backward()
    assert loss.isfinite()
    for name, weight in model.named_parameters():
        if weight.numel():  # SDM's table of users may be empty
            assert weight.grad is not None, f"{name} has no gradient"
            assert weight.grad.isfinite().all(), name
    for table in model.modules():
        if isinstance(table, nn.Embedding) and table.padding_idx is not None:
            assert (table.weight.grad[table.padding_idx] == 0).all()


@pytest.mark.parametrize("kind", CLICK_MODELS.values(), ids=CLICK_MODELS)
def test_the_penalty_is_of_the_rows_that_a_batch_reads(kind):
    data, losses = batch(kind), []
    for l2 in (0.0, 0.1):
        model = make(kind, l2=l2, counts=torch.ones(N + 1))
        torch.manual_seed(1)
        losses.append(model.loss(data))
    read = torch.cat([data.item_ids.flatten(), data.target_ids]).unique()
    penalty = model.embedding.weight[read].square().sum()  # the padding's is 0
    torch.testing.assert_close(losses[1] - losses[0], 0.1 * penalty)
