"""The listener where Prometheus reads numbers: GET /metrics, and nothing else.

It runs in a thread of its own, one request after the other, so a reader who is slow on purpose takes nobody's time but
other readers'. It shows numbers only, no address and no subject, and takes no input but the path.
"""

import logging
import socket
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Final

from mailock.telemetry.metrics import CONTENT_TYPE

SECONDS: Final = 5.0
"""How long a reader may take to ask, and to take what he is given."""
PATH: Final = "/metrics"
log = logging.getLogger(__name__)


class Exposition:
    """Serves a text on a bound socket from `start` until `stop`. `text` is called in the listener's thread."""

    def __init__(self, bound: socket.socket, text: Callable[[], str]) -> None:
        class Handler(_Handler):
            """Knows the text of this listener."""

            render = staticmethod(text)

        self._server = HTTPServer(bound.getsockname()[:2], Handler, bind_and_activate=False)
        self._server.socket.close()
        self._server.socket = bound
        self._thread = threading.Thread(target=self._server.serve_forever, name="metrics", daemon=True)

    def start(self) -> None:
        """Listens from now on."""
        self._server.server_activate()
        self._thread.start()

    def stop(self) -> None:
        """Listens no more. Blocks until the request that is being answered is over."""
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    timeout = SECONDS
    server_version = "Mailock"
    sys_version = ""

    @staticmethod
    def render() -> str:
        """The text that is served."""
        raise NotImplementedError

    def do_GET(self) -> None:
        """The name is that of the library."""
        if self.path.partition("?")[0] != PATH:
            self.send_error(404, explain=f"numbers are at {PATH}")
            return
        try:
            body = self.render().encode()
        except Exception:
            # Whatever is wrong with the numbers, the mail goes on, and the reader sees that there are none.
            log.exception("the numbers cannot be given")
            self.send_error(500, explain="the numbers cannot be given; the gateway's log says why")
            return
        self.send_response(200)
        self.send_header("Content-Type", CONTENT_TYPE)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Whoever reads numbers is not worth a line."""
