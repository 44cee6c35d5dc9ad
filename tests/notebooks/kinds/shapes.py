"""Shape comments are true: the code of a cell says so while it runs.

:func:`instrument` rewrites a cell so that each line with a shape comment reports the
value that the comment speaks of:

* ``name = ...  # [B, T]``: the name, after the statement; several names in order;
* ``return ...  # [B, T], [T]``: the value, or the first elements of a tuple;
* ``def f(a, b):  # [B, T], [T] -> [B]``: arguments in order, ``->`` what is returned;
* ``# mask [B, T]``: the variable of that name, wherever the comment stands;
* ``xs.append(x)  # [T]``: what is appended;
* any other line: the largest expression that ends on it.

The same letter is the same size within one call of a function, or within one cell;
what a loop binds holds for one round.
"""

import ast
import builtins
import copy
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from kinds.shape_comments import Comment, Said, shape_comments
from kinds.sizes import bind

FULL_CHECKS = 100  # of one function or line; then one in fifty
GIVEN = {"append", "register_buffer", "insert", "add"}  # what they get is spoken of
INNER = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


@dataclass
class Spec:
    """A shape comment with what happened when its line ran."""

    where: str
    comment: Comment
    checked: int = 0
    runs: int = 0
    faults: list[str] = field(default_factory=list)

    @property
    def place(self) -> str:
        """Return where the comment stands, with its words."""
        return f"{self.where}, line {self.comment.line}: '{self.comment.text}'"


class Scope:
    """The letters of one call of a function, or of one cell."""

    def __init__(self, active: bool = True, variables: set[str] | None = None):
        self.active = active
        self.sizes: dict[str, int] = {}
        self.variables = variables
        self._before: dict[int, dict[str, int]] = {}

    def enter(self, loop: int) -> None:
        self._before[loop] = dict(self.sizes)

    def again(self, loop: int) -> None:
        self.sizes = dict(self._before[loop])

    leave = again


class Shapes:
    """Collects what the instrumented code reports."""

    def __init__(self) -> None:
        self.specs: list[Spec] = []
        self.known: set[str] = set()  # the names of all cells so far
        self.places = 0  # functions and loops that report
        self._calls: dict[int, int] = {}

    def scope(self, function: int) -> Scope:
        """Return the letters of a new call."""
        calls = self._calls[function] = self._calls.get(function, 0) + 1
        return Scope(calls <= FULL_CHECKS or calls % 50 == 0)

    def names(self, spec: int, scope: Scope, ways: list[Callable[[], Any]]) -> None:
        """Check variables against the shapes that name them."""
        self._report(spec, scope, lambda one: _by_name(one, ways))

    def targets(self, spec: int, scope: Scope, names: list[str], values: tuple) -> None:
        """Check what an assignment has bound."""
        self._report(spec, scope, lambda one: _by_target(one, names, values))

    def value(self, spec: int, scope: Scope, value: Any, start: int = 0) -> Any:
        """Check a value and hand it on."""
        self._report(spec, scope, lambda one: _by_value(one, value, start))
        return value

    def _report(self, number: int, scope: Scope, pairs: Callable) -> None:
        spec = self.specs[number]
        spec.runs += 1
        if not scope.active or spec.faults:
            return
        if spec.runs > FULL_CHECKS and spec.runs % 50:
            return
        frame = sys._getframe(2)
        fixed = _integers(frame.f_locals, scope.variables)
        try:
            found = pairs(spec.comment.said)
        except Doubt as doubt:
            spec.faults.append(str(doubt))
            return
        for said, name, value in found:
            if said.shape is None:
                continue
            shape = shape_of(value)
            if shape is None:
                kind = type(value).__name__
                spec.faults.append(f"{name} is a {kind}, which has no shape")
            elif wrong := bind(said.shape, shape, scope.sizes, fixed):
                spec.faults.append(f"{name}: {wrong}" if name else wrong)
        spec.checked += 1


class Doubt(Exception):
    """It cannot be told which value the comment speaks of."""


def shape_of(value: Any) -> tuple[int, ...] | None:
    """Return the shape of a tensor, an array, a table or a list of numbers."""
    shape = getattr(value, "shape", None)
    if shape is not None:
        return tuple(int(size) for size in shape)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return ()
    if isinstance(value, list | tuple) and all(
        isinstance(x, int | float) for x in value
    ):
        return (len(value),)
    return None


