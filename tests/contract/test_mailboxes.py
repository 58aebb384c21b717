"""What is remembered of recipients: the same in memory and in its file, where it outlives the process."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mailock.ports.mailboxes import Mailboxes, Wish
from mailock.storage.linkkeys import KEPT, NEW_EVERY, LinkKeys
from mailock.storage.mailboxes import MailboxFile
from mailock.storage.memory.mailboxes import MemoryMailboxes

ANNA = ("default", "anna@dest.test")


@pytest.fixture(params=["memory", "file"])
def mailboxes(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Mailboxes]:
    """Each of them."""
    if request.param == "memory":
        yield MemoryMailboxes()
        return
    file = MailboxFile(tmp_path)
    file.open()
    yield file
    file.close()


def test_who_was_never_told_is_told_whatever_comes(mailboxes: Mailboxes) -> None:
    assert mailboxes.told(*ANNA) == (0.0, Wish.DAILY)
    assert mailboxes.looked() is None


def test_what_was_told_and_wished_stays_and_touches_nothing_else(mailboxes: Mailboxes) -> None:
    mailboxes.tell("default", "Anna@DEST.test", 7.0)
    mailboxes.wish(*ANNA, Wish.NEVER)
    mailboxes.tell(*ANNA, 9.0)
    assert mailboxes.told(*ANNA) == (9.0, Wish.NEVER)
    assert mailboxes.told("other", "anna@dest.test") == (0.0, Wish.DAILY)
    mailboxes.look(5.0)
    mailboxes.look(6.0)
    assert mailboxes.looked() == 6.0


def test_a_request_is_remembered_for_its_time(mailboxes: Mailboxes) -> None:
    mailboxes.request(1, "Anna@dest.test", 10.0)
    mailboxes.request(1, "anna@dest.test", 99.0)
    mailboxes.request(2, "anna@dest.test", 20.0)
    assert mailboxes.requested(1, "anna@dest.test") and not mailboxes.requested(1, "bob@dest.test")
    mailboxes.request(1, "bob@dest.test", 30.0)
    assert list(mailboxes.requesters(1)) == ["anna@dest.test", "bob@dest.test"]
    assert list(mailboxes.requesters(9)) == []
    mailboxes.forget(15.0)
    assert not mailboxes.requested(1, "anna@dest.test") and mailboxes.requested(2, "anna@dest.test")


def test_the_file_outlives_the_process_and_is_ours_alone(tmp_path: Path) -> None:
    for _ in range(2):
        file = MailboxFile(tmp_path)
        file.open()
        told = file.told(*ANNA)
        file.tell(*ANNA, 7.0)
        file.close()
    assert told == (7.0, Wish.DAILY)
    assert (tmp_path / "mailboxes.db").stat().st_mode & 0o077 == 0


def test_keys_are_made_kept_renewed_and_forgotten(tmp_path: Path) -> None:
    keys = LinkKeys(tmp_path)
    keys.load(1000.0)
    (first,) = keys.keys
    assert (tmp_path / "links.key").stat().st_mode & 0o077 == 0
    again = LinkKeys(tmp_path)
    again.load(1000.0 + NEW_EVERY - 1)
    assert list(again.keys) == [first]
    again.renew(1000.0 + NEW_EVERY)
    newest, older = again.keys
    assert older == first != newest
    late = LinkKeys(tmp_path)
    late.load(1000.0 + KEPT)
    assert first not in late.keys
    assert len(late.keys) == 2


def test_a_file_of_keys_that_is_broken_is_told_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "links.key").write_text("k1 00ff 12\n")
    with pytest.raises(ValueError, match=r"links\.key: line 1 is no key: remove it"):
        LinkKeys(tmp_path).load(5.0)
