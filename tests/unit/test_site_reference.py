"""The reference: its entries, the chapters that use them, what docstrings need."""

import pytest
from docutils import nodes
from sphinx.ext.napoleon import GoogleDocstring

from seqviz import layers
from seqviz.explorers import WorldExplorer
from seqviz.site import reference
from seqviz.site.contents import pages


def test_every_public_name_of_a_room_has_an_entry():
    text = "\n".join(reference.entries("layers"))
    for name in layers.__all__:
        kind = "class" if isinstance(getattr(layers, name), type) else "function"
        assert f".. auto{kind}:: seqviz.layers.{name}\n" in text


def test_letters_share_a_room_out():
    whole = reference.entries("layers")
    parts = [
        entry
        for letters in ("a-h", "i-m", "n-z")
        for entry in reference.entries("layers", letters)
    ]
    assert sorted(parts) == sorted(whole)
    assert reference.entries("layers", "a-h") != []


def test_an_entry_names_the_chapters_that_import_it():
    (entry,) = (
        text
        for text in reference.entries("layers")
        if "seqviz.layers.MultiInterestSelfAttention" in text
    )
    assert "{doc}`/interests/comirec_sa`" in entry


def test_every_room_has_its_page():
    """What a room's ``__init__`` exports is to be found in the reference."""
    named = {page.name for page in pages() if page.name.startswith("reference/")}
    text = "\n".join(
        page.source.read_text(encoding="utf-8")
        for page in pages()
        if page.name in named
    )
    rooms = ["data", "layers", "models", "metrics", "retrieval", "experiments"]
    for room in [*rooms, "figures", "explorers", "checks"]:
        assert f"{{room}} {room}\n" in text


def test_a_room_that_is_not_there_is_an_error():
    with pytest.raises(ModuleNotFoundError, match="seqviz.cellar"):
        reference.entries("cellar")


def test_a_width_that_is_a_letter_begins_no_list():
    lines = [
        "    a: E.",
        "    b:",
        "      K.",
        "    c: D, the width.",
        "    d: n. At least 1.",
        "E. g.",
    ]
    reference.keep_letters(lines)
    assert lines == [
        "    a: ``E``.",
        "    b:",
        "      ``K``.",
        "    c: D, the width.",
        "    d: ``n``. At least 1.",
        "E. g.",
    ]


def test_the_place_in_a_named_tuple_is_no_member_to_read_of():
    assert reference.is_field_number(layers.EvolutionGates.reset)
    assert not reference.is_field_number(layers.attend)


@pytest.mark.parametrize(
    ("formula", "shown"),
    [
        ("a &= b", "\\begin{aligned}\na &= b\n\\end{aligned}"),
        ("a = b", "a = b"),
        ("\\begin{aligned}a &= b\\end{aligned}",) * 2,
    ],
)
def test_formulas_of_several_lines_are_aligned(formula, shown):
    tree = nodes.container("", nodes.math_block("", formula))
    reference.align(tree)
    assert tree.astext() == shown


def test_words_before_a_colon_are_no_type():
    lines = ["The plane: a place is ``axes @ vector``."]
    reference.keep_colon("attribute", lines)
    said = str(GoogleDocstring(lines, what="attribute", name="plane"))
    assert said.strip() == "The plane: a place is ``axes @ vector``."
    lines = ["What is said: of a class."]
    reference.keep_colon("class", lines)
    assert lines == ["What is said: of a class."]


def test_a_default_that_has_no_literal_is_an_ellipsis():
    given = "(a: dict[str, int] = <factory>, b=<function Case.<lambda>>, c='<') -> int"
    said = reference.told_defaults(given)
    assert said == "(a: dict[str, int] = ..., b=..., c='<') -> int"
    assert reference.told_defaults(None) is None


def test_an_explorer_has_its_own_arguments():
    said, returned = reference.own_signature("class", WorldExplorer)
    assert said.startswith("(axes: ") and "*, against: str" in said
    assert returned == ""
    assert reference.own_signature("class", layers.GRU) is None
    assert reference.own_signature("function", print) is None
