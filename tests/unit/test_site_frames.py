"""Data frames on the pages have one look."""

import pandas as pd
import pytest

from seqviz.site import frames

FRAME = pd.DataFrame({"n": [1, 20], "who": ["Mia", "–"]}, index=["a", "b"])
WANTED = (
    '<table class="dataframe"><thead><tr><td></td><th>n</th>'
    '<th class="sv-text">who</th></tr></thead>\n<tbody>'
    '<tr><th>a</th><td>1</td><td class="sv-text">Mia</td></tr>'
    '<tr><th>b</th><td>20</td><td class="sv-text">–</td></tr></tbody>\n</table>'
)


@pytest.mark.parametrize("write", [pd.DataFrame.to_html, lambda f: f.style.to_html()])
def test_both_ways_to_write_a_frame_become_one(write):
    html = frames.plain(write(FRAME))
    assert html[html.index("<table") :].strip() == WANTED
    assert frames.plain(html) == html


def test_a_frame_without_a_border_is_one_too():
    html = FRAME.to_html(index=False, border=0)
    assert '<td class="sv-text">Mia</td>' in frames.plain(html)


def test_numbers_with_their_words_stand_on_the_right():
    said = ["+0.02, 0.01 to 0.03", "1 in 78", "", "2 (2), 8 (1)"]
    html = frames.plain(pd.DataFrame({"a": said}).to_html())
    assert "sv-text" not in html


def test_a_mark_behind_a_number_leaves_it_below_the_others():
    frame = pd.DataFrame({"less": ["+0.25 +", "-0.10 −", "0.3", "–"]})
    html = frames.plain(frame.to_html(index=False))
    assert '<td>+0.25<span class="sv-hung"> +</span></td>' in html
    assert '<td>−0.10<span class="sv-hung"> −</span></td>' in html
    assert "<td>0.3</td>" in html and "<td>–</td>" in html
    assert frames.plain(html) == html


def test_code_in_a_cell_keeps_its_hyphen():
    frame = pd.DataFrame({"code": ["<code>sum(-1)</code>"]})
    assert "sum(-1)" in frames.plain(frame.to_html(escape=False))


def test_a_cell_keeps_how_far_it_goes():
    two = pd.MultiIndex.from_product([["zeros", "any"], ["length", "cosine"]])
    html = frames.plain(pd.DataFrame([[1, 2, 3, 4]], columns=two).style.to_html())
    assert '<th colspan="2">zeros</th>' in html
    assert "sv-text" not in html


def test_other_tables_stay():
    html = '<table class="table"><tr><td id="a">1</td></tr></table>'
    assert frames.plain(html) == html
