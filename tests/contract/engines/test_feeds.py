"""Feeds from files: what they list is found, a changed file counts without a restart, a broken one harms nothing."""

import hashlib
import os
import time
from pathlib import Path

import pytest

from mailock.config.antivirus import Danger, Feed, Lists
from mailock.core.evidence.finding import Fact, FactKind, Finding, Severity
from mailock.core.evidence.health import State
from mailock.core.evidence.report import Unfinished, Why
from mailock.core.mail.message import Message
from mailock.core.mime.part import PartPath
from mailock.engines.feeds.engine import LOOK_SECONDS, Feeds
from mailock.engines.feeds.loading import load_feed
from tests.parts.hand_clock import HandClock

CONTENT = b"what a feed lists"
LONG_AGO = 1_700_000_000


def fact(kind: FactKind, value: str) -> Fact:
    """Something that a message says."""
    return Fact(part=PartPath("1.2"), kind=kind, untrusted_value=value)


def digests_of(content: bytes) -> list[Fact]:
    """What is said of a file."""
    kinds = (FactKind.SHA256, FactKind.SHA1, FactKind.MD5)
    return [fact(kind, hashlib.new(kind.value, content).hexdigest()) for kind in kinds]


def written(path: Path, text: str, *, at: int = LONG_AGO) -> None:
    """A file as a careful keeper puts it in place."""
    fresh = path.with_suffix(".new")
    fresh.write_text(text)
    os.utime(fresh, (at, at))
    fresh.replace(path)


async def asked(engine: Feeds, *facts: Fact) -> list[tuple[str, Severity]]:
    """Kinds and severities of what the feeds list."""
    return [(finding.kind, finding.severity) for finding in await found(engine, *facts)]


async def found(engine: Feeds, *facts: Fact) -> list[Finding]:
    """What the feeds list; no feed asks for the message."""
    return list(await engine.ask(NO_MESSAGE, facts))


NO_MESSAGE: Message = None  # type: ignore[assignment]  # no feed looks at it


def one(path: Path, lists: Lists, **options: object) -> Feeds:
    """An engine with a single feed."""
    return Feeds([Feed(name="house", file=str(path), lists=lists, **options)], HandClock())  # type: ignore[arg-type]  # a plain function stands in for the loader


@pytest.mark.parametrize("digest", ["sha256", "sha1", "md5"])
async def test_a_file_is_known_by_any_of_its_digests(tmp_path: Path, digest: str) -> None:
    written(tmp_path / "f", hashlib.new(digest, CONTENT).hexdigest().upper() + "\n")
    facts = digests_of(CONTENT)
    engine = one(tmp_path / "f", Lists.HASHES)
    assert await asked(engine, *facts) == [("feed.hash", Severity.MALICIOUS)]
    assert await asked(engine, *digests_of(b"other")) == []


@pytest.mark.parametrize(
    ("entry", "url", "listed"),
    [
        ("http://evil.test/a", "https://EVIL.test/a", True),
        ("http://evil.test/a", "https://evil.test/a?track=1", True),
        ("http://evil.test/a?x=1", "https://evil.test/a", False),
        ("http://evil.test/a?x=1", "https://evil.test/a?x=1", True),
        ("http://evil.test/a", "https://evil.test/a/b", False),
        ("http://evil.test/a", "https://evil.test/ab", False),
        ("http://evil.test/a/", "https://evil.test/a/b/c?d", True),
        ("http://evil.test/a/", "https://evil.test/a", False),
        ("evil.test", "https://evil.test/anything", True),
        ("evil.test", "https://www.evil.test/anything", False),
        ("evil.test/a*", "https://evil.test/abc?x", True),
        ("evil.test/a*", "https://evil.test/b", False),
        ("evil.test/a/*", "https://evil.test/a/b", True),
        ("evil.test/a?x=*", "https://evil.test/a?x=17", True),
        ("http://evil.test:8080/a", "http://evil.test:8080/a", True),
        ("http://evil.test:8080/a", "http://evil.test/a", False),
        ("http://evil.test/a", "http://evil.test:8080/a", True),
        ("192.0.2.7/x", "http://192.0.2.7/x", True),
        ("http://evil.test/a", "not a url", False),
    ],
)
async def test_a_url_is_listed_as_itself_or_beneath_what_is_listed(
    tmp_path: Path, entry: str, url: str, listed: bool
) -> None:
    written(tmp_path / "f", f"{entry}\n")
    expected = [("feed.url", Severity.MALICIOUS)] if listed else []
    assert await asked(one(tmp_path / "f", Lists.URLS), fact(FactKind.URL, url)) == expected


