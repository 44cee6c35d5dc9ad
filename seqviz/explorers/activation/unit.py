"""A small local activation unit as plain arrays, and what it scores.

The lines of ``scores`` are those that the page repeats in JavaScript.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from seqviz.explorers.core.codec import encode, to_numpy

MAX_WIDTH, MAX_UNITS = 32, 80


@dataclass(frozen=True)
class DenseLayer:
    """One layer of a local activation unit, at evaluation.

    Args:
        weight: ``[out, in]``, as ``nn.Linear`` keeps it.
        bias: ``[out]``; none: zeros.
        alpha: the slope of PReLU or Dice, ``[out]`` or one number. None: the sigmoid.
        mean, variance: the running statistics of Dice, ``[out]`` each; with them
            ``alpha`` is the slope of Dice.
        eps: what Dice adds to the variance.

    The last layer of a unit has one output and no activation.

    Example:
        >>> DenseLayer(np.ones((1, 8))).bias is None
        True
    """

    weight: Any
    bias: Any = None
    alpha: Any = None
    mean: Any = None
    variance: Any = None
    eps: float = 1e-8


def dense_layers(module: Any) -> list[DenseLayer]:
    """Return the layers of a trained torch unit, read in the order of its parts.

    Understood are linear layers, ``nn.Sigmoid``, ``nn.PReLU`` and Dice (``alpha``,
    ``running_mean``, ``running_var``, ``eps``); dropout is left away.

    Raises:
        ValueError: for any other part with parameters, or an activation that no
            linear layer stands before.

    Example:
        >>> unit = torch.nn.Sequential(torch.nn.Linear(8, 4), torch.nn.PReLU())
        >>> first, last = dense_layers(unit.append(torch.nn.Linear(4, 1)))
        >>> first.alpha.item(), last.alpha
        (0.25, None)
    """
    layers: list[DenseLayer] = []
    for part in module.modules():
        if hasattr(part, "in_features"):
            layers.append(DenseLayer(part.weight, part.bias))
            continue
        if any(True for _ in part.children()) or type(part).__name__ == "Dropout":
            continue
        if not layers:
            raise ValueError(f"module must begin with a linear layer, got {part!r}")
        layers[-1] = _with_activation(layers[-1], part)
    if not layers:
        raise ValueError(f"module must hold linear layers, got {module!r}")
    return layers


def _with_activation(layer: DenseLayer, part: Any) -> DenseLayer:
    kind = type(part).__name__
    if kind == "Sigmoid":
        return layer
    if kind == "PReLU":
        return replace(layer, alpha=part.weight)
    if hasattr(part, "alpha") and hasattr(part, "running_mean"):
        return replace(
            layer,
            alpha=part.alpha,
            mean=part.running_mean,
            variance=part.running_var,
            eps=part.eps,
        )
    raise ValueError(f"module must hold sigmoids, PReLU or Dice only, got {part!r}")


def check_unit(unit: Sequence[DenseLayer], embedding_dim: int) -> list[DenseLayer]:
    """Return the layers with float32 arrays of the right shapes.

    Raises:
        TypeError, ValueError: naming the layer, what came and what was expected.
    """
    layers = list(unit) if isinstance(unit, Sequence) else []
    if not layers or not all(isinstance(layer, DenseLayer) for layer in layers):
        raise TypeError(
            "unit must be a list of DenseLayer, one or more (dense_layers(module) "
            f"reads them out of a torch module), got {type(unit).__name__}"
        )
    width, checked = 4 * embedding_dim, []
    for place, layer in enumerate(layers):
        checked.append(_check_layer(layer, f"unit[{place}]", width))
        width = len(checked[-1].bias)
    if width != 1 or checked[-1].alpha is not None:
        raise ValueError(
            "unit must end in a layer with one output and without an activation, got "
            f"{width} outputs"
            + (", alpha given" if checked[-1].alpha is not None else "")
        )
    return checked


def _check_layer(layer: DenseLayer, name: str, width: int) -> DenseLayer:
    weight = _numbers(layer.weight, f"{name}.weight")
    if weight.ndim != 2 or weight.shape[1] != width:
        what = " (the four parts of E)" if name == "unit[0]" else ""
        raise ValueError(
            f"{name}.weight must have shape [out, {width}]{what}, got "
            f"{list(weight.shape)}"
        )
    outputs = len(weight)
    if not 1 <= outputs <= MAX_UNITS:
        raise ValueError(f"{name} must have 1 to {MAX_UNITS} outputs, got {outputs}")
    bias = np.zeros(outputs) if layer.bias is None else layer.bias
    given = {"bias": bias, "alpha": layer.alpha}
    given |= {"mean": layer.mean, "variance": layer.variance}
    parts = {}
    for part, values in given.items():
        parts[part] = None
        if values is None:
            continue
        array = _numbers(values, f"{name}.{part}")
        if part == "alpha" and array.size == 1:
            array = np.full(outputs, array.item(), dtype=np.float32)
        if array.shape != (outputs,):
            raise ValueError(
                f"{name}.{part} must have shape [{outputs}], got {list(array.shape)}"
            )
        parts[part] = array
    dice = [parts[part] is not None for part in ("mean", "variance")]
    if any(dice) and not (all(dice) and parts["alpha"] is not None):
        raise ValueError(
            f"{name} must have mean, variance and alpha together (Dice), got only a "
            "part of them"
        )
    if dice[1] and (parts["variance"] < 0).any():
        raise ValueError(f"{name}.variance must not be negative")
    return DenseLayer(weight, eps=float(layer.eps), **parts)


def _numbers(values: Any, name: str) -> np.ndarray:
    array = to_numpy(values, name).astype(np.float32)
    if not np.isfinite(array).all():
        raise ValueError(f"{name} must be finite, got NaN or infinity")
    return array


def scores(
    unit: Sequence[DenseLayer], query: np.ndarray, behaviors: np.ndarray
) -> np.ndarray:
    """Return the logits ``[..., T]`` of ``query`` ``[..., E]`` on each behavior.

    In float64, whatever comes.
    """
    k = behaviors.astype(np.float64)
    q = np.broadcast_to(
        query.astype(np.float64)[..., None, :], (*query.shape[:-1], *k.shape)
    )
    k = np.broadcast_to(k, q.shape)
    values = np.concatenate([q, k, q - k, q * k], -1)
    for place, layer in enumerate(unit):
        values = values @ layer.weight.T.astype(np.float64) + layer.bias
        if place < len(unit) - 1:
            values = _activate(values, layer)
    return values[..., 0]


def _activate(values: np.ndarray, layer: DenseLayer) -> np.ndarray:
    if layer.alpha is None:
        return _sigmoid(values)
    if layer.mean is None:
        gate = (values > 0).astype(np.float64)
    else:
        spread = np.sqrt(layer.variance.astype(np.float64) + layer.eps)
        gate = _sigmoid((values - layer.mean) / spread)
    return gate * values + (1 - gate) * layer.alpha * values


def _sigmoid(values: np.ndarray) -> np.ndarray:
    return 0.5 * (1 + np.tanh(values / 2))  # never overflows


def for_page(unit: Sequence[DenseLayer]) -> list[dict[str, Any]]:
    """Return the layers as the page reads them."""
    names = ("weight", "bias", "alpha", "mean", "variance")
    return [
        {
            **{
                name: None if (part := getattr(layer, name)) is None else encode(part)
                for name in names
            },
            "eps": layer.eps,
        }
        for layer in unit
    ]
