r"""MyST of a chapter as the Markdown that Colab shows.

The book uses few of MyST's forms, and only these are converted; any other stops the
press, so that nobody reads it raw:

==========================  =====================================================
``{cite}``                  author and year
``{doc}``                   the page's title, a link where the book is published
``{eq}``                    the formula's number
``$$ … $$ (label)``         the formula with its number, ``\tag{1}``
``{exercise}``              a heading and the text
``{dropdown}``              ``<details>``
``{note}``, ``{tip}`` …     a quotation with the word in front
==========================  =====================================================
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

#: Admonitions, by the word that stands in front.
ADMONITIONS = {
    name: name.capitalize()
    for name in ("note", "tip", "hint", "important", "warning", "caution", "seealso")
}
SOLUTION = re.compile(
    r"\s*```\{solution-(start|end)\}[^\n]*\n(?::[\w-]+:[^\n]*\n)*```\s*"
)

_FENCE = re.compile(r"^(?P<indent> *)(?P<marks>`{3,}|~{3,}|:{3,})[ ]*(?P<info>.*?)\s*$")
_DIRECTIVE = re.compile(r"^\{(?P<name>[^}]*)\}[ ]*(?P<argument>.*)$")
_OPTION = re.compile(r"^:[\w-]+:(?: .*)?$")
_LABELED = re.compile(r"^(?P<before>.*?)\$\$[ ]*\((?P<label>[\w:-]+)\)[ ]*$")
_SPAN = re.compile(r"(?:\{(?P<role>[a-zA-Z][\w:+-]*)\})?(?P<ticks>`+)(?P<text>.+?)"
                   r"(?<!`)(?P=ticks)(?!`)", re.S)  # fmt: skip
_IN_CODE = re.compile(r"\{{1,2}(cite|doc|eq|ref|numref)\}{1,2}`([^`]+)`")
_FOREIGN = (
    (re.compile(r"^\([\w:-]+\)=\s*$", re.M), "a label"),
    (re.compile(r"^\+\+\+", re.M), "a block break"),
    (re.compile(r"^%", re.M), "a comment"),
    (re.compile(r"^: +\S", re.M), "a definition list"),
    (re.compile(r"\{\{|\}\} *\n"), "a substitution"),
    (re.compile(r"\[\^"), "a footnote"),
    (re.compile(r"\]\((?!https?://|#)"), "a link to a file"),
)


class NotConverted(ValueError):
    """A form of MyST that the Colab edition cannot show."""


@dataclass(frozen=True, kw_only=True)
class Words:
    """What the roles of a chapter stand for.

    Args:
        cite: from the keys of a citation to its text.
        title: from the target of a ``{doc}`` to its text.
        numbers: from the label of a formula to its number.
    """

    cite: Callable[[str], str]
    title: Callable[[str], str]
    numbers: Mapping[str, int]


class _Directive(NamedTuple):
    name: str
    argument: str
    body: str


def labels(text: str) -> list[str]:
    """Return the labels of the formulas in a text, in order."""
    found = (_LABELED.match(line) for line in text.splitlines())
    return [match["label"] for match in found if match]


def to_markdown(text: str, words: Words, level: int = 3) -> str:
    """Return a Markdown cell of a chapter as Colab's Markdown.

    Args:
        text: MyST.
        words: what its roles stand for.
        level: of an exercise's heading.

    Raises:
        NotConverted: for a form that is not in the list above.
    """
    parts: list[str] = []
    prose: list[str] = []
    for piece in _pieces(text):
        if isinstance(piece, str):
            prose.append(piece)
            continue
        parts.append(_prose("\n".join(prose), words))
        prose = []
        if isinstance(piece, _Directive):
            parts.append(_shown(piece, words, level))
        else:
            parts.append("\n".join(piece))
    parts.append(_prose("\n".join(prose), words))
    return "\n".join(part for part in parts if part)


def in_code(source: str, words: Words) -> str:
    """Return the source of a cell with the roles of its texts replaced.

    Raises:
        NotConverted: for another role, or words that would end the text they stand in.
    """

    def shown(found: re.Match[str]) -> str:
        role, text = found.groups()
        new = _role_shown(role, text, words)
        if set(new) & set("\"'\\\n{}"):
            raise NotConverted(f"{found[0]} in code, for {new!r}")
        return new

    return _IN_CODE.sub(shown, source)


def _pieces(text: str) -> Iterator[str | list[str] | _Directive]:
    """Yield lines of prose, code fences as lists of lines, and directives."""
    lines = iter(text.splitlines())
    for line in lines:
        fence = _FENCE.match(line)
        if not fence or (fence["marks"][0] == "`" and "`" in fence["info"]):
            yield line
            continue
        inside = _until(lines, fence["marks"])
        directive = _DIRECTIVE.match(fence["info"])
        if directive:
            yield _Directive(
                directive["name"], directive["argument"], _without_options(inside)
            )
        elif fence["marks"].startswith(":"):
            raise NotConverted(f"a fence of colons without a name: {line!r}")
        else:
            yield [line, *inside, fence["indent"] + fence["marks"]]


def _until(lines: Iterator[str], marks: str) -> list[str]:
    inside: list[str] = []
    for line in lines:
        bare = line.strip()
        if len(bare) >= len(marks) and set(bare) == {marks[0]}:
            return inside
        inside.append(line)
    raise NotConverted(f"a fence that nothing ends: {marks}")


def _without_options(lines: list[str]) -> str:
    if lines and lines[0] == "---":
        raise NotConverted("options between two lines of dashes")
    kept = 0
    while kept < len(lines) and _OPTION.match(lines[kept]):
        kept += 1
    return "\n".join(lines[kept:]).strip("\n")


def _shown(directive: _Directive, words: Words, level: int) -> str:
    name, argument, body = directive
    inside = to_markdown(body, words, level + 1)
    if name == "exercise":
        return f"{'#' * level} {_prose(argument, words)}\n\n{inside}"
    if name == "dropdown":
        summary = f"<details>\n<summary>{_prose(argument, words)}</summary>"
        return f"{summary}\n\n{inside}\n\n</details>"
    if name in ADMONITIONS or name == "admonition":
        head = argument or ADMONITIONS.get(name, "")
        quoted = [f"> {line}".rstrip() for line in inside.splitlines()]
        return "\n".join([f"> **{_prose(head, words)}**", ">", *quoted])
    raise NotConverted(f"the directive {{{name}}}")


def _prose(text: str, words: Words) -> str:
    bare = _SPAN.sub("`…`", text)
    for pattern, what in _FOREIGN:
        if found := pattern.search(bare):
            raise NotConverted(f"{what}: {_around(bare, found)!r}")
    lines = [_numbered(line, words) for line in text.split("\n")]
    return _SPAN.sub(lambda span: _role(span, words), "\n".join(lines))


def _numbered(line: str, words: Words) -> str:
    formula = _LABELED.match(line)
    if not formula:
        return line
    number = f"\\tag{{{words.numbers[formula['label']]}}}"
    before = formula["before"]
    # on its own line where the formula has its own lines
    return f"{before} {number} $$" if before else f"{number}\n$$"


def _role(span: re.Match[str], words: Words) -> str:
    if span["role"] is None:
        return span[0]
    return _role_shown(span["role"], span["text"], words)


def _role_shown(role: str, text: str, words: Words) -> str:
    if role == "cite":
        return words.cite(text)
    if role == "doc":
        return words.title(text)
    if role == "eq":
        if text not in words.numbers:
            raise NotConverted(f"a formula of another page: {text}")
        return f"({words.numbers[text]})"
    raise NotConverted(f"the role {{{role}}}`{text}`")


def _around(text: str, found: re.Match[str]) -> str:
    return text[max(0, found.start() - 20) : found.end() + 30]
