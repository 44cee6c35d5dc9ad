"""Submissions run in a process of their own; here is the side that may be trusted.

``Marker`` starts ``child.py`` once. Each submission then gets a fork of it, with limits
of time, memory and output. What comes back are numbers: the functions that ``Process``
hands out behave like the student's, gradients included, so that the check can ask them
as it asks any other, and the verdict is made on this side.

What this guards against, and what not, stands in ``book/teach.md``.
"""

import ast
import json
import math
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch
from torch import Tensor

import seqviz
from seqviz.checks.engine.exercise import Refused
from seqviz.course import child

_PACKAGE_AT = str(Path(seqviz.__file__).parents[1])
_KNOWN = {
    kind.__name__: kind
    for kind in (
        *(NotImplementedError, RuntimeError, MemoryError, TypeError, ValueError),
        AssertionError,
    )
} | {"Refused": Refused}


@dataclass(frozen=True)
class Limits:
    """What one submission may take.

    Args:
        seconds: of each cell and each call, by the clock.
        cpu: seconds of processor time, all together.
        memory: bytes above what torch takes.
        output: bytes of what is printed, and of each file.
    """

    seconds: float = 20.0
    cpu: int = 60
    memory: int = 1 << 30
    output: int = 1 << 20


class Lost(BaseException):
    """The process is gone. No ``Exception``: the check would take it for an answer."""


class Marker:
    """The warm process that submissions are forked from. Use it in a ``with``."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self._control, theirs = socket.socketpair()
        environment = {"PATH": os.defpath, "OMP_NUM_THREADS": "1"}
        with theirs:
            self._program = subprocess.Popen(
                [sys.executable, child.__file__],
                stdin=theirs,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=environment,
                cwd="/",
            )

    def __enter__(self) -> "Marker":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End it."""
        self._control.close()
        self._program.wait()

    def process(self) -> "Process":
        """Return a fresh process. Use it in a ``with``."""
        return Process(self)

    def fork(self, channel: socket.socket, folder: str) -> int:
        """Start a child that answers on ``channel``; return its process id."""
        words = {
            "folder": folder,
            "package_at": _PACKAGE_AT,
            "cpu": self.limits.cpu,
            "memory": self.limits.memory,
            "output": self.limits.output,
        }
        text = json.dumps(words).encode()
        socket.send_fds(self._control, [text], [channel.fileno()])
        return int(self._line()["child"])

    def status(self) -> int:
        """Wait for the end of the child; return its exit status."""
        return int(self._line()["status"])

    def _line(self) -> dict[str, Any]:
        text = b""
        while not text.endswith(b"\n"):
            part = self._control.recv(1)
            if not part:
                raise RuntimeError("the process that submissions fork from has ended")
            text += part
        return json.loads(text)


