"""The faces of the book: the files, their size and licenses, what they can say."""

import html
import json
import re

import matplotlib as mpl
import pytest
from fontTools.ttLib import TTFont

mpl.use("agg")

import matplotlib.pyplot as plt
from matplotlib.font_manager import FontProperties, findfont

from seqviz.figures import fonts, tokens
from seqviz.figures.svg import themed_svg

MOST_BYTES = 90_000
TTF = sorted(fonts.FOLDER.glob("*.ttf"))

#: What the sources say and no face draws.
UNDRAWN: set[str] = set()


def _font(name):
    return TTFont(fonts.FOLDER / name)


def _drawn(name):
    return {chr(code) for code in _font(name).getBestCmap()}


def _names(font):
    return {record.nameID: str(record) for record in font["name"].names}


def _said(root):
    """Return every character of the book's sources, with a file that has it."""
    said = {}
    paths = [root / "_config.yml", root / "_toc.yml"]
    for kind in ("ipynb", "md", "bib", "csv", "py", "js", "css"):
        for folder in ("book", "seqviz"):
            paths += (root / folder).rglob(f"*.{kind}")
    for path in paths:
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".ipynb":
            text = "".join("".join(c["source"]) for c in json.loads(text)["cells"])
        codes = re.findall(r"\\u\{?([0-9a-fA-F]{4,5})\b", text)
        text = html.unescape(text) + "".join(chr(int(code, 16)) for code in codes)
        said.update(dict.fromkeys(text, path.name))
    return {sign: name for sign, name in said.items() if sign.isprintable()}


def test_a_page_loads_little():
    files = sorted(face.file for face in fonts.FACES)
    assert files == sorted(path.name for path in fonts.FOLDER.glob("*.woff2"))
    assert sum((fonts.FOLDER / name).stat().st_size for name in files) <= MOST_BYTES


@pytest.mark.parametrize("face", fonts.FACES, ids=lambda face: face.file)
def test_what_a_page_loads_is_woff2(face):
    assert (fonts.FOLDER / face.file).read_bytes()[:4] == b"wOF2"


@pytest.mark.parametrize("path", TTF, ids=lambda path: path.name)
def test_a_cut_face_has_our_name_and_its_makers_notices(path):
    names = _names(TTFont(path))
    family, style = names[1], names[2]
    file = f"{family} {style}".lower().replace(" ", "-")
    assert family in (fonts.TEXT, fonts.CODE) and file == path.stem
    assert re.search("Copyright|©", names[0]) and "Open Font License" in names[13]
    for name in (1, 3, 4, 6):
        assert not re.search("source|fira", names[name], re.IGNORECASE)


def test_each_license_lies_beside_with_the_makers_name():
    licenses = [path.read_text() for path in fonts.FOLDER.glob("LICENSE-*")]
    assert len(licenses) == 3
    assert all("SIL OPEN FONT LICENSE Version 1.1" in text for text in licenses)
    for path in TTF:
        notice = _names(TTFont(path))[0]
        maker = re.search(r"(?:©|Copyright) [\d-]+ ([\w ]+) \(", notice)[1]
        assert any(maker in text for text in licenses), maker


def test_the_book_says_nothing_that_no_face_draws(root):
    text, code = _drawn("seqviz-text-regular.ttf"), _drawn("seqviz-code-regular.ttf")
    drawn = text | code | set(fonts.DRAWN_AS_SIGNS)
    said = _said(root)
    assert {"λ", "−", "é", "◇"} <= said.keys()
    left = {sign: name for sign, name in said.items() if sign not in drawn}
    assert left.keys() == UNDRAWN, left


def test_every_weight_and_slant_says_the_same():
    for family in ("text", "code"):
        files = [path.name for path in TTF if f"-{family}-" in path.name]
        assert len({frozenset(_drawn(name)) for name in files}) == 1


def test_latin_1_and_every_sign_are_there():
    latin = {chr(code) for code in [*range(0x20, 0x7F), *range(0xA0, 0x100)]}
    assert latin <= _drawn("seqviz-text-regular.ttf")
    assert latin <= _drawn("seqviz-code-regular.ttf")
    assert set(tokens.SIGNS) <= set(fonts.DRAWN_AS_SIGNS)


