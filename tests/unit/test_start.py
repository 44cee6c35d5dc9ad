"""start() seeds and says so in one line; bars stay out of the built pages."""

import subprocess
import sys

import numpy as np
import pytest
import torch

from seqviz import start


def test_start_prints_one_line_and_returns_the_device(capsys):
    device = start(seed=7)
    line = capsys.readouterr().out
    assert line.count("\n") == 1
    for part in ("seqviz ", f"torch {torch.__version__}", "Python 3.", "seed 7"):
        assert part in line
    assert isinstance(device, torch.device)


def test_start_seeds_every_generator():
    import random

    def draw():
        return random.random(), np.random.rand(), torch.rand(1).item()

    start(seed=3)
    first = draw()
    start(seed=3)
    assert draw() == first
    start(seed=4)
    assert draw() != first


@pytest.mark.parametrize("seed", [1.0, "7", None, True])
def test_a_seed_of_another_type_is_refused(seed):
    with pytest.raises(TypeError, match="seed must be an int, got"):
        start(seed=seed)


@pytest.mark.parametrize("seed", [-1, 2**32])
def test_a_seed_out_of_range_is_refused(seed):
    with pytest.raises(ValueError, match="seed must lie in"):
        start(seed=seed)


@pytest.mark.parametrize(("disable", "silent"), [("1", True), ("0", False)])
def test_notebook_bars_obey_the_variable(disable, silent):
    code = (
        "import seqviz; from tqdm.notebook import tqdm_notebook; "
        "print(tqdm_notebook(range(3), display=False).disable)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"TQDM_DISABLE": disable, "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip().splitlines()[-1] == str(silent)
