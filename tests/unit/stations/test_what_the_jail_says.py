"""What is believed of a jail that may have been taken over: of its frames, and of the words that it says it saw."""

import pytest

from mailock.core.evidence.report import Incomplete, Why
from mailock.core.evidence.wording import Sought, Spotted, Wording
from mailock.core.mime.part import PartPath
from mailock.stations.examine.account import Account, wording
from mailock.stations.examine.wire import Garbled, Searched, read_frame, write_frame

SOUGHT = (Sought("body", "lottery"), Sought("list-id", "news"))
PART = PartPath("1.1")


def test_it_is_what_the_jail_says() -> None:
    account = Account(searched=Searched(seen=((1, PART),), whole=True))
    assert wording(account, SOUGHT) == Wording(sought=frozenset(SOUGHT), spotted=(Spotted(SOUGHT[1], PART),))


@pytest.mark.parametrize(
    "account",
    [
        Account(),
        Account(searched=Searched(seen=(), whole=True), garbled="nonsense"),
        Account(searched=Searched(seen=((2, PART),), whole=True)),
        Account(searched=Searched(seen=((-1, PART),), whole=True)),
        Account(searched=Searched(seen=(), whole=False)),
    ],
    ids=["silent", "garbled", "a number too high", "a number below zero", "not all"],
)
def test_where_the_jail_cannot_be_believed_any_word_may_be_there(account: Account) -> None:
    assert wording(account, SOUGHT).may_have([SOUGHT[0]])


def test_where_nothing_was_asked_nothing_is_there() -> None:
    assert not wording(Account(), ()).may_have([SOUGHT[0]])


def test_a_text_that_is_no_utf_8_is_garbled_and_nothing_else() -> None:
    frame = write_frame([Incomplete(engine="av", version="1", part=PART, why=Why.DIED, detail="xyz")])
    with pytest.raises(Garbled):
        list(read_frame(frame.replace(b"xyz", b"x\xffz")))
