"""What search engines and shared links are told."""

from xml.etree import ElementTree

from seqviz.site import findable


def test_a_description_is_cut_between_words():
    assert findable.description("A person's  clicks\nare many.") == (
        "A person's clicks are many."
    )
    cut = findable.description("word " * 100)
    assert len(cut) <= findable.MOST
    assert cut.endswith("word…")


def test_a_head_is_escaped_and_gives_an_address_only_where_there_is_one():
    said = findable.head('"A" & B', "<c>", "Book", None)
    assert 'content="&quot;A&quot; &amp; B"' in said
    assert 'name="description" content="&lt;c&gt;"' in said
    assert "og:url" not in said
    address = "https://book.example"
    published = findable.head("A", "b", "Book", f"{address}/a.html", f"{address}/s.png")
    assert "og:url" in published and "og:image" not in said
    assert f'property="og:image" content="{address}/s.png"' in published


def test_the_list_of_pages_is_whole():
    tree = ElementTree.fromstring(findable.sitemap("https://a.example", ["b", "c/d"]))
    found = [url[0].text for url in tree]
    assert found == ["https://a.example/b.html", "https://a.example/c/d.html"]


def test_a_lost_reader_is_sent_home():
    html = findable.lost("https://a.example/book", "The book")
    assert 'href="https://a.example/book/intro.html"' in html
