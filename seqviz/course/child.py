"""Runs a submission's cells, in a process that knows no reference. Parent: ``apart``.

This file is started as a program. It imports torch once, then forks a child for each
request. The child limits itself, runs the cells and calls the functions that it is
asked to call; it sends back numbers, never objects, and never a verdict.
"""

import builtins
import ctypes
import io
import json
import linecache
import os
import re
import resource
import signal
import socket
import struct
import sys
import traceback
import types

import torch

HEAD = struct.Struct(">II")  # bytes of JSON, bytes of numbers
MOST = 64 << 20  # bytes of a message
DTYPES = {
    str(dtype).removeprefix("torch."): dtype
    for dtype in (
        *(torch.float16, torch.bfloat16, torch.float32, torch.float64),
        *(torch.bool, torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64),
        *(torch.complex64, torch.complex128),
    )
}


def send(channel, words, numbers=b""):
    """Send one message."""
    text = json.dumps(words).encode()
    if max(len(text), len(numbers)) > MOST:
        raise MemoryError(f"a message of more than {MOST >> 20} MB")
    channel.sendall(HEAD.pack(len(text), len(numbers)) + text + numbers)


def receive(channel):
    """Return one message, ``(words, numbers)``.

    Raises:
        EOFError: the other side is gone.
        ValueError: what came is no message.
    """
    texts, numbers = HEAD.unpack(_exactly(channel, HEAD.size))
    if max(texts, numbers) > MOST:
        raise ValueError(f"a message of more than {MOST >> 20} MB")
    text = _exactly(channel, texts)
    return json.loads(text), _exactly(channel, numbers)


def _exactly(channel, count):
    parts = []
    while count:
        part = channel.recv(min(count, 1 << 20))
        if not part:
            raise EOFError
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


def pack(tensors):
    """Return what a list of tensors (or None) is like, and its numbers."""
    words, numbers = [], []
    for tensor in tensors:
        if tensor is None:
            words.append(None)
            continue
        tensor = tensor.detach().cpu().resolve_conj().resolve_neg()
        strides = tensor.stride()
        order = sorted(range(tensor.dim()), key=lambda axis: -strides[axis])
        flat = tensor.permute(order).contiguous().reshape(-1)
        numbers.append(flat.view(torch.uint8).numpy().tobytes())
        words.append(
            {
                "dtype": str(tensor.dtype).removeprefix("torch."),
                "shape": list(tensor.shape),
                "order": order,
            }
        )
    return words, b"".join(numbers)


def unpack(words, numbers):
    """Return the tensors that ``pack`` was given, the axes in memory as they were.

    Raises:
        ValueError: the words do not fit the numbers.
    """
    tensors, start = [], 0
    for one in words:
        if one is None:
            tensors.append(None)
            continue
        dtype, shape, order = DTYPES[one["dtype"]], one["shape"], one["order"]
        if sorted(order) != list(range(len(shape))) or any(
            not isinstance(size, int) or size < 0 for size in shape
        ):
            raise ValueError("no shape")
        count = 1
        for size in shape:
            count *= size
        end = start + count * dtype.itemsize
        if end > len(numbers):
            raise ValueError("fewer numbers than the shape says")
        if count:
            flat = torch.frombuffer(bytearray(numbers[start:end]), dtype=dtype)
        else:
            flat = torch.empty(0, dtype=dtype)
        laid = flat.reshape([shape[axis] for axis in order])
        tensors.append(laid.permute([order.index(axis) for axis in range(len(order))]))
        start = end
    if start != len(numbers):
        raise ValueError("more numbers than the shape says")
    return tensors


