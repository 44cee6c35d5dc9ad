"""Writes the editions of all chapters into a folder."""

from pathlib import Path
from tempfile import TemporaryDirectory

from seqviz.site.colab.carried import pack, package
from seqviz.site.colab.edition import Press, editions
from seqviz.site.inputs import ROOT
from seqviz.site.wheel import build_wheel


def write_editions(
    folder: Path, *, solutions: bool = True, root: Path = ROOT
) -> list[Path]:
    """Write the editions into ``folder``, take others away, return their paths.

    Args:
        folder: a folder for nothing else.
        solutions: write those with the solutions, too.
        root: the checkout.
    """
    press = make_press(root)
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for edition in editions(press, solutions=solutions):
        path = folder / edition.name
        path.write_text(edition.text(), encoding="utf-8")
        written.append(path)
    for old in set(folder.glob("*.ipynb")) - set(written):
        old.unlink()
    return written


def make_press(root: Path = ROOT) -> Press:
    """Return the press with the package of this checkout packed."""
    with TemporaryDirectory() as folder:
        return Press(pack(package(build_wheel(Path(folder), root))), root)
