"""The start of every notebook: versions, device and seed, said in one line."""

import os
import platform
import random
from typing import TYPE_CHECKING

from seqviz.project import project

if TYPE_CHECKING:
    import torch


def start(seed: int) -> "torch.device":
    """Set the seed, print versions and device in one line, return the device.

    Seeds Python's, NumPy's and torch's generators. The device is CUDA where there is
    one, else the CPU.

    Args:
        seed: any integer of 0 or more.

    Returns:
        The ``torch.device`` to run on.

    Example:
        >>> device = start(seed=0)  # doctest: +ELLIPSIS
        seqviz ... · torch ... · Python ... · seed 0
    """
    if isinstance(seed, bool) or not isinstance(seed, int):
        raise TypeError(f"seed must be an int, got {type(seed).__name__}")
    if not 0 <= seed < 2**32:
        raise ValueError(f"seed must lie in 0 to 2**32 - 1, got {seed}")
    import numpy as np
    import torch

    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)
    device = best_device()
    if device.type == "cuda":
        name = torch.cuda.get_device_name()
    else:
        name = "CPU"
    print(
        f"seqviz {project().version} · torch {torch.__version__} · "
        f"Python {platform.python_version()} · {name} · seed {seed}"
    )
    return device


def best_device() -> "torch.device":
    """CUDA if there is one, else the CPU.

    Apple's MPS has to be asked for, ``torch.device("mps")``: it has no float64, draws
    other numbers from a seed, and nobody has run the book on it.
    """
    import torch

    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def silence_bars() -> None:
    """Keep progress bars out of the built pages (``TQDM_DISABLE=1``).

    tqdm's notebook bar ignores the variable (findings/tqdm-disable.sh) and leaves a
    widget in the page that no page can draw.
    """
    if os.environ.get("TQDM_DISABLE") != "1":
        return
    from functools import partialmethod

    from tqdm.notebook import tqdm_notebook

    tqdm_notebook.__init__ = partialmethod(tqdm_notebook.__init__, disable=True)
