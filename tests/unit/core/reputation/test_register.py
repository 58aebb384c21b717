"""Who is listed: the narrowest network speaks, a block before an allow, and nothing that has run out."""

import pytest

from mailock.core.mail.address import Address
from mailock.core.reputation.entries import Effect, Entry, read_entry
from mailock.core.reputation.register import Register

NOW = 1_800_000_000.0


def entry(what: str, **more: object) -> Entry:
    made = read_entry(what)
    return Entry(sender=made.sender, networks=made.networks, **more)  # type: ignore[arg-type]  # a test names its fields


@pytest.mark.parametrize(
    ("what", "spelled"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("198.51.100.0/24", "198.51.100.0/24"),
        ("2001:DB8::/32", "2001:db8::/32"),
        ("Example.COM", "example.com"),
        ("*@example.com", "example.com"),
        ("*.example.com", "*.example.com"),
        ("Anna@Example.com", "anna@example.com"),
    ],
)
def test_what_is_listed_has_one_spelling(what: str, spelled: str) -> None:
    assert read_entry(what).what == spelled


@pytest.mark.parametrize("what", ["*", "", "@", "0.0.0.0/0", "2001::/8", "198.51.100.7/24", "a b.test", "*@"])
def test_what_cannot_be_listed_is_said(what: str) -> None:
    with pytest.raises(ValueError, match=r"write|list|has bits"):
        read_entry(what)


def test_the_narrowest_network_speaks_and_where_two_are_as_narrow_the_block() -> None:
    register = Register(
        allowed=(entry("198.51.100.7"), entry("203.0.113.0/24"), entry("2001:db8::/48")),
        blocked=(entry("198.51.100.0/24"), entry("203.0.113.0/24"), entry("2001:db8::/32")),
    )
    said = {
        ip: (ruling.effect, ruling.entry.what) if (ruling := register.source(ip, NOW)) else None
        for ip in (
            "198.51.100.7",
            "::ffff:198.51.100.7",
            "198.51.100.8",
            "203.0.113.1",
            "2001:db8::1",
            "2001:db8:1::1",
            "192.0.2.1",
            "",
            "unknown",
        )
    }
    assert said == {
        "198.51.100.7": (Effect.ALLOW, "198.51.100.7"),
        "::ffff:198.51.100.7": (Effect.ALLOW, "198.51.100.7"),
        "198.51.100.8": (Effect.BLOCK, "198.51.100.0/24"),
        "203.0.113.1": (Effect.BLOCK, "203.0.113.0/24"),
        "2001:db8::1": (Effect.ALLOW, "2001:db8::/48"),
        "2001:db8:1::1": (Effect.BLOCK, "2001:db8::/32"),
        "192.0.2.1": None,
        "": None,
        "unknown": None,
    }


def test_an_entry_of_one_system_says_nothing_to_others_and_none_says_anything_once_it_ran_out() -> None:
    register = Register(blocked=(entry("192.0.2.7", system="acme"), entry("192.0.2.8", until=NOW + 1)))
    assert register.source("192.0.2.7", NOW) is None
    assert register.source("192.0.2.7", NOW, "other") is None
    assert register.source("192.0.2.7", NOW, "acme") is not None
    assert register.source("192.0.2.8", NOW) is not None
    assert register.source("192.0.2.8", NOW + 1) is None


@pytest.mark.parametrize(
    ("listed", "blocked", "others"),
    [
        ("pest.test", ["a@pest.test"], ["a@sub.pest.test", "a@other.test", "pest@other.test"]),
        ("*.pest.test", ["a@sub.pest.test", "a@x.sub.pest.test"], ["a@pest.test", "a@impest.test"]),
        ("anna@pest.test", ["anna@pest.test", "ANNA@pest.test", "anna+x@pest.test"], ["bob@pest.test"]),
    ],
)
def test_a_sender_is_blocked_as_widely_as_the_entry_says(listed: str, blocked: list[str], others: list[str]) -> None:
    register = Register(blocked=(entry(listed, because="pest"),))

    def found(text: str) -> bool:
        return register.sender(Address(*text.split("@")), NOW, None, "+") is not None

    assert [text for text in [*blocked, *others] if found(text)] == blocked


def test_an_allowed_sender_says_nothing_at_the_door() -> None:
    register = Register(allowed=(entry("friend.test"),))
    assert register.is_empty
    assert register.sender(Address("a", "friend.test"), NOW) is None


def test_the_log_is_told_what_who_until_when_and_why() -> None:
    ruling = Register(blocked=(entry("192.0.2.0/24", because="attack", by="alice", until=NOW, system="acme"),)).source(
        "192.0.2.7", NOW - 1, "acme"
    )
    assert ruling is not None
    assert ruling.told == "192.0.2.0/24 is on the block list of acme until 2027-01-15 08:00 UTC (alice): attack"
