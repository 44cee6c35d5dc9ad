import hashlib
import http.server
import threading

import pytest

from seqviz.data import (
    DataCorrupted,
    DataNotFound,
    load_movietweetings,
    load_online_retail,
)
from seqviz.data.download import RemoteFile, cache_folder, locate

CONTENT = b"user::movie\n" * 5000


class Server(http.server.ThreadingHTTPServer):
    """Sends CONTENT; ``cut`` closes the line midway, ``alter`` changes one byte."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.cut, self.alter, self.requests = False, False, 0

    def file(self):
        url = f"http://127.0.0.1:{self.server_port}/things.dat"
        return RemoteFile("here/things.dat", url, hashlib.sha256(CONTENT).hexdigest())


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.requests += 1
        body = b"?" + CONTENT[1:] if self.server.alter else CONTENT
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if self.server.cut else body)

    def log_message(self, *arguments):
        pass


@pytest.fixture
def server():
    server = Server()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture(autouse=True)
def empty_cache(tmp_path, monkeypatch):
    monkeypatch.delenv("SEQVIZ_DATA", raising=False)
    monkeypatch.setattr("pooch.os_cache", lambda project: tmp_path / "cache" / project)
    return tmp_path / "cache"


def files_in(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_download_is_kept_and_asked_for_once(server, capsys):
    path = locate(server.file(), download=True)
    assert path == cache_folder() / "here/things.dat"
    assert path.read_bytes() == CONTENT
    assert locate(server.file()) == locate(server.file(), download=True) == path
    assert server.requests == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.split("\r")[-1].strip() == ""  # the bar is wiped


def test_nothing_is_fetched_unasked(server):
    with pytest.raises(DataNotFound, match="download=True.*SEQVIZ_DATA"):
        locate(server.file())
    assert server.requests == 0


@pytest.mark.parametrize("fault", ["cut", "alter"])
def test_a_broken_download_leaves_nothing_behind(server, fault, empty_cache):
    setattr(server, fault, True)
    with pytest.raises((DataNotFound, DataCorrupted), match="SEQVIZ_DATA"):
        locate(server.file(), download=True, progress=False)
    assert files_in(empty_cache) == []
    with pytest.raises(DataNotFound):
        locate(server.file())
    setattr(server, fault, False)  # and the next try heals it
    assert locate(server.file(), download=True).read_bytes() == CONTENT


def test_a_stopped_download_leaves_nothing_behind(server, empty_cache, monkeypatch):
    def stop(*arguments, **named):
        raise KeyboardInterrupt

    monkeypatch.setattr("pooch.core.hash_matches", stop)  # after the last byte
    with pytest.raises(KeyboardInterrupt):
        locate(server.file(), download=True, progress=False)
    assert files_in(empty_cache) == []


def test_an_altered_cache_is_found_and_healed(server):
    path = locate(server.file(), download=True, progress=False)
    path.write_bytes(CONTENT[:100])
    with pytest.raises(DataCorrupted, match=r"things.dat has been .* download=True"):
        locate(server.file())
    assert locate(server.file(), download=True).read_bytes() == CONTENT


def test_no_network(server):
    file = server.file()._replace(url="http://127.0.0.1:1/things.dat")
    with pytest.raises(DataNotFound, match="127.0.0.1:1.*check the network"):
        locate(file, download=True, progress=False)


def test_the_local_folder_is_read_and_never_written(server, tmp_path, monkeypatch):
    folder = tmp_path / "data"
    (folder / "here").mkdir(parents=True)
    monkeypatch.setenv("SEQVIZ_DATA", str(folder))
    with pytest.raises(DataNotFound, match="here/things.dat does not exist"):
        locate(server.file(), download=True)
    path = folder / "here/things.dat"
    for damaged in (CONTENT[:-1], CONTENT + b"x", b""):
        path.write_bytes(damaged)
        with pytest.raises(DataCorrupted, match="altered or cut short.*sha256"):
            locate(server.file(), download=True)
    path.write_bytes(CONTENT)
    assert locate(server.file()) == path
    assert files_in(folder) == [path] and server.requests == 0


@pytest.mark.parametrize("load", [load_online_retail, load_movietweetings])
def test_loaders_without_data_say_what_to_do(load):
    with pytest.raises(DataNotFound, match="download=True.*SEQVIZ_DATA"):
        load()