def instrument(source: str, tree: ast.Module, where: str, shapes: Shapes) -> ast.Module:
    """Rewrite the tree of a cell so that it reports to ``__shapes__``."""
    shapes.known |= _names(tree)
    comments = {}
    for comment in shape_comments(source):
        named = {name for one in comment.said for name in one.names}
        if not comment.alone or named <= shapes.known:
            comments[comment.line] = comment
    specs = {}
    for line, comment in comments.items():
        shapes.specs.append(Spec(where, comment))
        specs[line] = len(shapes.specs) - 1
    if not specs:
        return tree
    _Rewriter(comments, specs, shapes).cell(tree)
    return ast.fix_missing_locations(tree)


def assigned(tree: ast.AST) -> set[str]:
    """Return the variables that a cell assigns, outside its functions."""
    names: set[str] = set()
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif not isinstance(node, (*INNER, ast.comprehension)):
            names |= assigned(node)
    return names


def faults_of_shapes(specs: list[Spec]) -> list[str]:
    """Return the comments that are not true, or that nothing has checked."""
    faults = []
    for spec in specs:
        if spec.faults:
            faults.append(f"{spec.place}: {spec.faults[0]}")
        elif not spec.checked:
            faults.append(f"{spec.place}: the line never ran, nothing has checked it")
    return faults


def _by_name(said: tuple[Said, ...], ways: list[Callable]) -> list:
    found = []
    for one, way in zip(said, ways, strict=True):
        for name, get in way:
            try:
                found.append((one, name, get()))
            except NameError:
                raise Doubt(f"there is no variable {name}") from None
    return found


def _by_target(said: tuple[Said, ...], names: list[str], values: tuple) -> list:
    kept = [(n, v) for n, v in zip(names, values, strict=True) if n != "_"]
    if len(said) == 1 and (len(kept) > 1 or said[0].each):
        if len(names) == 1:
            return [(said[0], f"{names[0]}[{i}]", v) for i, v in enumerate(values[0])]
        return [(said[0], name, value) for name, value in kept]
    if len(names) == 1 and len(said) > 1:
        return _by_value(said, values[0], 0)
    if len(said) == len(names):
        rows = zip(said, names, values, strict=True)
        return [(s, n, v) for s, n, v in rows if n != "_"]
    if len(said) == len(kept):
        return [(s, n, v) for s, (n, v) in zip(said, kept, strict=True)]
    raise Doubt(f"{len(said)} shapes for {len(names)} names")


def _by_value(said: tuple[Said, ...], value: Any, start: int) -> list:
    said = said[start:]
    several = isinstance(value, list | tuple) and not isinstance(shape_of(value), tuple)
    if said and said[0].each:
        return [(said[0], f"element {i}", v) for i, v in enumerate(value)]
    if not several:
        if len(said) > 1:
            raise Doubt(f"{len(said)} shapes for one value")
        return [(said[0], "", value)]
    if len(said) > len(value):
        raise Doubt(f"{len(said)} shapes for {len(value)} values")
    rows = zip(said, value, strict=False)
    return [(one, f"element {i}", v) for i, (one, v) in enumerate(rows)]


def _integers(variables: dict, only: set[str] | None) -> dict[str, int]:
    return {
        name: value
        for name, value in variables.items()
        if type(value) is int and (only is None or name in only)
    }


def _names(tree: ast.Module) -> set[str]:
    names = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
    return names | {n.arg for n in ast.walk(tree) if isinstance(n, ast.arg)}


