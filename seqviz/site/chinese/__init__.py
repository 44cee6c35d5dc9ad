"""The Chinese face: the letters of the glossary, and no others.

Noto Sans SC under the SIL Open Font License (``LICENSE-noto-sans-sc.txt`` here), cut
down by :mod:`seqviz.site.chinese.subset`. A browser asks for it where such a letter is
drawn. So the glossary reads the same on every machine, and on paper.
"""

from pathlib import Path

from seqviz.figures.fonts import Face

FOLDER = Path(__file__).parent
#: The unified ideographs.
FIRST, LAST = 0x4E00, 0x9FFF
FACE = Face(
    "Seqviz Chinese",
    "seqviz-chinese.woff2",
    weight="400",
    characters=f"U+{FIRST:X}-{LAST:X}",
)


def letters(text: str) -> set[str]:
    """Return the Chinese letters of a text."""
    return {letter for letter in text if FIRST <= ord(letter) <= LAST}
