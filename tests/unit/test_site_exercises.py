"""Every exercise says what it practices and folds its two commonest errors, anywhere.

On the page, in the Colab edition and in the plain text; tests/course has the rest.
"""

import json
import re
from functools import cache
from types import SimpleNamespace

import pytest

pytest.importorskip("myst_parser")

from markdown_it import MarkdownIt

from seqviz.checks import exercise, exercises
from seqviz.site import book
from seqviz.site.colab import edition
from seqviz.site.colab.edition import Edition, Press
from seqviz.site.contents import chapters
from seqviz.site.exercises import CHECK, KEEP_GETTING, label_of, with_words
from seqviz.site.plain_text import PlainText

PRESS = Press("cGFja2FnZQ==")
FOLD = re.compile(
    rf"<details>\n<summary>{KEEP_GETTING} (.*?)</summary>\n\n(.*?)\n\n</details>", re.S
)


@cache
def _cells(chapter):
    return json.loads(chapter.source.read_text(encoding="utf-8"))["cells"]


def _asked():
    """Yield each exercise, its chapter, and what its cells are called."""
    for chapter in chapters():
        for cell in _cells(chapter):
            call = CHECK.search("".join(cell["source"]))
            if cell["id"].startswith("try-") and call:
                yield pytest.param(
                    exercise(call["name"]), chapter, cell["id"][4:], id=call["name"]
                )


ASKED = list(_asked())
each = pytest.mark.parametrize("task, chapter, name", ASKED)


@pytest.fixture(autouse=True)
def packed(monkeypatch):
    """Let the packing rest: here only the text counts."""
    monkeypatch.setattr(edition, "packed_results", lambda names, root: "")


@cache
def _colab(chapter):
    found = Edition(chapter, PRESS).notebook()["cells"]
    return {cell["id"]: "".join(cell["source"]) for cell in found}


@cache
def _plain(chapter):
    return PlainText(chapter, PRESS, {}).text()


def _folds(mistakes):
    told = [(m.symptom, m.hint[:1].upper() + m.hint[1:]) for m in mistakes]
    assert len(told) == 2
    return told


def test_every_exercise_is_asked_in_the_book():
    names = [task.values[0].name for task in ASKED]
    assert sorted(names) == sorted(one.name for one in exercises())


@each
def test_the_page_gets_both(task, chapter, name):
    """Through the event that Sphinx sends when it reads a page."""
    source = [chapter.source.read_text(encoding="utf-8")]
    app = SimpleNamespace(env=SimpleNamespace(doc2path=lambda _: chapter.source))
    book.tell_exercises(app, chapter.name, source)
    read = [(c["id"], "".join(c["source"])) for c in json.loads(source[0])["cells"]]
    assert label_of(task) in dict(read)[f"ex-{name}"]
    order = [one for one, _ in read]
    assert order[order.index(f"try-{name}") + 1] == f"keep-{name}"
    folded = [
        f":::{{dropdown}} {KEEP_GETTING} {symptom}\n{hint}\n:::"
        for symptom, hint in _folds(task.common)
    ]
    assert dict(read)[f"keep-{name}"] == "\n\n".join(folded)
    assert ":open:" not in dict(read)[f"keep-{name}"]


@each
def test_the_colab_edition_and_the_plain_text_have_both(task, chapter, name):
    cells = _colab(chapter)
    assert label_of(task) in cells[f"ex-{name}"]
    assert FOLD.findall(cells[f"keep-{name}"]) == _folds(task.common)
    assert cells[f"keep-{name}"] in _plain(chapter)
    shown = MarkdownIt("commonmark").render(cells[f"keep-{name}"])
    assert shown.count("<details>") == 2  # closed, and never code or a quotation
    assert "<details>\n<summary>" in shown and "<pre>" not in shown


@each
def test_the_answer_is_not_given_away(task, chapter, name):
    """No line of the solution stands in a fold."""
    solution = next(c for c in _cells(chapter) if c["id"] == f"solve-{name}")
    lines = {line.strip() for line in solution["source"]} - {""}
    told = " ".join(m.symptom + m.hint for m in task.common)
    assert not [line for line in lines if len(line) > 12 and line in told]


def test_a_chapter_that_says_another_label_is_refused():
    cells = [
        {
            "id": "ex-one",
            "cell_type": "markdown",
            "source": ["*core, about 1 minutes.*"],
        },
        {"id": "try-one", "cell_type": "code", "source": ['check("einsum/gated", f)']},
    ]
    with pytest.raises(ValueError, match=r"ex-one must say \*warm-up, about 5 minutes"):
        with_words(cells)
