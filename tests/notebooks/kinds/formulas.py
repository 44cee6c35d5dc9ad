"""Formulas of a Markdown text, and the letters that stand in them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

FORMULA = re.compile(r"(?s)(?<![\\$])(\${1,2})(?!\$)(.+?)(?<!\\)\1")
CODE = re.compile(r"(?s)(`+).+?\1")
GREEK = set(
    "alpha beta gamma delta epsilon varepsilon zeta eta theta iota kappa lambda mu nu "
    "xi pi rho sigma tau phi varphi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma "
    "Phi Psi Omega ell".split()
)
DECORATED = {"mathbf", "hat", "bar", "tilde", "mathbb", "mathcal", "boldsymbol", "vec"}
WORDS = {"text", "operatorname", "mathrm", "begin", "end", "tag", "label", "textbf"}


@dataclass(frozen=True)
class Symbol:
    """A letter of a formula with its decoration, and the letters of its subscript."""

    name: str
    subscript: str
    start: int
    end: int


def formulas(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield start, end and inside of each formula of a text; code holds none."""
    blank = CODE.sub(lambda hit: " " * len(hit[0]), text)
    for hit in FORMULA.finditer(blank):
        yield hit.start(), hit.end(), hit[2]


def symbols(tex: str) -> list[Symbol]:
    """Return the letters of a formula in order, without those of subscripts."""
    return list(_symbols(tex, 0, len(tex)))


def _symbols(tex: str, start: int, stop: int) -> Iterator[Symbol]:
    place = start
    while place < stop:
        command = re.compile(r"\\([A-Za-z]+)\s*").match(tex, place)
        if command and command[1] in WORDS:
            end = _group_end(tex, command.end())
            place, _ = _scripts(tex, end)
            yield from _upper(tex, end, place)
        elif command and command[1] in DECORATED:
            end = _group_end(tex, command.end())
            name = tex[place:end].replace(" ", "")
            place, subscript = _scripts(tex, end)
            yield Symbol(name, subscript, command.start(), end)
            yield from _upper(tex, end, place)
        elif command:
            end = command.end()
            place, subscript = _scripts(tex, end)
            if command[1] in GREEK:
                yield Symbol("\\" + command[1], subscript, command.start(), end)
            else:
                # \sum_{t=1}^T, \max_k: the letters below are introduced there.
                for letter in re.findall(r"[A-Za-z]", subscript):
                    yield Symbol(letter, "", command.start(), end)
            yield from _upper(tex, end, place)
        elif tex[place].isalpha() and tex[place].isascii():
            end = place + 1
            after, subscript = _scripts(tex, end)
            yield Symbol(tex[place], subscript, place, end)
            yield from _upper(tex, end, after)
            place = after
        else:
            place += 1


def _scripts(tex: str, place: int) -> tuple[int, str]:
    """Skip ``_x``, ``^{y}`` and primes; return the place after and the subscript."""
    subscript = ""
    while place < len(tex) and tex[place] in "_^'":
        if tex[place] == "'":
            place += 1
            continue
        below = tex[place] == "_"
        end = _group_end(tex, place + 1)
        if below:
            subscript = re.sub(r"\\[A-Za-z]+|[{}]", "", tex[place + 1 : end])
        place = end
    return place, subscript


def _upper(tex: str, start: int, stop: int) -> Iterator[Symbol]:
    """Yield the letters of the superscripts between two places."""
    place = start
    while place < stop:
        if tex[place] in "_^":
            end = _group_end(tex, place + 1)
            if tex[place] == "^":
                yield from _symbols(tex, place + 1, end)
            place = end
        else:
            place += 1


def _group_end(tex: str, place: int) -> int:
    """Return the end of the group, the command or the sign that begins here."""
    while place < len(tex) and tex[place] == " ":
        place += 1
    if place >= len(tex):
        return len(tex)
    if tex[place] == "\\":
        hit = re.compile(r"\\([A-Za-z]+|.)").match(tex, place)
        end = hit.end() if hit else place + 1
        if hit and hit[1] in DECORATED | WORDS:
            return _group_end(tex, end)
        return end
    if tex[place] != "{":
        return place + 1
    depth = 0
    for end in range(place, len(tex)):
        depth += {"{": 1, "}": -1}.get(tex[end], 0)
        if not depth:
            return end + 1
    return len(tex)
