"""The checkers of the kinds: each finds a bad sample and lets a good one pass."""

import pytest
from kinds.chapters import Cell, Chapter, chapters
from kinds.claims import faults_of_claims
from kinds.counting import faults_of_counting
from kinds.english import faults_of_english
from kinds.outputs import faults_of_lost_prose
from kinds.people import faults_of_people, people_of
from kinds.prose import of_chapter
from kinds.sections import SHAPE, faults_of_shape, outline
from kinds.setting import faults_of_setting
from kinds.sources import (
    faults_of_links,
    faults_of_package_names,
    faults_of_source_names,
    faults_of_sources,
    faults_of_tables,
)

NEEDED = {
    "The picture": "show(figure, alt='a')",
    "From scratch": "def look_up(key):\n    return key",
    "The proof": "assert 1 < 2",
    "Look inside": "InterestExplorer(1)",
    "The experiment": "fit()",
    "In the wild": "wrong()",
    "Check yourself": "Quiz([])",
}
TEXT = {
    "The picture": "$$x$$\n\n| symbol | shape |\n|---|---|\n| $x$ | `[T]` |",
    "From scratch": "**Rung 1: one.** Words.",
    "Exercises": "\n".join(f"```{{exercise}} {n} · A\n```" for n in (1, 2, 3)),
    "Where it came from": "Somebody {cite}`somebody`.",
}


def chapter(*sources, name="part/sample"):
    """A chapter of cells: code where the source begins with a dollar sign."""
    cells = []
    for number, source in enumerate(sources):
        kind = "code" if source.startswith("$ ") else "markdown"
        cells.append(Cell(f"c{number}", kind, source.removeprefix("$ ")))
    return Chapter(name, tuple(cells))


def whole(names=SHAPE, **changed):
    """A chapter with all that the shape asks for, in the order of ``names``."""
    sources = ["# A title\n\nWhat it is about."]
    for name in names:
        text = changed.get(name, TEXT.get(name, "Words."))
        sources.append(f"## {name}\n\n{text}")
        if code := NEEDED.get(name.split(":")[0]):
            sources.append(f"$ {code}")
    return chapter(*sources)


def words_of(*sources):
    return of_chapter(chapter(*sources))


def test_all_chapters_are_seen():
    assert len(chapters()) >= 10
    assert all(chapter.path.exists() and chapter.cells for chapter in chapters())


def test_a_whole_chapter_has_its_shape():
    assert faults_of_shape(whole()) == []


def test_a_subtitle_and_other_sections_are_allowed():
    names = [*SHAPE[:5], "A section of its own", "The experiment: who", *SHAPE[6:]]
    assert faults_of_shape(whole(names)) == []


@pytest.mark.parametrize("missing", SHAPE)
def test_a_missing_section_is_named(missing):
    faults = faults_of_shape(whole([name for name in SHAPE if name != missing]))
    assert any(f"no section '## {missing}'" in fault for fault in faults)


def test_sections_in_another_order_are_named():
    names = list(SHAPE)
    names[4], names[5] = names[5], names[4]
    (fault,) = faults_of_shape(whole(names))
    assert "'## The experiment' stands before '## Look inside'" in fault


@pytest.mark.parametrize(("name", "words"), NEEDED.items())
def test_a_section_without_what_it_needs_is_named(name, words):
    cells = [cell for cell in whole().cells if cell.text != words]
    assert len(faults_of_shape(Chapter("part/sample", tuple(cells)))) == 1


def test_no_text_between_title_and_first_heading_is_a_fault():
    cells = whole().cells
    bare = Chapter("part/sample", (Cell("c0", "markdown", "# A title"), *cells[1:]))
    (fault,) = faults_of_shape(bare)
    assert "cell c0" in fault and "is followed by a heading" in fault


def test_a_formula_and_its_shapes_come_before_the_first_rung():
    faults = faults_of_shape(whole(**{"The picture": "No formula."}))
    assert len(faults) == 2 and "$$" in faults[0] and "shape" in faults[1]


def test_a_heading_inside_a_code_fence_is_none():
    sections = outline(chapter("# T\n\nW.\n\n```python\n## no\n```\n\n## Yes"))
    assert [section.title for section in sections] == ["T", "Yes"]


