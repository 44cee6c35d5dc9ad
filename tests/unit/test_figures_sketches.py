"""A sketch holds what was put on it, in the colors of the book."""

import matplotlib.pyplot as plt
import pytest

from seqviz.figures import tokens
from seqviz.figures.sketches import Sketch


@pytest.fixture
def sketch():
    sketch = Sketch((3.6, 2.0), x=(-1, 2), y=(0, 1))
    yield sketch
    plt.close(sketch.figure)


def test_boxes_stand_where_they_were_put(sketch):
    sketch.box((0.5, 0.2), "tent")
    sketch.box((1.5, 0.2), "candidate", strong=True, wide=True)
    plain, strong = sketch.axis.texts
    assert plain.get_text() == "tent" and plain.get_position() == (0.5, 0.2)
    edges = [
        plt.matplotlib.colors.to_hex(t.get_bbox_patch().get_edgecolor())
        for t in (plain, strong)
    ]
    assert edges == [tokens.LIGHT["line"], tokens.LIGHT["ink"]]


def test_arrows_lead_from_start_to_end(sketch):
    sketch.arrow((0, 0), (1, 0.5), faint=True)
    (arrow,) = sketch.axis.texts
    assert arrow.xyann == (0, 0) and arrow.xy == (1, 0.5)
    assert arrow.arrowprops["color"] == tokens.LIGHT["line"]


def test_lines_and_words(sketch):
    sketch.line([(0, 0), (1, 1), (2, 0)], dotted=True)
    sketch.words((0.1, 0.9), "first step", side="right")
    (line,) = sketch.axis.lines
    assert line.get_xydata().tolist() == [[0, 0], [1, 1], [2, 0]]
    assert line.get_linestyle() == ":"
    assert sketch.axis.texts[0].get_ha() == "right"
    assert sketch.axis.get_xlim() == (-1, 2) and not sketch.axis.axison
