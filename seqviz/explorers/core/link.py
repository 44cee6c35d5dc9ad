"""Links ES modules into one text, for hosts that load a single file.

Each module becomes a function: what it imports are its parameters, what it exports is
its value. So names that a module keeps to itself never meet those of another, and only
modules that are imported are in the text. The linker reads these forms, each beginning
a line, and refuses every other::

    import { a, b as c } from "./file.js";
    export function f() {}    // also async function, function*, class, const
    export default value;

Inside a line it reads ``new URL("./file.js", import.meta.url)``, the address of a
worker's script: a Blob with that file and all that it imports, so that a worker starts
wherever the text runs, also on a page opened from the disk. The default export of the
file is called with the worker's scope.
"""

import json
import re
from pathlib import Path
from typing import NamedTuple

_IMPORT = re.compile(r'^import \{([\w$,\s]*)\} from "(\.\.?/[^"\n]+\.js)";$', re.M)
_NAME = re.compile(r"([\w$]+)(?:\s+as\s+([\w$]+))?\s*(?:,|$)")
_EXPORT = re.compile(
    r"^export (?=(?:(?:async )?function\*?|const|class) ([\w$]+))", re.M
)
_WORKER = re.compile(r'new URL\("(\.\.?/[^"\n]+\.js)", import\.meta\.url\)')
_DEFAULT = re.compile(r"^export default ", re.M)
_COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.S)
_DOC = re.compile(r"^[ \t]*/\*\*(?:(?!\*/).)*\*/\n", re.M | re.S)
_OTHER = re.compile(r"\b(?:import|export)\b.*")


class LinkError(ValueError):
    """A module that cannot be linked: the file, the line, the reason."""

    def __init__(self, path: Path, line: int, reason: str) -> None:
        super().__init__(f"{path}:{line}: {reason}")


class _Module(NamedTuple):
    body: str
    exports: dict[str, str]  # as the others call it: as it is called here
    imports: list[tuple[Path, dict[str, str], int]]  # file, such names, line


def link(entry: Path, name: str) -> str:
    """Return an expression whose value is what a module exports by this name.

    Raises:
        LinkError: for a file or an export that is missing, a cycle, a form that the
            linker does not read.
    """
    entry = entry.resolve()
    modules: dict[Path, _Module] = {}

    def visit(path: Path, importers: list[Path]) -> None:
        module = _read(path)
        importers = [*importers, path]
        for other, names, line in module.imports:
            if other in importers:
                raise LinkError(path, line, f"{other.name} imports this file too")
            if not other.is_file():
                raise LinkError(path, line, f"there is no file {other.name}")
            if other not in modules:
                visit(other, importers)
            for missing in names.keys() - modules[other].exports.keys():
                raise LinkError(path, line, f"{other.name} does not export {missing}")
        modules[path] = module  # behind all that it imports

    visit(entry, [])
    if name not in modules[entry].exports:
        raise LinkError(entry, 1, f"the module does not export {name}")
    place = {path: f"${number}" for number, path in enumerate(modules)}
    lines = ["(() => {", '"use strict";']
    for path, (body, exports, imports) in modules.items():
        taken = ", ".join(_object(names) for _, names, _ in imports)
        given = ", ".join(place[other] for other, _, _ in imports)
        lines += [f"// {path.parent.name}/{path.name}"]
        lines += [f"const {place[path]} = (({taken}) => {{", body]
        lines += [f"return {_object(exports)};", f"}})({given});"]
    return "\n".join([*lines, f"return {place[entry]}.{name};", "})()"])


def _read(path: Path) -> _Module:
    text = path.read_text(encoding="utf-8")
    exports = {name: name for name in _EXPORT.findall(text)}
    if _DEFAULT.search(text):
        exports["default"] = "$default"
    imports = [
        (
            (path.parent / found[2]).resolve(),
            {there: here or there for there, here in _NAME.findall(found[1])},
            text.count("\n", 0, found.start()) + 1,
        )
        for found in _IMPORT.finditer(text)
    ]
    body = _EXPORT.sub("", _DEFAULT.sub("const $default = ", _IMPORT.sub(_gone, text)))
    code = _WORKER.sub("", _COMMENT.sub(_gone, body))
    if other := _OTHER.search(code):
        line = code.count("\n", 0, other.start()) + 1
        raise LinkError(path, line, f"cannot link {other[0].strip()!r}")
    body = _DOC.sub("", body).strip("\n")
    return _Module(_WORKER.sub(lambda it: _blob(path, it), body), exports, imports)


def _blob(path: Path, found: re.Match[str]) -> str:
    """Return an expression for the address of a worker's script."""
    worker = path.parent / found[1]
    if not worker.is_file():
        text = path.read_text(encoding="utf-8")
        line = text.count("\n", 0, text.index(found[0])) + 1
        raise LinkError(path, line, f"there is no file {worker.name}")
    text = json.dumps(f"{link(worker, 'default')}(self);", ensure_ascii=False)
    return f'URL.createObjectURL(new Blob([{text}], {{ type: "text/javascript" }}))'


def _gone(found: re.Match[str]) -> str:
    """Return what keeps the numbers of the lines where the match was."""
    return "\n" * found[0].count("\n")


def _object(names: dict[str, str]) -> str:
    return "{ " + ", ".join(f"{there}: {here}" for there, here in names.items()) + " }"
