"""The faces of the book, one for text and one for code, carried by its pages.

Source Sans 3, Fira Code and, for the signs that they lack, Noto Sans Math, each under
the SIL Open Font License (the ``LICENSE-…`` files here) and cut down by
:mod:`seqviz.figures.fonts.subset`. A cut face is a modified one and must not bear a
reserved name, hence ours.

The pages ask for the ``.woff2`` files, Matplotlib measures with the ``.ttf`` files: so
page, figure and test look the same on every machine. A live notebook (JupyterLab,
Colab) has no font files at hand; there the stacks of ``tokens.SCALE`` fall back to the
faces of the reader's system.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent

TEXT, CODE, SIGNS = "Seqviz Text", "Seqviz Code", "Seqviz Signs"
#: The faces lack some of these or draw them too small to carry an interest.
DRAWN_AS_SIGNS = "∈∝⊙⊤■□▲△▼▽◆◇○●"
#: What stands in for the text face until it is there.
STAND_IN = "Seqviz Stand-in"


@dataclass(frozen=True)
class Face:
    """A file that pages load: a family, and for which style and characters."""

    family: str
    file: str
    weight: str = "400 700"
    style: str = "normal"
    characters: str | None = None

    def css(self, base: str) -> str:
        """Return the ``@font-face`` rule, the file under the address ``base``."""
        only = f"unicode-range: {self.characters}; " if self.characters else ""
        # swap: words show at once, in the stand-in.
        return (
            f'@font-face {{ font-family: "{self.family}"; font-style: {self.style}; '
            f"font-weight: {self.weight}; font-display: swap; {only}"
            f'src: url("{base}{self.file}") format("woff2"); }}\n'
        )


#: The face of nearly every word: pages ask for it before they know their style.
UPRIGHT = Face(TEXT, "seqviz-text.woff2")
ITALIC = Face(TEXT, "seqviz-text-italic.woff2", weight="400", style="italic")
MONO = Face(CODE, "seqviz-code.woff2", weight="400")
FACES = (
    UPRIGHT,
    ITALIC,
    Face(TEXT, "seqviz-text-bold-italic.woff2", weight="700", style="italic"),
    MONO,
    Face(CODE, "seqviz-code-bold.woff2", weight="700"),
    Face(
        SIGNS,
        "seqviz-signs.woff2",
        weight="400",
        characters=", ".join(f"U+{ord(sign):X}" for sign in DRAWN_AS_SIGNS),
    ),
)

# Arial has the average width of the text face; its lines here stand as high.
_STAND_IN = (
    f'@font-face {{ font-family: "{STAND_IN}"; ascent-override: 107%; '
    "descent-override: 35%; line-gap-override: 0%; "
    'src: local("Arial"), local("Liberation Sans"), local("Helvetica"); }\n'
)


def css(base: str = "fonts/") -> str:
    """Return the ``@font-face`` rules of a page.

    Args:
        base: the address of the folder of :func:`write`, seen from the style sheet.
    """
    return "".join(face.css(base) for face in FACES) + _STAND_IN


def write(folder: Path, source: Path = FOLDER) -> None:
    """Copy the faces of ``source``, and their licenses, into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in (*source.glob("*.woff2"), *source.glob("LICENSE-*")):
        target = folder / path.name
        # Untouched when unchanged, so that Sphinx has nothing to copy.
        if not target.exists() or target.read_bytes() != path.read_bytes():
            shutil.copyfile(path, target)


def register() -> None:
    """Let Matplotlib measure and draw with the book's faces."""
    from matplotlib.font_manager import fontManager

    known = {font.fname for font in fontManager.ttflist}
    for path in sorted(FOLDER.glob("*.ttf")):
        if str(path) not in known:
            fontManager.addfont(path)
