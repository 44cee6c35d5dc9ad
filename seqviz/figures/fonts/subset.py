"""Make the font files of this folder anew (a person runs it, no command of the book).

    pip install fonttools brotli
    python -m seqviz.figures.fonts.subset

It fetches the packages below with npm, keeps CHARACTERS, the weights 400 to 700 and
the layout features that the pages use, and writes ``.woff2`` for the pages, ``.ttf``
for Matplotlib and the licenses.
"""

import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterable
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

from seqviz.figures.fonts import CODE, DRAWN_AS_SIGNS, FOLDER, SIGNS, TEXT

SOURCE_SANS, FIRA_CODE = "source-sans@3.52.0", "firacode@6.2.0"
NOTO_MATH = "@fontsource/noto-sans-math@5.3.0"
KATEX = "katex@0.16.22"  # that of sphinxcontrib-katex

#: Where the pages find the faces of formulas.
FORMULAS = FOLDER.parents[2] / "book" / "_static" / "katex" / "fonts"

#: What the pages may say: ASCII, Latin-1, the names of authors, Greek, and signs.
CHARACTERS = (
    *map(chr, [*range(0x20, 0x7F), *range(0xA0, 0x100)]),
    *"ĆćČčĞğİıŁłŃńŚśŞşŠšŽž",
    *"ΓΔΘΛΞΠΣΦΨΩαβγδεζηθκλμνξπρστυφχψω",
    *"–—‘’“”•…€ᵀ⁰⁴⁵⁶⁷⁸⁹₀₁₂₃₄₅₆₇₈₉",
    *"←↑→↓↔∂∑−√∞≈≠≤≥✓✗",
)
#: The first lines of a tree and of a table in the terminal.
BOX_CHARACTERS = "─│┌┐└┘├┤┬┴┼"

#: What formulas may say: ASCII, Greek, the usual operators, arrows, brackets, accents.
FORMULA_CHARACTERS = tuple(
    chr(code)
    for first, last in (
        *((0x20, 0x7E), (0xA0, 0xA0), (0xA8, 0xA8), (0xAC, 0xB7), (0xD7, 0xD7)),
        *((0xF7, 0xF7), (0x2C6, 0x2DD), (0x338, 0x338), (0x391, 0x3F5)),
        *((0x2016, 0x2032), (0x20D7, 0x20D7), (0x2113, 0x2113), (0x2190, 0x2195)),
        *((0x21A6, 0x21A6), (0x21D0, 0x21D4), (0x2200, 0x226B), (0x2282, 0x22A5)),
        *((0x22C0, 0x22C6), (0x22EE, 0x22F1), (0x2308, 0x230B), (0x27E8, 0x27E9)),
    )
    for code in range(first, last + 1)
)

#: Its digits have one width without asking; no ligatures, code shows what is typed.
TEXT_FEATURES = ("kern",)

#: Source Sans draws small, Fira Code wide. So scaled, they have the x-height and the
#: average width of Arial and the 0.6 em of the systems' own faces for code: a size in
#: pixels means the same on a page, before its faces are there, and in a live notebook.
TEXT_SCALE, CODE_SCALE = 1.07, 0.975


