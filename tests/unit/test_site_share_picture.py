"""The picture of a shared link shows the figure of the front page."""

import matplotlib.image
import numpy as np
import pytest

from seqviz.explorers import OneListExplorer, Reading
from seqviz.site import share_picture


@pytest.fixture
def html():
    rng = np.random.default_rng(0)
    titles = ["", *(f"item {n}" for n in range(1, 31))]
    reading = Reading(rng.normal(size=(4, 6)), rng.normal(size=(31, 8)))
    ids = [3, 8, 3, 20, 7, 0]
    return OneListExplorer(ids, reading, titles, ["", *"abc" * 10]).to_html()


def test_what_the_page_carries_is_what_is_shown(html):
    shown = share_picture.front(f"<p>before</p>{html}")
    assert shown.clicks == ["item 3", "item 8", "item 3", "item 20", "item 7"]
    np.testing.assert_allclose(shown.weights.sum(1), np.ones(4))
    assert len(shown.listed) == 6
    assert not {name for name, _ in shown.listed} & set(shown.clicks)


def test_the_picture_has_its_size_and_is_no_empty_sheet(html, tmp_path):
    (tmp_path / "intro.html").write_text(html)
    share_picture.write(tmp_path, "A book")
    pixels = matplotlib.image.imread(tmp_path / share_picture.NAME)
    assert pixels.shape[:2] == share_picture.SIZE[::-1]
    assert 0.02 < (pixels[..., :3].min(-1) < 0.9).mean() < 0.5


def test_a_page_without_the_figure_has_no_picture(tmp_path):
    share_picture.write(tmp_path, "A book")
    (tmp_path / "intro.html").write_text("<p>no figure</p>")
    share_picture.write(tmp_path, "A book")
    assert not (tmp_path / share_picture.NAME).exists()
