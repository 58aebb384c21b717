"""Digests: who is told, when, and of what; and links for who asks for one."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from mailock.core.lifecycle.changes import Entry
from mailock.core.routing.nexthop import parse_next_hop
from mailock.core.routing.rules import Routes
from mailock.operations.digests import AGAIN, Digests
from tests.unit.operations.hands import IN, Office
from tests.unit.operations.recipients import LINKS, PORTAL, Side


@pytest.fixture
def side(office: Office) -> Side:
    """The user side."""
    return Side(office)


async def test_digests_tell_of_what_is_new_once(side: Side) -> None:
    await side.kept(1, recipients=2)
    await side.kept(2, kind="malware")
    assert await side.digests.send() == 2
    assert await side.digests.send() == 0
    side.office.clock.at += 100
    letters = await side.letters()
    assert sorted(str(one.envelope.recipients[0].address) for one in letters) == ["user0@dest.test", "user1@dest.test"]
    assert all(one.envelope.sender is None for one in letters)
    content = (await side.office.queue.small_body(letters[0].body)).decode()
    assert "1 message is kept from you" in content and "https://mail.example.test/quarantine/v1.k1." in content


async def test_a_digest_that_breaks_keeps_nobody_from_his(side: Side, monkeypatch: pytest.MonkeyPatch) -> None:
    await side.kept(1, recipients=2)
    whole = side.post.write

    def write(*given: Any) -> Entry:
        if "user0" in str(given[1]):
            raise ValueError("a bug")
        return whole(*given)

    digests = Digests(side.office.desk, side.mailboxes, LINKS, replace(side.post, write=write))
    assert await digests.send() == 1
    (letter,) = await side.letters()
    assert str(letter.envelope.recipients[0].address) == "user1@dest.test"


async def test_digests_go_out_at_their_times_and_not_before(side: Side) -> None:
    """EPOCH lies in a week; the only time is Monday at 0:00."""
    await side.kept()
    assert await side.digests.look() == 0, "the first look only begins"
    side.office.clock.at += 3600
    assert await side.digests.look() == 0
    side.office.clock.at += 7 * 86_400
    assert await side.digests.look() == 1
    assert await side.digests.look() == 0


async def test_who_wishes_none_gets_none(side: Side) -> None:
    await side.kept()
    wish = side.desk.commands()["mailbox.wish"]
    await wish({"token": side.token(), "wish": "never"}, PORTAL)
    assert await side.digests.send() == 0
    await wish({"token": side.token(), "wish": "weekly"}, PORTAL)
    assert await side.digests.send() == 1
    side.office.clock.at += 86_400
    await side.kept(9)
    assert await side.digests.send() == 0
    side.office.clock.at += 6 * 86_400
    assert await side.digests.send() == 1


async def test_where_nothing_is_enforced_no_digest_leaves(side: Side) -> None:
    await side.kept()
    scan_only = replace(IN, next_hop=parse_next_hop("0.0.0.0"))
    side.office.installed = replace(side.office.installed, routes=Routes(rules=(scan_only,)))
    assert await side.digests.send() == 0
    await side.digests.link({"address": "user0@dest.test"}, PORTAL)
    assert not side.digests._sending and await side.letters() == []


async def test_a_link_is_sent_once_in_a_while_and_tells_the_asker_nothing(side: Side) -> None:
    await side.kept()

    async def asked(address: str) -> int:
        assert await side.digests.link({"address": address}, PORTAL) == {}
        for _ in range(5):
            await asyncio.sleep(0)
        await asyncio.gather(*side.digests._sending)
        return len(await side.letters())

    assert await asked("nobody@dest.test") == 0
    assert await asked("@dest.test") == 0
    assert await asked("USER0@dest.test") == 1
    assert await asked("user0@dest.test") == 1
    side.office.clock.at += AGAIN
    assert await asked("user0@dest.test") == 2
