# Find seqviz: a checkout has it, Colab fetches the wheel that the book carries.
import subprocess
import sys
from importlib.util import find_spec

if find_spec("seqviz") is None:
    book = "https://sequence-attention.github.io/sequence-attention-book"
    wheel = f"{book}/wheels/seqviz_book-0.1.0-py3-none-any.whl"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", wheel]
    subprocess.run(pip, check=True)

from seqviz import start

device = start(seed=7)
