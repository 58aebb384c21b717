"""The resolver against a real DNS: what is there, what is not, and what could not be learnt are three things."""

import asyncio
import socket
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest

from mailock.net.dns import DnsResolver
from mailock.net.hosts import HostsFile
from mailock.ports.resolver import Answer, LookupFailed, Mx, Srv
from tests.parts.dns_server import DnsServer, dns_server
from tests.parts.ports import LOOPBACK, free_port
from tests.parts.zone import Zone

LONG = "v=DKIM1; p=" + "A" * 600


@pytest.fixture(scope="module")
def world() -> Iterator[DnsServer]:
    zone = (
        Zone(ttl=77)
        .a("both.test", "192.0.2.1", "192.0.2.2")
        .aaaa("both.test", "2001:db8::1")
        .a("four.test", "192.0.2.4")
        .aaaa("six.test", "2001:db8::6")
        .cname("alias.test", "second.test")
        .cname("second.test", "both.test")
        .cname("dangling.test", "gone.test")
        .mx("both.test", "mx1.test", 10)
        .mx("both.test", "MX2.test", 20)
        .mx("null.test", ".", 0)
        .mx("xn--mnchen-3ya.test", "mx.test")
        .cname("mxalias.test", "both.test")
        .srv("_smtp._tcp.both.test", "a.test", 2525, priority=1, weight=7)
        .srv("_none._tcp.both.test", ".", 0)
        .txt("both.test", LONG)
        .txt("both.test", "second")
        .add("raw.test", "TXT", '"\\195\\188\\255"')
        .ptr("192.0.2.1", "both.test")
        .ptr("2001:db8::1", "both.test")
        .fail("broken.test")
        .say_nothing("silent.test")
        .a("bogus.test", "192.0.2.66")
        .spoil("bogus.test")
    )
    with dns_server(zone) as server:
        yield server


@pytest.fixture
async def resolver(world: DnsServer) -> Any:
    made = DnsResolver([world.address], seconds=2.0)
    yield made
    await made.close()


async def test_addresses_of_both_families_come_together(resolver: DnsResolver) -> None:
    expected = ("192.0.2.1", "192.0.2.2", "2001:db8::1")
    found = await resolver.addresses("Both.Test.")
    assert sorted(found.records) == sorted(expected)
    assert found.records[2] == "2001:db8::1"
    assert (await resolver.addresses("four.test")).records == ("192.0.2.4",)
    assert (await resolver.addresses("six.test")).records == ("2001:db8::6",)


@pytest.mark.parametrize("name", ["alias.test", "second.test"])
async def test_aliases_are_followed(resolver: DnsResolver, name: str) -> None:
    assert set((await resolver.addresses(name)).records) == {"192.0.2.1", "192.0.2.2", "2001:db8::1"}


async def test_mx_records_come_as_they_are_also_by_an_alias(resolver: DnsResolver) -> None:
    expected = {Mx(preference=10, host="mx1.test"), Mx(preference=20, host="mx2.test")}
    assert set((await resolver.mx("both.test")).records) == expected
    assert set((await resolver.mx("mxalias.test")).records) == expected


async def test_a_null_mx_is_one_record_with_a_dot(resolver: DnsResolver) -> None:
    assert (await resolver.mx("null.test")).records == (Mx(preference=0, host="."),)


async def test_a_service_has_its_port_and_one_that_is_not_offered_a_dot(resolver: DnsResolver) -> None:
    assert (await resolver.srv("_smtp._tcp.both.test")).records == (
        Srv(priority=1, weight=7, port=2525, host="a.test"),
    )
    assert (await resolver.srv("_none._tcp.both.test")).records[0].host == "."


async def test_texts_are_joined_from_their_strings(resolver: DnsResolver) -> None:
    assert set((await resolver.txt("both.test")).records) == {LONG, "second"}
    assert (await resolver.txt("raw.test")).records == ("ü�",)


async def test_an_address_has_its_names_also_when_it_comes_mapped(resolver: DnsResolver) -> None:
    for ip in ("192.0.2.1", "::ffff:192.0.2.1", "2001:db8::1"):
        assert (await resolver.pointer(ip)).records == ("both.test",)
    assert await resolver.pointer("192.0.2.200") == Answer(records=(), ttl=60, exists=False)


@pytest.mark.parametrize(
    ("ask", "exists"),
    [
        (lambda resolver: resolver.addresses("gone.test"), False),
        (lambda resolver: resolver.addresses("dangling.test"), False),
        (lambda resolver: resolver.mx("four.test"), True),
        (lambda resolver: resolver.addresses("null.test"), True),
        (lambda resolver: resolver.txt("a..b"), False),
        (lambda resolver: resolver.mx("x" * 64 + ".test"), False),
        (lambda resolver: resolver.mx(""), False),
        (lambda resolver: resolver.mx("."), False),
        (lambda resolver: resolver.mx("[192.0.2.1]"), True),
    ],
)
async def test_what_is_not_there_is_an_answer(
    resolver: DnsResolver, ask: Callable[[DnsResolver], Coroutine[Any, Any, Answer[Any]]], exists: bool
) -> None:
    answer = await ask(resolver)
    assert answer.records == ()
    assert answer.exists is exists


