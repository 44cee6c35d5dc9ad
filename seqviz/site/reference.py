"""The reference: what a room of the package gives, and the chapters that use it."""

import ast
import inspect
import json
import re
from collections.abc import Iterable
from functools import cache
from importlib import import_module
from typing import Any

from docutils import nodes
from sphinx.util.inspect import stringify_signature
from traitlets import HasTraits

from seqviz.site.contents import Page, chapters

#: A default without a literal: ``<factory>``, ``<function Exercise.<lambda>>``.
_MADE = re.compile(r"<\w[\w .]*(?:<\w+>)?>")
#: What a reader looks for in no class.
_UNSAID = "training, reset_parameters, extra_repr, module"


def entries(room: str, letters: str = "a-z") -> list[str]:
    """Return what a room gives, classes first, each in MyST with its chapters.

    Args:
        room: a package below ``seqviz``.
        letters: the first letters of the names, from and to: one page would be heavy.

    Raises:
        ModuleNotFoundError: there is no such room.
    """
    module = import_module(f"seqviz.{room}")
    first, last = letters.split("-")
    named = {
        name: getattr(module, name)
        for name in sorted(module.__all__, key=str.lower)
        if first <= name[0].lower() <= last
    }
    classes = [name for name, one in named.items() if isinstance(one, type)]
    functions = [
        name for name, one in named.items() if callable(one) and name not in classes
    ]
    used = users()
    return [
        _entry(kind, f"seqviz.{room}", name, used.get(f"seqviz.{room}.{name}", []))
        for kind, names in (("class", classes), ("function", functions))
        for name in names
    ]


@cache
def users() -> dict[str, list[str]]:
    """Return for each imported name, with its module, the chapters that import it."""
    found: dict[str, list[str]] = {}
    for chapter in chapters():
        for name in sorted(set(_imports(chapter))):
            found.setdefault(name, []).append(chapter.name)
    return found


def keep_letters(lines: list[str]) -> None:
    """Set a width that is named by a letter as code: "E." would begin a list."""
    lines[:] = [
        re.sub(r"^(\s+(?:[\w*, ]+: )?)([A-Za-z])\.(?=$| )", r"\1``\2``.", line)
        for line in lines
    ]


def keep_colon(kind: str, lines: list[str]) -> None:
    """Let what is said of an attribute begin with words and a colon.

    Napoleon takes what stands before the first colon for the type; here it is nothing.
    """
    if kind in ("attribute", "property") and lines and ":" in lines[0]:
        lines[0] = f": {lines[0]}"


def own_signature(kind: str, one: Any) -> tuple[str, str] | None:
    """Return the arguments of a class whose metaclass hides them: an explorer."""
    if kind != "class" or not issubclass(one, HasTraits):
        return None
    init = inspect.signature(one.__init__)
    own = init.replace(
        parameters=list(init.parameters.values())[1:], return_annotation=init.empty
    )
    return stringify_signature(own), ""


def told_defaults(signature: str | None) -> str | None:
    """Return the arguments with ``...`` for a default that only Python could write.

    Sphinx reads no signature with ``<factory>`` in it, and shows it as it stands.
    """
    return signature and _MADE.sub("...", signature)


def is_field_number(member: Any) -> bool:
    """Tell whether all that is said of a member is its place in a named tuple."""
    return str(getattr(member, "__doc__", "")).startswith("Alias for field number")


def align(doctree: nodes.document) -> None:
    """Put formulas of several lines into an environment that KaTeX knows."""
    for node in doctree.findall(nodes.math_block):
        text = node.astext()
        if "&" in text and "\\begin" not in text:
            aligned = f"\\begin{{aligned}}\n{text}\n\\end{{aligned}}"
            node.children = [nodes.Text(aligned)]


def _imports(chapter: Page) -> Iterable[str]:
    for cell in json.loads(chapter.source.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] != "code":
            continue
        try:
            tree = ast.parse("".join(cell["source"]))
        except SyntaxError:  # a line for the notebook, as %pip
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module:
                yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _entry(kind: str, module: str, name: str, used: list[str]) -> str:
    options = (
        f"   :members:\n   :exclude-members: {_UNSAID}\n" if kind == "class" else ""
    )
    text = f"```{{eval-rst}}\n.. auto{kind}:: {module}.{name}\n{options}```\n"
    if used:
        links = ", ".join(f"{{doc}}`/{chapter}`" for chapter in used)
        text += f"\nUsed in {links}.\n"
    return text
