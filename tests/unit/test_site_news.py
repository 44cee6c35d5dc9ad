"""What is new and how to cite: read from the two files that say it."""

from datetime import date

import pytest

from seqviz.site import citation, news
from seqviz.site.contents import pages

CITED = {
    "title": "A book",
    "version": "0.1.0",
    "url": "https://example.org/book/",
    "authors": [
        {"name": "The authors of A book"},
        {"family-names": "Doe", "given-names": "Ada"},
    ],
}
DAY = date(2026, 11, 9)


def test_every_page_that_the_list_names_is_in_the_book():
    days = news.read()
    names = {page.name for page in pages()}
    linked = [
        link.split("</")[1].split(">")[0]
        for day in days
        for link in day.text.split("{doc}")[1:]
    ]
    assert linked and set(linked) <= names
    assert "](book/" not in "".join(day.text for day in days)


def test_days_are_read_and_links_lead_to_pages(tmp_path):
    path = tmp_path / "CHANGES.md"
    path.write_text(
        "# New\n\nWords.\n\n## 9 November 2026\n\n- [The\n  map](book/a/map.md)\n\n"
        "## 28 October 2026\n\n- One\n"
    )
    newest, before = news.read(path)
    assert newest == news.Day(DAY, "- {doc}`The map </a/map>`")
    assert (newest.said, before.said) == ("9 November 2026", "28 October 2026")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("# New\n", "got none"),
        ("## Soon\n", "got 'Soon'"),
        ("## 1 May 2026\n\n## 2 May 2026\n", "newest first, got 1 May 2026, 2 May"),
        ("## 1 May 2026\n\n## 1 May 2026\n", "newest first"),
    ],
)
def test_a_list_out_of_order_is_named(tmp_path, text, says):
    path = tmp_path / "CHANGES.md"
    path.write_text(text)
    with pytest.raises(ValueError, match=says):
        news.read(path)


def test_the_books_own_citation_is_whole(root):
    cited = citation.read(root / "CITATION.cff")
    line = citation.sentence(cited, DAY, True)
    assert cited["title"] in line and cited["url"] in line
    assert str(cited["version"]) in line


def test_a_citation_names_authors_and_the_edition():
    assert citation.sentence(CITED, DAY, False) == (
        "The authors of A book; Doe, Ada (2026). *A book*. Version 0.1.0, "
        "9 November 2026."
    )
    assert citation.sentence(CITED, DAY, True).endswith("<https://example.org/book/>")


def test_bibtex_keeps_the_name_of_a_group_and_no_address_that_leads_nowhere():
    entry = citation.bibtex(CITED, DAY, False)
    assert "author  = {{The authors of A book} and Doe, Ada}," in entry
    assert "title   = {{A book}}," in entry
    assert "date    = {2026-11-09}," in entry
    assert "url" not in entry
    assert entry.count("{") == entry.count("}")
    assert "url     = {https://example.org/book/}," in citation.bibtex(CITED, DAY, True)


def test_a_file_without_what_a_citation_needs_is_named(tmp_path):
    path = tmp_path / "CITATION.cff"
    path.write_text("title: A book\nversion: 1\nauthors: []\n")
    with pytest.raises(ValueError, match="got no url"):
        citation.read(path)
    path.write_text("title: A book\nversion: 1\nurl: x\nauthors: []\n")
    with pytest.raises(ValueError, match="got no author"):
        citation.read(path)
