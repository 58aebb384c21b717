"""Alerts by SNMP trap (RFC 3416, RFC 3412), version 2c or 3.

What a trap says stands in docs/MAILOCK-MIB.txt. With version 3 the sender of a trap is its authority (RFC 3414 section
1.5.1): the receiver has to know our engine's id, which is made of the node's name, and refuses what seems older than
what it has seen. So each trap comes from an engine that has just started, at a boot that is counted by the
clock, and no file has to remember how many there were.
"""

import asyncio
import importlib
import time
from dataclasses import dataclass
from typing import Any, Final

from mailock.alerts.notice import Notice, NotSent

ROOT: Final = "1.3.6.1.4.1.32473.25"
"""mailockMIB. 32473 is the enterprise that IANA keeps for examples (RFC 5612); Mailock has none of its own."""
ALERT: Final = f"{ROOT}.0.1"
_ENGINE: Final = bytes.fromhex("80007ed904")
"""RFC 3411, SnmpEngineID: the enterprise, and 4, "administratively assigned text"."""
_ENGINE_TEXT: Final = 27
_SECONDS: Final = 10.0
_TEXT: Final = 1000
"""Octets of a text in a trap, that it stays one datagram everywhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Community:
    """Version 2c: a word in clear text."""

    word: str


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Version 3: a user, authenticated with SHA-256 (RFC 7860) and encrypted with AES-128 (RFC 3826)."""

    name: str
    authentication: str
    privacy: str


class SnmpChannel:
    """Sends a trap for each alert. UDP: nobody hears whether it arrived."""

    name = "snmp"

    def __init__(self, host: str, port: int, who: Community | User, *, node: str) -> None:
        self._host, self._port, self._who = host, port, who
        self._engine_id = engine_id(node)

    async def send(self, notice: Notice) -> None:
        """Sends one notice. Raises NotSent."""
        # Importing the library takes a moment for which the mail must not wait.
        hlapi = await asyncio.to_thread(importlib.import_module, "pysnmp.hlapi.v3arch.asyncio")
        errors = await asyncio.to_thread(importlib.import_module, "pysnmp.error")
        engine = await asyncio.to_thread(_new_engine, hlapi, self._engine_id)
        try:
            to = await hlapi.UdpTransportTarget.create((self._host, self._port), timeout=_SECONDS)
            trap = hlapi.NotificationType(hlapi.ObjectIdentity(ALERT)).add_varbinds(*_facts(hlapi, notice))
            error, *_ = await hlapi.send_notification(
                engine, self._credentials(hlapi), to, hlapi.ContextData(), "trap", trap
            )
        except (OSError, errors.PySnmpError) as fault:
            raise NotSent(f"no trap could be sent to {self._host}: {type(fault).__name__}") from fault
        finally:
            engine.close_dispatcher()
        if error:
            raise NotSent(f"no trap could be sent to {self._host}: {error}")

    def _credentials(self, hlapi: Any) -> Any:
        match self._who:
            case Community(word=word):
                return hlapi.CommunityData(word, mpModel=1)
            case User() as user:
                return hlapi.UsmUserData(
                    user.name,
                    user.authentication,
                    user.privacy,
                    authProtocol=hlapi.usmHMAC192SHA256AuthProtocol,
                    privProtocol=hlapi.usmAesCfb128Protocol,
                )


def engine_id(node: str) -> bytes:
    """The id of a node's engine: what receivers of version 3 have to be told."""
    return _ENGINE + node.encode("ascii", "replace")[:_ENGINE_TEXT]


def _new_engine(hlapi: Any, identity: bytes) -> Any:
    rfc1902 = importlib.import_module("pysnmp.proto.rfc1902")
    engine = hlapi.SnmpEngine(snmpEngineID=rfc1902.OctetString(identity))
    (boots,) = engine.get_mib_builder().import_symbols("__SNMP-FRAMEWORK-MIB", "snmpEngineBoots")
    # Every two seconds a number: it fits until 2106, and only grows.
    boots.syntax = boots.syntax.clone(int(time.time()) // 2)
    return engine


def _facts(hlapi: Any, notice: Notice) -> list[Any]:
    """The objects of a trap, in the order of the MIB."""
    rfc1902 = importlib.import_module("pysnmp.proto.rfc1902")
    texts = (notice.node, notice.kind, notice.about, notice.sentence)
    values = [rfc1902.OctetString(text.encode("utf-8", "replace")[:_TEXT]) for text in texts]
    values.append(rfc1902.Unsigned32(notice.repeated))
    return [
        hlapi.ObjectType(hlapi.ObjectIdentity(f"{ROOT}.1.{place}.0"), value) for place, value in enumerate(values, 1)
    ]
