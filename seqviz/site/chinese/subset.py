"""Make the Chinese face anew (a person runs it, when a new term has new letters).

    pip install fonttools brotli
    python -m seqviz.site.chinese.subset

It fetches the package with npm.
"""

import shutil
import tempfile
from pathlib import Path

from seqviz.figures.fonts.subset import cut, fetch, named, write
from seqviz.site import chinese
from seqviz.site.inputs import ROOT

NOTO_SC = "@fontsource/noto-sans-sc@5.3.0"


def main() -> None:
    """Fetch the package, write the face and its license."""
    said = (ROOT / "book" / "glossary.yml").read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as temporary:
        package = fetch(NOTO_SC, Path(temporary) / "noto")
        whole = package / "files" / "noto-sans-sc-chinese-simplified-400-normal.woff2"
        font = cut(whole, sorted(chinese.letters(said)), ())
        write(
            named(font, chinese.FACE.family, "Regular"),
            chinese.FACE.file,
            chinese.FOLDER,
        )
        license = chinese.FOLDER / "LICENSE-noto-sans-sc.txt"
        shutil.copyfile(package / "LICENSE", license)


if __name__ == "__main__":
    main()
