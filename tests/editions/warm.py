"""Kernels that are forked from one process, in which what is slow is imported already.

    python warm.py serve <descriptor>       listen there, fork for each caller
    python warm.py call <socket> -f <file>  be a caller: what Jupyter starts as a kernel

What is imported is on Colab, too, and does not look round for a notebook at its import;
nothing of it is seqviz, which an edition has to bring. Where a kernel looks for modules
is the caller's PYTHONPATH alone to say. ``running.py`` starts the first.
"""

import importlib
import json
import os
import select
import signal
import socket
import sys
from contextlib import suppress

IMPORTED = (
    "numpy",
    "torch",
    "torch._dynamo",  # comes with the first optimizer
    "scipy.stats",
    "sklearn.metrics",
    "matplotlib.pyplot",
    "IPython",
    "ipykernel.kernelapp",
)


def call(address: str, *given: str) -> None:
    """Ask for a kernel in this folder and environment; stay as long as it lives."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Jupyter's, before it says shutdown
    words = {"folder": os.getcwd(), "given": given, "variables": dict(os.environ)}
    with socket.socket(socket.AF_UNIX) as channel:
        channel.connect(address)
        channel.sendall(json.dumps(words).encode() + b"\n")
        channel.recv(1)


def serve(waiting: socket.socket) -> socket.socket | None:
    """Fork for each caller until standard input ends.

    Returns:
        in a fork the channel of its caller; None in the process itself, at the end.
    """
    for name in IMPORTED:
        importlib.import_module(name)
    signal.signal(signal.SIGCHLD, _reap)
    while waiting in select.select([waiting, sys.stdin], [], [])[0]:
        channel, _ = waiting.accept()
        with channel:
            if not os.fork():
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                waiting.close()
                return channel.dup()
    return None


def become_a_kernel(channel: socket.socket) -> None:
    """Do what ``python -m ipykernel_launcher`` does where the caller is."""
    from ipykernel.kernelapp import IPKernelApp

    with channel, channel.makefile() as said:
        words = json.loads(said.readline())
        os.environ.clear()
        os.environ.update(words["variables"])
        os.chdir(words["folder"])
        _look_there()
        parent = f"--IPKernelApp.parent_handle={os.getppid()}"  # it ends with us
        IPKernelApp.launch_instance(argv=[*words["given"], parent])


def _look_there() -> None:
    """Do with PYTHONPATH what Python does with it at its start."""
    folders = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    sys.path[:0] = [folder for folder in folders if folder]
    sys.modules.pop("sitecustomize", None)  # the machine's, which has run
    importlib.invalidate_caches()
    with suppress(ModuleNotFoundError):
        importlib.import_module("sitecustomize")


def _reap(*_: object) -> None:
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


if __name__ == "__main__":
    what, where, *rest = sys.argv[1:]
    if what == "call":
        call(where, *rest)
    elif asked := serve(socket.socket(fileno=int(where))):
        become_a_kernel(asked)
