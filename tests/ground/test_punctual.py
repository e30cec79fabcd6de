"""Whoever asks over HTTP goes on in time, however slowly the other side lets its answer trickle in."""

import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from socketserver import StreamRequestHandler, ThreadingTCPServer

import pytest
import requests

from portal.punctual import Punctual
from tests.servers.certificates import Certificates
from tests.servers.ports import free_port

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 40\r\n"
CHUNKS = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
UNTIL_IT_CLOSES = b"HTTP/1.1 200 OK\r\n\r\n"
WHOLE = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndone"
PAUSE, PATIENCE = 0.05, 0.4


@contextmanager
def trickling(at_once: bytes, slowly: bytes, context: ssl.SSLContext | None = None) -> Iterator[str]:
    """A server that says some of it at once, and of the rest a byte now and then; its address."""

    class Trickle(StreamRequestHandler):
        def handle(self) -> None:
            self.rfile.readline()
            self.wfile.write(at_once)
            with suppress(OSError):
                for byte in slowly:
                    time.sleep(PAUSE)
                    self.wfile.write(bytes([byte]))

    class Server(ThreadingTCPServer):
        daemon_threads, block_on_close = True, False

    server = Server(("127.0.0.1", 0), Trickle)
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http{'s' if context else ''}://localhost:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def ask(address: str, *, patience: float = PATIENCE, verify: str | bool = True) -> str:
    """What is answered, within so many seconds from now."""
    with requests.Session() as line:
        line.trust_env = False
        for scheme in ("http://", "https://"):
            line.mount(scheme, Punctual(time.monotonic() + patience))
        return line.get(address, verify=verify).text


@pytest.mark.parametrize(
    ("at_once", "slowly"),
    [
        (b"", HEAD),
        (HEAD, b"X-Long: " + b"x" * 60),
        (HEAD + b"\r\n", b"x" * 40),
        (CHUNKS, b"1\r\nx\r\n" * 20),
        (UNTIL_IT_CLOSES, b"x" * 60),
        (b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 100 Continue\r\n\r\n" * 5),
    ],
    ids=["first line", "header", "body", "chunks", "without an end", "continue"],
)
def test_a_trickle_is_given_up_in_time(at_once: bytes, slowly: bytes) -> None:
    with trickling(at_once, slowly) as address:
        began = time.monotonic()
        with pytest.raises(requests.RequestException):
            ask(address)
        assert PATIENCE <= time.monotonic() - began < 3 * PATIENCE


def test_a_trickle_through_an_encrypted_line_is_given_up_in_time(certificates: Certificates) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates.chain, certificates.key)
    with trickling(HEAD, b"X-Long: " + b"x" * 60, context) as address:
        began = time.monotonic()
        with pytest.raises(requests.RequestException):
            ask(address, verify=str(certificates.authority))
        assert time.monotonic() - began < 3 * PATIENCE
    with trickling(WHOLE, b"", context) as address:
        assert ask(address, verify=str(certificates.authority)) == "done"


def test_whoever_is_slow_but_in_time_is_heard_out() -> None:
    with trickling(WHOLE[:-3], WHOLE[-3:]) as address:
        assert ask(address, patience=5) == "done"


def test_when_the_time_is_over_nothing_is_asked() -> None:
    with trickling(b"", WHOLE) as address, pytest.raises(requests.RequestException):
        ask(address, patience=-1)
    with pytest.raises(requests.ConnectionError):
        ask(f"http://127.0.0.1:{free_port()}")
