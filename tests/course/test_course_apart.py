"""The process that runs submissions: what comes back, and what its limits stop."""

import socket
import subprocess

import pytest
import torch

from seqviz.checks import exercise
from seqviz.checks.engine.grading import grade
from seqviz.course import child
from seqviz.course.apart import Limits, Lost, Marker, cut_out

RIGHT = "def f(gates, weights, behaviors):\n    return torch.einsum('bt,bkt,bte->bke', gates, weights, behaviors)"  # noqa: E501


@pytest.fixture(scope="module")
def marker():
    with Marker(Limits(seconds=3, cpu=30, memory=1 << 29, output=100_000)) as marker:
        yield marker


def _verdict(marker, source, name="einsum/gated"):
    with marker.process() as process:
        process.run("import torch")
        assert process.run(source) is None
        return grade(exercise(name), process.function("f"))


def test_a_right_answer_passes_gradients_included(marker):
    verdict = _verdict(marker, RIGHT)
    assert verdict.passed and not verdict.remark, verdict
    assert "float16" in verdict.hint and "not contiguous" in verdict.hint


@pytest.mark.parametrize(
    "body, said",
    [
        ("return torch.einsum('bkt,bte->bke', weights, behaviors)", "gates change"),
        ("return torch.einsum('bt,bkt,bte->bke', gates.detach(), weights, behaviors)",
         "no gradient reaches `gates`"),
        ("gates.mul_(2); return torch.einsum('bt,bkt,bte->bke', gates / 2, weights, "
         "behaviors)", "writes to its input `gates`"),
        ("return behaviors.nothing", "AttributeError at `return behaviors.nothing`"),
        ("return 1, 2", "a tuple of 2"),
        ("return behaviors.numpy()", "a ndarray"),
        ("return behaviors.to_sparse()", "without plain numbers"),
        ("return None", "nothing returned yet"),
        ("return behaviors.int()", "expected [B, K, E]"),
    ],
)  # fmt: skip
def test_the_check_tells_from_here_what_it_tells_there(marker, body, said):
    source = f"def f(gates, weights, behaviors):\n    {body}"
    there = {"torch": torch}
    exec(source, there)
    verdict = _verdict(marker, source)
    assert said in verdict.hint
    at_home = grade(exercise("einsum/gated"), there["f"])
    assert verdict.mistake == at_home.mistake
    # Only the line of an error is found in another way.
    assert "Error" in said or verdict.hint == at_home.hint


@pytest.mark.parametrize(
    "body, said",
    [
        ("while True: pass", "longer than 3 s"),
        ("import time; time.sleep(600)", "longer than 3 s"),
        ("import os; os._exit(0)", "ended the process"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "stopped"),
        ("import ctypes; ctypes.string_at(0)", "crashed Python"),
        ("import os; [os.write(n, b'x' * 64) for n in range(3, 9) "
         "if os.path.exists(f'/proc/self/fd/{n}') and 'socket' in "
         "os.readlink(f'/proc/self/fd/{n}')]", "the marker's channel"),
    ],
)  # fmt: skip
def test_whatever_ends_it_is_lost_and_said(marker, body, said):
    with pytest.raises(Lost, match=said):
        _verdict(marker, f"def f(*inputs):\n    {body}")
    assert _verdict(marker, RIGHT).passed  # the next one is well


@pytest.mark.parametrize(
    "body, said",
    [
        ("torch.ones(10**9)", "allocate memory|MemoryError"),
        ("print('x' * 10**6)", "File too large"),
        ("open('here', 'wb').write(b'x' * 10**6)", "File too large"),
    ],
)
def test_memory_and_output_are_bounded(marker, body, said):
    verdict = _verdict(marker, f"def f(*inputs):\n    {body}")
    assert not verdict.passed
    assert any(one in verdict.hint for one in said.split("|")), verdict.hint


def test_no_reference_is_in_the_process_nor_can_be_imported(marker):
    with marker.process() as process:
        said = process.run("from seqviz.checks.einsum.gated import reference")
        assert "ModuleNotFoundError" in said
        # What a notebook imports is there, and says nothing.
        assert process.run("from seqviz.course import score; score('a', 0, 1)") is None
        assert process.run("from seqviz.checks import check; check('a', 0)") is None
        found = (
            "import gc, types\n"
            "names = [f.__module__ for f in gc.get_objects()\n"
            "         if isinstance(f, types.FunctionType)]\n"
            "assert not [n for n in names if str(n).startswith('seqviz')]"
        )
        assert process.run(found) is None


def test_it_sees_neither_the_environment_nor_another_students_files(
    marker, monkeypatch
):
    monkeypatch.setenv("SECRET", "1")
    with marker.process() as process:
        assert process.run("open('mine', 'w').write('x')") is None
    with marker.process() as process:
        looks = "import os\nassert os.listdir() == ['output'], os.listdir()"
        assert process.run(looks) is None
        assert process.run("assert 'SECRET' not in os.environ") is None


def _a_user_may_leave_the_network():
    try:
        command = ["unshare", "--user", "--net", "true"]
        return subprocess.run(command, capture_output=True).returncode == 0
    except OSError:
        return False


@pytest.mark.skipif(not _a_user_may_leave_the_network(), reason="no namespaces here")
def test_nobody_can_be_reached(marker):
    with socket.create_server(("127.0.0.1", 0)) as server, marker.process() as process:
        port = server.getsockname()[1]
        calls = f"import socket; socket.create_connection(('127.0.0.1', {port}), 1)"
        assert "OSError" in process.run(calls)
        assert process.run("open('mine', 'w').write('x')") is None


def test_magics_are_left_out_and_errors_are_told(marker):
    with marker.process() as process:
        assert process.run("%matplotlib inline\n!ls\nf = 1") is None
        assert process.run("%%bash\nls") is None
        assert process.kind("f") == "int"
        assert process.kind("g") == "missing"
        assert "SyntaxError" in process.run("def f(:")
        assert "ZeroDivisionError at `1 / 0`" in process.run("1 / 0")


@pytest.mark.parametrize(
    "words",
    [
        [{"dtype": "float32", "shape": [2], "order": [0]}],
        [{"dtype": "float32", "shape": [-1], "order": [0]}],
        [{"dtype": "float32", "shape": [1], "order": [1]}],
        [{"dtype": "float32", "shape": [1.0], "order": [0]}],
        [],
    ],
)
def test_numbers_that_do_not_fit_their_shape_are_refused(words):
    with pytest.raises(ValueError):
        child.unpack(words, b"1234")


@pytest.mark.parametrize("dtype", child.DTYPES.values(), ids=str)
def test_tensors_come_as_they_went(dtype):
    tensor = torch.arange(6).reshape(2, 3).to(dtype)
    for one in (tensor, tensor.mT, tensor[0, 0], tensor[:0]):
        (back,) = child.unpack(*child.pack([one]))
        assert torch.equal(back, one) and back.dtype == dtype
        assert back.is_contiguous() == one.is_contiguous()


def test_a_cut_holds_what_a_function_needs_and_no_more():
    source = (
        "import os\nfrom a import b, c\nN = 2\ndef reference(): return N\n"
        "def near(): return b\ndef prepare(answer): return near() + N\n"
    )
    cut = cut_out(source, "prepare")
    assert "def near" in cut and "N = 2" in cut and "from a import b" in cut
    assert "reference" not in cut and "os" not in cut and "c" not in cut.split("b")[0]