def main() -> None:
    """Fetch the packages and write every file."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        sans = fetch(SOURCE_SANS, folder / "sans")
        fira = fetch(FIRA_CODE, folder / "code")
        noto = fetch(NOTO_MATH, folder / "math")
        upright = sans / "VF" / "SourceSans3VF-Upright.ttf"
        italic = sans / "VF" / "SourceSans3VF-Italic.ttf"
        mono = fira / "distr" / "variable_ttf" / "FiraCode-VF.ttf"
        signs = noto / "files" / "noto-sans-math-latin-400-normal.woff2"

        # Weights that vary where headings use several; elsewhere bold is rare, and
        # a page that has none does without its file.
        write(text(upright, "Regular", (400, 700)), "seqviz-text.woff2")
        write(text(italic, "Italic", 400), "seqviz-text-italic.woff2")
        write(text(italic, "Bold Italic", 700), "seqviz-text-bold-italic.woff2")
        write(code(mono, "Regular", 400), "seqviz-code.woff2")
        write(code(mono, "Bold", 700), "seqviz-code-bold.woff2")

        # Matplotlib reads neither woff2 nor weights that vary.
        for style, weight in (("Regular", 400), ("Bold", 700)):
            write(text(upright, style, weight), f"seqviz-text-{style.lower()}.ttf")
            write(code(mono, style, weight), f"seqviz-code-{style.lower()}.ttf")
        write(text(italic, "Italic", 400), "seqviz-text-italic.ttf")
        write(text(italic, "Bold Italic", 700), "seqviz-text-bold-italic.ttf")

        font = cut(signs, DRAWN_AS_SIGNS, ())
        write(named(font, SIGNS, "Regular"), "seqviz-signs.woff2")

        for path in sorted((fetch(KATEX, folder / "katex") / "dist").rglob("*.woff2")):
            font = cut(path, FORMULA_CHARACTERS, ("*",))
            write(font, path.name, FORMULAS)

        shutil.copyfile(sans / "LICENSE.md", FOLDER / "LICENSE-source-sans.txt")
        shutil.copyfile(fira / "LICENSE", FOLDER / "LICENSE-fira-code.txt")
        shutil.copyfile(noto / "LICENSE", FOLDER / "LICENSE-noto-sans-math.txt")


def fetch(package: str, folder: Path) -> Path:
    """Return the unpacked npm package."""
    folder.mkdir()
    subprocess.run(["npm", "pack", "--silent", package], cwd=folder, check=True)
    (archive,) = folder.glob("*.tgz")
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    return folder / "package"


def text(path: Path, style: str, weight: int | tuple[int, int]) -> TTFont:
    """Return the text face."""
    font = cut(path, CHARACTERS, TEXT_FEATURES, weight)
    return scaled(named(font, TEXT, style), TEXT_SCALE)


def code(path: Path, style: str, weight: int | tuple[int, int]) -> TTFont:
    """Return the face of code."""
    font = cut(path, (*CHARACTERS, *BOX_CHARACTERS), (), weight)
    return scaled(named(font, CODE, style), CODE_SCALE)


def cut(
    path: Path,
    characters: Iterable[str],
    features: tuple[str, ...],
    weight: int | tuple[int, int] | None = None,
) -> TTFont:
    """Return the font with these characters, features and weights alone."""
    font = TTFont(path, recalcTimestamp=False)
    options = subset.Options(hinting=False, notdef_outline=True, name_IDs=["*"])
    options.layout_features = list(features)
    options.drop_tables += ["BASE", "DSIG", "MATH", "STAT", "meta"]
    cutter = subset.Subsetter(options)
    cutter.populate(text="".join(characters))
    cutter.subset(font)
    if weight is not None:
        font = instantiateVariableFont(font, {"wght": weight})
    return font


def named(font: TTFont, family: str, style: str) -> TTFont:
    """Give the font its name here; it keeps its copyright and license notices."""
    bold, italic = "Bold" in style, "Italic" in style
    postscript = f"{family} {style}".replace(" ", "")
    names = {1: family, 2: style, 3: postscript, 4: f"{family} {style}", 6: postscript}
    table = font["name"]
    kept = {0, 13, 14}
    axes = font["fvar"].axes if "fvar" in font else ()
    kept |= {axis.axisNameID for axis in axes}
    table.names = [record for record in table.names if record.nameID in kept]
    for number, value in names.items():
        table.setName(value, number, 3, 1, 0x409)
    if "fvar" in font:
        font["fvar"].instances = []
    font["head"].macStyle = bold | italic << 1
    font["OS/2"].usWeightClass = 700 if bold else 400
    # Bits 0, 5 and 6: italic, bold, regular.
    other = font["OS/2"].fsSelection & ~0b1100001
    regular = not (bold or italic)
    font["OS/2"].fsSelection = other | italic | bold << 5 | regular << 6
    return font


def scaled(font: TTFont, scale: float) -> TTFont:
    """Let the font draw larger: its glyphs stay, its em shrinks."""
    font["head"].unitsPerEm = round(font["head"].unitsPerEm / scale)
    return font


def write(font: TTFont, name: str, folder: Path = FOLDER) -> None:
    """Write the font into a folder, compressed when its name says woff2."""
    font.flavor = "woff2" if name.endswith(".woff2") else None
    if font.flavor is None:
        # Matplotlib centers a label on its tick, and parts lines, by these two.
        glyphs, drawn = font.getBestCmap(), font["glyf"]
        font["OS/2"].sTypoAscender = drawn[glyphs[ord("l")]].yMax
        font["OS/2"].sTypoDescender = drawn[glyphs[ord("p")]].yMin
    font.save(folder / name)
    print(f"{name}: {(folder / name).stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