class Cells:
    """The submission's cells in one namespace, and the calls of their functions.

    Args:
        channel: to the parent, which is asked for what it keeps to itself.
    """

    def __init__(self, channel=None):
        self.channel = channel
        self.module = types.ModuleType("__main__")
        sys.modules["__main__"] = self.module
        self.count, self.graph = 0, None

    def run(self, words, _):
        """Run one cell."""
        self.count += 1
        name = f"<cell {self.count}>"
        source = _without_magics(words["source"])
        lines = source.splitlines(keepends=True)
        linecache.cache[name] = len(source), None, lines, name
        exec(compile(source, name, "exec"), self.module.__dict__)
        return {}, b""

    def kind(self, words, _):
        """Say what bears a name."""
        names = vars(self.module)
        if words["name"] not in names:
            return {"kind": "missing"}, b""
        value = names[words["name"]]
        if value is None or value is ...:
            return {"kind": "none"}, b""
        if isinstance(value, str):
            return {"kind": "text", "text": str(value[:200])}, b""
        kind = "function" if callable(value) else type(value).__name__[:80]
        return {"kind": kind}, b""

    def call(self, words, numbers):
        """Call a function on copies of the inputs."""
        inputs = unpack(words["inputs"], numbers)
        kept = [value.clone() for value in inputs]
        leaves = [
            value.requires_grad_() if grad else value
            for value, grad in zip(inputs, words["gradients"], strict=True)
        ]
        given = [leaf.clone() if leaf.requires_grad else leaf for leaf in leaves]
        answer = vars(self.module)[words["name"]]
        if words["prepare"]:
            answer = _prepared(words["prepare"], answer)
        torch.manual_seed(0)
        with torch.set_grad_enabled(any(words["gradients"])):
            value = answer(*given)
        changed = [
            None if _same(now, before) else now
            for now, before in zip(given, kept, strict=True)
        ]
        self.graph = value, [leaf for leaf in leaves if leaf.requires_grad]
        said, tensor = _said(value)
        packed, numbers = pack([tensor, *changed])
        return said | {"tensors": packed}, numbers

    def judge(self, words, _):
        """Call a function of a version that the parent keeps: it gets numbers alone."""

        def version(*inputs):
            packed, numbers = pack([torch.as_tensor(one) for one in inputs])
            send(self.channel, {"ask": packed}, numbers)
            said, numbers = receive(self.channel)
            if "error" in said:
                raise _KINDS.get(said["error"], RuntimeError)(said["message"])
            return unpack(said["tensors"], numbers)[0]

        torch.manual_seed(0)
        said, _ = _said(vars(self.module)[words["name"]](version))
        return said, b""

    def backward(self, words, numbers):
        """Send a gradient back through the latest call."""
        value, leaves = self.graph
        (gradient,) = unpack(words["tensors"], numbers)
        found = torch.autograd.grad(value, leaves, gradient, allow_unused=True)
        packed, numbers = pack(found)
        return {"tensors": packed}, numbers


_KINDS = {kind.__name__: kind for kind in (IndexError, TypeError, ValueError)}


def _said(value):
    """Return what a result is, in words, and the tensor if it is a plain one."""
    if isinstance(value, torch.Tensor):
        if value.layout != torch.strided or value.is_meta:
            return {"kind": "not plain", "meta": value.is_meta}, None
        learns = bool(value.requires_grad)
        return {"kind": "tensor", "requires_grad": learns}, value
    if value is None or value is ... or value is NotImplemented:
        return {"kind": "nothing"}, None
    if isinstance(value, bool):
        return {"kind": "truth", "value": value}, None
    if isinstance(value, float):
        return {"kind": "float", "value": repr(float(value))}, None
    length = len(value) if isinstance(value, (tuple, list)) else 0
    return {"kind": "other", "type": type(value).__name__, "length": length}, None


def _same(left, right):
    if left.shape != right.shape or left.dtype != right.dtype:
        return False
    left, right = left.detach(), right.detach()
    return bool(((left == right) | (left.isnan() & right.isnan())).all())


def _prepared(source, answer):
    """Return the function that the exercise makes of a class."""
    names = {}
    exec(compile(source, "<prepare>", "exec"), names)
    return names["prepare"](answer)


_MAGIC = re.compile(r"^\s*(?:[%!]|\w+\?$|\?\w)", re.M)


def _without_magics(source):
    """Return the cell as plain Python: what only a notebook knows is left out."""
    if re.match(r"\s*%%", source):
        return ""
    return "\n".join("" if _MAGIC.match(line) else line for line in source.split("\n"))


