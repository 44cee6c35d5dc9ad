"""Every chapter's Colab edition: nothing raw, nothing given away, nothing fetched."""

import ast
import json
import re
import sys
from functools import cache

import pytest

pytest.importorskip("myst_parser")

from kinds.introductions import bound, free_names
from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin

from seqviz.explorers import Quiz
from seqviz.site.colab import carried, edition
from seqviz.site.colab.edition import Edition, Press, editions
from seqviz.site.colab.quizzes import sealed
from seqviz.site.contents import chapters

CHAPTERS = chapters()
each_chapter = pytest.mark.parametrize(
    "chapter", CHAPTERS, ids=lambda chapter: chapter.name
)
#: The pages before the first part set no exercise.
each_with_exercises = pytest.mark.parametrize(
    "chapter", [c for c in CHAPTERS if c.part], ids=lambda chapter: chapter.name
)
#: What CommonMark leaves as it stands, and MyST would not.
RAW = re.compile(r"\{[a-z][\w:-]*\}$|:::|^:[\w-]+:|\)=$|^\+\+\+|\{\{|\[\^")


PRESS = Press("cGFja2FnZQ==")


@pytest.fixture(autouse=True)
def packed(monkeypatch):
    """Let the packing rest: here only the text counts."""
    monkeypatch.setattr(edition, "packed_results", lambda names, root: "/".join(names))


@cache
def _made(chapter, solutions=False):
    return Edition(chapter, PRESS, solutions=solutions).notebook()


def _cells(notebook, kind):
    return [
        (cell["id"], "".join(cell["source"]))
        for cell in notebook["cells"]
        if cell["cell_type"] == kind
    ]


def _raw(text):
    """Yield what a reader in Colab would see as MyST."""
    renderer = MarkdownIt("commonmark").enable("table")
    dollarmath_plugin(renderer)
    for token in renderer.parse(text):
        if token.type == "math_block_label":
            yield token.info
        if token.type == "fence" and token.info.startswith("{"):
            yield token.info
        for child in token.children or ():
            if child.type == "text":
                for line in child.content.splitlines():
                    if RAW.search(line.rstrip()):
                        yield line


@pytest.mark.parametrize(
    "text", ["a {cite}`b`", "```{note}\n```", "$$\na\n$$ (b)", ":::{tip}", ":label: a"]
)
def test_the_net_catches_what_is_raw(text):
    assert list(_raw(text))


@each_chapter
@pytest.mark.parametrize("solutions", [False, True], ids=["student", "solutions"])
def test_no_markdown_is_raw(chapter, solutions):
    notebook = _made(chapter, solutions)
    faults = {
        name: found
        for name, text in _cells(notebook, "markdown")
        if (found := list(_raw(text)))
    }
    assert faults == {}
    assert notebook["cells"][0]["source"][0].startswith("# ")
    assert notebook["metadata"]["colab"]["name"].startswith(chapter.source.stem)


@each_with_exercises
def test_no_solution_and_no_right_option_is_in_sight(chapter):
    notebook = _made(chapter)
    student = json.dumps(notebook, ensure_ascii=False)
    original = json.loads(chapter.source.read_text(encoding="utf-8"))
    inside, secret = False, []
    for cell in original["cells"]:
        source = "".join(cell["source"])
        if "{solution-start}" in source:
            inside = True
        elif "{solution-end}" in source:
            inside = False
        elif inside:
            secret.append(cell["id"])
    assert secret
    names = {cell["id"] for cell in notebook["cells"]}
    assert not names & set(secret)
    assert "def solution" not in student
    made = dict(_cells(notebook, "code"))
    quizzes = [c["id"] for c in original["cells"] if "Quiz(" in "".join(c["source"])]
    assert quizzes
    for name in quizzes:
        packed = r'.*\n\nQuiz\.sealed\(\n(    "[A-Za-z0-9+/=]+"\n)+\)'
        assert re.fullmatch(packed, made[name], re.S)
        assert "Option" not in made[name]


@each_with_exercises
def test_the_solutions_stand_in_sections_that_are_collapsed(chapter):
    notebook = _made(chapter, True)
    collapsed = notebook["metadata"]["colab"]["collapsed_sections"]
    heads = [n for n, text in _cells(notebook, "markdown") if text == "#### Solution"]
    assert heads and heads == collapsed
    # beside them it is the students' edition; nbval runs both as one (book/conftest.py)
    student = _cells(_made(chapter), "code")
    names = {name for name, _ in student}
    code = _cells(notebook, "code")
    assert student == [(name, source) for name, source in code if name in names]


@each_with_exercises
def test_no_cell_of_a_student_needs_a_solution(chapter):
    student = {name for name, _ in _cells(_made(chapter), "code")}
    solved = set()  # what has its value from a solution
    for name, source in _cells(_made(chapter, True), "code"):
        tree = ast.parse(re.sub(r"(?m)^%", "#%", source))
        if name in student:
            assert not {use.name for use in free_names(tree)} & solved, name
            solved -= bound(tree)
        else:
            solved |= bound(tree)


