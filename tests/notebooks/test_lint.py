"""The habits of the notebooks: small, clean, and the same in every chapter."""

import ast
import re
from pathlib import Path

import nbformat
import pytest

from seqviz.checks import exercises
from seqviz.site.contents import chapters, pages

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = [chapter.source for chapter in chapters()]
PAGES = sorted((ROOT / "book").rglob("*.md"))
FIRST_CELL = ROOT / "book" / "first_cell.py"
MOST_COLUMNS = 80

each_notebook = pytest.mark.parametrize(
    "path", NOTEBOOKS, ids=lambda path: str(path.relative_to(ROOT))
)


def _read(path):
    return nbformat.read(path, as_version=4)


def _code(path):
    return [cell for cell in _read(path).cells if cell.cell_type == "code"]


def _calls(tree):
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call)]


def _name(call):
    """Return ``plt.show`` for ``plt.show()``, the last two parts of a longer name."""
    return ".".join(ast.unparse(call.func).split(".")[-2:])


def test_every_file_of_text_stands_in_the_table_of_contents():
    listed = {page.source for page in pages()}
    found = {
        path
        for ending in ("*.ipynb", "*.md")
        for path in (ROOT / "book").rglob(ending)
        if ".ipynb_checkpoints" not in path.parts
    }
    assert {str(path.relative_to(ROOT)) for path in found ^ listed} == set()


@pytest.mark.parametrize("chapter", chapters(), ids=lambda chapter: chapter.name)
def test_a_chapter_states_its_question_its_time_and_what_it_needs(chapter):
    """The front page and the links to the neighbors show them."""
    assert re.fullmatch(r"[A-Z][^$`{]*\?", chapter.question)  # plain text
    assert chapter.minutes
    before = [page.name for page in chapters()]
    before = before[: before.index(chapter.name)]
    assert set(chapter.needs) <= set(before)


@each_notebook
def test_notebook_is_valid(path):
    nbformat.validate(_read(path))


@each_notebook
def test_no_outputs_are_committed(path):
    for number, cell in enumerate(_code(path)):
        assert cell.outputs == [], f"code cell {number} keeps an output"
        assert cell.execution_count is None, f"code cell {number} keeps a count"
    assert "widgets" not in _read(path).metadata


@each_notebook
def test_cells_have_ids_of_their_own(path):
    ids = [cell.get("id") for cell in _read(path).cells]
    assert all(ids), "a cell has no id: save it with nbformat 4.5 or newer"
    assert len(ids) == len(set(ids))


@each_notebook
def test_kernel_is_plain_python(path):
    assert _read(path).metadata["kernelspec"]["name"] == "python3"


@each_notebook
def test_code_is_narrow(path):
    wide = [
        line
        for cell in _code(path)
        for line in cell.source.splitlines()
        if len(line) > MOST_COLUMNS
    ]
    assert wide == []


@each_notebook
def test_every_figure_goes_through_show(path):
    """Only show() and the explorers give a figure that the page can draw."""
    for cell in _code(path):
        tree = ast.parse(cell.source)
        for call in _calls(tree):
            name = _name(call)
            assert name not in {"plt.show", "fig.show", "figure.show", "chart.show"}, (
                f"{name}() leaves an empty box in the page: "
                "use seqviz.figures.show(figure, alt=...)"
            )
            if name == "show":
                alt = {word.arg: word.value for word in call.keywords}.get("alt")
                alt = alt or (call.args[1] if len(call.args) > 1 else None)
                assert alt is not None, f"no alt text: {ast.unparse(call)[:60]}"
                assert not (isinstance(alt, ast.Constant) and not alt.value.strip())
        last = tree.body[-1] if tree.body else None
        bare = last.value if isinstance(last, ast.Expr) else None
        assert not (isinstance(bare, ast.Name) and bare.id in {"fig", "figure"}), (
            "a figure as the last line renders blank: use seqviz.figures.show"
        )


@each_notebook
def test_pictures_in_the_text_have_words(path):
    for cell in _read(path).cells:
        if cell.cell_type == "markdown":
            assert re.findall(r"!\[\s*\]\(", cell.source) == []


def _prose():
    """Every Markdown text of the book: (where, text)."""
    texts = [(str(p.relative_to(ROOT)), p.read_text("utf-8")) for p in PAGES]
    for path in NOTEBOOKS:
        for cell in _read(path).cells:
            if cell.cell_type == "markdown":
                texts.append((f"{path.relative_to(ROOT)}, cell {cell.id}", cell.source))
    return texts


def doubled_backslashes(text):
    r"""Return the formulas with \\log where \log is meant; a line break is none."""
    formulas = re.findall(r"(\${1,2})(?!\$)(.+?)\1", text, flags=re.DOTALL)
    return [f for _, f in formulas if re.search(r"(?<!\\)\\\\[A-Za-z]", f)]


def test_formulas_have_single_backslashes():
    wrong = {where: doubled_backslashes(text) for where, text in _prose()}
    assert {where: found for where, found in wrong.items() if found} == {}


@pytest.mark.parametrize(
    ("text", "count"),
    [
        (r"gains $1 / \\log_2(n + 1)$.", 1),
        (r"gains $1 / \log_2(n + 1)$.", 0),
        ("$$\n\\\\sum_t a_t\n$$", 1),
        (r"$$a \\ b$$ and $$a \\\alpha$$", 0),
        (r"a path C:\\temp costs 3", 0),
    ],
)
def test_a_doubled_backslash_is_seen(text, count):
    assert len(doubled_backslashes(text)) == count


def _exercises_of_the_book():
    """Return label -> text of every exercise in the chapters."""
    found = {}
    for _, text in _prose():
        for body in re.findall(r"(?ms)^(`{3,}|:{3,})\{exercise\}(.*?)^\1", text):
            label = re.search(r"(?m)^:label: *(\S+)$", body[1])
            assert label, f"an exercise has no label: {body[1][:60]}"
            found[label[1]] = body[1]
    return found


def test_exercises_say_what_the_checks_say():
    """Difficulty and minutes stand in the chapter and in seqviz.checks."""
    told = _exercises_of_the_book()
    known = {e.name.replace("/", "-"): f"*{e.label}.*" for e in exercises()}
    assert set(known) <= set(told)
    assert {n: words for n, words in known.items() if words not in told[n]} == {}


@each_notebook
def test_the_place_of_an_option_says_nothing(path):
    """Nobody passes a quiz by always taking the same place."""
    places = [
        [option.args[1].value for option in call.args[1].elts].index(True)
        for cell in _code(path)
        if "Quiz(" in cell.source
        for call in _calls(ast.parse(cell.source))
        if getattr(call.func, "id", None) == "Question"
    ]
    assert len(places) < 3 or len(set(places)) > 1, places


def test_first_cell_is_short_and_narrow():
    lines = FIRST_CELL.read_text("utf-8").splitlines()
    assert len(lines) <= 14
    assert max(map(len, lines)) <= MOST_COLUMNS


def test_nothing_installs_seqviz_from_an_index():
    """The name belongs to another project there."""
    files = [ROOT / "Makefile", ROOT / "README.md", ROOT / ".ci" / "run"]
    kinds = {".bib", ".css", ".ipynb", ".md", ".py", ".toml"}
    files += [path for path in (ROOT / "book").rglob("*") if path.suffix in kinds]
    for path in files:
        text = path.read_text("utf-8")
        assert not re.search(r"(?i)pip3? +install[^\n]*[ \"']seqviz(?![-_.\w/])", text)
        assert "install seqviz-book" not in text
