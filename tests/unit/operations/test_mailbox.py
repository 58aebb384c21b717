"""Recipients and what is kept from them: each by his pass, his own alone, and what policy lets him do."""

import asyncio
from dataclasses import replace

import pytest

from mailock.core.lifecycle.copies import Disposition
from mailock.core.lifecycle.events import Noted, Released
from mailock.core.lifecycle.stages import CopyStage
from mailock.core.mail.message import Message, OwnMail, show_id
from mailock.core.mail.signed import Key
from mailock.core.notices.passes import Pass, write_pass
from mailock.core.policy.decide import Judgement
from mailock.core.policy.decision import Decision
from mailock.core.policy.installed import OwnQuarantine
from mailock.core.rewriting.clicklinks import Click, token
from mailock.core.rewriting.edits import Edit, PrefixSubject
from mailock.core.rewriting.orders import read_orders
from mailock.core.routing.nexthop import parse_next_hop
from mailock.core.routing.rules import Routes
from mailock.core.verdict.verdict import Threat
from mailock.core.verdict.weigh import weigh
from mailock.operations import quarantine
from mailock.operations.digests import AGAIN, Digests, Post
from mailock.operations.links import Links
from mailock.operations.mailbox import MailboxDesk
from mailock.operations.unlocking import TRIES
from mailock.ports.commands import Refused, Speaker
from mailock.ports.queue import Selection
from mailock.ports.reexaminer import CannotExamine
from mailock.processes.ownpost import OwnPost
from mailock.stations.turn.postmaster import Postmaster
from mailock.storage.memory.mailboxes import MemoryMailboxes
from tests.parts.evidence import found as examined_found
from tests.unit.operations.hands import IN, INSTALLED, Office

KEY = Key("k1", b"k" * 32)
LINKS = Links(url="https://mail.example.test", keys=lambda: [KEY])
PORTAL = Speaker(-1, "the portal")
RULES = OwnQuarantine(release=frozenset({"spam"}), request=frozenset({"policy", "encrypted"}), digest=(0,))
NOTHING_FOUND = weigh(examined_found(), {})
QUARANTINED, READY, PLANNED = CopyStage.QUARANTINED, CopyStage.READY, CopyStage.PLANNED


def judged(
    threat: Threat,
    disposition: Disposition = Disposition.DELIVER,
    kind: str | None = None,
    *,
    recipients: int = 1,
    edits: tuple[Edit, ...] = (),
) -> Judgement:
    """A judgement that is the same for everybody."""
    verdict = replace(NOTHING_FOUND, threat=threat)
    decisions = tuple(
        Decision(
            recipient=number,
            disposition=disposition,
            rule="mta",
            because=("a sentence",),
            quarantine_class=kind,
            edits=edits,
        )
        for number in range(recipients)
    )
    return Judgement(verdict=verdict, decisions=decisions)


class Side:
    """The user side over an office."""

    def __init__(self, office: Office) -> None:
        office.installed = replace(INSTALLED, own_quarantine=RULES)
        self.office = office
        self.mailboxes = MemoryMailboxes()
        self.looked: list[tuple[str, ...]] = []
        self.found: Judgement | CannotExamine | None = None
        self.desk = MailboxDesk(office.desk, self.mailboxes, LINKS, self.look)
        notices = office.desk.notices
        assert isinstance(notices, Postmaster)
        self.post: Post = OwnPost(notices, office.queue, lambda entries: None).of_digests
        self.digests = Digests(office.desk, self.mailboxes, LINKS, self.post)

    async def look(self, message: Message, passwords: tuple[str, ...] = ()) -> Judgement | None:
        """What looking again comes to."""
        self.looked.append(passwords)
        if isinstance(self.found, CannotExamine):
            raise self.found
        return self.found

    async def kept(self, number: int = 1, *, recipients: int = 1, kind: str = "spam") -> Message:
        """A message in quarantine."""
        since = self.office.clock.now() - 1
        return await self.office.ready(
            number, recipients=recipients, stage=QUARANTINED, quarantine_class=kind, since=since
        )

    def token(self, who: str = "user0@dest.test", *, system: str = "default", seconds: float = 60) -> str:
        """A pass."""
        until = int(self.office.clock.now() + seconds)
        return write_pass(Pass(system=system, recipient=who, until=until), [KEY])

    async def opened(self, token_: str) -> list[str]:
        """The ids that a pass shows."""
        found = await self.desk.commands()["mailbox.open"]({"token": token_}, PORTAL)
        assert isinstance(found, dict)
        return [one["id"] for one in found["messages"]]

    async def act(self, given: Message, what: str, token_: str | None = None) -> object:
        """An act."""
        arguments = {"token": token_ or self.token(), "id": show_id(given.queue_id), "act": what}
        return await self.desk.commands()["mailbox.act"](arguments, PORTAL)

    async def unlock(self, given: Message, password: str = "secret", who: str = "user0@dest.test") -> object:
        """A password for what is locked."""
        arguments = {"token": self.token(who), "id": show_id(given.queue_id), "password": password}
        return await self.desk.commands()["mailbox.unlock"](arguments, PORTAL)

    async def letters(self) -> list[Message]:
        """The digests in the queue, oldest first."""
        items = await self.office.queue.find(Selection(), limit=100)
        return [item.message for item in items if item.message.own == OwnMail.DIGEST]


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
