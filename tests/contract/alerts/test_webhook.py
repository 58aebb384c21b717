"""The webhook, against a server that is real: what is posted, what is tried again, and what is never told."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from mailock.alerts.notice import Notice, NotSent
from mailock.alerts.webhook import WebhookChannel

NOTICE = Notice(kind="shunt", about="0001", text="a message was shunted", at=1_790_000_000.0, node="mx1", repeated=2)


class Server:
    """An HTTP server that answers with the codes that it was given, in turn, and keeps what it got."""

    def __init__(self) -> None:
        self.codes = [204]
        self.got: list[tuple[dict[str, str], bytes]] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:  # the name that http.server calls
                content = self.rfile.read(int(self.headers["Content-Length"]))
                server.got.append((dict(self.headers), content))
                code = server.codes.pop(0) if len(server.codes) > 1 else server.codes[0]
                self.send_response(code)
                if 300 <= code < 400:
                    self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Says nothing."""

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}/hook?key=secret"
        self.thread = threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()

    def close(self) -> None:
        self.http.shutdown()
        self.http.server_close()
        self.thread.join()


@pytest.fixture
def server() -> Iterator[Server]:
    """A server."""
    server = Server()
    yield server
    server.close()


async def test_a_notice_is_posted_as_json(server: Server) -> None:
    await WebhookChannel(server.url, headers={"X-Key": "k"}).send(NOTICE)
    ((headers, content),) = server.got
    assert headers["X-Key"] == "k"
    assert headers["Content-Type"] == "application/json"
    assert json.loads(content) == {
        "product": "mailock",
        "node": "mx1",
        "kind": "shunt",
        "about": "0001",
        "text": "shunt: a message was shunted (2 more like this since the last time)",
        "at": "2026-09-21T14:13:20Z",
        "repeated": 2,
    }


@pytest.mark.parametrize("code", [500, 503, 429])
async def test_what_may_pass_is_tried_again(server: Server, code: int) -> None:
    server.codes = [code, code, 200]
    await WebhookChannel(server.url, pauses=(0.0, 0.0)).send(NOTICE)
    assert len(server.got) == 3


async def test_trying_has_an_end(server: Server) -> None:
    server.codes = [503]
    with pytest.raises(NotSent, match=r"the webhook at 127.0.0.1 answered 503"):
        await WebhookChannel(server.url, pauses=(0.0, 0.0)).send(NOTICE)
    assert len(server.got) == 3


@pytest.mark.parametrize("code", [302, 400, 404])
async def test_what_will_not_pass_is_not_tried_again_and_redirects_are_not_followed(server: Server, code: int) -> None:
    server.codes = [code]
    with pytest.raises(NotSent, match=f"answered {code}"):
        await WebhookChannel(server.url, pauses=(0.0, 0.0)).send(NOTICE)
    assert len(server.got) == 1


async def test_nobody_listens_and_the_address_is_not_told(server: Server) -> None:
    server.http.server_close()
    with pytest.raises(NotSent) as told:
        await WebhookChannel(server.url, pauses=(0.0,)).send(NOTICE)
    assert "could not be reached: ConnectError" in str(told.value)
    assert "secret" not in str(told.value)


async def test_a_server_that_never_answers_is_left() -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as silent:
        channel = WebhookChannel(f"http://127.0.0.1:{silent.server_address[1]}/", seconds=0.2, pauses=())
        with pytest.raises(NotSent, match="could not be reached: ReadTimeout"):
            await channel.send(NOTICE)


@pytest.mark.parametrize("url", ["ftp://x.test/", "x.test", "https://", ""])
def test_what_is_no_address_is_refused_at_once(url: str) -> None:
    with pytest.raises(ValueError, match="must begin with https://"):
        WebhookChannel(url)