@pytest.mark.parametrize(
    ("sources", "words"),
    [
        (["**Rung 2: two.**"], "rung 2 stands where 1 is due"),
        (["**Rung 1: one.**", "**Rung 3: three.**"], "rung 3 stands where 2 is due"),
        (["**1. One.**"], "is alone"),
        (["**1. One.**", "**3. Three.**"], "numbered paragraph 3 stands where 2"),
        (["Four faults.", "**1. One.**", "**2. Two.**"], "'Four faults' is said"),
        (["1. one\n3. three"], "step 3 stands where 2"),
        (["1. one\n\nwords"], "a list of a single step"),
        (["**Rung 1: one.** Rung 7 does it."], "'Rung 7' does not exist"),
        (["```{exercise} 2 · B\n```"], "exercise 2 stands where 1 is due"),
    ],
)
def test_a_gap_in_counting_is_named(sources, words):
    faults = faults_of_counting(chapter("# T\n\nW.", "## From scratch", *sources))
    assert any(words in fault for fault in faults), faults


def test_rungs_outside_from_scratch_are_named():
    (fault,) = faults_of_counting(chapter("# T", "## The picture\n\n**Rung 1: a.**"))
    assert "not in '## From scratch'" in fault


def test_good_counting_passes():
    good = chapter(
        "# T\n\nTwo faults of others.",
        "## From scratch\n\n**Rung 1: one.**\n\nW.\n\n**Rung 2: two.** See exercise 2.",
        "## In the wild\n\nTwo faults.\n\n**1. One.**\n\n**2. Two.**",
        "## Steps\n\n1. one\n2. two\n\n1. another\n2. list",
        "## Exercises\n\n```{exercise} 1 · A\n```\n\n```{exercise} 2 · B\n```",
        "It took 2 s.\n```python\n7. not a step\n```",
    )
    assert faults_of_counting(good) == []


@pytest.mark.parametrize(
    "words",
    [
        "It stands in the documentation of `seqviz.data.shop`.",
        "the equations stand in `seqviz.data.planted`",
        "It foretells the click.",
        "the clicks are foretold",
        "The notes win the mask back.",
        "The notes win the\nmask back.",
        "Nothing of this raises an error.",
        "A score of 0 is no “no”.",
        "one dot a click",
        "252 lists a user",
        "two fields an item",
        "equations made by chance",
        "The dearest order.",
        "once a user is enough",
        "each taken in turns",
        "torch-rechub mended it",
    ],
)
def test_odd_english_is_seen(words):
    assert len(faults_of_english(words_of(words))) == 1
    assert len(faults_of_english(words_of(f"$ print({words!r})"))) == 1


@pytest.mark.parametrize(
    "words",
    [
        "It is described in the documentation of `seqviz.data.shop`.",
        "The candidate stands in the history.",
        "one dot per click",
        "1 for an interest that reads nothing",
        "One of a user's clicks, counted from 0, so a row of length 2 has two.",
        "It gives one click a weight, and one item a user liked.",
        "better than by chance",
        "in turn",
        "None of this raises an error. Recommended.",
    ],
)
def test_plain_english_passes(words):
    assert faults_of_english(words_of(words)) == []


def test_strings_that_python_joins_and_comments_are_read():
    code = "$ # one dot a click\nshow(alt='the dear' 'est', b=f'is {x} in' ' turns')"
    faults = faults_of_english(words_of(code))
    assert len(faults) == 3
    assert any("cell c0, line 1" in fault for fault in faults)


@pytest.mark.parametrize(
    ("words", "count"),
    [
        ("The notes say so.", 1),
        ("It is the notes' own example.", 1),
        ("source notes list nine", 1),
        ("Listed on the notation page; note the bias.", 0),
        ("He notes that it is so.", 0),
    ],
)
def test_a_source_that_nobody_has_is_seen(words, count):
    assert len(faults_of_sources(words_of(words))) == count


def test_a_name_after_the_notes_is_seen():
    bad = chapter(
        "$ def notes_mask(key):\n    return key", "$ wild = mask_of_the_notes"
    )
    assert len(faults_of_source_names(bad)) == 2
    assert faults_of_source_names(chapter("$ notation = annotate(denotes)")) == []


