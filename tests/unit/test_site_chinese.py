"""The Chinese face: few bytes, its license, no other letters asked of it.

That it draws every term is seen in the browser: tests/browser/test_pages.py.
"""

from seqviz.figures import fonts
from seqviz.site import chinese

MOST_BYTES = 40_000
FILE = chinese.FOLDER / chinese.FACE.file
LICENSE = chinese.FOLDER / "LICENSE-noto-sans-sc.txt"


def test_it_is_small():
    assert FILE.read_bytes()[:4] == b"wOF2"
    assert FILE.stat().st_size <= MOST_BYTES


def test_a_browser_asks_for_it_for_its_letters_alone(root):
    css = chinese.FACE.css("a/")
    assert "unicode-range: U+4E00-9FFF" in css and f'url("a/{FILE.name}")' in css
    said = (root / "book" / "glossary.yml").read_text(encoding="utf-8")
    beyond = {letter for letter in said if ord(letter) > 0x2E80}
    assert beyond == chinese.letters(said)
    assert chinese.letters("q, λ ↑") == set()


def test_it_and_its_license_are_written_beside_the_other_faces(tmp_path):
    fonts.write(tmp_path, chinese.FOLDER)
    assert {path.name for path in tmp_path.iterdir()} == {FILE.name, LICENSE.name}
    assert "SIL OPEN FONT LICENSE Version 1.1" in LICENSE.read_text()
