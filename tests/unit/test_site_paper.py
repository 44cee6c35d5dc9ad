"""The pages as one document for paper."""

import re
from pathlib import Path

import pytest

from seqviz.site import paper
from seqviz.site.contents import Page

PAGE = """<html><head><title>x</title></head><body><nav>never</nav>
<article class="bd-article"><section id="top">
<h1>One &amp; all<a class="headerlink" href="#top" title="Link">#</a></h1>
<p><a href="#sum">here</a> <a href="../b.html#x">there</a> <a href="../b.html">b</a>
<a href="https://a.example/c.html#d">out</a> <a href="../genindex.html">nowhere</a></p>
<h2 id="sum">Sum<a class="headerlink" href="#sum">#</a></h2>
<label for="in">w</label><input id="in" aria-labelledby="sum in">
<svg><path id="p"></path><use xlink:href="#p"></use><g clip-path="url(#p)"></g></svg>
<img src="../_images/a.png"><img src="data:image/png;base64,AA">
<figure class="sv-explorer"><div class="sv-stage"><div class="sv-outline" hidden>
<div>live</div></div>
<div class="sv-still"><p>still</p></div></div>
<script type="application/json" class="sv-state">{"a": 1}</script></figure>
<script type="application/json" class="sv-chart-spec">{}</script>
<script>alert()</script><article>inner</article><p>last</p></section></article>
<footer>after</footer></body></html>"""


@pytest.fixture
def chapters(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "one.html").write_text(PAGE, encoding="utf-8")
    other = PAGE.replace("One &amp; all", 'Two "b"').replace("../", "")
    (tmp_path / "b.html").write_text(other, encoding="utf-8")
    return paper.read(
        tmp_path,
        [Page("b", Path("b.md"), None), Page("a/one", Path("a/one.ipynb"), "Part A")],
    )


def _document(chapters, **options):
    return paper.document(
        chapters,
        title="The book",
        about={"authors": "A & B"},
        styles=["s.css"],
        **options,
    )


def test_every_link_leads_to_an_id_of_the_document_or_out(chapters):
    html = _document(chapters)
    ids = re.findall(r'\bid="([^"]*)"', html)
    assert len(ids) == len(set(ids))
    links = re.findall(r'\bhref="([^"]*)"', html)
    inside = {link[1:] for link in links if link.startswith("#")}
    assert inside - set(ids) == {"b--x"}  # nothing has it on the page either
    assert {"b", "a.one", "a.one--sum"} <= inside
    assert "https://a.example/c.html#d" in links
    assert "" not in links and not [link for link in links if "genindex" in link]
    assert "<a>nowhere</a>" in html


def test_what_names_an_id_names_it_still(chapters):
    text = chapters[1].text
    assert '<label for="a.one--in">' in text
    assert 'aria-labelledby="a.one--sum a.one--in"' in text
    assert 'xlink:href="#a.one--p"' in text
    assert "url(#a.one--p)" in text
    assert 'src="_images/a.png"' in text
    assert 'src="data:image/png' in text


def test_explorers_stand_still_and_charts_are_kept(chapters):
    text = chapters[1].text
    assert "<p>still</p>" in text
    assert "live" not in text
    assert "sv-state" not in text and "alert" not in text
    assert "sv-chart-spec" in text
    assert "never" not in text and "after" not in text
    assert "<article>inner</article><p>last</p>" in text
    html = _document(chapters)
    assert html.count("<p>still</p>") == 3  # on the cover, too
    for tag in ("div", "section", "figure", "article"):
        assert html.count(f"<{tag}") == html.count(f"</{tag}>"), tag


def test_headings_stand_one_level_below_the_parts(chapters):
    html = _document(chapters)
    assert '<h1 class="sv-caption">Part A</h1>' in html
    assert "<h2>One &amp; all</h2>" in html
    assert '<h3 id="a.one--sum">Sum</h3>' in html


def test_contents_give_the_pages_once_they_are_known(chapters):
    assert '<span class="sv-number"></span>' in _document(chapters)
    html = _document(chapters, numbers={"b": 3, "a/one": 17})
    assert '<span class="sv-number">17</span>' in html


def test_the_head_of_a_page_of_paper_bears_the_title(chapters):
    html = _document(chapters)
    assert '@page p1 { @top-left { content: "One & all" } }' in html
    assert r'content: "Two \"b\""' in html
    assert r"#a\.one { page: p1 }" in html


def test_a_page_without_a_title_is_an_error(tmp_path):
    (tmp_path / "b.html").write_text('<article class="bd-article"></article>')
    with pytest.raises(ValueError, match="must have an article with a title, got b"):
        paper.read(tmp_path, [Page("b", Path("b.md"), None)])