def _told(error):
    """Return an exception as words."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if frame.filename.startswith("<cell ")]
    return {
        "type": type(error).__name__[:80],
        "message": str(error)[:1000],
        "line": (own[-1].line or "")[:200] if own else "",
        "mro": [kind.__name__ for kind in type(error).__mro__][:20],
    }


def _answer(channel):
    """Answer requests until the parent closes the channel."""
    cells = Cells(channel)
    does = {
        "run": cells.run,
        "kind": cells.kind,
        "call": cells.call,
        "judge": cells.judge,
        "backward": cells.backward,
    }
    while True:
        try:
            words, numbers = receive(channel)
        except EOFError:
            return
        try:
            reply = does[words["do"]](words, numbers)
        except Exception as error:  # noqa: BLE001  (the learner's, any)
            reply = {"error": _told(error)}, b""
        send(channel, *reply)


def _stand_ins(package_at):
    """Let the cells import what the assignment imports, without the references."""
    sys.path.insert(0, package_at)
    quiet = types.ModuleType("seqviz.course")
    quiet.score = lambda *given, **named: 0.0
    checks = types.ModuleType("seqviz.checks")
    checks.check = checks.exercise = lambda *given, **named: None
    for module in (quiet, checks):
        module.__path__ = []
        module.__spec__ = None
        sys.modules[module.__name__] = module
    engine = types.ModuleType("seqviz.checks.engine")
    engine.Refused = type("Refused", (Exception,), {})
    sys.modules[engine.__name__] = engine


def _limit(words):
    """Bound time, memory, output, files and processes of this process."""
    os.setsid()
    os.chdir(words["folder"])
    _without_network()
    output = os.open("output", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    sys.stdin = open(0, closefd=False)  # noqa: SIM115
    sys.stdout = io.TextIOWrapper(open(1, "wb", 0, closefd=False), write_through=True)
    sys.stderr = sys.stdout
    sys.__stdout__ = sys.__stderr__ = sys.stdout
    os.environ.clear()
    os.environ.update(HOME=words["folder"], TMPDIR=words["folder"], PATH="/usr/bin")
    limits = {
        "RLIMIT_CORE": 0,
        "RLIMIT_CPU": words["cpu"],
        "RLIMIT_FSIZE": words["output"],
        "RLIMIT_NPROC": 0,
        "RLIMIT_AS": _address_space() + words["memory"],
    }
    for name, most in limits.items():
        try:
            kind = getattr(resource, name)
            hard = resource.getrlimit(kind)[1]
            most = most if hard == resource.RLIM_INFINITY else min(most, hard)
            # A second later than SIGXCPU comes the end that cannot be caught.
            resource.setrlimit(kind, (most, most + (name == "RLIMIT_CPU")))
        except (AttributeError, OSError, ValueError):
            pass  # macOS bounds no address space


def _without_network():
    """Enter a network of its own, with nobody in it, where Linux lets a user do so."""
    try:
        ctypes.CDLL(None).unshare(0x10000000 | 0x40000000)  # NEWUSER, NEWNET
    except (AttributeError, OSError):
        pass


def _address_space():
    """Return the bytes that the process has mapped; torch maps gigabytes."""
    try:
        with open("/proc/self/statm") as status:
            return int(status.read().split()[0]) * resource.getpagesize()
    except OSError:
        return 8 << 30


def _with_its_parent():
    """End when the process that started this one does (Linux)."""
    try:
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)
    except (AttributeError, OSError):
        pass


def _warm_up():
    """Load before the forks what torch loads at the first call: half a second each."""
    cells, main_module = Cells(), sys.modules["__main__"]
    one = torch.eye(2)
    vars(cells.module)["f"] = lambda x, y: torch.einsum("ij,jk->ik", x, y.softmax(-1))
    inputs, numbers = pack([one, one])
    words = {"name": "f", "prepare": "", "inputs": inputs, "gradients": [True, True]}
    cells.call(words, numbers)
    inputs, numbers = pack([one])
    cells.backward({"tensors": inputs}, numbers)
    linecache.clearcache()
    sys.modules["__main__"] = main_module


def main():
    """Wait for requests on the socket that is standard input; fork for each."""
    _with_its_parent()
    torch.set_num_threads(1)
    _warm_up()
    control = socket.socket(fileno=os.dup(0))
    while True:
        text, handles, _, _ = socket.recv_fds(control, 1 << 16, 1)
        if not text:
            return
        words = json.loads(text)
        child = os.fork()
        if not child:
            control.close()
            try:
                channel = socket.socket(fileno=handles[0])
                _limit(words)
                _stand_ins(words["package_at"])
                _answer(channel)
            finally:
                os._exit(0)
        os.close(handles[0])
        control.sendall(json.dumps({"child": child}).encode() + b"\n")
        _, status = os.waitpid(child, 0)
        said = json.dumps({"status": os.waitstatus_to_exitcode(status)})
        control.sendall(said.encode() + b"\n")


if __name__ == "__main__":
    builtins.input = lambda prompt="": ""
    main()
