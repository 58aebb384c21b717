"""Authentication over a real DNS on loopback, with the resolver of the gateway: what is there, what is not, and what
breaks.
"""

import time
from collections.abc import Iterator

import pytest

from mailock.core.authentication import documents
from mailock.core.authentication.authentication import Authentication
from mailock.core.authentication.questions import KeyType
from mailock.engines.authentication.answers import FromDns
from mailock.engines.authentication.online import AuthenticationEngine, Source
from mailock.net.dns import DnsResolver
from tests.parts.dns_server import DnsServer, dns_server
from tests.parts.signing import NOW, key, signed
from tests.parts.zone import Zone

RSA = key("sender.test", bits=2048)
ED25519 = key("sender.test", KeyType.ED25519)
MESSAGE = b"From: ann@sender.test\r\nSubject: hello\r\n\r\nHello.\r\n"


@pytest.fixture(scope="module")
def world() -> Iterator[DnsServer]:
    zone = (
        Zone()
        .txt("sender.test", "v=spf1 mx a:host.sender.test include:_spf.sender.test ptr:sender.test ~all")
        .txt("_spf.sender.test", "v=spf1 exists:%{ir}.%{v}._spf.sender.test -all")
        .mx("sender.test", "mx.sender.test")
        .a("mx.sender.test", "192.0.2.1")
        .aaaa("mx.sender.test", "2001:db8::1")
        .ptr("192.0.2.1", "mx.sender.test")
        .a("host.sender.test", "192.0.2.2")
        .a("3.2.0.192.in-addr._spf.sender.test", "127.0.0.2")
        .ptr("192.0.2.4", "four.sender.test")
        .a("four.sender.test", "192.0.2.4")
        .cname(f"{RSA.name}", "key.elsewhere.test")
        .txt("key.elsewhere.test", RSA.record)
        .txt(ED25519.name, ED25519.record)
        .txt("_dmarc.sender.test", "v=DMARC1; p=reject; np=reject")
        .txt("broken-include.test", "v=spf1 include:x.broken.test -all")
        .fail("broken.test")
        .say_nothing("silent.test")
    )
    with dns_server(zone) as server:
        yield server


async def judged(
    world: DnsServer, message: bytes, *, ip: str = "192.0.2.9", sender: str = "ann@sender.test", seconds: float = 20.0
) -> Authentication:
    """The outcome, asked of the real thing."""
    resolver = DnsResolver([world.address], seconds=5.0)
    engine = AuthenticationEngine(FromDns(resolver), receiver="mx.test", now=lambda: NOW, seconds=seconds)
    source = Source(ip=ip, untrusted_helo="mx.sender.test", untrusted_sender=sender)
    try:
        return await engine.judge(source, documents.evidence(message, "mx.test"))
    finally:
        await resolver.close()


@pytest.mark.parametrize(
    ("ip", "result"),
    [
        ("192.0.2.1", "pass"),
        ("2001:db8::1", "pass"),
        ("192.0.2.2", "pass"),
        ("192.0.2.3", "pass"),
        ("192.0.2.4", "pass"),
        ("192.0.2.5", "softfail"),
    ],
)
async def test_spf_by_every_mechanism(world: DnsServer, ip: str, result: str) -> None:
    found = await judged(world, MESSAGE, ip=ip)
    assert found.spf is not None
    assert found.spf.result.value == result, found.spf
    assert found.dmarc.result.value == ("pass" if result == "pass" else "fail")


async def test_keys_of_both_kinds_also_behind_an_alias(world: DnsServer) -> None:
    found = await judged(world, signed(signed(MESSAGE, RSA), ED25519))
    assert [one.result.value for one in found.dkim] == ["pass", "pass"]
    assert (found.dmarc.result.value, found.iprev and found.iprev.result.value) == ("pass", "permerror")


async def test_a_subdomain_that_does_not_exist_meets_its_own_policy(world: DnsServer) -> None:
    found = await judged(world, MESSAGE.replace(b"@sender", b"@gone.sender"), sender="x@other.test")
    assert (found.dmarc.result.value, found.dmarc.policy and found.dmarc.policy.word) == ("fail", "reject")


async def test_servfail_is_temperror_and_never_none(world: DnsServer) -> None:
    found = await judged(world, MESSAGE.replace(b"@sender", b"@broken"), sender="ann@broken.test")
    assert found.spf is not None
    assert (found.spf.result.value, found.dmarc.result.value) == ("temperror", "temperror")
    inside = await judged(world, MESSAGE, sender="ann@broken-include.test")
    assert inside.spf is not None
    assert inside.spf.result.value == "temperror"


async def test_silence_is_temperror_after_the_time_of_one_message(world: DnsServer) -> None:
    began = time.monotonic()
    found = await judged(world, MESSAGE.replace(b"@sender", b"@silent"), sender="ann@silent.test", seconds=0.5)
    assert found.spf is not None
    assert (found.spf.result.value, found.dmarc.result.value) == ("temperror", "temperror")
    assert time.monotonic() - began < 4