def test_a_link_to_a_missing_chapter_is_seen():
    texts = words_of("See {doc}`other`, {doc}`../a/other` and {doc}`the page <gone>`.")
    (fault,) = faults_of_links("a/sample", texts, {"a/other"})
    assert "a/gone" in fault


def test_people_are_found():
    found = chapter(
        "Here is what Lena had clicked. People clicked. She clicked, call her Clara.",
        "$ Explorer(users=['Ada', 'Bo'], title='Torch')",
        "In Rosa's clicks, not in torch's clicks.",
    )
    assert people_of(found) == {"Lena", "Clara", "Ada", "Bo", "Rosa"}


def test_two_persons_with_one_name_are_named():
    first = chapter("Here is what Lena clicked.", name="a/one")
    second = chapter("Here are Lena's clicks.", name="a/two")
    (fault,) = faults_of_people(second, [first])
    assert "Lena is a person of a/one" in fault
    assert faults_of_people(first, []) == []
    same = chapter("Here are Lena's clicks. Lena is that of {doc}`one`.", name="a/two")
    assert faults_of_people(same, [first]) == []


def test_a_name_or_command_that_does_not_exist_is_seen():
    good = "`seqviz.start`, `seqviz.layers`, `seqviz.data.load_shop()`, `make book`"
    assert faults_of_package_names(words_of(good)) == []
    bad = "`seqviz.layers.nothing`, `seqviz.nowhere`, `make money`"
    assert len(faults_of_package_names(words_of(bad))) == 3


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("| a | b |\n|---|---|\n| 1 | 2 |", 0),
        ("| a | b |\n|---|---|\n| 1 | 2 |\n\n| 3 | 4 |\n\nW.", 1),
        ("| a | b |\n|---|---|\n| 1 |", 1),
        ("| a | b |\n|---|---|\n| `x|y` | $|x|$ |", 0),
        ("```\n| no table\n```", 0),
    ],
)
def test_a_row_outside_its_table_is_seen(text, count):
    assert len(faults_of_tables("here", text)) == count


@pytest.mark.parametrize(
    ("source", "count"),
    [
        ("assert x\nMarkdown('W.')", 0),
        ("said = Markdown('W.')\nsaid", 0),
        ("Markdown('W.')\nassert x", 1),
    ],
)
def test_a_sentence_before_the_last_line_is_lost(source, count):
    cell = Cell("c0", "code", source)
    assert len(faults_of_lost_prose(Chapter("part/sample", (cell,)))) == count


@pytest.mark.parametrize(
    "source",
    [
        "DIN beats the count.",
        "The mean is worse than the count, as we saw.",
        '$ Markdown("Both scores beat the mean.")',
        '$ Markdown(f"Of {n} models, two. The last is behind the first.")',
    ],
)
def test_a_comparison_without_a_number_is_named(source):
    (fault,) = faults_of_claims(chapter("# T\n\nW.", source))
    assert "claim(" in fault


@pytest.mark.parametrize(
    "source",
    [
        "Is DIN better than the count?",
        "Counts beat models there {cite}`somebody`.",
        "A network behind the sum. The list behind it.",
        '$ Markdown(f"DIN is {claim(word, found)} than the count: it beats {n}.")',
        '$ print("DIN beats the count.")',
    ],
)
def test_a_comparison_that_is_carried_passes(source):
    assert faults_of_claims(chapter("# T\n\nW.", source)) == []


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("One row of T clicks.", "write $T$"),
        ("Heads of E/H entries.", "write $E$"),
        ("$ Markdown(f'At T = {x} it ends.')", "write $T$"),
        ("*Means over three worlds and three seeds.*", "a note in italics"),
        ("$ Markdown('Words.\\n\\n*Means over three worlds and seeds.*')", "a note"),
    ],
)
def test_bare_letters_and_notes_in_italics_are_found(source, words):
    assert any(words in fault for fault in faults_of_setting(chapter(source)))


@pytest.mark.parametrize(
    "source",
    [
        "One row of $T$ clicks, `[B, T, E]`.",
        "# From one interest to K: ComiRec",
        "*Predict, then run*: how long does it take?",
        "**All of it is bold and a whole sentence.** Then words.",
        "$ K = 4\nMarkdown(f'{K} interests.')",
    ],
)
def test_formulas_headings_and_words_in_italics_are_no_fault(source):
    assert faults_of_setting(chapter(source)) == []
