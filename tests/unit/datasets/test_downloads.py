"""The real download code against a local server that breaks off, sends rubbish, or lacks the file."""

import hashlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from widelimit.datasets.downloads import fetch
from widelimit.errors import InputError

DATA = np.random.default_rng(0).bytes(300_000)


class Server(ThreadingHTTPServer):
    """Serves DATA; ``faults`` says what to do wrong with each request in turn."""

    def __init__(self, faults, ranges=True):
        super().__init__(("127.0.0.1", 0), Handler)
        self.faults, self.ranges, self.requests = list(faults), ranges, []
        self.url = f"http://127.0.0.1:{self.server_port}/data.bin"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        asked = self.headers.get("Range")
        self.server.requests.append(asked)
        fault = self.server.faults.pop(0) if self.server.faults else None
        if fault == "absent":
            self.send_error(404)
            return
        start = int(asked[6:-1]) if asked and self.server.ranges else 0
        body = DATA[start:]
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if fault == "break off":
            body = body[:100_000]
        if fault == "rubbish":
            body = b"?" * len(body)
        self.wfile.write(body)

    def log_message(self, *_arguments):
        pass


@pytest.fixture
def serve():
    servers = []

    def start(faults=(), **options):
        server = Server(faults, **options)
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return server

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def get(server, folder, retries=3):
    files = {"data.bin": (server.url, "sha256:" + hashlib.sha256(DATA).hexdigest())}
    return fetch("source", files, cache=folder, retries=retries)["data.bin"]


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    monkeypatch.setattr("pooch.core.time.sleep", lambda _seconds: None)


def test_a_file_is_fetched_once(serve, tmp_path):
    server = serve()
    assert get(server, tmp_path).read_bytes() == DATA
    get(server, tmp_path)
    assert len(server.requests) == 1


def test_a_broken_download_goes_on_where_it_was(serve, tmp_path):
    server = serve(["break off", "break off"])
    assert get(server, tmp_path).read_bytes() == DATA
    starts = [int(asked[6:-1]) for asked in server.requests[1:]]
    assert 0 < starts[0] <= 100_000 < starts[1] <= 200_000


def test_the_next_run_goes_on_too(serve, tmp_path):
    with pytest.raises(InputError):
        get(serve(["break off"]), tmp_path, retries=0)
    server = serve()
    assert get(server, tmp_path).read_bytes() == DATA
    assert server.requests != [None]


def test_a_server_without_ranges_sends_all_again(serve, tmp_path):
    server = serve(["break off"], ranges=False)
    assert get(server, tmp_path).read_bytes() == DATA


def test_a_wrong_checksum_is_tried_again_and_never_kept(serve, tmp_path):
    assert get(serve(["rubbish"]), tmp_path).read_bytes() == DATA


def test_what_cannot_be_fetched_says_what_to_do(serve, tmp_path):
    with pytest.raises(InputError, match="give their folder as `path`"):
        get(serve(["absent"] * 9), tmp_path, retries=1)
    assert not (tmp_path / "source/data.bin").exists()
    with pytest.raises(InputError, match="could not fetch data.bin"):
        get(serve(["rubbish"] * 9), tmp_path, retries=1)
    assert not (tmp_path / "source/data.bin").exists()
