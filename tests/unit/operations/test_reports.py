"""Sending a report: one mail of ours with a file, to whom a route leads, and nothing where nothing is enforced."""

from base64 import b64encode
from dataclasses import replace
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest

from mailock.core.mail.address import Address
from mailock.core.mail.message import QueueId, show_id
from mailock.core.notices.notice import Enclosed, write_notice
from mailock.core.policy.installed import Installed
from mailock.core.routing.nexthop import parse_next_hop
from mailock.core.routing.rules import Routes
from mailock.operations.reports import commands
from mailock.ports.commands import Refused
from tests.unit.core.notices.test_dsn import LETTERHEAD
from tests.unit.operations.hands import ALICE, IN, INSTALLED, OUT

GIVEN: dict[str, object] = {
    "to": ["boss@elsewhere.test", "boss@elsewhere.test"],
    "subject": "MTA Overview",
    "text": "See the file.",
    "name": "mailock-overview.pdf",
    "media": "application/pdf",
    "content": b64encode(b"%PDF-").decode(),
}


async def send(installed: Installed = INSTALLED, **more: Any) -> list[tuple[tuple[str, ...], Enclosed]]:
    """What was taken custody of."""
    taken: list[tuple[tuple[str, ...], Enclosed]] = []

    async def post(subject: str, text: str, to: tuple[str, ...], enclosed: Enclosed) -> QueueId:
        taken.append((to, enclosed))
        return QueueId(77)

    async def submit(subject: str, text: str, to: tuple[str, ...]) -> QueueId:
        raise AssertionError("a report is no test")

    command = commands(post, submit, lambda: installed)["report.send"]
    assert await command(GIVEN | more, ALICE) == {"id": show_id(QueueId(77))}
    return taken


async def test_it_goes_once_to_each_with_its_file() -> None:
    ((to, enclosed),) = await send()
    assert to == ("boss@elsewhere.test",)
    assert (enclosed.name, enclosed.content) == ("mailock-overview.pdf", b"%PDF-")


@pytest.mark.parametrize(
    "more",
    [
        {"to": []},
        {"to": ["nobody"]},
        {"to": ["a@b.test\r\nBcc: x@y.test"]},
        {"name": 'a".exe'},
        {"media": "text/html; x"},
        {"content": "***"},
        {"unknown": 1},
    ],
)
async def test_what_is_wrong_is_refused(more: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        await send(**more)


async def test_without_a_route_it_says_so() -> None:
    with pytest.raises(Refused, match=r"no mail of ours can go to boss@elsewhere\.test"):
        await send(replace(INSTALLED, routes=Routes(rules=(IN,))))


async def test_nothing_leaves_where_nothing_is_enforced() -> None:
    scan_only = Routes(rules=tuple(replace(one, next_hop=parse_next_hop("0.0.0.0")) for one in (IN, OUT)))
    with pytest.raises(Refused, match="nothing is enforced"):
        await send(replace(INSTALLED, routes=scan_only))


async def test_a_test_mail_says_who_sent_it_and_needs_a_route() -> None:
    taken: list[tuple[str, str, tuple[str, ...]]] = []

    async def post(subject: str, text: str, to: tuple[str, ...], enclosed: Enclosed) -> QueueId:
        raise AssertionError("a test is no report")

    async def submit(subject: str, text: str, to: tuple[str, ...]) -> QueueId:
        taken.append((subject, text, to))
        return QueueId(77)

    command = commands(post, submit, lambda: INSTALLED)["mail.test"]
    assert await command({"to": "bob@dest.test"}, ALICE) == {"id": show_id(QueueId(77))}
    ((subject, text, to),) = taken
    assert (subject, to) == ("A test from mx1.example.test", ("bob@dest.test",))
    assert "alice sent it" in text
    with pytest.raises(ValueError, match="not a mail address"):
        await command({"to": "bob"}, ALICE)
    nowhere = commands(post, submit, lambda: replace(INSTALLED, routes=Routes(rules=(IN,))))["mail.test"]
    with pytest.raises(Refused, match="no mail of ours can go"):
        await nowhere({"to": "bob@elsewhere.test"}, ALICE)


@pytest.mark.parametrize("text", ["See the file.", f"--{LETTERHEAD.boundary}--\r\n\r\nno"])
def test_the_mail_has_a_text_and_a_file(text: str) -> None:
    enclosed = Enclosed(name="a.pdf", media="application/pdf", content=bytes(range(256)) * 40)
    written = write_notice(LETTERHEAD, to=[Address("a", "b.test")], subject="Übersicht", text=text, enclosed=enclosed)
    read = message_from_bytes(written.content, policy=default)
    assert not [defect for part in read.walk() for defect in part.defects]
    first, second = read.iter_parts()
    assert read["Subject"] == "Übersicht"
    assert first.get_content().split() == text.split()
    assert (second.get_filename(), second.get_content_type()) == ("a.pdf", "application/pdf")
    assert second.get_content() == enclosed.content
