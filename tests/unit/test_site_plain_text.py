"""The plain text of a chapter: prose, code, what was printed, figures in words."""

import json

import pytest

from seqviz.site.colab.edition import Press
from seqviz.site.contents import Page, chapters
from seqviz.site.plain_text import PlainText, outputs_of


def cell(name, kind, source, tags=()):
    metadata = {"tags": list(tags)}
    return {"id": name, "cell_type": kind, "source": source, "metadata": metadata}


def html(text):
    return {"output_type": "display_data", "data": {"text/html": text}}


CELLS = [
    cell("title", "markdown", "# A chapter\n\nRosa clicks. {cite}`mind`"),
    cell("shown", "code", "print(1 + 1)"),
    cell("hidden", "code", "draw()", ["remove-input"]),
    cell("silent", "code", "train()", ["remove-output"]),
    cell("table", "code", "show_table()", ["hide-input"]),
    cell("begin", "markdown", "```{solution-start} x\n:class: dropdown\n```"),
    cell("answer", "code", "secret = 42"),
    cell("end", "markdown", "```{solution-end}\n```"),
]
PICTURE = html(
    '<figure><img alt="Two &lt;bars&gt;"><figcaption>Which is <b>longer</b>?'
    "</figcaption></figure>"
)
TABLE = html("<table aria-label='no'><tr><td>3</td></tr></table>")
OUTPUTS = {
    "shown": [{"output_type": "stream", "name": "stdout", "text": ["2\n"]}],
    "hidden": [PICTURE],
    "silent": [{"output_type": "stream", "name": "stdout", "text": "never"}],
    "table": [{**TABLE, "data": {**TABLE["data"], "text/plain": "a\n3"}}],
    "answer": [{"output_type": "stream", "name": "stdout", "text": "42"}],
}


@pytest.fixture
def chapter(tmp_path):
    source = tmp_path / "chapter.ipynb"
    source.write_text(json.dumps({"cells": CELLS, "metadata": {}}))
    return Page("part/chapter", source, "Part")


def test_a_chapter_reads_as_text(chapter, root):
    press = Press("", root)
    known = next(iter(press.bibliography.entries))
    CELLS[0]["source"] = f"# A chapter\n\nRosa clicks. {{cite}}`{known}`"
    chapter.source.write_text(json.dumps({"cells": CELLS, "metadata": {}}))
    text = PlainText(chapter, press, OUTPUTS).text()
    assert text.startswith("# A chapter\n\nRosa clicks. ")
    assert "```python\nprint(1 + 1)\n```\n\n```\n2\n```" in text
    assert "[Figure. Two <bars>. Which is longer?]" in text
    assert "```\na\n3\n```" in text
    for word in ("draw()", "never", "show_table", "secret", "{cite", "solution"):
        assert word not in text
    assert "train()" in text


def test_every_chapter_has_a_text_without_its_run(root):
    press = Press("", root)
    for page in chapters():
        text = PlainText(page, press, {}).text()
        assert text.startswith("# ") and len(text) > 3000
        assert "{doc}" not in text and ":::" not in text


def test_what_did_not_run_gives_nothing(chapter, tmp_path):
    notebook = json.loads(chapter.source.read_text())
    notebook |= {"nbformat": 4, "nbformat_minor": 5}
    for one in notebook["cells"]:
        if one["cell_type"] == "code":
            one |= {"outputs": [], "execution_count": None}
    chapter.source.write_text(json.dumps(notebook))
    assert outputs_of(chapter.source, tmp_path / "cache") == {}
