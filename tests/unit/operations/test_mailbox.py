"""Recipients and what is kept from them: each by his pass, his own alone, and what policy lets him do."""

import asyncio
from dataclasses import replace

import pytest

from mailock.core.lifecycle.copies import Disposition
from mailock.core.lifecycle.events import Noted, Released
from mailock.core.mail.message import Message, show_id
from mailock.core.policy.decide import Judgement
from mailock.core.rewriting.clicklinks import Click, token
from mailock.core.rewriting.edits import PrefixSubject
from mailock.core.rewriting.orders import read_orders
from mailock.core.verdict.verdict import Threat
from mailock.operations import quarantine
from mailock.operations.mailbox import MailboxDesk
from mailock.operations.unlocking import TRIES
from mailock.ports.commands import Refused
from mailock.ports.reexaminer import CannotExamine
from tests.unit.operations.hands import INSTALLED, Office
from tests.unit.operations.recipients import KEY, LINKS, PLANNED, PORTAL, QUARANTINED, READY, RULES, Side, judged


@pytest.fixture
def side(office: Office) -> Side:
    """The user side."""
    return Side(office)


async def test_everybody_sees_his_own_and_nobody_elses(side: Side) -> None:
    first, both = await side.kept(1), await side.kept(2, recipients=2)
    await side.kept(3, kind="malware")
    await side.office.ready(4)
    assert await side.opened(side.token()) == [show_id(both.queue_id), show_id(first.queue_id)]
    assert await side.opened(side.token("USER1@dest.test")) == [show_id(both.queue_id)]
    assert await side.opened(side.token("other@dest.test")) == []
    assert await side.opened(side.token(system="tenant")) == []
    found = await side.desk.commands()["mailbox.open"]({"token": side.token()}, PORTAL)
    assert "user1" not in str(found)


@pytest.mark.parametrize("seconds", [0, -1])
async def test_a_pass_that_ended_opens_nothing(side: Side, seconds: float) -> None:
    given = await side.kept()
    with pytest.raises(Refused, match="expired"):
        await side.opened(side.token(seconds=seconds))
    with pytest.raises(Refused, match="expired"):
        await side.act(given, "release", side.token(seconds=seconds))
    assert await side.office.stages(given) == {0: (QUARANTINED, [0])}


async def test_a_click_link_is_no_pass(side: Side) -> None:
    click = Click(url="http://a.test/", recipient="user0@dest.test", system="default", until=2**40)
    with pytest.raises(Refused, match="no link of ours"):
        await side.opened(token(click, [KEY]))


async def test_a_release_is_for_one_recipient_alone(side: Side) -> None:
    given = await side.kept(recipients=2)
    assert await side.act(given, "release") == {"done": "release"}
    stages = await side.office.stages(given)
    assert sorted((stage.name, who) for stage, who in stages.values()) == [("QUARANTINED", [1]), ("READY", [0])]
    (event,) = await side.office.events(given, Released)
    assert (event.by, event.recipients) == ("user0@dest.test (in the portal)", (0,))
    with pytest.raises(Refused, match="not kept from you"):
        await side.act(given, "release")


async def test_changes_that_were_ordered_are_made_before_it_goes(side: Side) -> None:
    given = await side.office.ready(stage=QUARANTINED, quarantine_class="spam", orders=b"{}")
    await side.act(given, "release")
    assert await side.office.stages(given) == {0: (PLANNED, [0])}


@pytest.mark.parametrize(("kind", "what"), [("policy", "release"), ("policy", "delete"), ("spam", "request")])
async def test_what_policy_does_not_let_a_recipient_do_is_not_done(side: Side, kind: str, what: str) -> None:
    given = await side.kept(kind=kind)
    with pytest.raises(Refused, match="does not let you"):
        await side.act(given, what)
    assert await side.office.stages(given) == {0: (QUARANTINED, [0])}


async def test_malware_is_neither_shown_nor_moved_whatever_policy_says(side: Side) -> None:
    given = await side.kept(kind="malware")
    with pytest.raises(Refused, match="not kept from you"):
        await side.act(given, "release")
    side.office.installed = replace(INSTALLED, own_quarantine=replace(RULES, release=frozenset({"malware"})))
    with pytest.raises(Refused, match="administrators"):
        await side.act(given, "release")
    assert await side.office.stages(given) == {0: (QUARANTINED, [0])}


async def test_somebody_elses_message_is_not_touched(side: Side) -> None:
    given = await side.kept(recipients=1)
    for pass_ in (side.token("other@dest.test"), side.token("@dest.test"), side.token(system="tenant")):
        with pytest.raises(Refused, match="not kept from you"):
            await side.act(given, "release", pass_)
    assert await side.office.stages(given) == {0: (QUARANTINED, [0])}


@pytest.mark.parametrize(
    ("found", "said"),
    [(judged(Threat.MALICIOUS), "found to be dangerous"), (CannotExamine("no jail"), "could not be examined")],
)
async def test_what_is_dangerous_by_now_or_cannot_be_looked_at_stays(
    side: Side, found: Judgement | CannotExamine, said: str
) -> None:
    given = await side.kept()
    side.found = found
    with pytest.raises(Refused, match=said):
        await side.act(given, "release")
    assert await side.office.stages(given) == {0: (QUARANTINED, [0])}
    assert len(side.office.told.alerts) == (0 if isinstance(found, CannotExamine) else 1)


