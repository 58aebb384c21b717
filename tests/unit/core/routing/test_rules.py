"""Forwarding rules: the first that matches wins, and lanes keep apart what must not share a connection."""

from time import perf_counter

import pytest

from mailock.core.mail.address import Address
from mailock.core.mail.envelope import Direction
from mailock.core.routing.nexthop import NoForward, parse_next_hop
from mailock.core.routing.pattern import Breadth, read_pattern
from mailock.core.routing.rules import EightBit, ForwardingRule, Routes, TlsDemand, monitor_only


def rule(name: str, *domains: str, hop: str = "mail.internal", direction: Direction | None = None) -> ForwardingRule:
    return ForwardingRule(
        name=name,
        patterns=tuple(read_pattern(domain) for domain in domains),
        next_hop=parse_next_hop(hop),
        direction=direction,
    )


def matched(routes: Routes, address: str, direction: Direction = Direction.INCOMING) -> str | None:
    local, _, domain = address.rpartition("@")
    found = routes.first_match(Address(local, domain), direction)
    return None if found is None else found.name


@pytest.mark.parametrize(
    ("written", "breadth", "shown"),
    [
        ("*", Breadth.ANY, "*"),
        ("Example.COM", Breadth.DOMAIN, "example.com"),
        ("*.example.com", Breadth.BELOW, "*.example.com"),
        ("Boss@example.com", Breadth.ADDRESS, "boss@example.com"),
        ("bücher.example", Breadth.DOMAIN, "xn--bcher-kva.example"),
        ("[192.0.2.1]", Breadth.DOMAIN, "[192.0.2.1]"),
        ("a@b@example.com", Breadth.ADDRESS, "a@b@example.com"),
    ],
)
def test_patterns_are_read(written: str, breadth: Breadth, shown: str) -> None:
    pattern = read_pattern(written)
    assert (pattern.breadth, str(pattern)) == (breadth, shown)


@pytest.mark.parametrize(
    "written", ["", "@example.com", "*@example.com", "user@*.example.com", "*example.com", "a b.example", "*."]
)
def test_what_is_no_pattern_is_refused_with_the_mend(written: str) -> None:
    with pytest.raises(ValueError, match=r'write "\*", "example.com"'):
        read_pattern(written)


@pytest.mark.parametrize(
    ("broad", "narrow", "covered"),
    [
        ("*", "example.com", True),
        ("*", "*", True),
        ("example.com", "*", False),
        ("example.com", "u@example.com", True),
        ("u@example.com", "example.com", False),
        ("*.example.com", "mail.example.com", True),
        ("*.example.com", "u@mail.example.com", True),
        ("*.example.com", "*.mail.example.com", True),
        ("*.mail.example.com", "*.example.com", False),
        ("*.example.com", "*.example.com", True),
        ("*.example.com", "example.com", False),
        ("*.example.com", "notexample.com", False),
        ("u@example.com", "U@example.com", True),
    ],
)
def test_a_pattern_covers_what_it_takes_whole(broad: str, narrow: str, covered: bool) -> None:
    assert read_pattern(broad).covers(read_pattern(narrow)) is covered


def test_the_first_rule_wins_over_narrower_ones_below() -> None:
    routes = Routes(rules=(rule("all", "*"), rule("one", "u@example.com")))
    assert matched(routes, "u@example.com") == "all"


def test_each_form_takes_what_it_says() -> None:
    routes = Routes(
        rules=(
            rule("boss", "boss@example.com"),
            rule("deep", "*.lab.example.com"),
            rule("below", "*.example.com"),
            rule("self", "example.com", "example.net"),
            rule("rest", "*"),
        )
    )
    assert matched(routes, "BOSS@example.com") == "boss"
    assert matched(routes, "boss+news@example.com") == "boss"
    assert matched(routes, "bosses@example.com") == "self"
    assert matched(routes, "u@example.net") == "self"
    assert matched(routes, "u@mail.example.com") == "below"
    assert matched(routes, "u@x.lab.example.com") == "deep"
    assert matched(routes, "u@lab.example.com") == "below"
    assert matched(routes, "u@badexample.com") == "rest"
    assert matched(routes, "postmaster") == "rest"


def test_sub_addresses_count_only_where_a_separator_is_set() -> None:
    rules = (rule("boss", "boss@example.com"),)
    assert matched(Routes(rules=rules, separator="-"), "boss-x@example.com") == "boss"
    assert matched(Routes(rules=rules, separator=""), "boss+x@example.com") is None


def test_directions_and_systems_do_not_mix() -> None:
    out = rule("out", "*", direction=Direction.OUTGOING)
    routes = Routes(rules=(out,))
    assert matched(routes, "u@example.com") is None
    assert matched(routes, "u@example.com", Direction.OUTGOING) == "out"
    assert routes.first_match(Address("u", "example.com"), Direction.OUTGOING, "tenant") is None


def test_a_lane_keeps_apart_what_needs_other_connections() -> None:
    plain = rule("a", "*")
    strict = ForwardingRule(name="b", patterns=(), next_hop=plain.next_hop, tls=TlsDemand.VERIFIED)
    nowhere = ForwardingRule(name="c", patterns=(), next_hop=NoForward(), tls=TlsDemand.VERIFIED)
    seven = ForwardingRule(name="d", patterns=(), next_hop=plain.next_hop, eight_bit=EightBit.RETURN)
    assert plain.lane("example.com") == "mail.internal:25"
    assert strict.lane("example.com") == "mail.internal:25 tls=verified"
    assert nowhere.lane("example.com") == "0.0.0.0"
    assert seven.lane("example.com") == "mail.internal:25 eight_bit=return"


def test_monitor_only_means_that_every_rule_leads_nowhere() -> None:
    scan, send = rule("scan", "*", hop="0.0.0.0"), rule("send", "*")
    assert monitor_only([scan])
    assert Routes(rules=(scan, scan)).monitor_only
    assert not Routes(rules=(scan, send)).monitor_only
    assert not Routes(rules=()).monitor_only


@pytest.mark.serial
def test_a_thousand_rules_cost_no_more_than_one() -> None:
    many = Routes(rules=(*(rule(str(n), f"d{n}.example") for n in range(1000)), rule("rest", "*")))
    address = Address("user", "d999.example")
    started = perf_counter()
    for _ in range(10_000):
        many.first_match(address, Direction.INCOMING)
    # A linear search would need some 50 µs each; the bound leaves room for a busy machine.
    assert (perf_counter() - started) / 10_000 < 20e-6
