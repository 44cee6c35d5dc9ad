"""``python -m seqviz.site.colab``: all editions into ``_build/colab``."""

import argparse
import sys

from seqviz.site.colab.write import write_editions
from seqviz.site.inputs import ROOT


def main(given: list[str] | None = None) -> int:
    """Write the editions, say how many and how large; return the exit status."""
    asked = argparse.ArgumentParser(
        prog="python -m seqviz.site.colab",
        description="Write a notebook a chapter for Colab, into _build/colab.",
    )
    asked.parse_args(given)
    written = write_editions(ROOT / "_build" / "colab")
    sizes = [path.stat().st_size for path in written]
    print(
        f"{len(written)} notebooks in {ROOT / '_build' / 'colab'}, "
        f"{sum(sizes) / 1e6:.1f} MB, the largest {max(sizes) / 1e6:.1f} MB"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
