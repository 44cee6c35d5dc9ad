"""The first mention of a term leads to the glossary, where it is in a sentence."""

import pytest
from docutils.core import publish_doctree

from seqviz.site import words
from seqviz.site.glossary import Term

TERMS = [
    Term("attention", "注意力", "a weighted sum", "a"),
    Term("self-attention", "自注意力", "reads <itself>", "b"),
    Term("interest", "兴趣", "one of K vectors", "c"),
    Term("key", "键", "what is compared", "d"),
]


def marked(text):
    """Return what is marked, what stands before it, and the end of the document."""
    doctree = publish_doctree(text, settings_overrides={"report_level": 5})
    before = doctree.astext()
    words.mark(doctree, TERMS, "../glossary.html")
    links = [
        (node.astext(), node["refuri"])
        for node in doctree.findall()
        if "sv-word" in getattr(node, "get", lambda *_: [])("classes", [])
    ]
    last = doctree.children[-1].astext() if links else ""
    assert doctree.astext().startswith(before)  # no letter is lost
    return links, last


def test_the_first_mention_of_each_term_is_a_link():
    links, last = marked("Attention reads. Interests of attention, *an interest*.")
    assert links == [
        ("Attention", "../glossary.html#term-attention"),
        ("Interests", "../glossary.html#term-interest"),
    ]
    assert last.count("data-term=") == 2 and "注意力" in last


def test_the_longer_term_wins_and_texts_are_escaped():
    links, last = marked("A layer of self-attention, then attention.")
    assert [word for word, _ in links] == ["self-attention", "attention"]
    assert "Reads &lt;itself&gt;." in last


@pytest.mark.parametrize(
    "text",
    [
        "attention\n=========\n\n``attention``",
        "`attention <https://example.org>`_",
        "Inattention and attentions-like, a key.",
        "::\n\n   attention",
        "=========  ====\nattention  b\n=========  ====\n",
    ],
    ids=["title and code", "link", "other words", "listing", "table"],
)
def test_what_is_no_word_of_a_sentence_is_left(text):
    assert marked(text) == ([], "")


def test_a_word_in_emphasis_and_in_a_list_is_marked():
    links, _ = marked("- one *interest*\n- **attention**")
    assert [word for word, _ in links] == ["interest", "attention"]
