"""The linker of the front end, and what every module owes it."""

import re
import shutil
import subprocess

import pytest

from seqviz.explorers import MODULES
from seqviz.explorers.core import svg
from seqviz.explorers.core.front import CORE, FOLDERS, source
from seqviz.explorers.core.link import LinkError, link


def write(folder, **files):
    """Write ``name="text"`` as name.js; return the path of the last one."""
    for name, text in files.items():
        path = folder / f"{name}.js"
        path.write_text(text)
    return path


def run(expression):
    """Return what node prints of an expression."""
    node = shutil.which("node") or pytest.skip("no node on this machine")
    done = subprocess.run(
        [node, "-p", expression], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_values_functions_classes_and_other_names_are_linked(tmp_path):
    entry = write(
        tmp_path,
        base="export const one = 1;\nexport function two() { return one + 1; }\n",
        kinds="export class Three { get() { return 3; } }\n"
        "export async function later() {}\nexport function* many() { yield 4; }\n",
        view='import { one, two as second } from "./base.js";\n'
        'import {\n  Three,\n  many,\n} from "./kinds.js";\n'
        "export default [one, second(), new Three().get(), ...many()].join();\n",
    )
    assert run(link(entry, "default")) == "1,2,3,4"
    assert run(link(tmp_path / "base.js", "one")) == "1"


def test_the_names_that_modules_keep_to_themselves_never_meet(tmp_path):
    entry = write(
        tmp_path,
        a='const own = "a";\nexport const first = () => own;\n',
        b='const own = "b";\nconst first = "its own";\n'
        "export const second = () => own + first.length;\n",
        view='import { first as one } from "./a.js";\n'
        'import { second } from "./b.js";\n'
        'const own = "view";\nconst first = own.length;\n'
        "export default [own, one(), second(), first].join();\n",
    )
    assert run(link(entry, "default")) == "view,a,b7,4"


def test_a_worker_travels_with_all_that_it_imports(tmp_path):
    entry = write(
        tmp_path,
        base='export const said = "it\'s \\"here\\"";\n',
        worker='import { said } from "./base.js";\n'
        "export default function serve(scope) { scope.heard = said; }\n",
        view='export default new URL("./worker.js", import.meta.url);\n',
    )
    text = link(entry, "default")
    assert "import" not in text and text.count("new Blob([") == 1
    stand_in = (
        "const self = {}; let script; class Blob { constructor([text]) "
        "{ script = text; } } const URL = { createObjectURL: () => 0 };"
    )
    assert run(f"{stand_in} {text}; eval(script); self.heard") == 'it\'s "here"'
    (tmp_path / "worker.js").unlink()
    with pytest.raises(LinkError, match="view.js:1: there is no file worker.js"):
        link(entry, "default")


def test_a_module_runs_once_and_only_if_it_is_imported(tmp_path):
    entry = write(
        tmp_path,
        count="let calls = 0;\nexport const next = () => ++calls;\n",
        a='import { next } from "./count.js";\nexport const a = next();\n',
        b='import { next } from "./count.js";\nexport const b = next();\n',
        unused='export const odd = "never";\n',
        view='import { a } from "./a.js";\nimport { b } from "./b.js";\n'
        "export default [a, b].join();\n",
    )
    text = link(entry, "default")
    assert run(text) == "1,2"
    assert "never" not in text and text.count("let calls") == 1


def test_what_begins_like_an_import_in_a_comment_is_no_import(tmp_path):
    entry = write(
        tmp_path,
        view='/** @import { A } from "./a.js" */\n// import it, export it\n'
        "/* export\n   import */\n/** @type {number} */ (globalThis).x = 5;\n"
        "/**\n * A number.\n */\nexport default x;\n",
    )
    text = link(entry, "default")
    assert run(text) == "5"
    assert "A number" not in text  # what is written for people stays at home


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('\nimport { a } from "./b.js";\n', r"view.js:2: b.js does not export a"),
        ('import { x } from "./none.js";\n', r"view.js:1: there is no file none.js"),
        ('import x from "./b.js";\n', r"view.js:1: cannot link 'import x"),
        ('import * as x from "./b.js";\n', r"view.js:1: cannot link"),
        ('import "./b.js";\n', r"view.js:1: cannot link"),
        ('import { x } from "b";\n', r"view.js:1: cannot link"),
        ('import { x } from "./b.mjs";\n', r"view.js:1: cannot link"),
        ('/* a\n b */\nconst x = import("./b.js");\n', r"view.js:3: cannot link"),
        ('export * from "./b.js";\n', r"view.js:1: cannot link 'export \*"),
        ("const x = 1;\nexport { x };\n", r"view.js:2: cannot link"),
        ("export let x = 1;\n", r"view.js:1: cannot link 'export let"),
        ("  export const x = 1;\n", r"view.js:1: cannot link"),
        ("export const { x } = {};\n", r"view.js:1: cannot link"),
        ("const x = 1;\n", r"view.js:1: the module does not export default"),
    ],
)
def test_what_cannot_be_linked_is_refused_by_file_and_line(tmp_path, text, reason):
    entry = write(tmp_path, b="export const x = 1;\n", view=text)
    with pytest.raises(LinkError, match=reason):
        link(entry, "default")


def test_a_cycle_is_refused(tmp_path):
    entry = write(
        tmp_path,
        a='import { b } from "./b.js";\nexport const a = 1;\n',
        b='import { a } from "./a.js";\nexport const b = 1;\n',
        view='import { a } from "./a.js";\nexport default a;\n',
    )
    with pytest.raises(LinkError, match=r"b.js:1: a.js imports this file too"):
        link(entry, "default")


# ---- What every module owes --------------------------------------------------


@pytest.mark.parametrize("name", FOLDERS)
def test_a_figure_imports_from_core_and_its_own_folder_only(name):
    for path in FOLDERS[name].rglob("*.js"):
        for file in re.findall(r'^.*from "(.*)";$', path.read_text(), re.M):
            found = (path.parent / file).resolve()
            own = FOLDERS[name] in found.parents
            assert own or found.parent == CORE, (path, file)


def test_every_file_is_in_some_module():
    linked = "\n".join(MODULES.values()).replace("\\n", "\n")  # a worker's too
    for path in CORE.parent.rglob("*.js"):
        if path != CORE / "host.js":
            assert f"// {path.parent.name}/{path.name}\n" in linked


@pytest.mark.parametrize("name", FOLDERS)
def test_the_rules_of_a_figure_stand_inside_its_own_class(name):
    text = (FOLDERS[name] / "style.css").read_text()
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    outside, depth = "", 0
    for sign in text:
        depth -= sign == "}"
        outside += sign if not depth and sign != "}" else ""
        depth += sign == "{"
    assert outside.split() == [f".sv-{name}-explorer", "{"]


@pytest.mark.parametrize("name", FOLDERS)
def test_no_style_sheet_stands_in_a_module(name):
    assert 'el("style"' not in source(FOLDERS[name])


def test_the_signs_are_the_same_in_python_and_in_the_page():
    text = (CORE / "signs.js").read_text()
    assert tuple(re.findall(r'^  "(M[^"]+)",$', text, re.M)) == svg.SIGNS
    assert "const SIGNS = [" in text
