"""The progress bar of a person who waits."""

from seqviz.colab import in_colab

if in_colab():
    # Its saved notebooks would show the dead model of a widget.
    from tqdm.std import tqdm
else:
    from tqdm.auto import tqdm

__all__ = ["tqdm"]
