"""Who is at the two ends of a socket, in plain text."""

import asyncio

from mailock.ports.transport import Peer


def peer_of(transport: asyncio.BaseTransport) -> Peer:
    """The two ends of a connected socket. Where it is gone already, the addresses are empty."""
    remote = transport.get_extra_info("peername") or ("", 0)
    local = transport.get_extra_info("sockname") or ("", 0)
    return Peer(ip=plain_ip(remote[0]), port=remote[1], local_ip=plain_ip(local[0]), local_port=local[1])


def plain_ip(ip: str) -> str:
    """An address without its zone, and as IPv4 where it is one mapped into IPv6 (RFC 4291 section 2.5.5.2)."""
    if ":" not in ip:
        return ip
    ip = ip.partition("%")[0]
    return ip[7:] if ip.startswith("::ffff:") and "." in ip else ip
