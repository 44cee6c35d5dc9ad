"""Arrays on their way to the page: base64 of little-endian numbers, with a shape.

The same form travels in a static page and to a live widget; ``array`` in
``shared.js`` reads it.
"""

import base64
from typing import Any, Final

import numpy as np

Encoded = dict[str, Any]

_DTYPES: Final = {
    "uint8": np.dtype("u1"),
    "float16": np.dtype("<f2"),
    "float32": np.dtype("<f4"),
    "int32": np.dtype("<i4"),
}


def to_numpy(values: Any, name: str) -> np.ndarray:
    """Return ``values`` (torch tensor, NumPy array, nested lists) as a NumPy array.

    A tensor is detached and brought to the CPU, bfloat16 widened to float32.

    Raises:
        TypeError: when ``values`` is no rectangular array of numbers.
    """
    if hasattr(values, "detach"):
        values = values.detach().cpu()
        if values.is_floating_point():
            values = values.float() if values.element_size() < 4 else values
        values = values.numpy()
    try:
        array = np.asarray(values)
    except ValueError:
        raise TypeError(
            f"{name} must be a rectangular array, got rows of different lengths"
        ) from None
    if array.dtype.kind not in "biuf":
        raise TypeError(
            f"{name} must hold numbers, got {type(values).__name__} of {array.dtype}"
        )
    return array


def encode(array: np.ndarray) -> Encoded:
    """Return an array as a dict of dtype, shape and base64 data.

    Real numbers become float32, integers int32, bytes (uint8) stay bytes. Where float16
    holds every number exactly it is used instead: item vectors given as
    ``vectors.half()`` take half the room in a page.

    Raises:
        TypeError: when the dtype is neither.
        ValueError: when an integer does not fit into 32 bits.
    """
    array = np.asarray(array)
    if array.dtype.kind == "f":
        array = array.astype(np.float32)
        with np.errstate(over="ignore"):
            half = array.astype(np.float16)
        exact = np.isfinite(half).all() and np.array_equal(half, array)
        dtype = "float16" if exact else "float32"
    elif array.dtype == np.uint8:
        dtype = "uint8"
    elif array.dtype.kind in "biu":
        dtype = "int32"
        limits = np.iinfo(np.int32)
        if array.size and not limits.min <= array.min() <= array.max() <= limits.max:
            raise ValueError("array must hold integers of at most 32 bits")
    else:
        raise TypeError(f"array must hold real numbers or integers, got {array.dtype}")
    data = np.ascontiguousarray(array, dtype=_DTYPES[dtype]).tobytes()
    return {
        "dtype": dtype,
        "shape": list(array.shape),
        "data": base64.b64encode(data).decode("ascii"),
    }


def decode(encoded: Encoded) -> np.ndarray:
    """Return the array that ``encode`` took."""
    flat = np.frombuffer(base64.b64decode(encoded["data"]), _DTYPES[encoded["dtype"]])
    return flat.reshape(encoded["shape"])
