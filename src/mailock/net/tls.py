"""What TLS is spoken with: the settings of both roles.

A `ServerTls` can be given other certificates while listeners use it: every handshake asks for the context of the
moment, and a connection that stands keeps the one it began with. DANE (RFC 7672), MTA-STS (RFC 8461) and REQUIRETLS
(RFC 8689) will decide *what has to be proven* for a `Target` before it is dialled; they act in `ClientTls.channel`.
"""

import errno
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from mailock.net.encryption import Channel
from mailock.ports.transport import Target

# Where nothing has to be proven, mail that TLS fails for leaves in the clear: an old cipher beats none.
_OPPORTUNISTIC_CIPHERS: Final = "DEFAULT:@SECLEVEL=1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """A certificate with its chain and its key, in PEM files (or one for both), and the names that it is for."""

    chain: Path
    key: Path
    names: tuple[str, ...] = ()


class ServerTls:
    """The accepting side's settings. The first identity serves clients that name no host, or one that nobody covers.

    With `client_authorities`, a PEM file, clients may show a certificate, which must then be one of theirs; else none
    is asked for. Raises ValueError without an identity, OSError or ssl.SSLError where one cannot be used.
    """

    def __init__(
        self,
        identities: Sequence[Identity],
        *,
        minimum: ssl.TLSVersion = ssl.TLSVersion.TLSv1_2,
        client_authorities: Path | None = None,
    ) -> None:
        self._minimum = minimum
        self._client_authorities = client_authorities
        self._served = self._build(identities)

    def replace(self, identities: Sequence[Identity], *, minimum: ssl.TLSVersion | None = None) -> None:
        """Changes certificates, and the oldest version where one is given, for every handshake from now on.

        When an identity cannot be used, all stays as it was.
        """
        before = self._minimum
        self._minimum = before if minimum is None else minimum
        try:
            self._served = self._build(identities)
        except BaseException:
            self._minimum = before
            raise

    def channel(self) -> Channel:
        """The TLS side of one accepted connection."""
        return Channel(self._served.default, server_side=True)

    def _build(self, identities: Sequence[Identity]) -> "_Served":
        if not identities:
            raise ValueError("TLS needs a certificate: import one with `mailock certificate import FILE`")
        contexts: dict[tuple[str, ...], ssl.SSLContext] = {}
        # An RSA and an EC certificate for the same names share a context, and each client gets what it can use. Of two
        # with one kind of key the one that is loaded last counts, so the first is loaded last.
        for one in reversed(identities):
            if _group(one) not in contexts:
                contexts[_group(one)] = self._context()
            contexts[_group(one)].load_cert_chain(one.chain, one.key)
        served = _Served(default=contexts[_group(identities[0])])
        for one in identities:
            for name in one.names:
                served.by_name.setdefault(name, contexts[_group(one)])
        served.default.sni_callback = served.choose
        return served

    def _context(self) -> ssl.SSLContext:
        # What ssl chooses by itself stands: forward secrecy only, no SHA-1, tickets on.
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = self._minimum
        # A client could make us work without end by asking for a new handshake in the old one.
        context.options |= ssl.OP_NO_RENEGOTIATION
        # One ticket is enough to resume from, and a second costs both sides.
        context.num_tickets = 1
        if self._client_authorities is not None:
            context.load_verify_locations(self._client_authorities)
            context.verify_mode = ssl.CERT_OPTIONAL
        return context


def _group(one: Identity) -> tuple[str, ...]:
    return tuple(sorted(one.names)) or (str(one.chain),)


@dataclass(slots=True)
class _Served:
    """The contexts of one set of certificates, by the names in them."""

    default: ssl.SSLContext
    by_name: dict[str, ssl.SSLContext] = field(default_factory=dict)

    def choose(self, channel: ssl.SSLObject, untrusted_name: str | None, _: ssl.SSLContext) -> None:
        """Called by OpenSSL in the handshake with the name that the client asked for (SNI, RFC 6066 section 3)."""
        if untrusted_name is None:
            return
        name = untrusted_name.lower().rstrip(".")
        found = self.by_name.get(name) or self.by_name.get("*." + name.partition(".")[2])
        if found is not None and found is not self.default:
            channel.context = found


class ClientTls:
    """The connecting side's settings: opportunistic (proves nothing, hides from listeners) and verified.

    Verified means: a trusted authority, of `authorities` (a PEM file) or else the system's, says that the peer is the
    target's host. Raises OSError (a sentence) where the file cannot be used.
    """

    def __init__(
        self,
        authorities: Path | None = None,
        *,
        minimum: ssl.TLSVersion = ssl.TLSVersion.TLSv1_2,
        identity: Identity | None = None,
    ) -> None:
        self._opportunistic = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._opportunistic.check_hostname = False
        self._opportunistic.verify_mode = ssl.CERT_NONE
        self._opportunistic.set_ciphers(_OPPORTUNISTIC_CIPHERS)
        self._verified = _trusting(authorities)
        for context in (self._opportunistic, self._verified):
            context.minimum_version = minimum
            context.options |= ssl.OP_NO_RENEGOTIATION
            if identity is not None:
                context.load_cert_chain(identity.chain, identity.key)

    def channel(self, target: Target) -> Channel:
        """The TLS side of one connection to a target. Raises ValueError where its host cannot be asked for by name."""
        host = target.host.rstrip(".") or target.ip
        if target.verify:
            return Channel(self._verified, server_side=False, host=host)
        try:
            return Channel(self._opportunistic, server_side=False, host=host)
        except ValueError:
            # Such as a name with an empty label: nothing has to be proven, so it is asked for nobody in particular.
            return Channel(self._opportunistic, server_side=False)


def _trusting(authorities: Path | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=authorities)
    except ssl.SSLError:
        raise OSError(
            errno.EINVAL, f"{authorities} holds no certificates in PEM form: name the authorities' file"
        ) from None
    except OSError as error:
        why = error.strerror or str(error)
        raise OSError(error.errno, f"the authorities cannot be read from {authorities}: {why}") from None