async def test_one_recipient_has_one_message_looked_at_at_a_time(side: Side) -> None:
    first, second = await side.kept(1, recipients=2), await side.kept(2, recipients=2)
    looking, go_on = asyncio.Event(), asyncio.Event()

    async def slow(message: Message, passwords: tuple[str, ...] = ()) -> None:
        looking.set()
        await go_on.wait()

    side.desk = MailboxDesk(side.office.desk, side.mailboxes, LINKS, slow)
    under_way = asyncio.create_task(side.act(first, "release"))
    await looking.wait()
    with pytest.raises(Refused, match="another message of yours"):
        await side.act(second, "release")
    others = asyncio.create_task(side.act(second, "release", side.token("user1@dest.test")))
    go_on.set()
    await asyncio.gather(under_way, others)
    await side.act(second, "release")


async def test_a_page_lists_the_newest(side: Side, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mailock.operations.mailbox.MOST", 2)
    monkeypatch.setattr("mailock.operations.mailbox.PAGE", 2)
    kept = [show_id((await side.kept(number)).queue_id) for number in (1, 2, 3, 4, 5)]
    found = await side.desk.commands()["mailbox.open"]({"token": side.token()}, PORTAL)
    assert isinstance(found, dict)
    assert ([one["id"] for one in found["messages"]], found["more"]) == ([kept[4], kept[3]], True)


async def test_what_is_still_only_unwanted_goes(side: Side) -> None:
    given = await side.kept()
    side.found = judged(Threat.UNKNOWN, Disposition.QUARANTINE, "spam")
    await side.act(given, "release")
    assert (await side.office.stages(given), side.looked) == ({0: (READY, [0])}, [()])


async def test_what_its_password_opens_goes_to_him_who_gave_it(side: Side) -> None:
    given = await side.kept(kind="encrypted", recipients=2)
    side.found = judged(Threat.UNKNOWN, recipients=2)
    assert await side.unlock(given) == {"done": "unlock"}
    assert side.looked == [("secret",)]
    stages = await side.office.stages(given)
    assert sorted((stage.name, who) for stage, who in stages.values()) == [("QUARANTINED", [1]), ("READY", [0])]
    (event,) = await side.office.events(given, Released)
    assert "opened with its password" in event.why and "secret" not in str(event)


async def test_what_is_opened_gets_the_changes_that_are_decided_now(side: Side) -> None:
    given = await side.kept(kind="encrypted")
    side.found = judged(Threat.UNKNOWN, edits=(PrefixSubject(text="[x]"),))
    await side.unlock(given)
    (copy,) = (await side.office.item(given)).copies
    assert (copy.stage, read_orders(copy.orders).edits) == (PLANNED, (PrefixSubject(text="[x]"),))


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (judged(Threat.UNKNOWN, Disposition.QUARANTINE, "encrypted"), "does not open it"),
        (judged(Threat.UNKNOWN, Disposition.QUARANTINE, "suspicious"), "kept all the same: a sentence"),
        (judged(Threat.MALICIOUS), "found to be dangerous"),
        (None, "could not be examined"),
        (CannotExamine("no jail"), "could not be examined"),
    ],
)
async def test_what_a_password_does_not_make_harmless_stays(
    side: Side, found: Judgement | CannotExamine | None, said: str
) -> None:
    given = await side.kept(kind="encrypted")
    side.found = found
    with pytest.raises(Refused, match=said):
        await side.unlock(given)
    assert await side.office.stages(given) == {0: (QUARANTINED, [0])}


async def test_passwords_are_not_tried_without_end_nor_on_what_is_not_locked(side: Side) -> None:
    given, spam = await side.kept(kind="encrypted", recipients=2), await side.kept(9)
    side.found = judged(Threat.UNKNOWN, Disposition.QUARANTINE, "encrypted", recipients=2)
    for _ in range(TRIES):
        with pytest.raises(Refused, match="does not open it"):
            await side.unlock(given)
    with pytest.raises(Refused, match="too many"):
        await side.unlock(given)
    with pytest.raises(Refused, match="does not open it"):
        await side.unlock(given, who="user1@dest.test")
    assert len(side.looked) == TRIES + 1
    side.office.clock.at += 3600
    with pytest.raises(Refused, match="does not open it"):
        await side.unlock(given)
    for wrong in (side.unlock(spam), side.unlock(given, ""), side.unlock(given, "x" * 257)):
        with pytest.raises(Refused, match="nothing to be opened"):
            await wrong


async def test_a_request_alerts_once_and_stands_in_the_history(side: Side) -> None:
    given = await side.kept(kind="policy")
    for _ in range(2):
        assert await side.act(given, "request") == {"done": "request"}
    (alert,) = side.office.told.alerts
    assert alert.kind == "request" and show_id(given.queue_id) in alert.text and "user0@dest.test" in alert.text
    noted = [one.text for one in await side.office.events(given, Noted)]
    assert noted.count("Its recipient user0@dest.test asks for its release") == 1
    desk = replace(side.office.desk, asked=side.mailboxes.requesters)
    listed = await quarantine.commands(desk)["quarantine.list"]({"filter": {"all": True}}, PORTAL)
    assert isinstance(listed, dict)
    assert listed["messages"][0]["because"] == ["user0@dest.test asks for it", "a sentence"]
    assert await side.office.stages(given) == {0: (QUARANTINED, [0])}


async def test_a_deleted_message_is_gone_for_its_recipient(side: Side) -> None:
    given = await side.kept()
    await side.act(given, "delete")
    assert await side.office.gone(given)