class _Rewriter:
    """Puts calls to ``__shapes__`` beside the lines with shape comments."""

    def __init__(self, comments: dict, specs: dict, shapes: Shapes):
        self.comments = comments
        self.specs = specs
        self.shapes = shapes
        self.left = set(comments)  # lines that no statement has taken yet

    def cell(self, tree: ast.Module) -> None:
        tree.body = self.body(tree.body, function=None)

    def body(self, statements: list[ast.stmt], function: dict | None) -> list[ast.stmt]:
        done: list[ast.stmt] = []
        for statement in statements:
            done += self.alone_before(statement)
            done += self.statement(statement, function)
        return done

    def alone_before(self, statement: ast.stmt) -> list[ast.stmt]:
        """Comments that stand alone are checked before the next statement."""
        lines = [
            line
            for line in sorted(self.left)
            if self.comments[line].alone and line < statement.lineno
        ]
        self.left -= set(lines)
        return [self.names_call(line) for line in lines]

    def statement(self, statement: ast.stmt, function: dict | None) -> list[ast.stmt]:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            return [self.function(statement)]
        if isinstance(statement, ast.ClassDef):
            statement.body = self.body(statement.body, function)
            return [statement]
        if hasattr(statement, "body"):
            return self.compound(statement, function)
        if isinstance(statement, ast.Return) and function and function["returns"]:
            line, start = function["returns"]
            statement.value = self.value_call(line, statement.value, start)
        return self.simple(statement)

    def simple(self, statement: ast.stmt) -> list[ast.stmt]:
        before, after = [], []
        lines = range(statement.lineno, statement.end_lineno + 1)
        for line in sorted(self.left.intersection(lines)):
            self.left.remove(line)
            if self.named(line):
                after.append(self.names_call(line))
            elif line != statement.end_lineno:
                self.inner(statement, line)
            elif isinstance(statement, ast.Return):
                statement.value = self.value_call(line, statement.value)
            elif targets := _targets(statement):
                after.append(self.targets_call(line, targets))
            elif isinstance(statement, ast.Expr):
                self.expression(statement, line)
            else:
                self.inner(statement, line)
        if isinstance(statement, ast.Return):
            before, after = after, []
        return [*before, statement, *after]

    def expression(self, statement: ast.Expr, line: int) -> None:
        call = statement.value
        name = getattr(getattr(call, "func", None), "attr", "")
        if isinstance(call, ast.Call) and name in GIVEN and call.args:
            call.args[-1] = self.value_call(line, call.args[-1])
        else:
            statement.value = self.value_call(line, statement.value)

    def inner(self, statement: ast.AST, line: int) -> None:
        """Wrap the largest expression that ends on the line."""
        best, owner = None, None
        for parent in ast.walk(statement):
            for name, child in ast.iter_fields(parent):
                for index, node in enumerate(
                    child if isinstance(child, list) else [child]
                ):
                    if not isinstance(node, ast.expr) or node.end_lineno != line:
                        continue
                    if isinstance(node, ast.Starred):
                        continue
                    if isinstance(getattr(node, "ctx", None), ast.Store | ast.Del):
                        continue
                    size = (node.end_col_offset, -node.lineno, -node.col_offset)
                    if best is None or size > best:
                        best = size
                        owner = (
                            parent,
                            name,
                            index if isinstance(child, list) else None,
                        )
        if owner is None:
            return
        parent, name, index = owner
        if index is None:
            setattr(parent, name, self.value_call(line, getattr(parent, name)))
        else:
            items = getattr(parent, name)
            items[index] = self.value_call(line, items[index])

    def compound(self, statement: ast.stmt, function: dict | None) -> list[ast.stmt]:
        first = statement.body[0].lineno
        head = [
            line
            for line in sorted(self.left)
            if statement.lineno <= line < first and not self.comments[line].alone
        ]
        self.left -= set(head)
        top = []
        for line in head:
            if self.named(line):
                top.append(self.names_call(line))
            elif isinstance(statement, ast.For):
                top.append(self.targets_call(line, _elements(statement.target)))
            else:
                for item in ("test", "items", "subject"):
                    if hasattr(statement, item):
                        self.inner(statement, line)
        for name in ("body", "orelse", "finalbody"):
            if getattr(statement, name, None):
                setattr(statement, name, self.body(getattr(statement, name), function))
        for handler in getattr(statement, "handlers", []):
            handler.body = self.body(handler.body, function)
        statement.body = [*top, *statement.body]
        if not isinstance(statement, ast.For | ast.While) or not _reports(statement):
            return [statement]
        self.shapes.places += 1
        loop = ast.Constant(self.shapes.places)
        statement.body.insert(0, _call("__scope__.again", loop))
        return [
            _call("__scope__.enter", loop),
            statement,
            _call("__scope__.leave", loop),
        ]

    def function(self, node: ast.FunctionDef) -> ast.FunctionDef:
        first = node.body[0].lineno
        head = [
            line
            for line in sorted(self.left)
            if node.lineno <= line < first and not self.comments[line].alone
        ]
        self.left -= set(head)
        checks, function = [], {"returns": None}
        for line in head:
            call, returned = self.arguments_call(node, line)
            checks += call
            function["returns"] = returned or function["returns"]
        docstring = ast.get_docstring(node) is not None
        body = self.body(node.body, function)
        kept = body[:1] if docstring else []
        body = body[1:] if docstring else body
        self.shapes.places += 1
        opening = ast.parse(f"__scope__ = __shapes__.scope({self.shapes.places})").body
        node.body = [*kept, *opening, *checks, *body]
        if not _reports(node):
            node.body = [*kept, *body]
        return node

    def arguments_call(self, node: ast.FunctionDef, line: int) -> tuple[list, Any]:
        """Return the check of the arguments, and (line, start) if `->` says more."""
        said = self.comments[line].said
        given = [index for index, one in enumerate(said) if not one.returned]
        arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
        on_line = [arg.arg for arg in arguments if arg.lineno == line]
        names = [a.arg for a in arguments if a.arg not in {"self", "cls"}]
        if on_line and len(on_line) < len(names):
            names = on_line
        ways, place = [], 0
        for one in said:
            if one.returned:
                ways.append([])
            elif one.names:
                ways.append(list(one.names))
            else:
                ways.append(names[place : place + 1] or ["a further argument"])
                place += 1
        call = [self.names_call(line, ways)] if given else []
        returned = (line, len(given)) if len(given) < len(said) else None
        return call, returned

    def named(self, line: int) -> bool:
        said = self.comments[line].said
        return all(
            one.names and self.shapes.known.issuperset(one.names) for one in said
        )

    def names_call(self, line: int, ways: list[list[str]] | None = None) -> ast.stmt:
        ways = ways or [list(one.names) for one in self.comments[line].said]
        listed = ", ".join(
            "[" + ", ".join(f"({n!r}, lambda: {_safe(n)})" for n in names) + "]"
            for names in ways
        )
        return self._parsed(
            f"__shapes__.names({self.specs[line]}, __scope__, [{listed}])"
        )

    def targets_call(self, line: int, targets: list[ast.expr]) -> ast.stmt:
        loads = []
        for target in targets:
            load = copy.deepcopy(target)
            for node in ast.walk(load):
                if hasattr(node, "ctx"):
                    node.ctx = ast.Load()
            loads.append(load)
        names = [ast.unparse(load) for load in loads]
        call = self._parsed(
            f"__shapes__.targets({self.specs[line]}, __scope__, {names!r}, None)"
        )
        call.value.args[-1] = ast.Tuple(loads, ast.Load())
        return call

    def value_call(self, line: int, value: ast.expr, start: int = 0) -> ast.expr:
        call = self._parsed(
            f"__shapes__.value({self.specs[line]}, __scope__, None, {start})"
        ).value
        call.args[2] = value
        return call

    @staticmethod
    def _parsed(code: str) -> ast.stmt:
        return ast.parse(code).body[0]


def _targets(statement: ast.stmt) -> list[ast.expr]:
    if isinstance(statement, ast.Assign):
        return _elements(statement.targets[0])
    if isinstance(statement, ast.AnnAssign | ast.AugAssign):
        return [statement.target]
    return []


def _elements(target: ast.expr) -> list[ast.expr]:
    if isinstance(target, ast.Tuple | ast.List):
        return [e.value if isinstance(e, ast.Starred) else e for e in target.elts]
    return [target]


def _reports(node: ast.AST) -> bool:
    """Whether the node, without the functions inside it, reports a shape."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Name) and child.id == "__shapes__":
            return True
        if not isinstance(child, INNER) and _reports(child):
            return True
    return False


def _call(function: str, argument: ast.expr) -> ast.stmt:
    call = ast.parse(f"{function}(None)").body[0]
    call.value.args[0] = argument
    return call


def _safe(name: str) -> str:
    return name if name.isidentifier() and not hasattr(builtins, name) else "None"
