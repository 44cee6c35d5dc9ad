"""Checks of arguments, so that an error names the argument, what came and what fits."""

from collections.abc import Sequence
from numbers import Integral

import numpy as np
import torch
from torch import Tensor


def require_sizes(**sizes: int) -> None:
    """Raise unless every size is a whole number (NumPy's too) of at least 1."""
    for name, size in sizes.items():
        if isinstance(size, bool) or not isinstance(size, Integral):
            raise TypeError(f"{name} must be a whole number, got {size!r}")
        if size < 1:
            raise ValueError(f"{name} must be at least 1, got {size}")


def require_heads(embedding_dim: int, num_heads: int) -> None:
    """Raise ValueError unless the heads share out the embedding without a rest."""
    require_sizes(embedding_dim=embedding_dim, num_heads=num_heads)
    if embedding_dim % num_heads:
        raise ValueError(
            f"num_heads must divide embedding_dim, got num_heads {num_heads} "
            f"and embedding_dim {embedding_dim}"
        )


def require_ids(name: str, ids: Tensor, low: int, high: int) -> None:
    """Raise unless ``ids`` are whole numbers in ``low..high``.

    The range is read on the CPU only: on an accelerator that would stop the queue.
    """
    if ids.is_floating_point():
        raise TypeError(f"{name} must be whole numbers, got {ids.dtype}")
    if torch.compiler.is_compiling() or ids.device.type != "cpu":
        return
    if ids.numel():
        least, most = (int(end) for end in ids.aminmax())
        if least < low or most > high:
            raise ValueError(f"{name} must lie in {low}..{high}, got {least}..{most}")


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
    if seen.device.type == "cpu" and not torch.compiler.is_compiling():
        wide = torch.promote_types(seen.dtype, torch.float32)
        if not seen.detach().sum(dtype=wide).isfinite():
            _find_infinite(name, vectors)


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
            f"behaviors has T = 0, got shape {shape}; give an empty history one step "
            "of padding"
        )


def _find_infinite(name: str, vectors: Tensor) -> None:
    """The slow look, once the sum is not finite (large numbers may add up to that)."""
    bad = ~vectors.detach().isfinite()
    if bad.any():
        raise ValueError(
            f"{name} of shape {list(vectors.shape)} must be finite, padding included, "
            f"but {int(bad.sum())} entries are NaN or infinite, "
            f"the first at {bad.nonzero()[0].tolist()}"
        )


def whole_numbers(values: object, name: str) -> np.ndarray:
    """``values`` as int64 ``[V]``; TypeError or ValueError that names ``name``."""
    array = np.asarray(values)
    if array.ndim != 1:
        raise ValueError(f"{name} has shape {array.shape}: expected one dimension")
    if array.size and array.dtype.kind not in "iu":
        raise TypeError(f"{name} holds {array.dtype}: expected whole numbers (int64)")
    return array.astype(np.int64, copy=False)


def require_whole(name: str, value: int, low: int, high: int | None = None) -> None:
    """Raises unless ``value`` is a whole number from ``low`` to ``high``."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
        raise TypeError(f"{name} is {value!r}: expected a whole number")
    require_between(name, value, low, high)


def require_between(
    name: str, value: float, low: float, high: float | None = None
) -> None:
    """Raises ValueError unless ``low <= value <= high``; NaN is never between."""
    if not (value >= low and (high is None or value <= high)):
        limits = f"{low} or more" if high is None else f"{low} to {high}"
        raise ValueError(f"{name} is {value!r}: expected {limits}")


def require_padding(length: int, side: str) -> None:
    """Raises unless rows can be padded to ``length`` on ``side``."""
    require_whole("length", length, 1)
    if side not in ("left", "right"):
        raise ValueError(f'side is {side!r}: expected "left" or "right"')


def require_fractions(fractions: Sequence[float]) -> np.ndarray:
    """``fractions`` as an array; ValueError unless three shares that sum to 1."""
    shares = np.asarray(fractions, dtype=float)
    good = shares.shape == (3,) and (shares >= 0).all()
    if not (good and abs(shares.sum() - 1) < 1e-6):
        raise ValueError(
            f"fractions is {fractions!r}: expected three shares, train, validation and "
            "test, none negative, that sum to 1"
        )
    return shares
