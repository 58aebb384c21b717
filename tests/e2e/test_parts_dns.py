"""The DNS part works by itself: what was written is answered, what was not does not exist, and changes hold at once."""

from collections.abc import Iterator

import aiodns
import dns.flags
import dns.message
import dns.query
import dns.rcode
import pycares
import pytest
from dns.message import Message

from tests.parts.dns_server import DnsServer, dns_server
from tests.parts.zone import Zone

LONG_TEXT = "v=DKIM1; p=" + "A" * 400 + '; n="quoted\\ and odd"'


@pytest.fixture(scope="module")
def server() -> Iterator[DnsServer]:
    """One for this file."""
    zone = Zone()
    zone.a("mx.dest.test", "127.0.0.1", "127.0.0.2").aaaa("mx.dest.test", "::1").mx("dest.test", "mx.dest.test", 20)
    zone.txt("key._domainkey.dest.test", LONG_TEXT).srv("_submission._tcp.dest.test", "mx.dest.test", 587, weight=5)
    zone.cname("www.dest.test", "mx.dest.test").ptr("127.0.0.9", "client.test").mx("null.test", ".", 0)
    zone.add("_25._tcp.mx.dest.test", "TLSA", "3 1 1 " + "ab" * 32)
    zone.a("plain.test", "127.0.0.3").unsign("plain.test").a("forged.test", "127.0.0.4").spoil("forged.test")
    zone.fail("broken.test").say_nothing("mute.test")
    with dns_server(zone) as running:
        yield running


def ask(server: DnsServer, name: str, kind: str) -> Message:
    query = dns.message.make_query(name, kind, want_dnssec=True)
    return dns.query.udp(query, server.host, port=server.port, timeout=5)


def answers(server: DnsServer, name: str, kind: str) -> set[str]:
    reply = ask(server, name, kind)
    return {r.to_text() for rrset in reply.answer for r in rrset if rrset.rdtype != dns.rdatatype.RRSIG}


@pytest.mark.parametrize(
    ("name", "kind", "expected"),
    [
        ("mx.dest.test", "A", {"127.0.0.1", "127.0.0.2"}),
        ("mx.dest.test", "AAAA", {"::1"}),
        ("dest.test", "MX", {"20 mx.dest.test."}),
        ("null.test", "MX", {"0 ."}),
        ("_submission._tcp.dest.test", "SRV", {"0 5 587 mx.dest.test."}),
        ("9.0.0.127.in-addr.arpa", "PTR", {"client.test."}),
        ("www.dest.test", "A", {"mx.dest.test.", "127.0.0.1", "127.0.0.2"}),
        ("_25._tcp.mx.dest.test", "TLSA", {"3 1 1 " + "ab" * 32}),
        ("dest.test", "TXT", set()),
    ],
)
def test_what_was_written_is_answered(server: DnsServer, name: str, kind: str, expected: set[str]) -> None:
    assert answers(server, name, kind) == expected
    assert ask(server, name, kind).rcode() == dns.rcode.NOERROR


def test_a_long_text_comes_back_whole(server: DnsServer) -> None:
    reply = ask(server, "key._domainkey.dest.test", "TXT")
    (text,) = [rrset for rrset in reply.answer if rrset.rdtype == dns.rdatatype.TXT]
    assert b"".join(text[0].strings) == LONG_TEXT.encode()


def test_signed_answers_carry_ad_and_unsigned_ones_do_not(server: DnsServer) -> None:
    assert ask(server, "_25._tcp.mx.dest.test", "TLSA").flags & dns.flags.AD
    assert not ask(server, "plain.test", "A").flags & dns.flags.AD
    assert answers(server, "plain.test", "A") == {"127.0.0.3"}


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("nobody.dest.test", dns.rcode.NXDOMAIN),
        ("example.com", dns.rcode.NXDOMAIN),
        ("broken.test", dns.rcode.SERVFAIL),
        ("below.broken.test", dns.rcode.SERVFAIL),
        ("forged.test", dns.rcode.SERVFAIL),
    ],
)
def test_what_fails_says_how(server: DnsServer, name: str, code: dns.rcode.Rcode) -> None:
    assert ask(server, name, "A").rcode() == code


def test_a_mute_domain_does_not_answer(server: DnsServer) -> None:
    query = dns.message.make_query("x.mute.test", "A")
    with pytest.raises(dns.exception.Timeout):
        dns.query.udp(query, server.host, port=server.port, timeout=0.5)


async def test_c_ares_reads_the_same(server: DnsServer) -> None:
    async with aiodns.DNSResolver(nameservers=[f"{server.host}:{server.port}"], timeout=2, tries=1) as resolver:
        found = await resolver.query_dns("dest.test", "MX")
    assert [record.data for record in found.answer] == [pycares.MXRecordData(priority=20, exchange="mx.dest.test")]


def test_a_published_change_holds_at_once() -> None:
    with dns_server(Zone().a("moving.test", "127.0.0.1")) as server:
        assert answers(server, "moving.test", "A") == {"127.0.0.1"}
        server.zone.remove("moving.test").a("moving.test", "127.0.0.2").fail("late.test")
        server.publish()
        assert answers(server, "moving.test", "A") == {"127.0.0.2"}
        assert ask(server, "late.test", "MX").rcode() == dns.rcode.SERVFAIL