@each_chapter
def test_hidden_code_is_a_form_and_hidden_output_is_collapsed(chapter):
    made = {cell["id"]: cell for cell in _made(chapter)["cells"]}
    for cell in json.loads(chapter.source.read_text(encoding="utf-8"))["cells"]:
        tags = cell["metadata"].get("tags", [])
        if cell["cell_type"] != "code" or cell["id"] not in made:
            continue
        now = made[cell["id"]]
        hidden = bool({"hide-input", "remove-input"} & set(tags))
        assert (now["metadata"].get("cellView") == "form") == hidden
        assert ("# @title " in "".join(now["source"][:2])) == hidden
        assert now["metadata"].get("collapsed", False) == ("hide-output" in tags)
        assert not {"hide-input", "tags"} & set(now["metadata"])


@each_chapter
def test_the_code_is_that_of_the_chapter_and_fetches_nothing(chapter):
    notebook = _made(chapter)
    assert "accelerator" not in notebook["metadata"]
    for name, source in _cells(notebook, "code"):
        ast.parse(re.sub(r"(?m)^%", "#%", source))
        assert not re.search(r"pip\b.*install|urlopen|subprocess", source), name


def test_a_chapter_carries_the_stored_results_that_it_reads():
    carries = {c.name: set(Edition(c, PRESS)._reads()) for c in CHAPTERS}
    for chapter in CHAPTERS:
        text = chapter.source.read_text(encoding="utf-8")
        for stored in PRESS.stored:
            study = stored.removesuffix("_runs.npz")
            assert (f'\\"{study}\\"' in text) == (stored in carries[chapter.name])
    assert any(len(stored) > 1 for stored in carries.values())


def test_all_chapters_are_found():
    names = [one.name for one in editions(PRESS)]
    stems = [chapter.source.stem for chapter in CHAPTERS]
    assert names[::2] == [f"{stem}.ipynb" for stem in stems]
    assert names[1::2] == [f"{stem}_solutions.ipynb" for stem in stems]


def test_links_stand_for_titles_once_the_book_is_published(monkeypatch):
    chapter = next(c for c in CHAPTERS if c.name == "interests/diversity")
    assert "*From one interest to K: ComiRec-SA*" in json.dumps(
        _made(chapter), ensure_ascii=False
    )
    monkeypatch.setattr(edition, "is_published", lambda root: True)
    text = Edition(chapter, Press("")).text()
    link = r"\[From one interest to K: ComiRec-SA\]\(https://[^)]*comirec_sa\.html\)"
    assert re.search(link, text)


def test_a_quiz_is_the_same_once_unpacked():
    source = (
        "from seqviz.explorers import Option, Question, Quiz\n\n"
        "Quiz([Question('Which?', [Option('No', False, 'Because.'),"
        " Option('Ja „so“', True, 'Yes.')])], title='Now you')"
    )
    there, here = {}, {}
    exec(source.replace("\nQuiz(", "\nquiz = Quiz("), there)
    packed = sealed(source)
    assert not re.search("Ja|Yes|Because|True", packed)
    exec(packed.replace("\nQuiz.", "\nquiz = Quiz."), here)
    assert here["quiz"].state() == there["quiz"].state()
    assert isinstance(here["quiz"], Quiz)


@pytest.mark.parametrize(
    "source", ["Quiz(questions)", "x = 1\nQuiz([])", "quiz = Quiz([])", "Quiz([f()])"]
)
def test_a_quiz_that_cannot_be_read_is_refused(source):
    with pytest.raises(ValueError, match="Quiz must"):
        sealed(source)


def test_what_is_carried_is_unpacked_and_can_be_imported(monkeypatch, tmp_path):
    monkeypatch.delitem(sys.modules, "seqviz")
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    one = carried.pack({"carried_one/__init__.py": b"VALUE = 3"})
    two = carried.pack({"book/part/chapter_runs.npz": bytes(range(256)) * 20})
    assert one == carried.pack({"carried_one/__init__.py": b"VALUE = 3"})
    exec(carried.unpacking(one, two), {})
    folder = tmp_path / next(tmp_path.iterdir()).name
    assert sys.path[0] == str(folder)
    assert (folder / "carried_one" / "__init__.py").read_bytes() == b"VALUE = 3"
    assert (folder / "book" / "part" / "chapter_runs.npz").stat().st_size == 5120


def test_stored_runs_are_the_same_when_packed_anew(root, tmp_path):
    np = pytest.importorskip("numpy")
    (tmp_path / "book" / "part").mkdir(parents=True)
    path = tmp_path / "book" / "part" / "a_runs.npz"
    values = np.random.default_rng(0).normal(size=40)
    np.savez_compressed(path, told=np.array("{}"), **{"0/recall@20": values})
    ((name, content),) = carried.stored("part/a_runs.npz", tmp_path).items()
    assert name == "book/part/a_runs.npz"
    (tmp_path / "again.npz").write_bytes(content)
    with np.load(tmp_path / "again.npz") as again:
        assert str(again["told"]) == "{}"
        np.testing.assert_array_equal(again["0/recall@20"], values)
