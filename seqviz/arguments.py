"""Checks of arguments, in one wording: "{name} must be ..., got ...".

Another kind of thing is a TypeError, a value or a shape that does not fit a ValueError.
"""

import math
from collections.abc import Collection, Iterable, Sequence, Sized
from numbers import Integral, Real

import numpy as np
import torch
from torch import Tensor

LATEST = 10**11  # seconds, the year 5138; as milliseconds it is 1973


def require_whole(*, low: int = 1, high: int | None = None, **values: int) -> None:
    """Raise unless every value is a whole number (NumPy's too) in ``low..high``."""
    for name, value in values.items():
        if isinstance(value, bool) or not isinstance(value, Integral):
            raise TypeError(f"{name} must be a whole number, got {value!r}")
        if value < low or (high is not None and value > high):
            fits = f"be at least {low}" if high is None else f"lie in {low}..{high}"
            raise ValueError(f"{name} must {fits}, got {value}")


def require_number(
    *, low: float, high: float | None = None, ends: bool = True, **values: float
) -> None:
    """Raise unless every value is a number in ``low..high``.

    Args:
        high: the largest. Left out, every finite number from ``low`` on; ``math.inf``
            allows infinity too.
        ends: whether ``low`` and ``high`` themselves are allowed.
    """
    least = f"be at least {low}" if ends else f"be above {low}"
    if high is None:
        fits = f"be finite and {least[3:]}"
    elif math.isinf(high):
        fits = least
    elif ends:
        fits = f"lie in {low}..{high}"
    else:
        fits = f"lie between {low} and {high}, neither included"
    most = math.inf if high is None else high
    for name, value in values.items():
        if isinstance(value, bool) or not isinstance(value, Real):
            raise TypeError(f"{name} must be a number, got {value!r}")
        inside = low <= value <= most and (ends or value not in (low, high))
        if not inside or (high is None and math.isinf(value)):
            raise ValueError(f"{name} must {fits}, got {value}")


def require_choice(choices: Collection[str], **values: str) -> None:
    """Raise ValueError unless every value is one of these words."""
    for name, value in values.items():
        if value not in choices:
            raise ValueError(
                f"{name} must be one of {', '.join(choices)}, got {value!r}"
            )


def require_texts(**values: Iterable[str] | None) -> None:
    """Raise TypeError for one text in the place of several: its letters would count."""
    for name, value in values.items():
        if isinstance(value, str):
            raise TypeError(f"{name} must be a list of texts, got the text {value!r}")


def require_heads(embedding_dim: int, num_heads: int) -> None:
    """Raise unless the heads share out the embedding without a rest."""
    require_whole(embedding_dim=embedding_dim, num_heads=num_heads)
    if embedding_dim % num_heads:
        raise ValueError(
            f"num_heads must divide embedding_dim, got num_heads {num_heads} "
            f"and embedding_dim {embedding_dim}"
        )


def require_padding(length: int, side: str) -> None:
    """Raise unless rows can be padded to ``length`` on ``side``."""
    require_whole(length=length)
    require_choice(("left", "right"), side=side)


def require_fractions(fractions: Sequence[float]) -> np.ndarray:
    """``fractions`` as an array; ValueError unless three shares that sum to 1."""
    shares = np.asarray(fractions, dtype=float)
    good = shares.shape == (3,) and (shares >= 0).all()
    if not (good and abs(shares.sum() - 1) < 1e-6):
        raise ValueError(
            "fractions must be three shares, of train, validation and test, none "
            f"negative, that sum to 1, got {fractions!r}"
        )
    return shares


def require_one_length(**columns: Sized) -> None:
    """Raise ValueError unless the columns are equally long."""
    lengths = {name: len(column) for name, column in columns.items()}
    if len(set(lengths.values())) > 1:
        raise ValueError(
            f"{', '.join(columns)} must be equally long, got "
            f"{', '.join(map(str, lengths.values()))}"
        )


def require_clicked(clicked: object) -> np.ndarray:
    """``clicked`` as bool ``[B]``; ValueError unless it holds 0 and 1 only."""
    array = np.asarray(clicked)
    wrong = array[~np.isin(array, (0, 1))]
    if array.ndim != 1 or len(wrong):
        got = f"shape {array.shape}" if array.ndim != 1 else repr(wrong[0].item())
        raise ValueError(
            f"clicked must be a row of 0 and 1 (or False and True), got {got}"
        )
    return array.astype(bool)


def whole_numbers(name: str, values: object) -> np.ndarray:
    """``values`` as int64 ``[V]``; raises unless they are whole numbers in a row."""
    array = np.asarray(values)
    if array.ndim != 1:
        raise ValueError(f"{name} must have one dimension, got shape {array.shape}")
    if array.size and array.dtype.kind not in "iu":
        raise TypeError(f"{name} must be whole numbers, got {array.dtype}")
    if array.size and array.dtype.kind == "u" and array.max() > np.iinfo(np.int64).max:
        raise ValueError(f"{name} must fit into int64, got {array.max()}")
    return array.astype(np.int64, copy=False)