async def test_an_international_name_is_asked_for_in_its_ascii_form(resolver: DnsResolver) -> None:
    assert (await resolver.mx("MÜNCHEN.test")).records == (Mx(preference=10, host="mx.test"),)


@pytest.mark.parametrize(
    ("literal", "ip"),
    [("192.0.2.9", "192.0.2.9"), ("[192.0.2.9]", "192.0.2.9"), ("[IPv6:2001:db8::9]", "2001:db8::9"), ("::1", "::1")],
)
async def test_an_address_literal_is_its_own_answer(literal: str, ip: str) -> None:
    assert (await DnsResolver([(LOOPBACK, free_port())]).addresses(literal)).records == (ip,)


async def test_localhost_never_leaves_the_machine() -> None:
    nobody = DnsResolver([(LOOPBACK, free_port())])
    assert (await nobody.addresses("localhost")).records == ("127.0.0.1", "::1")


@pytest.mark.parametrize("name", ["broken.test", "mx.broken.test", "bogus.test"])
async def test_servfail_is_not_none(resolver: DnsResolver, name: str) -> None:
    with pytest.raises(LookupFailed, match="SERVFAIL"):
        await resolver.addresses(name)
    with pytest.raises(LookupFailed, match=rf"MX of {name}: .*SERVFAIL"):
        await resolver.mx(name)


async def test_silence_is_a_failure_after_its_seconds(world: DnsServer) -> None:
    resolver = DnsResolver([world.address], seconds=0.5)
    started = asyncio.get_running_loop().time()
    with pytest.raises(LookupFailed, match=r"within 0\.5 s"):
        await resolver.mx("silent.test")
    assert asyncio.get_running_loop().time() - started < 2
    await resolver.close()


async def test_a_server_that_is_not_there_is_a_failure() -> None:
    resolver = DnsResolver([(LOOPBACK, free_port())], seconds=3)
    with pytest.raises(LookupFailed, match="no DNS server"):
        await resolver.addresses("both.test")
    await resolver.close()


async def test_a_server_that_does_not_answer_is_passed_over_for_the_next(world: DnsServer) -> None:
    resolver = DnsResolver([(LOOPBACK, free_port()), world.address], seconds=10)
    assert (await resolver.addresses("four.test")).records == ("192.0.2.4",)
    await resolver.close()


async def test_a_server_that_refuses_is_a_failure_and_not_none(world: DnsServer) -> None:
    # NSD is authoritative for everything; the one thing that it refuses is a recursive question of another class.
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as refuser:
        refuser.bind((LOOPBACK, 0))
        refuser.setblocking(False)

        def refuse() -> None:
            question, client = refuser.recvfrom(4096)
            # The answer: same id, QR and RD set, REFUSED, and the question only.
            end = question.index(b"\0", 12) + 5
            refuser.sendto(question[:2] + b"\x81\x05\0\1\0\0\0\0\0\0" + question[12:end], client)

        asyncio.get_running_loop().add_reader(refuser, refuse)
        resolver = DnsResolver([refuser.getsockname()], seconds=3)
        with pytest.raises(LookupFailed, match="refuses to answer"):
            await resolver.mx("both.test")
        await resolver.close()
        asyncio.get_running_loop().remove_reader(refuser)


async def test_one_family_that_cannot_be_learnt_does_not_hide_the_other(
    resolver: DnsResolver, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = resolver._aaaa._ask

    async def fails(name: str) -> Answer[str]:
        await real(name)
        raise LookupFailed("AAAA: SERVFAIL")

    monkeypatch.setattr(resolver._aaaa, "_ask", fails)
    found = await resolver.addresses("four.test")
    assert (found.records, found.ttl <= 60) == (("192.0.2.4",), True)
    with pytest.raises(LookupFailed, match="AAAA"):
        await resolver.addresses("gone.test")


async def test_names_of_the_hosts_file_win_over_the_dns(world: DnsServer, tmp_path: Path) -> None:
    (tmp_path / "hosts").write_text("192.0.2.50 Four.Test store # comment\n")
    resolver = DnsResolver([world.address], hosts=HostsFile(tmp_path / "hosts"))
    assert (await resolver.addresses("four.test")).records == ("192.0.2.50",)
    assert (await resolver.addresses("store")).records == ("192.0.2.50",)
    assert (await resolver.addresses("both.test")).records[2] == "2001:db8::1"
    await resolver.close()


async def test_an_answer_is_remembered_for_its_ttl(world: DnsServer) -> None:
    now = 1000.0
    resolver = DnsResolver([world.authority], steady=lambda: now)
    asked = 0
    real = resolver._mx._ask

    async def count(name: str) -> Answer[Mx]:
        nonlocal asked
        asked += 1
        return await real(name)

    resolver._mx._ask = count
    first = await resolver.mx("both.test")
    assert first.ttl == 77
    now += 10
    second = await resolver.mx("both.test")
    assert asked == 1
    assert second.records == first.records
    assert second.ttl == first.ttl - 10
    now += 100
    await resolver.mx("both.test")
    assert asked == 2
    await resolver.close()


async def test_closing_fails_what_is_under_way(world: DnsServer) -> None:
    resolver = DnsResolver([world.address], seconds=20)
    asking = asyncio.create_task(resolver.mx("silent.test"))
    await asyncio.sleep(0.1)
    await resolver.close()
    with pytest.raises(LookupFailed):
        await asyncio.wait_for(asking, 5)
