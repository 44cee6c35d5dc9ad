"""A quiz as an edition shows it: the source does not say which option is right."""

import ast
import textwrap
from typing import Any

from seqviz.explorers.quiz import Option, Question, seal

_KNOWN = {"Option": Option, "Question": Question}
_WIDTH = 76


def sealed(source: str) -> str | None:
    """Return the source of a quiz with its questions packed; None for other cells.

    Raises:
        ValueError: the quiz is written in a way that cannot be read without a run.
    """
    if "Quiz(" not in source:
        return None
    body = ast.parse(source).body
    call = body[-1].value if isinstance(body[-1], ast.Expr) else None
    if (
        not isinstance(call, ast.Call)
        or getattr(call.func, "id", "") != "Quiz"
        or not all(isinstance(line, ast.ImportFrom) for line in body[:-1])
    ):
        raise ValueError("a cell with a Quiz must hold its imports and the Quiz alone")
    arguments = [_value(argument) for argument in call.args]
    words = {word.arg: _value(word.value) for word in call.keywords}
    packed = seal(*arguments, **words)
    lines = textwrap.wrap(packed, _WIDTH)
    text = "\n".join(f'    "{line}"' for line in lines)
    return f"from seqviz.explorers import Quiz\n\nQuiz.sealed(\n{text}\n)"


def _value(node: ast.expr) -> Any:
    match node:
        case ast.Constant(value=value):
            return value
        case ast.List(elts=elements) | ast.Tuple(elts=elements):
            return [_value(element) for element in elements]
        case ast.Call(func=ast.Name(id=name)) if name in _KNOWN:
            words = {word.arg: _value(word.value) for word in node.keywords}
            return _KNOWN[name](*map(_value, node.args), **words)
    raise ValueError(f"a Quiz must be written out, got {ast.unparse(node)}")
