"""What TLS is spoken with: the settings of both roles.

A `ServerTls` can be given other certificates while listeners use it: every handshake asks for the context of the
moment, and a connection that stands keeps the one it began with. DANE (RFC 7672), MTA-STS (RFC 8461) and REQUIRETLS
(RFC 8689) will decide *what has to be proven* for a `Target` before it is dialled; the place where they act is
`ClientTls.channel`.
"""

import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mailock.net.encryption import Channel
from mailock.ports.transport import Target


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """A certificate with its chain and its key, in PEM files, and the host names that it is made out for."""

    chain: Path
    key: Path
    names: tuple[str, ...] = ()


class ServerTls:
    """The accepting side's settings. Raises OSError or ssl.SSLError where a certificate cannot be used."""

    def __init__(self, identities: Sequence[Identity], minimum: ssl.TLSVersion = ssl.TLSVersion.TLSv1_2) -> None:
        self._minimum = minimum
        self._context = self._build(identities)

    def replace(self, identities: Sequence[Identity]) -> None:
        """Changes the certificates for every handshake from now on; when one cannot be used, all stays as it was."""
        self._context = self._build(identities)

    def channel(self) -> Channel:
        """The TLS side of one accepted connection."""
        return Channel(self._context, server_side=True)

    def _build(self, identities: Sequence[Identity]) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = self._minimum
        context.options |= ssl.OP_NO_RENEGOTIATION
        for one in identities:
            context.load_cert_chain(one.chain, one.key)
        return context


class ClientTls:
    """The connecting side's settings: opportunistic (proves nothing, hides from listeners) and verified."""

    def __init__(self, ca_file: Path | None = None, minimum: ssl.TLSVersion = ssl.TLSVersion.TLSv1_2) -> None:
        self._opportunistic = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._opportunistic.check_hostname = False
        self._opportunistic.verify_mode = ssl.CERT_NONE
        self._opportunistic.minimum_version = minimum
        self._verified = ssl.create_default_context(cafile=ca_file)
        self._verified.minimum_version = minimum

    def channel(self, target: Target) -> Channel:
        """The TLS side of one connection to a target."""
        context = self._verified if target.verify else self._opportunistic
        return Channel(context, server_side=False, host=target.host.rstrip(".") or target.ip)
