"""Links that ask first: what is known of a page when somebody comes, and when he goes on."""

from dataclasses import replace

import pytest

from mailock.core.mail.signed import Key
from mailock.core.rewriting.clicklinks import Click, token
from mailock.operations.clicking import ClickDesk, Looked
from mailock.ports.commands import Refused, Speaker
from tests.contract.spool import EPOCH
from tests.unit.operations.hands import INSTALLED

KEY = Key("k1", b"k" * 32)
PORTAL = Speaker(-1, "the portal")


def clicks(looked: Looked, *, opens: bool = True) -> ClickDesk:
    """A desk for which every page is so."""

    async def look_up(url: str) -> Looked:
        return looked

    class Clock:
        def now(self) -> float:
            return EPOCH

        def steady(self) -> float:
            return EPOCH

    return ClickDesk(lambda: [KEY], lambda: replace(INSTALLED, opens_unchecked=opens), look_up, Clock())


@pytest.mark.parametrize(
    ("looked", "opens", "standing", "goes"),
    [
        (Looked(), True, "unlisted", True),
        (Looked(bad=["a feed lists it"], gaps=["another is silent"]), True, "blocked", False),
        (Looked(doubts=["a list has it"]), False, "doubtful", True),
        (Looked(gaps=["a feed is silent"]), True, "unchecked", True),
        (Looked(gaps=["a feed is silent"]), False, "unchecked", False),
    ],
)
async def test_a_click_leads_on_where_nothing_is_against_it(
    looked: Looked, opens: bool, standing: str, goes: bool
) -> None:
    commands = clicks(looked, opens=opens).commands()
    click = Click(url="http://a.test/\u202e", recipient="u@dest.test", system="default", until=int(EPOCH) + 9)
    arguments = {"token": token(click, [KEY])}
    found = await commands["click.look"](arguments, PORTAL)
    assert isinstance(found, dict)
    assert "a feed" not in str(found) and "a list" not in str(found)
    assert (found["standing"], found["opens"], found["url"]) == (
        standing,
        goes,
        "http://a.test/\N{REPLACEMENT CHARACTER}",
    )
    if goes:
        assert await commands["click.open"](arguments, PORTAL) == {"url": click.url}
    else:
        with pytest.raises(Refused):
            await commands["click.open"](arguments, PORTAL)


async def test_a_click_link_that_ended_leads_nowhere() -> None:
    click = Click(url="http://a.test/", recipient="u@dest.test", system="default", until=int(EPOCH))
    for command in clicks(Looked()).commands().values():
        with pytest.raises(Refused, match="expired"):
            await command({"token": token(click, [KEY])}, PORTAL)
