"""The glossary: whole entries, each once, each with a chapter that speaks of it."""

import json
import re

import pytest

from seqviz.site import glossary
from seqviz.site.contents import pages

PAGES = {page.name: page for page in pages()}


@pytest.fixture(scope="module")
def terms(root):
    return glossary.read(root / "book" / "glossary.yml")


def test_every_term_has_a_chinese_name_and_an_address_of_its_own(terms):
    assert len(terms) >= 80
    for term in terms:
        assert re.search(r"[\u4e00-\u9fff]", term.chinese), term
        assert not re.search(r"[\u4e00-\u9fff]", term.name + term.says), term
        assert not term.says.endswith(".")
    assert len({term.anchor for term in terms}) == len(terms)


def text(name):
    cells = json.loads(PAGES[name].source.read_text(encoding="utf-8"))["cells"]
    words = " ".join("".join(cell["source"]) for cell in cells)
    return re.sub(r"[\s_-]+", " ", words.lower())


def test_the_chapter_of_a_term_speaks_of_it(terms):
    said = {name: text(name) for name in {term.here for term in terms}}
    silent = []
    for term in terms:
        # the last word, its end cut: routing, routed; session graphs
        stem = re.sub(r"[\s_-]+", " ", term.name.lower()).split(" ")[-1][:6]
        if stem not in said[term.here]:
            silent.append((term.name, term.here))
    assert silent == []


def test_a_page_that_a_term_leaves_out_has_the_word_and_does_not_build_it(terms):
    left_out = [(term, name) for term in terms for name in term.not_on]
    assert left_out
    for term, name in left_out:
        assert term.name in text(name) and name != term.here, (term.name, name)


def test_terms_stand_in_order_escaped(tmp_path):
    path = tmp_path / "glossary.yml"
    path.write_text(
        '- [b & c, 乙, "says", x]\n- [A, 甲, "says", x, [y, z]]\n', encoding="utf-8"
    )
    first, second = glossary.read(path)
    assert (first.name, second.anchor) == ("A", "term-b-c")
    assert (first.not_on, second.not_on) == (("y", "z"), ())
    assert "b &amp; c" in glossary.opening(second)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("- [a, 甲, says]", "a term must have name, chinese, says, here"),
        ("- [a, 甲, says, x, y]", "not_on must be a list of pages, got 'y'"),
        ("- [a, 甲, says, x]\n- [a, 乙, says, x]", "got \\['a'\\] twice"),
    ],
)
def test_a_broken_entry_is_an_error(tmp_path, text, words):
    path = tmp_path / "glossary.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=words):
        glossary.read(path)