@pytest.mark.parametrize(
    ("entry", "value", "kind", "listed"),
    [
        ("evil.test", "evil.test", FactKind.DOMAIN, True),
        ("evil.test", "a.b.evil.test", FactKind.DOMAIN, True),
        ("*.evil.test", "a.evil.test", FactKind.DOMAIN, True),
        ("evil.test", "notevil.test", FactKind.DOMAIN, False),
        ("a.evil.test", "evil.test", FactKind.DOMAIN, False),
        ("evil.test", "https://www.evil.test/x", FactKind.URL, True),
        ("192.0.2.7", "192.0.2.7", FactKind.DOMAIN, True),
        ("EVIL.test.", "evil.TEST", FactKind.DOMAIN, True),
    ],
)
async def test_a_domain_is_listed_with_all_beneath_it(
    tmp_path: Path, entry: str, value: str, kind: FactKind, listed: bool
) -> None:
    written(tmp_path / "f", f"{entry}\n")
    expected = [("feed.domain", Severity.SUSPICIOUS)] if listed else []
    engine = one(tmp_path / "f", Lists.DOMAINS, severity=Danger.SUSPICIOUS)
    assert await asked(engine, fact(kind, value)) == expected


async def test_a_finding_names_the_feed_and_stands_once_for_each_part(tmp_path: Path) -> None:
    written(tmp_path / "f", "evil.test\n")
    facts = [fact(FactKind.URL, "http://evil.test/a\x1b[0m"), fact(FactKind.DOMAIN, "evil.test")]
    (finding,) = await found(one(tmp_path / "f", Lists.DOMAINS), *facts)
    assert finding.evidence == "the feed house lists evil.test"
    assert finding.part == "1.2"


async def test_a_changed_file_counts_without_a_restart_and_is_another_version(tmp_path: Path) -> None:
    written(tmp_path / "f", "evil.test\n")
    engine = one(tmp_path / "f", Lists.DOMAINS)
    assert await asked(engine, fact(FactKind.DOMAIN, "worse.test")) == []
    before = engine.manifest.version
    written(tmp_path / "f", "evil.test\nworse.test\n", at=LONG_AGO + 1)
    assert await asked(engine, fact(FactKind.DOMAIN, "worse.test")) == []
    engine._clock.pass_(LOOK_SECONDS)  # type: ignore[attr-defined]  # the hand clock
    await asked(engine)
    await engine.close()
    assert await asked(engine, fact(FactKind.DOMAIN, "worse.test")) == [("feed.domain", Severity.MALICIOUS)]
    assert engine.manifest.version != before


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "has no entries"),
        ("<html><body>Not found</body></html>\n<p> a </p>\n", "is no list of domains: 2 entries cannot be read"),
        (None, "cannot be read: No such file or directory"),
    ],
)
async def test_a_broken_file_keeps_what_was_known_and_the_doctor_hears_of_it(
    tmp_path: Path, text: str | None, words: str
) -> None:
    path = tmp_path / "f"
    written(path, "evil.test\n")
    engine = one(path, Lists.DOMAINS)
    assert (await engine.probe()).state is State.UP
    if text is None:
        path.unlink()
    else:
        written(path, text, at=LONG_AGO + 1)
    health = await engine.probe()
    assert health.state is State.FAILING
    assert words in health.error
    assert health.error.endswith("what it listed before still counts (1 entries)")
    assert await asked(engine, fact(FactKind.DOMAIN, "evil.test")) == [("feed.domain", Severity.MALICIOUS)]


async def test_a_feed_that_was_never_there_makes_answers_incomplete_and_others_still_count(tmp_path: Path) -> None:
    written(tmp_path / "f", "evil.test\n")
    feeds = [
        Feed(name="missing", file=str(tmp_path / "nosuch"), lists=Lists.URLS),
        Feed(name="house", file=str(tmp_path / "f"), lists=Lists.DOMAINS),
    ]
    with pytest.raises(Unfinished) as raised:
        await Feeds(feeds, HandClock()).ask(NO_MESSAGE, [fact(FactKind.DOMAIN, "evil.test")])
    assert raised.value.why is Why.UNREADABLE
    assert "nosuch cannot be read" in raised.value.detail
    assert [finding.kind for finding in raised.value.findings] == ["feed.domain"]


async def test_a_file_that_is_being_written_is_left_until_it_is_quiet(tmp_path: Path) -> None:
    written(tmp_path / "f", "evil.test\n")
    engine = one(tmp_path / "f", Lists.DOMAINS)
    await engine.probe()
    written(tmp_path / "f", "worse.test\n", at=int(time.time()) + 60)
    await engine.probe()
    assert await asked(engine, fact(FactKind.DOMAIN, "evil.test")) == [("feed.domain", Severity.MALICIOUS)]


async def test_lines_that_cannot_be_read_are_counted_and_named(tmp_path: Path) -> None:
    written(tmp_path / "f", "evil.test\ncom\nworse.test\nan entry@with.an\n")
    engine = one(tmp_path / "f", Lists.DOMAINS)
    (note,) = (await engine.probe()).notes
    assert note == f'{tmp_path}/f: 2 of 4 entries cannot be read, the first is line 2: "com"'


def test_a_hundred_thousand_entries_take_ten_octets_each(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_text("".join(hashlib.sha256(b"%d" % number).hexdigest() + "\n" for number in range(100_000)))
    loaded = load_feed(Feed(name="many", file=str(path), lists=Lists.HASHES))
    (table,) = loaded.tables.values()
    held = sum(shelf.buffer_info()[1] * shelf.itemsize for shelf in table._shelves)
    assert len(table) == 100_000
    assert held == 800_000
