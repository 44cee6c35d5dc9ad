"""The wheel of the package, which the book and its Colab editions carry."""

from pathlib import Path

from seqviz.site.inputs import ROOT


def build_wheel(folder: Path, root: Path = ROOT) -> Path:
    """Build the seqviz-book wheel into ``folder`` and return its path."""
    from hatchling.builders.wheel import WheelBuilder

    folder.mkdir(parents=True, exist_ok=True)
    builder = WheelBuilder(str(root))
    return Path(next(builder.build(directory=str(folder), versions=["standard"])))