def require_seconds(name: str, times: np.ndarray) -> None:
    """Raise ValueError if int64 ``times`` cannot be unix seconds; names the unit."""
    if not len(times) or (-LATEST < times.min() and times.max() < LATEST):
        return
    latest = max(int(times.min()), int(times.max()), key=abs)
    if latest == np.iinfo(np.int64).min:
        raise ValueError(
            f"{name} must be unix seconds, got {latest}, what pandas makes of a time "
            "that is missing (NaT)"
        )
    units = {"milliseconds": 10**3, "microseconds": 10**6, "nanoseconds": 10**9}
    unit, count = next(
        (unit, count) for unit, count in units.items() if abs(latest) < LATEST * count
    )
    raise ValueError(
        f"{name} must be unix seconds, got {latest}, which looks like {unit}; divide "
        f"by {count:,} without a rest (//)"
    )


def require_ids(name: str, ids: Tensor, low: int, high: int) -> Tensor:
    """``ids`` as int64; raises unless they are whole numbers in ``low..high``.

    The range is read on the CPU only: on an accelerator that would stop the queue.
    Under ``torch.vmap`` there is no single value to read.
    """
    if ids.is_floating_point() or ids.is_complex() or ids.dtype == torch.bool:
        raise TypeError(f"{name} must be whole numbers, got {ids.dtype}")
    ids = ids.long()
    if not is_readable(ids):
        return ids
    if ids.numel():
        least, most = (int(end) for end in ids.aminmax())
        if least < low or most > high:
            raise ValueError(f"{name} must lie in {low}..{high}, got {least}..{most}")
    return ids


def require_vectors(
    name: str, vectors: Tensor, *ranks: int, finite: bool = True
) -> None:
    """Raise unless ``vectors`` are floating-point numbers of such a rank.

    They must be finite too, unless the caller says that it sees to that itself.
    """
    shape = list(vectors.shape)
    if not vectors.is_floating_point():
        raise TypeError(
            f"{name} must be floating-point vectors, got {vectors.dtype} {shape}; "
            "embed the ids first"
        )
    if vectors.dim() not in ranks:
        expected = " or ".join(str(rank) for rank in ranks)
        raise ValueError(f"{name} must have {expected} dimensions, got shape {shape}")
    if finite:
        require_finite(name, vectors)


def require_finite(name: str, vectors: Tensor, result: Tensor | None = None) -> None:
    """Raise if ``vectors`` hold NaN or infinity, padding included.

    On the CPU one sum is enough to see it, also under the padding, where 0 times NaN
    would spread it over the row. On an accelerator reading that sum would stop the
    queue, so there NaN passes on into the output.

    Args:
        result: what came of them, and is not finite if any of them is not: summed in
            their place where that is faster.
    """
    seen = vectors if result is None else result
    if is_readable(seen):
        wide = torch.promote_types(seen.dtype, torch.float32)
        if not seen.detach().sum(dtype=wide).isfinite():
            _find_infinite(name, vectors)


def is_readable(tensor: Tensor) -> bool:
    """Whether its values are at hand: not those of a graph, a GPU's queue, a vmap."""
    return (
        tensor.device.type == "cpu"
        and not torch.compiler.is_compiling()
        and not torch._C._functorch.is_functorch_wrapped_tensor(tensor)
    )


def _find_infinite(name: str, vectors: Tensor) -> None:
    """The slow look, once the sum is not finite (large numbers may add up to that)."""
    bad = ~vectors.detach().isfinite().all(-1)
    if bad.any():
        raise ValueError(
            f"{name} must be finite, padding included, got NaN or infinity in "
            f"{int(bad.sum())} of {bad.numel()} vectors, the first at "
            f"{bad.nonzero()[0].tolist()} of shape {list(vectors.shape)}"
        )


def require_behaviors(
    behaviors: Tensor, embedding_dim: int, *, finite: bool = True
) -> None:
    """Raise unless ``behaviors`` is ``[B, T, E]`` with T of at least 1 and no NaN."""
    require_vectors("behaviors", behaviors, 3, finite=finite)
    shape = list(behaviors.shape)
    if shape[2] != embedding_dim:
        raise ValueError(
            f"behaviors must have shape [B, T, {embedding_dim}], got {shape}"
        )
    if shape[1] == 0:
        raise ValueError(
            f"behaviors must have a T of at least 1, got {shape}; give an empty "
            "history one step of padding"
        )


def require_fields(
    fields: Tensor,
    num_fields: int | None = None,
    embedding_dim: int | None = None,
    *,
    finite: bool = True,
) -> None:
    """Raise unless ``fields`` is ``[B, F, E]``, F of at least 1, without NaN.

    With ``finite=False`` the caller looks for NaN, in something smaller that came of
    them.
    """
    require_vectors("fields", fields, 3, finite=finite)
    F = "F" if num_fields is None else num_fields
    E = "E" if embedding_dim is None else embedding_dim
    shape = list(fields.shape)
    fits = shape[1] == num_fields or (num_fields is None and shape[1])
    if not fits or embedding_dim not in (None, shape[2]):
        raise ValueError(
            f"fields must have shape [B, {F}, {E}] and a field, got {shape}"
        )


def require_mask(mask: Tensor, shape: tuple[int, ...], name: str = "mask") -> None:
    """Raise unless ``mask`` is a bool tensor of ``shape``."""
    if mask.dtype != torch.bool:
        raise TypeError(
            f"{name} must be bool with True = real, got {mask.dtype}; "
            f"write {name} = item_ids != 0"
        )
    if tuple(mask.shape) != tuple(shape):
        raise ValueError(
            f"{name} must have shape {list(shape)}, got {list(mask.shape)}"
        )