class Process:
    """One submission's cells, in a process of their own."""

    def __init__(self, marker: Marker) -> None:
        self._marker, self._folder = marker, TemporaryDirectory(prefix="seqviz-")
        self._channel, theirs = socket.socketpair()
        with theirs:
            self._child = marker.fork(theirs, self._folder.name)
        self._status: int | None = None

    def __enter__(self) -> "Process":
        return self

    def __exit__(self, *_: object) -> None:
        self._end()
        self._channel.close()
        self._folder.cleanup()

    def run(self, source: str) -> str | None:
        """Run a cell; return what it raised, in a sentence, or None.

        Raises:
            Lost: the process is gone.
        """
        words, _ = self._ask({"do": "run", "source": source})
        if error := words.get("error"):
            line = f" at `{error['line']}`" if error["line"] else ""
            said = " ".join(error["message"].split())[:200].rstrip(".")
            return f"a cell raised {error['type']}{line}: {said}."
        return None

    def kind(self, name: str) -> str:
        """Return ``"function"``, ``"text"``, ``"missing"``, ``"none"`` or a type."""
        return str(self._ask({"do": "kind", "name": name})[0].get("kind", "missing"))

    def text(self, name: str) -> str:
        """Return a text that bears a name; empty if none does."""
        return str(self._ask({"do": "kind", "name": name})[0].get("text", ""))

    def function(self, name: str, prepare: str = "") -> Callable[..., Any]:
        """Return the student's function, to be called from here.

        Args:
            name: what it is called in the cells.
            prepare: the source of a function that makes it of a class.
        """

        def answer(*inputs: Tensor) -> Any:
            if torch.is_grad_enabled() and any(one.requires_grad for one in inputs):
                return _Learning.apply(self, name, prepare, *inputs)
            return self._call(name, prepare, inputs, [False] * len(inputs))[0]

        return answer

    def tests(self, name: str) -> Callable[[Callable[..., Tensor]], Any]:
        """Return the student's function of a version, to be called from here.

        The version stays here: what goes there are the numbers that it gives.

        Args:
            name: what it is called in the cells.
        """

        def judged(version: Callable[..., Tensor]) -> Any:
            words, _ = self._ask({"do": "judge", "name": name}, version=version)
            if error := words.get("error"):
                raise _raised(error)
            return _value(words, None)

        return judged

    def _call(
        self, name: str, prepare: str, inputs: tuple[Tensor, ...], grads: list[bool]
    ) -> tuple[Any, bool]:
        packed, numbers = child.pack(inputs)
        words, numbers = self._ask(
            {
                "do": "call",
                "name": name,
                "prepare": prepare,
                "inputs": packed,
                "gradients": grads,
            },
            numbers,
        )
        if error := words.get("error"):
            raise _raised(error)
        tensor, *changed = self._tensors(words, numbers, 1 + len(inputs))
        for given, now in zip(inputs, changed, strict=True):
            if now is not None and now.shape == given.shape:
                with torch.no_grad():
                    given.copy_(now)
        return _value(words, tensor), bool(words.get("requires_grad"))

    def backward(self, gradient: Tensor, count: int) -> list[Tensor | None]:
        """Return the gradients of the inputs that asked for one."""
        packed, numbers = child.pack([gradient])
        words, numbers = self._ask({"do": "backward", "tensors": packed}, numbers)
        if error := words.get("error"):
            raise _raised(error)
        return self._tensors(words, numbers, count)

    def _tensors(self, words: dict, numbers: bytes, count: int) -> list[Tensor | None]:
        try:
            tensors = child.unpack(words["tensors"], numbers)
            if len(tensors) != count:
                raise ValueError("another number of tensors")
        except (KeyError, TypeError, ValueError, RuntimeError) as error:
            self._end()
            raise Lost("your code wrote into the marker's channel") from error
        return tensors

    def _ask(
        self,
        words: dict,
        numbers: bytes = b"",
        version: Callable[..., Tensor] | None = None,
    ) -> tuple[dict, bytes]:
        if self._status is not None:
            raise Lost("the process has ended")
        seconds = self._marker.limits.seconds
        self._channel.settimeout(seconds)
        end = time.monotonic() + seconds
        try:
            child.send(self._channel, words, numbers)
            while True:
                left = max(end - time.monotonic(), 0.0)
                ready, _, _ = select.select([self._channel], [], [], left)
                if not ready:
                    raise TimeoutError
                self._channel.settimeout(max(end - time.monotonic(), 1.0))
                said, numbers = child.receive(self._channel)
                if not isinstance(said, dict):
                    raise ValueError("no message")
                if version is None or "ask" not in said:
                    break
                child.send(self._channel, *_answered(version, said["ask"], numbers))
        except TimeoutError:
            self._end()
            raise Lost(f"your code ran longer than {seconds:g} s") from None
        except (EOFError, OSError):
            self._end()
            raise Lost(self._why()) from None
        except (ValueError, KeyError) as error:
            self._end()
            raise Lost("your code wrote into the marker's channel") from error
        return said, numbers

    def _why(self) -> str:
        cpu = self._marker.limits.cpu
        signals = {
            -signal.SIGXCPU: f"your code computed for more than {cpu} s",
            -signal.SIGKILL: f"your code was stopped: out of memory, or of its {cpu} s",
            -signal.SIGSEGV: "your code crashed Python",
        }
        return signals.get(self._status or 0, "your code ended the process")

    def _end(self) -> None:
        if self._status is None:
            # First a chance to end by itself, for the exit status to be its own.
            self._channel.shutdown(socket.SHUT_RDWR)
            time.sleep(0)
            try:
                os.killpg(self._child, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                pass
            self._status = self._marker.status()


class _Learning(torch.autograd.Function):
    """A call in the other process, through which gradients flow."""

    @staticmethod
    def forward(ctx, process, name, prepare, *inputs):
        grads = [one.requires_grad for one in inputs]
        value, learns = process._call(name, prepare, inputs, grads)
        ctx.process, ctx.grads = process, grads
        if isinstance(value, Tensor) and not (learns and value.is_floating_point()):
            ctx.mark_non_differentiable(value)
        return value

    @staticmethod
    def backward(ctx, gradient):
        found = iter(ctx.process.backward(gradient, sum(ctx.grads)))
        return None, None, None, *(next(found) if g else None for g in ctx.grads)


def _value(words: dict, tensor: Tensor | None) -> Any:
    """Return what the student's function returned, or something of that kind."""
    match words.get("kind"):
        case "tensor" if tensor is not None:
            return tensor
        case "nothing":
            return None
        case "truth":
            return words.get("value") is True
        case "float":
            try:
                return float(words["value"])
            except (TypeError, ValueError):
                return math.nan
        case "not plain":
            sparse = torch.zeros(1).to_sparse()
            return torch.empty(0, device="meta") if words.get("meta") else sparse
    length = words.get("length")
    if words.get("type") in ("tuple", "list") and isinstance(length, int):
        return (None,) * min(length, 1000)
    kind = str(words.get("type", "object"))[:80]
    return type(kind if kind.isidentifier() else "object", (), {})()


def _answered(
    version: Callable[..., Tensor], packed: Any, numbers: bytes
) -> tuple[dict, bytes]:
    """Return what a version gives for inputs that came from there."""
    try:
        inputs = child.unpack(packed, numbers)
    except (KeyError, TypeError, AttributeError, RuntimeError) as error:
        raise ValueError("no tensors") from error
    try:
        packed, numbers = child.pack([version(*inputs)])
    except Exception as error:  # noqa: BLE001  (on inputs of the student's, any)
        return {"error": type(error).__name__, "message": str(error)[:1000]}, b""
    return {"tensors": packed}, numbers


def _raised(error: dict) -> Exception:
    """Return the exception as one of this side."""
    name, above = str(error.get("type", "Exception")), error.get("mro", [])
    base = next((_KNOWN[one] for one in above if one in _KNOWN), Exception)
    if base.__name__ != name:
        base = type(name if name.isidentifier() else "Exception", (base,), {})
    raised = base(str(error.get("message", "")))
    raised.learners_line = str(error.get("line", ""))
    return raised


def cut_out(source: str, name: str) -> str:
    """Return the part of a module that ``name`` needs, and nothing else of it."""
    body = [one for node in ast.parse(source).body for one in _apart(node)]
    defined = {one: node for node in body for one in _defines(node)}
    wanted, kept = [name], set()
    while wanted:
        node = defined.get(wanted.pop())
        if node is None or node in kept:
            continue
        kept.add(node)
        wanted += [n.id for n in ast.walk(node) if isinstance(n, ast.Name)]
    return "\n\n".join(ast.unparse(node) for node in body if node in kept)


def _apart(node: ast.stmt) -> list[ast.stmt]:
    """Return an import as one for each name."""
    if not isinstance(node, ast.ImportFrom):
        return [node]
    return [ast.ImportFrom(node.module, [one], node.level) for one in node.names]


def _defines(node: ast.stmt) -> list[str]:
    match node:
        case ast.FunctionDef() | ast.ClassDef():
            return [node.name]
        case ast.Import() | ast.ImportFrom():
            return [(one.asname or one.name).split(".")[0] for one in node.names]
        case ast.Assign():
            return [one.id for one in node.targets if isinstance(one, ast.Name)]
    return []