def test_digits_and_code_have_one_width():
    text, code = _font("seqviz-text-regular.ttf"), _font("seqviz-code-regular.ttf")
    names = text.getBestCmap()
    assert len({text["hmtx"][names[ord(digit)]][0] for digit in "0123456789"}) == 1
    widths = {width for width, _ in code["hmtx"].metrics.values()} - {0}
    assert {width / code["head"].unitsPerEm for width in widths} == {0.6}


def test_the_style_sheet_asks_for_these_files_only():
    css = fonts.css("a/b/")
    assert re.findall(r"url\(\"([^\"]*)\"\)", css) == [
        f"a/b/{face.file}" for face in fonts.FACES
    ]
    assert "//" not in css and "data:" not in css
    assert css.count("font-display: swap") == len(fonts.FACES)
    for family in re.findall(r"font-family: \"([^\"]*)\"", css):
        assert f'"{family}"' in tokens.SCALE["font-text"] + tokens.SCALE["font-mono"]
    for token, family in (("font-text", fonts.TEXT), ("font-mono", fonts.CODE)):
        assert tokens.SCALE[token].startswith(f'"{family}", ')


def test_files_and_licenses_are_written_once(tmp_path):
    folder = tmp_path / "site" / "fonts"
    fonts.write(folder)
    written = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert {face.file for face in fonts.FACES} < written.keys()
    assert sum(name.startswith("LICENSE-") for name in written) == 3
    fonts.write(folder)
    again = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert again == written


@pytest.mark.parametrize("style", ["normal", "italic"])
@pytest.mark.parametrize("weight", ["normal", "bold"])
def test_matplotlib_measures_text_with_its_own_face(style, weight):
    path = findfont(FontProperties(style=style, weight=weight))
    names = _names(TTFont(path))
    slant = {("normal", "normal"): "Regular", ("bold", "normal"): "Bold"}
    slant |= {("normal", "italic"): "Italic", ("bold", "italic"): "Bold Italic"}
    assert (names[1], names[2]) == (fonts.TEXT, slant[weight, style])


@pytest.mark.parametrize("weight", ["normal", "bold"])
def test_matplotlib_measures_code_with_its_own_face(weight):
    path = findfont(FontProperties(family="monospace", weight=weight))
    names = _names(TTFont(path))
    regular = weight == "normal"
    assert (names[1], names[2]) == (fonts.CODE, "Regular" if regular else "Bold")


def test_a_number_stands_level_with_its_tick():
    figure, axis = plt.subplots()
    axis.plot([1, 3])
    axis.set_yticks([2])
    picture = themed_svg(figure, "a line")
    height = float(re.search(r'viewBox="0 0 [\d.]+ ([\d.]+)"', picture)[1])
    foot = float(re.search(r' y="([\d.]+)"[^>]*>2</text>', picture)[1])
    plt.close(figure)
    tick = height - axis.transData.transform((0, 2))[1] * 72 / figure.dpi
    font = _font("seqviz-text-regular.ttf")
    high = font["glyf"]["two"].yMax / font["head"].unitsPerEm
    middle = foot - high * mpl.rcParams["ytick.labelsize"] / 2
    assert middle == pytest.approx(tick, abs=0.5)


def test_the_formulas_of_a_figure_need_no_other_face(caplog):
    figure, axis = plt.subplots()
    axis.set_title(r"$K$ of $\mathbf{q}^\top \lambda_t$, $\mathit{it}$")
    axis.set_xlabel(r"$\sqrt{d} \cdot \sum_t w_t$", family="monospace")
    figure.canvas.draw()
    plt.close(figure)
    assert [record.getMessage() for record in caplog.records] == []


def test_the_formulas_of_a_page_say_how_they_wait(root):
    css = (root / "book" / "_static" / "katex" / "katex.min.css").read_text()
    faces = re.findall(r"@font-face\{([^}]*)\}", css)
    # Letters of another face read the same; a script or blackboard letter does not.
    for face in faces:
        letters = re.search(r"font-family:KaTeX_(?:Main|Math);", face)
        assert f"font-display:{'swap' if letters else 'block'}" in face
    assert len(faces) == 20
