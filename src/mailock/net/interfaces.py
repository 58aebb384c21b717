"""The machine's network interfaces, and which of their addresses to listen on.

| setting | listens on |
|---|---|
| `all` | `0.0.0.0`, and `::` where the machine has IPv6: also addresses that appear later |
| `external` | every address, at the moment of asking, of interfaces that are up and neither internal nor the loopback |
| a list | its addresses as they stand, and the addresses of the interfaces that it names |

Link-local IPv6 addresses are left out, unless an interface has no others: mail does not come from there. Nothing is
bound here; an address that is gone by then is the binder's to tell.
"""

import ctypes
import ipaddress
import os
import socket
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

_UP: Final = 0x1
_LOOPBACK: Final = 0x8


@dataclass(frozen=True, slots=True, kw_only=True)
class Interface:
    """One network interface. A link-local address carries its zone (`fe80::1%eth0`), as a socket needs it."""

    name: str
    addresses: tuple[str, ...]
    up: bool
    loopback: bool


def everywhere(present: Sequence[Interface]) -> tuple[str, ...]:
    """What `all` means on a machine with these interfaces."""
    has_ipv6 = any(":" in address for one in present for address in one.addresses)
    return ("0.0.0.0", "::") if has_ipv6 else ("0.0.0.0",)


def external(present: Sequence[Interface], internal: Collection[str]) -> tuple[str, ...]:
    """What `external` means where these interfaces or addresses are internal. Raises ValueError where that is none."""
    within = internal_addresses(present, internal)
    found = _unique(
        address
        for one in present
        if one.up and not one.loopback and one.name not in internal
        for address in _useful(one)
        if address not in within
    )
    if not found:
        raise ValueError(
            'interfaces = "external": every interface of this machine is internal or down;'
            " correct `internal_interfaces`, or list the addresses to listen on"
        )
    return found


def listed(present: Sequence[Interface], names: Sequence[str]) -> tuple[str, ...]:
    """What a list of interfaces and addresses means. Raises ValueError for an interface that is not there."""
    return _unique(address for name in names for address in _meant(present, name))


def internal_addresses(present: Sequence[Interface], internal: Collection[str]) -> frozenset[str]:
    """The local addresses at which a peer arrives by an internal interface, without zones.

    Names of interfaces that are not there count for nothing.
    """
    found = {_plain(address) for one in present if one.name in internal for address in one.addresses}
    return frozenset(found | {_plain(name) for name in internal if _is_address(name)})


def _meant(present: Sequence[Interface], name: str) -> tuple[str, ...]:
    if _is_address(name):
        return (name,)
    for one in present:
        if one.name == name:
            if not one.addresses:
                raise ValueError(f"interfaces: {name} has no address; bring it up, or name another")
            return _useful(one)
    known = ", ".join(one.name for one in present) or "none at all"
    raise ValueError(f"interfaces: there is no interface {name!r} on this machine; it has {known}")


def _useful(one: Interface) -> tuple[str, ...]:
    return tuple(address for address in one.addresses if "%" not in address) or one.addresses


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _plain(address: str) -> str:
    return address.partition("%")[0]


def _unique(addresses: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(addresses))


class _SockAddr(ctypes.Structure):
    _fields_ = (("family", ctypes.c_ushort), ("data", ctypes.c_ubyte * 26))


class _IfAddrs(ctypes.Structure):
    pass


_IfAddrs._fields_ = (
    ("next", ctypes.POINTER(_IfAddrs)),
    ("name", ctypes.c_char_p),
    ("flags", ctypes.c_uint),
    ("address", ctypes.POINTER(_SockAddr)),
    ("netmask", ctypes.c_void_p),
    ("broadcast", ctypes.c_void_p),
    ("data", ctypes.c_void_p),
)


def present_interfaces() -> tuple[Interface, ...]:
    """The interfaces of this machine, as getifaddrs(3) of Linux tells them. Raises OSError where it cannot."""
    libc = ctypes.CDLL(None, use_errno=True)
    head = ctypes.POINTER(_IfAddrs)()
    if libc.getifaddrs(ctypes.byref(head)) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"the network interfaces cannot be listed: {os.strerror(number)}")
    addresses: dict[str, list[str]] = {}
    flags: dict[str, int] = {}
    try:
        entry = head
        while entry:  # type: ignore[truthy-bool]  # a null pointer is false
            one = entry.contents
            name = one.name.decode(errors="replace")
            flags[name] = one.flags
            kept = addresses.setdefault(name, [])
            if one.address and (text := _address_text(one.address.contents, name)):
                kept.append(text)
            entry = one.next
    finally:
        libc.freeifaddrs(head)
    return tuple(
        Interface(
            name=name,
            addresses=_unique(kept),
            up=bool(flags[name] & _UP),
            loopback=bool(flags[name] & _LOOPBACK),
        )
        for name, kept in addresses.items()
    )


def _address_text(sockaddr: _SockAddr, interface: str) -> str | None:
    data = bytes(sockaddr.data)
    if sockaddr.family == socket.AF_INET:
        # sockaddr_in: port (2), address (4).
        return socket.inet_ntop(socket.AF_INET, data[2:6])
    if sockaddr.family == socket.AF_INET6:
        # sockaddr_in6: port (2), flow (4), address (16), scope (4).
        text = socket.inet_ntop(socket.AF_INET6, data[6:22])
        return f"{text}%{interface}" if ipaddress.ip_address(text).is_link_local else text
    return None
