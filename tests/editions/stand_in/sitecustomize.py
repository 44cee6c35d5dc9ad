"""What a kernel of Colab has and has not, for the editions' test.

It has google.colab. It has no checkout of the book, and here no network either.
"""

import os
import socket
import sys
from pathlib import Path

import google.colab  # noqa: F401 (Colab has it imported before the first cell)

_CHECKOUT = Path(os.environ["SEQVIZ_CHECKOUT"])
sys.path[:] = [
    entry
    for entry in sys.path
    # an editable install adds the checkout that it was made from
    if not (Path(entry) / "seqviz").is_dir() and Path(entry) != _CHECKOUT
]

sys.modules["faiss"] = None  # the one package of the book's that Colab has not

_connect = socket.socket.connect


def _only_here(self, address):
    if self.family != socket.AF_UNIX and address[0] not in ("127.0.0.1", "::1"):
        raise OSError(f"the network is cut: {address}")
    return _connect(self, address)


def _no_names(host, *rest, **words):
    if host in (None, "localhost", "127.0.0.1", "::1"):
        return _getaddrinfo(host, *rest, **words)
    raise socket.gaierror(f"the network is cut: {host}")


_getaddrinfo = socket.getaddrinfo
socket.socket.connect = _only_here
socket.getaddrinfo = _no_names
