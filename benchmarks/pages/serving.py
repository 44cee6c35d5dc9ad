"""The built book on this machine as a web server sends it: compressed, to be kept."""

import gzip
import mimetypes
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from seqviz.site.listening import Quiet, listening

_PACKED = {".html", ".css", ".js", ".json", ".svg", ".txt", ".xml"}


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder; give its address, without a slash at its end."""

    @cache
    def packed(path: Path) -> bytes:
        content = path.read_bytes()
        return gzip.compress(content, 6) if path.suffix in _PACKED else content

    class Handler(Quiet):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            path = folder / self.path.partition("?")[0].lstrip("/")
            if path.is_dir():
                path /= "index.html"
            if not path.is_file():
                self.send_error(404)
                return
            content = packed(path)
            kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
            self.send_response(200)
            self.send_header("Content-Type", kind)
            if path.suffix in _PACKED:
                self.send_header("Content-Encoding", "gzip")
            self.send_header("Content-Length", str(len(content)))
            kept = 0 if path.suffix == ".html" else 31_536_000
            self.send_header("Cache-Control", f"max-age={kept}")
            self.end_headers()
            self.wfile.write(content)

    with listening(Handler) as address:
        yield address
