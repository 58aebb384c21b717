"""TLS of both roles: who is believed, which certificate is shown, and what a failure is called."""

import asyncio
import datetime
import socket
import ssl
from pathlib import Path

import pytest
from cryptography import x509

from mailock.net.dialer import NetDialer
from mailock.net.selfsigned import self_signed
from mailock.net.tls import ClientTls, Identity, ServerTls
from tests.contract.net.parties import HERE, Party, Station, identity, station
from tests.parts.certificates import Authority


async def dial(server: Station, client_tls: ClientTls, host: str = "mx.test", *, verify: bool = True) -> Party:
    """An implicit TLS connection to a station."""
    client = Party()
    target = server.target(host, implicit_tls=True, verify=verify)
    await NetDialer(client_tls=client_tls).dial(target, client, seconds=5)
    return client


async def test_implicit_tls_tells_both_sides_at_once(authority: Authority) -> None:
    tls = ServerTls([identity(authority.issue("mx.test"), "mx.test")])
    async with station(tls=tls, implicit_tls=True) as server:
        client = await dial(server, ClientTls(authority.root))
        accepted = await server.party()
        await accepted.until(lambda party: "connected" in party.events)
        assert client.tls == accepted.tls
        assert client.tls is not None
        accepted.link.write(b"220 hello\r\n")
        await client.until(lambda party: party.heard == b"220 hello\r\n")


async def test_who_fails_the_first_handshake_is_lost_without_having_been_connected(authority: Authority) -> None:
    tls = ServerTls([identity(authority.issue("mx.test"), "mx.test")])
    async with station(tls=tls, implicit_tls=True) as server:
        with socket.create_connection((HERE, server.port)) as raw:
            raw.sendall(b"EHLO plain\r\n")
            accepted = await server.party()
            assert await accepted.until_lost() == "TLS failed: the peer answered with something that is not TLS"
            assert accepted.events == ["lost"]


async def test_a_peer_not_admitted_to_implicit_tls_is_closed_without_plain_words(authority: Authority) -> None:
    tls = ServerTls([identity(authority.issue("mx.test"), "mx.test")])
    async with station(lambda: b"421 no\r\n", tls=tls, implicit_tls=True) as server:
        reader, writer = await asyncio.open_connection(HERE, server.port)
        assert await asyncio.wait_for(reader.read(), 5) == b""
        writer.close()


@pytest.mark.parametrize(
    ("host", "life", "trusted", "why"),
    [
        ("other.test", 30, True, "its certificate is not made out for other.test"),
        ("mx.test", -2, True, "its certificate has expired"),
        ("mx.test", 30, False, "authority that is not trusted here"),
    ],
)
async def test_verified_names_what_is_wrong(
    authority: Authority, tmp_path: Path, host: str, life: int, trusted: bool, why: str
) -> None:
    certificate = authority.issue("mx.test", life=datetime.timedelta(days=life))
    stranger = tmp_path / "stranger.pem"
    stranger.write_bytes(self_signed(["stranger.test"], now=datetime.datetime.now(datetime.UTC)).pem())
    root = authority.root if trusted else stranger
    async with station(tls=ServerTls([identity(certificate)]), implicit_tls=True) as server:
        with pytest.raises(OSError, match=why):
            await dial(server, ClientTls(root), host)
        await (await server.party()).until_lost()
        opportunistic = await dial(server, ClientTls(root), host, verify=False)
        assert opportunistic.tls is not None


async def test_a_peer_without_tls_is_called_that() -> None:
    async with station(lambda: b"220 plain ESMTP\r\n") as server:
        with pytest.raises(OSError, match=r"^\[Errno \d+\] mx\.test \(127\.0\.0\.1:\d+\): TLS failed: .*not TLS"):
            await dial(server, ClientTls(), verify=False)


async def test_a_client_with_an_old_version_only_is_refused(authority: Authority) -> None:
    tls = ServerTls([identity(authority.issue("mx.test"))], minimum=ssl.TLSVersion.TLSv1_3)
    async with station(tls=tls, implicit_tls=True) as server:
        context = ssl.create_default_context(cafile=authority.root)
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        with pytest.raises(ssl.SSLError, match=r"(?i)protocol.version"):
            await asyncio.to_thread(shown_to, server.port, "mx.test", context)
        accepted = await server.party()
        assert await accepted.until_lost() == "TLS failed: the peer offers only TLS versions that are not allowed here"


