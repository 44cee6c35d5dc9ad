"""What the build tells of itself."""

from datetime import datetime
from pathlib import Path

from seqviz.site import status
from seqviz.site.contents import Page

SAID = "seqviz 0.1.0 · torch 2.13.0+cpu · Python 3.11.7 · CPU"
LINE = f"{SAID} · seed 7"


def test_a_chapter_says_with_what_it_ran():
    cells = [
        {"cell_type": "markdown"},
        {"outputs": [{"output_type": "stream", "text": f"{LINE}\n"}]},
    ]
    assert status.said({"cells": cells}) == SAID
    assert status.said({"cells": cells[:1]}) == ""
    shown = [{"outputs": [{"data": {"text/plain": LINE}}]}]
    assert status.said({"cells": shown}) == SAID


def test_every_page_has_a_row_with_its_run_and_weight(tmp_path):
    (tmp_path / "a").mkdir()
    for name in ("a/one", "b"):
        (tmp_path / f"{name}.html").write_text("<p>" * 5000)
    contents = [
        Page("a/one", Path("/elsewhere/book/a/one.ipynb"), None),
        Page("b", Path("/elsewhere/book/b.md"), None),
        Page("gone", Path("/elsewhere/book/gone.md"), None),
    ]
    ran = {"/here/book/a/one.ipynb": status.Run(12.4, datetime(2026, 1, 2), SAID)}
    html = status.table(tmp_path, contents, ran, {"a/one": "One & all", "b": "B"})
    assert (
        '<a href="a/one.html">One &amp; all</a></th><td>12</td><td>2026-01-02</td>'
        in html
    )
    assert '<a href="b.html">B</a></th><td></td>' in html
    assert "gone" not in html


def test_what_all_ran_with_is_said_once_and_who_differs_by_name(tmp_path):
    names = ("a", "b", "c")
    for name in names:
        (tmp_path / f"{name}.html").write_text("<p>")
    contents = [Page(name, Path(f"/book/{name}.ipynb"), None) for name in names]
    other = SAID.replace("CPU", "NVIDIA H200")
    said = dict(zip(names, (SAID, other, SAID), strict=True))
    ran = {
        f"/book/{name}.ipynb": status.Run(1.0, datetime(2026, 1, 2), said[name])
        for name in names
    }
    html = status.table(tmp_path, contents, ran, {n: n.upper() for n in names})
    assert html.count(SAID) == 1
    assert f"With {other}: B." in html


def test_a_second_build_fills_the_same_place():
    page = f"<p>{status.PLACE}</p>"
    once = status.fill(page, "<table>1</table>")
    assert "<table>1</table>" in once
    assert status.fill(once, "2") == status.fill(page, "2")
    assert status.fill("<p></p>", "2") == "<p></p>"
