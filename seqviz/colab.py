"""What is different in Colab: no channel to widgets, a package that is not there.

``%load_ext seqviz.colab`` brings the cell magic ``%%needs``, with which the Colab
edition of a chapter marks the cells that a missing package leaves out.
"""

import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell


def in_colab() -> bool:
    """Whether this is a kernel of Colab."""
    return "google.colab" in sys.modules


def load_ipython_extension(shell: "InteractiveShell") -> None:
    """Register ``%%needs`` (called by IPython)."""

    def needs(line: str, cell: str) -> None:
        module, package = line.split()
        if find_spec(module) is None:
            _show(missing(module, package))
            return
        shell.run_cell(cell).raise_error()

    shell.register_magic_function(needs, magic_kind="cell", magic_name="needs")


def missing(module: str, package: str) -> str:
    """Return the sentence (Markdown) for a package that is not installed.

    Args:
        module: what is imported.
        package: what pip calls it.
    """
    return (
        f"This cell needs `{module}`, which is not installed here. To run it, say "
        f"`%pip install {package}` in a cell of its own, then run this one again. "
        "The rest of the page does not need it."
    )


def _show(text: str) -> None:
    from IPython.display import Markdown, display

    display(Markdown(text))
