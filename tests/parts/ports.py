"""Free ports on loopback.

They are taken from below the range that the kernel hands to outgoing connections, so that no client socket can sit on a
port between the moment it is found free here and the moment a server binds it.
"""

import random
import socket
import time

LOOPBACK = "127.0.0.1"
_LOWEST, _HIGHEST = 20_000, 32_000


def free_port(host: str = LOOPBACK) -> int:
    """A port that nobody listens on, neither with TCP nor with UDP."""
    for _ in range(500):
        port = random.randint(_LOWEST, _HIGHEST)
        if _can_bind(host, port, socket.SOCK_STREAM) and _can_bind(host, port, socket.SOCK_DGRAM):
            return port
    raise OSError(f"no free port between {_LOWEST} and {_HIGHEST} on {host}")


def answers(host: str, port: int) -> bool:
    """Whether a TCP connection is taken."""
    try:
        socket.create_connection((host, port), timeout=1).close()
    except OSError:
        return False
    return True


def wait_until_open(host: str, port: int, *, within: float = 10.0) -> None:
    """Blocks until a TCP connection is taken; TimeoutError after `within` seconds."""
    end = time.monotonic() + within
    while not answers(host, port):
        if time.monotonic() > end:
            raise TimeoutError(f"nothing listens on {host}:{port} after {within} s")
        time.sleep(0.02)


def _can_bind(host: str, port: int, kind: socket.SocketKind) -> bool:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, kind) as probe:
        if kind == socket.SOCK_STREAM:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True
