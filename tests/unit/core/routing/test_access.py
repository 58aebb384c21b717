"""Access: the implied rule first, then the rules in order, then the last one, which denies."""

from ipaddress import ip_address, ip_network
from random import Random

import pytest

from mailock.core.routing.access import (
    Access,
    AccessRule,
    Allowed,
    Denied,
    Inside,
    Networks,
    Sources,
    is_internal,
    may_connect,
    read_networks,
    read_sources,
)


def test_as_shipped_everybody_may_connect() -> None:
    assert may_connect(Access(), "203.0.113.9") == Allowed("implied rule")


def test_a_narrowed_implied_rule_leaves_the_rest_to_the_rules() -> None:
    access = Access(
        implied=read_sources(["192.0.2.0/24"]),
        rules=(
            AccessRule(name="bad guest", sources=read_sources(["198.51.100.66"]), allow=False),
            AccessRule(name="partner", sources=read_sources(["198.51.100.0/24", "2001:db8::/32"]), allow=True),
        ),
    )
    assert may_connect(access, "192.0.2.7") == Allowed("implied rule")
    assert may_connect(access, "198.51.100.7") == Allowed("partner")
    assert may_connect(access, "2001:db8::7") == Allowed("partner")
    assert may_connect(access, "198.51.100.66") == Denied(
        "bad guest", "198.51.100.66 is denied by access rule bad guest"
    )
    denied = may_connect(access, "203.0.113.9")
    assert isinstance(denied, Denied)
    assert denied.rule == "last rule"


def test_switched_off_nobody_may_connect_without_a_rule() -> None:
    assert isinstance(may_connect(Access(implied=None), "127.0.0.1"), Denied)


def test_a_rule_below_the_implied_one_denies_nobody_whom_that_one_let_in() -> None:
    access = Access(rules=(AccessRule(name="no", sources=Sources(any=True), allow=False),))
    assert may_connect(access, "203.0.113.9") == Allowed("implied rule")


def test_countries_count_only_where_they_are_known() -> None:
    access = Access(implied=read_sources(["country:de", "country:AT"]))
    assert access.needs_country
    assert isinstance(may_connect(access, "203.0.113.9", "DE"), Allowed)
    assert isinstance(may_connect(access, "203.0.113.9", "FR"), Denied)
    assert isinstance(may_connect(access, "203.0.113.9", None), Denied)
    assert not Access().needs_country


@pytest.mark.parametrize(
    ("ip", "inside"),
    [
        ("10.1.2.3", True),
        ("::ffff:10.1.2.3", True),
        ("11.0.0.1", False),
        ("9.255.255.255", False),
        ("fe80::1%eth0", True),
        ("fe80::1", True),
        ("2001:db8::", False),
        ("unknown", False),
        ("", False),
    ],
)
def test_networks_hold_addresses(ip: str, inside: bool) -> None:
    assert (ip in read_networks(["10.0.0.0/8", "10.9.0.0/16", "fe80::/10"])) is inside
    assert ip not in Networks()


def test_networks_agree_with_a_plain_search() -> None:
    chance = Random(7)
    texts = [f"{chance.randrange(16)}.{chance.randrange(4)}.0.0/{chance.randrange(10, 17)}" for _ in range(60)]
    networks = [ip_network(text, strict=False) for text in texts]
    found = Networks(tuple(networks))
    for _ in range(2000):
        ip = f"{chance.randrange(17)}.{chance.randrange(5)}.{chance.randrange(256)}.1"
        assert (ip in found) is any(ip_address(ip) in network for network in networks)


@pytest.mark.parametrize(
    ("written", "mend"),
    [
        ("10.0.0.0/33", "is no network"),
        ("10.0.0.1/8", "write 10.0.0.0/8 or 10.0.0.1"),
        ("mail", "192.0.2.7"),
        ("", "is no network"),
    ],
)
def test_a_bad_network_is_refused_with_the_mend(written: str, mend: str) -> None:
    with pytest.raises(ValueError, match=mend):
        read_networks([written])


def test_sources_are_read() -> None:
    assert read_sources([" any "]).any
    assert read_sources(["192.0.2.1", "country:DE"]) == Sources(
        networks=read_networks(["192.0.2.1"]), countries=frozenset({"DE"})
    )
    with pytest.raises(ValueError, match="country:DE"):
        read_sources(["country:Germany"])


def test_inside_is_an_internal_network_or_interface() -> None:
    inside = Inside(networks=read_networks(["10.0.0.0/8"]), local_ips=frozenset({"192.0.2.5"}))
    assert is_internal(inside, "10.1.1.1", "203.0.113.5")
    assert is_internal(inside, "203.0.113.9", "192.0.2.5")
    assert not is_internal(inside, "203.0.113.9", "203.0.113.5")
    assert not is_internal(Inside(), "127.0.0.1", "127.0.0.1")
