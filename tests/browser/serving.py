"""Serve a folder on this machine, without a word on the terminal."""

from contextlib import ExitStack
from functools import partial
from http.server import SimpleHTTPRequestHandler
from pathlib import Path

from seqviz.site.listening import Quiet, listening


class _Files(Quiet, SimpleHTTPRequestHandler):
    """The files of a folder."""


def serve(folder: Path):
    """Serve ``folder`` on a free port; return (address, stop)."""
    stack = ExitStack()
    handler = partial(_Files, directory=str(folder))
    return stack.enter_context(listening(handler)), stack.close
