"""Who binds the ports: the supervisor, which alone may hold the right to bind low ones, hands bound sockets to the
roles (DECISIONS 28).

A role asks over a socket pair that it inherited, one line of JSON a request; the answer carries the descriptor, or a
sentence. A role that was started by itself has no supervisor to ask and binds for itself.
"""

import asyncio
import json
import os
import socket
from typing import Any

CHANNEL = "MAILOCK_SUPERVISOR_FD"
"""The environment variable that names the inherited end of the pair."""
_MAXIMUM = 4096


class CannotBind(OSError):
    """A port could not be had; the text is a sentence with the mend."""


def bind(address: str, port: int, *, beside: bool = False) -> socket.socket:
    """A TCP socket bound to one address, not yet listening. Raises CannotBind.

    `beside`: a socket of ours listens at the port and another address, one of the two being *every* address. The kernel
    allows both, to bind and to listen, only while each says so (SO_REUSEPORT). Once this one listens it has to stop
    saying so, that a program which is not ours finds the port taken.
    """
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, int(beside))
        bound.bind((address, port))
    except OSError as fault:
        bound.close()
        raise CannotBind(_sentence(address, port, fault)) from fault
    return bound


def serve_one(channel: socket.socket) -> bool:
    """Answers one request of a role; False when the role is gone, be it while it waits for the answer."""
    try:
        request = channel.recv(_MAXIMUM)
        if request:
            _answer(channel, json.loads(request))
    except ConnectionError:
        return False
    return bool(request)


def _answer(channel: socket.socket, asked: dict[str, Any]) -> None:
    try:
        bound = bind(asked["address"], asked["port"], beside=asked["beside"])
    except CannotBind as why:
        channel.sendall(json.dumps({"fault": str(why)}).encode())
        return
    with bound:
        socket.send_fds(channel, [b"{}"], [bound.fileno()])


async def obtain(address: str, port: int, *, beside: bool) -> socket.socket:
    """A bound socket, from the supervisor where there is one; `beside` as in `bind`. Raises CannotBind."""
    inherited = os.environ.get(CHANNEL)
    if inherited is None:
        return bind(address, port, beside=beside)
    return await asyncio.to_thread(_ask, int(inherited), address, port, beside)


def is_orphan() -> bool:
    """Whether the supervisor that started us is gone. Never for a role that was started by itself."""
    inherited = os.environ.get(CHANNEL)
    if inherited is None:
        return False
    with socket.socket(fileno=os.dup(int(inherited))) as channel:
        try:
            return channel.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
        except BlockingIOError:
            return False
        except ConnectionError:
            return True


def _ask(descriptor: int, address: str, port: int, beside: bool) -> socket.socket:
    with socket.socket(fileno=os.dup(descriptor)) as channel:
        channel.sendall(json.dumps({"address": address, "port": port, "beside": beside}).encode())
        answer, descriptors, _, _ = socket.recv_fds(channel, _MAXIMUM, 1)
    if descriptors:
        return socket.socket(fileno=descriptors[0])
    raise CannotBind(json.loads(answer or b'{"fault": "the supervisor is gone"}')["fault"])


def _sentence(address: str, port: int, fault: OSError) -> str:
    place = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
    match fault:
        case PermissionError():
            return (
                f"cannot listen on {place}: ports below 1024 need root (start as root; rights are dropped afterwards)"
            )
        case OSError(errno=98):
            named = f"`ss -ltnp 'sport = :{port}'` names it"
            return f"cannot listen on {place}: another program has it ({named}); stop it or set another port"
        case OSError(errno=99):
            return f"cannot listen on {place}: this machine has no such address; correct `interfaces`"
        case _:
            return f"cannot listen on {place}: {fault.strerror or fault}"
