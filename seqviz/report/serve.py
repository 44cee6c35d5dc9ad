"""Answers "which items next?" on this machine: python serve.py [PORT].

Needs numpy, faiss-cpu and onnxruntime, nothing else.
http://127.0.0.1:PORT/?item=FIRST&item=SECOND&n=20, the items oldest first.
"""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import faiss
import numpy as np
import onnxruntime

HERE = Path(__file__).parent
LENGTH = json.loads((HERE / "config.json").read_text())["length"]
ITEMS = json.loads((HERE / "items.json").read_text())  # ITEMS[0] is padding
NUMBER = {name: number for number, name in enumerate(ITEMS) if number}
INDEX = faiss.read_index(str(HERE / "index.faiss"))
MODEL = onnxruntime.InferenceSession(HERE / "model.onnx")


def recommend(history: list[str], n: int) -> list[tuple[str, float]]:
    """Return the best items with their scores; unknown items are left out."""
    known = [NUMBER[name] for name in history if name in NUMBER]
    ids = np.array([([0] * LENGTH + known)[-LENGTH:]])  # [1, T], padded on the left
    (interests,) = MODEL.run(None, {"item_ids": ids})  # [1, K, E]
    scores, rows = INDEX.search(interests[0], min(n, INDEX.ntotal))
    best: dict[str, float] = {}
    for place in np.argsort(-scores, axis=None, kind="stable"):
        best.setdefault(ITEMS[rows.flat[place] + 1], float(scores.flat[place]))
    return list(best.items())[:n]


class Answer(BaseHTTPRequestHandler):
    """One question, one list."""

    def do_GET(self) -> None:  # noqa: D102, N802
        asked = parse_qs(urlsplit(self.path).query)
        n, history = asked.get("n", ["20"])[0], asked.get("item", [])
        if not n.isdecimal() or int(n) < 1:
            return self.send_error(400, f"n must be 1 or more, got {n!r}")
        if not NUMBER.keys() & set(history):
            return self.send_error(400, f"item must name one of the log, got {history}")
        body = json.dumps(recommend(history, int(n))).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    port = int(sys.argv[1]) if sys.argv[1:] else 8000
    server = ThreadingHTTPServer(("127.0.0.1", port), Answer)
    print(f"http://127.0.0.1:{server.server_port}/?item=...&n=20", flush=True)
    server.serve_forever()
