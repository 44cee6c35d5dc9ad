"""The reading map: its entries, what it shows of them, and that nobody is missing."""

import re
from pathlib import Path

import pytest

from seqviz.site.contents import pages
from seqviz.site.reading_map import (
    FILTERS,
    anchor,
    body,
    controls,
    opening,
    read_map,
)

ROOT = Path(__file__).resolve().parents[2]
MAP = read_map(ROOT / "book" / "systems" / "map.yml")
KEYS = re.findall(
    r"^@\w+\{([^,]+),",
    (ROOT / "book" / "references.bib").read_text(encoding="utf-8"),
    re.M,
)

#: Every system that the texts behind this book name.
NAMED = """
    Transformer LSTM GRU Seq2Seq AFM SENet LHUC MMoE AutoInt DIN DIEN DSIN BST BERT4Rec
    SASRec NARM SHAN AttRec ATRank TransRec BINN SR-GNN SINE SDM MIND ComiRec-SA
    ComiRec-DR GRU4Rec STAMP
""".split()

each = pytest.mark.parametrize("system", MAP.systems, ids=lambda one: one.name)


@pytest.mark.parametrize("name", [*NAMED, "YouTube DNN", "Item-to-item counts"])
def test_everybody_is_found(name):
    assert [one.name for one in MAP.systems if name in one.name]


def test_no_source_stands_there_twice():
    assert sorted(KEYS) == sorted(set(KEYS))


@each
def test_an_entry_has_a_source_and_its_chapters_exist(system):
    assert system.cite in KEYS
    named = {page.name for page in pages(ROOT)}
    assert set(system.here) <= named, "here must be pages of _toc.yml"
    said = f"{system.text} {system.run} {system.faults}"
    cited = re.findall(r"\{cite\}`([^`]+)`", said)
    assert set(cited) <= set(KEYS)
    assert system.text.endswith(".") and len(system.text) < 300


@each
def test_what_is_chosen_by_stands_in_words_too(system):
    text, head = body(system, MAP.words), opening(system)
    for name in FILTERS:
        marked = re.search(f'data-{name}="([^"]+)"', head)[1].split()
        assert marked == list(getattr(system, name))
        for key in marked:
            assert MAP.words[name][key] in text
    assert f"`{system.cite}`" in text and system.text in text
    for page in system.here:
        assert f"{{doc}}`/{page}`" in text


def test_every_word_of_a_choice_is_used_and_every_address_is_one():
    for name, words in MAP.words.items():
        used = {key for one in MAP.systems for key in getattr(one, name)}
        assert used == set(words)
        assert len(set(words.values())) == len(words)
    places = [anchor(one) for one in MAP.systems]
    assert len(set(places)) == len(places)
    assert all(re.fullmatch(r"map(-[a-z0-9]+)+", place) for place in places)


def test_the_choices_wait_for_the_script_and_have_labels():
    html = controls(MAP)
    assert html.startswith('<form class="sv-map-choices">')
    assert html.count("<label>") == 4 and html.count("<select") == 3
    assert f"{len(MAP.systems)} systems" in html
    options = re.findall(r'<option value="([^"]*)">', html)
    assert len(options) == 3 + sum(map(len, MAP.words.values()))


ENTRY = """
  - {name: A, cite: a, ask: [next], changes: [sum], data: [items], text: It does.}
"""
WORDS = "words: {ask: {next: N}, changes: {sum: S}, data: {items: I}}\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (WORDS + "systems:" + ENTRY * 2, r"stand there once, got \['A'\] twice"),
        (WORDS + "systems:" + ENTRY.replace("next", "nxt"), "ask of A must be words"),
        (
            WORDS + "systems:" + ENTRY.replace("[sum]", "[]"),
            "changes of A .* none",
        ),
        (
            WORDS + "systems:" + ENTRY.replace("cite: a, ", ""),
            "hold whole entries",
        ),
        (WORDS.replace("ask", "asks") + "systems:" + ENTRY, "words must be of ask"),
    ],
)
def test_a_wrong_entry_is_named(tmp_path, text, message):
    path = tmp_path / "map.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=message):
        read_map(path)
