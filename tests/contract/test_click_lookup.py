"""What looking a URL up comes to, over feeds that are files and lists that answer what a test says."""

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from mailock.config.antivirus import Danger, Feed, Lists
from mailock.config.model import Policy
from mailock.config.portal import Portal
from mailock.config.userside import ClickTime
from mailock.core.reputation.dns_lists import Asks, DnsList, Listing, Repute
from mailock.core.reputation.rules import Reputation
from mailock.engines.feeds.engine import Feeds
from mailock.ports.jail import Jail
from mailock.processes.lookup import NOBODY, UrlLookup
from mailock.processes.userside import UserSide
from mailock.stations.examine.crew import Crew
from tests.parts.hand_clock import HandClock
from tests.unit.operations.hands import INSTALLED

ZONE = DnsList(zone="dbl.example", asks=Asks.DOMAIN)


class Listed:
    """Lists of domains: which they have, and which do not answer."""

    def __init__(self, *names: str, failed: tuple[str, ...] = ()) -> None:
        self._names, self._failed = names, failed
        self.asked: list[Sequence[str]] = []

    async def source(self, lists: Sequence[DnsList], ip: str) -> Repute:
        """Nobody asks for sources."""
        raise AssertionError

    async def domains(self, lists: Sequence[DnsList], names: Sequence[str]) -> Repute:
        """What they say."""
        self.asked.append(names)
        found = tuple(
            Listing(zone="dbl.example", name=name, answer="127.0.0.2", weight=5.0)
            for name in names
            if name in self._names
        )
        return Repute(found, self._failed)


def lookup(
    folder: Path, listings: Listed, *, lists: bool = True, severity: Danger | None = Danger.MALICIOUS
) -> UrlLookup:
    """One with a feed of one URL (None: with none), and with a list (or without)."""
    (folder / "feed.txt").write_text("http://bad.example/x\n")
    feed = Feed(name="late", file=str(folder / "feed.txt"), lists=Lists.URLS, severity=severity or Danger.MALICIOUS)
    online = (Feeds((feed,), HandClock()),) if severity is not None else ()
    crew = Crew(jail=cast("Jail", None), online=online)
    reputation = replace(Reputation(), lists=(ZONE,) if lists else ())
    return UrlLookup(lambda: nullcontext(crew), listings, lambda: replace(INSTALLED, reputation=reputation))


async def test_what_a_feed_lists_is_bad(tmp_path: Path) -> None:
    looked = await lookup(tmp_path, Listed())("http://bad.example/x")
    assert looked.bad == ["the feed late lists http://bad.example/x"]
    assert (looked.doubts, looked.gaps) == ([], [])


async def test_what_a_feed_calls_suspicious_or_a_list_has_is_doubtful(tmp_path: Path) -> None:
    listings = Listed("bad.example", "bad.com")
    looked = await lookup(tmp_path, listings, severity=Danger.SUSPICIOUS)("http://www.bad.com/x")
    assert (looked.bad, looked.doubts) == ([], ["dbl.example lists bad.com (127.0.0.2)"])
    assert listings.asked == [("bad.com",)]
    assert len((await lookup(tmp_path, listings, severity=Danger.SUSPICIOUS)("http://bad.example/x")).doubts) == 2


async def test_what_everybody_passes_is_unlisted(tmp_path: Path) -> None:
    looked = await lookup(tmp_path, Listed())("http://good.example/")
    assert not (*looked.bad, *looked.doubts, *looked.gaps)


async def test_who_is_silent_is_named_and_never_taken_for_nothing(tmp_path: Path) -> None:
    silent = Listed(failed=("dbl.example did not answer",))
    assert (await lookup(tmp_path, silent)("http://good.example/")).gaps == ["dbl.example did not answer"]
    nobody = await lookup(tmp_path, Listed(), lists=False, severity=None)("http://good.example/")
    assert nobody.gaps == [NOBODY]
    broken = lookup(tmp_path, Listed())
    (tmp_path / "feed.txt").unlink()
    (gap,) = (await broken("http://good.example/")).gaps
    assert "feed.txt cannot be read" in gap


@pytest.mark.parametrize("url", ["http://[bad/", "http://", "http://192.0.2.1/", "http://\udc80/"])
async def test_what_is_no_name_is_asked_of_no_list(tmp_path: Path, url: str) -> None:
    listings = Listed()
    assert not (await lookup(tmp_path, listings)(url)).bad
    assert listings.asked == []


async def test_a_policy_that_needs_a_portal_is_refused_where_there_is_none(tmp_path: Path, caplog: Any) -> None:
    policy = replace(Policy(), click_time=ClickTime(enabled=True))
    users = UserSide(tmp_path, Portal(), HandClock(), lambda: INSTALLED)
    await users.prepare(policy)
    assert "no link is rewritten" in caplog.text, "mail does not wait for a portal"
    await users.start(*cast("Any", (None, None, None, None)))
    with pytest.raises(ValueError, match=r"\[click_time\] needs the portal"):
        await users.prepare(policy)
    await users.prepare(Policy())
