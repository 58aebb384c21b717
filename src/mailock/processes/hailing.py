"""Hailing one of our own listeners: connect as its clients do, be greeted, and leave.

A listener may want a PROXY header before anything else (PROXY UNKNOWN: the connection speaks for itself), and TLS from
the first byte. Whose certificate is shown is another check's matter, so none is verified.
"""

import asyncio
import ssl
from dataclasses import dataclass

from mailock.operations.doctor import Tried

SECONDS = 30.0
PROXY = b"PROXY UNKNOWN\r\n"
"""The PROXY protocol, version 1, section 2.1: whoever gets it uses the addresses of the connection itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hailed:
    """A listener, and how its clients begin."""

    ip: str
    """That of this machine where it listens at every address."""
    port: int
    implicit_tls: bool
    proxied: bool


async def hail(listener: Hailed, hostname: str) -> Tried:
    """What came of it; `hostname` is the name that we give ourselves."""
    ip = f"[{listener.ip}]" if ":" in listener.ip else listener.ip
    where = f"{hostname} ({ip}:{listener.port})"
    try:
        async with asyncio.timeout(SECONDS):
            return await _hail(listener, hostname, where)
    except TimeoutError:
        return Tried(where=where, why=f"no answer within {SECONDS:.0f} s")
    except ssl.SSLError as fault:
        return Tried(where=where, why=f"TLS does not come about ({fault.reason or fault})")
    except OSError as fault:
        return Tried(where=where, why=fault.strerror or str(fault))


async def _hail(listener: Hailed, hostname: str, where: str) -> Tried:
    reader, writer = await asyncio.open_connection(listener.ip, listener.port)
    try:
        if listener.proxied:
            writer.write(PROXY)
            await writer.drain()
        tls = ""
        if listener.implicit_tls:
            await writer.start_tls(_unverified(), server_hostname=hostname)
            wrapped = writer.get_extra_info("ssl_object")
            tls = f"{wrapped.version()} {wrapped.cipher()[0]}"
        greeting = await reader.readline()
        if not greeting.startswith(b"220"):
            said = greeting.decode("ascii", "replace").strip()
            return Tried(where=where, why=f"it said {said!r}" if said else "it closed the connection")
        writer.write(f"EHLO {hostname}\r\n".encode())
        starttls, line = False, b"250-"
        while line[3:4] == b"-":
            line = await reader.readline()
            starttls = starttls or line[4:].strip().upper() == b"STARTTLS"
        writer.write(b"QUIT\r\n")
        await writer.drain()
        return Tried(where=where, tls=tls, starttls=starttls)
    finally:
        writer.close()


def _unverified() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