def shown_to(port: int, name: str | None, context: ssl.SSLContext) -> tuple[str, ...]:
    """The names in the certificate that a client of the standard library is shown."""
    with (
        socket.create_connection((HERE, port), timeout=5) as raw,
        context.wrap_socket(raw, server_hostname=name) as wrapped,
    ):
        der = wrapped.getpeercert(binary_form=True)
        assert der is not None
    names = x509.load_der_x509_certificate(der).extensions.get_extension_for_class(x509.SubjectAlternativeName)
    return tuple(names.value.get_values_for_type(x509.DNSName))


def anybody() -> ssl.SSLContext:
    """A client that verifies nothing."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ("b.test", "b.test"),
        ("B.Test", "b.test"),
        ("x.c.test", "*.c.test"),
        ("x.y.c.test", "a.test"),
        ("c.test", "a.test"),
        ("elsewhere.test", "a.test"),
        (None, "a.test"),
    ],
)
async def test_the_name_that_is_asked_for_chooses_the_certificate(
    authority: Authority, asked: str | None, shown: str
) -> None:
    names = ("a.test", "b.test", "*.c.test")
    tls = ServerTls([identity(authority.issue(name), name) for name in names])
    async with station(tls=tls, implicit_tls=True) as server:
        assert await asyncio.to_thread(shown_to, server.port, asked, anybody()) == (shown,)


async def test_new_certificates_serve_new_handshakes_and_old_connections_go_on(authority: Authority) -> None:
    tls = ServerTls([identity(authority.issue("old.test"))])
    async with station(lambda: Party(lambda party, data: party.link.write(data)), tls=tls, implicit_tls=True) as server:
        before = await dial(server, ClientTls(authority.root), "old.test")
        tls.replace([identity(authority.issue("new.test"))])
        assert await asyncio.to_thread(shown_to, server.port, None, anybody()) == ("new.test",)
        before.link.write(b"still encrypted with the old one")
        await before.until(lambda party: party.heard == b"still encrypted with the old one")


async def test_certificates_that_cannot_be_used_leave_the_old_ones(authority: Authority, tmp_path: Path) -> None:
    tls = ServerTls([identity(authority.issue("old.test"))])
    good, other = authority.issue("new.test"), authority.issue("other.test")
    with pytest.raises(ssl.SSLError):
        tls.replace([identity(good), Identity(chain=other.chain, key=good.key)])
    with pytest.raises(FileNotFoundError):
        tls.replace([Identity(chain=tmp_path / "gone.pem", key=tmp_path / "gone.pem")])
    with pytest.raises(ValueError, match="mailock certificate import"):
        tls.replace([])
    async with station(tls=tls, implicit_tls=True) as server:
        assert await asyncio.to_thread(shown_to, server.port, None, anybody()) == ("old.test",)


async def test_a_client_certificate_that_is_trusted_is_named(authority: Authority) -> None:
    tls = ServerTls([identity(authority.issue("mx.test"))], client_authorities=authority.root)
    async with station(tls=tls, implicit_tls=True) as server:
        without = await dial(server, ClientTls(authority.root))
        named = await dial(server, ClientTls(authority.root, identity=identity(authority.issue("client.test"))))
        first, second = await server.party(0), await server.party(1)
        for party in (first, second):
            await party.until(lambda party: "connected" in party.events)
        assert first.tls is not None
        assert first.tls.client_name is None
        assert second.tls is not None
        assert second.tls.client_name == "commonName=client.test"
        assert without.why is None
        assert named.why is None


async def test_a_host_that_cannot_be_asked_for_by_name_still_gets_opportunistic_tls(authority: Authority) -> None:
    async with station(tls=ServerTls([identity(authority.issue("mx.test"))]), implicit_tls=True) as server:
        client = await dial(server, ClientTls(), "..", verify=False)
        assert client.tls is not None


def test_authorities_that_cannot_be_used_are_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"the authorities cannot be read from .*gone\.pem: No such file"):
        ClientTls(tmp_path / "gone.pem")
    (tmp_path / "letter.pem").write_text("Dear all")
    with pytest.raises(OSError, match=r"letter\.pem holds no certificates in PEM form"):
        ClientTls(tmp_path / "letter.pem")


async def test_the_oldest_version_can_be_raised_under_way(authority: Authority) -> None:
    certificate = identity(authority.issue("mx.test"))
    tls = ServerTls([certificate])
    context = anybody()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    async with station(tls=tls, implicit_tls=True) as server:
        assert await asyncio.to_thread(shown_to, server.port, None, context) == ("mx.test",)
        tls.replace([certificate], minimum=ssl.TLSVersion.TLSv1_3)
        with pytest.raises(ssl.SSLError, match=r"(?i)protocol.version"):
            await asyncio.to_thread(shown_to, server.port, None, context)
