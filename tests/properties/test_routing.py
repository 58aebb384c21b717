"""Routing holds for every rulebase, not only for those that somebody thought of."""

from hypothesis import assume, given
from hypothesis import strategies as st

from mailock.core.mail.address import Address
from mailock.core.mail.envelope import Direction
from mailock.core.routing.direction import Placed, Refusal, place, place_in
from mailock.core.routing.limits import Bucket, Rate, allow
from mailock.core.routing.nexthop import Host, OwnMx, lane, parse_next_hop
from mailock.core.routing.pattern import Breadth, Pattern, read_pattern
from mailock.core.routing.rules import ForwardingRule, Routes, SystemScope
from mailock.core.routing.schedule import Again, Schedule, after_failure
from mailock.core.routing.servers import Listed, Ourselves, Pool, Unroutable, order

# Few names, so that rules and recipients meet often.
DOMAINS = st.sampled_from(["a.test", "x.a.test", "y.x.a.test", "b.test", "xa.test", "test"])
LOCALS = st.sampled_from(["u", "U", "u+tag", "v", "postmaster", "Postmaster"])
SYSTEMS = st.sampled_from(["default", "red", "blue"])
PATTERNS = st.one_of(st.just("*"), DOMAINS, DOMAINS.map("*.{}".format), st.builds("{}@{}".format, LOCALS, DOMAINS)).map(
    read_pattern
)
RULES = st.builds(
    ForwardingRule,
    name=st.just("r"),
    patterns=st.lists(PATTERNS, min_size=1, max_size=3).map(tuple),
    next_hop=st.sampled_from([Host(name="one.internal"), Host(name="two.internal"), OwnMx()]),
    direction=st.sampled_from([None, *Direction]),
    virtual_system=SYSTEMS,
)
ROUTES = st.builds(
    Routes,
    rules=st.lists(RULES, max_size=6).map(tuple),
    scopes=st.just((SystemScope(name="red", listeners=frozenset({"red-25"})), SystemScope(name="blue"))),
    postmaster=st.sampled_from([None, Address("ops", "b.test")]),
    hostnames=st.just(frozenset({"mx.test"})),
)
ADDRESSES = st.one_of(
    st.builds(Address, LOCALS, DOMAINS), st.just(Address("postmaster", "")), st.just(Address("u", "far.example"))
)


def takes(pattern: Pattern, address: Address) -> bool:
    """What a pattern means, said again in the plainest way."""
    match pattern.breadth:
        case Breadth.ANY:
            return True
        case Breadth.DOMAIN:
            return address.domain == pattern.domain
        case Breadth.BELOW:
            return address.domain.endswith("." + pattern.domain)
        case Breadth.ADDRESS:
            local = address.local.casefold()
            return address.domain == pattern.domain and pattern.local in (local, local.partition("+")[0])


@given(ROUTES, ADDRESSES, st.sampled_from(Direction), SYSTEMS)
def test_the_compiled_rules_answer_like_a_search_from_the_top(
    routes: Routes, address: Address, direction: Direction, system: str
) -> None:
    expected = next(
        (
            rule
            for rule in routes.rules
            if rule.takes is direction
            and rule.virtual_system == system
            and any(takes(pattern, address) for pattern in rule.patterns)
        ),
        None,
    )
    assert routes.first_match(address, direction, system) is expected


@given(ROUTES, ADDRESSES, st.sampled_from(["", "smtp", "red-25"]))
def test_an_outside_source_never_reaches_anything_but_an_incoming_rule(
    routes: Routes, address: Address, listener: str
) -> None:
    found = place(routes, address, internal=False, listener=listener)
    postmaster = address.local.casefold() == "postmaster"
    if isinstance(found, Refusal):
        assert found.reply.code in (451, 550)
        assert found.why
    elif not postmaster:
        assert found.direction is Direction.INCOMING
        assert found.rule.takes is Direction.INCOMING
        assert any(takes(pattern, address) for pattern in found.rule.patterns)
        assert found.address == address
    elif address.domain:
        assert found.direction is found.rule.takes is Direction.INCOMING
        ours = [pattern for pattern in found.rule.patterns if pattern.domain == address.domain]
        assert ours or any(takes(pattern, address) for pattern in found.rule.patterns)


@given(ROUTES, ADDRESSES, st.booleans())
def test_a_recipient_placed_once_is_placed_alike_at_every_attempt(
    routes: Routes, address: Address, internal: bool
) -> None:
    found = place(routes, address, internal=internal)
    assume(isinstance(found, Placed))
    assert isinstance(found, Placed)
    again = place_in(routes, found.virtual_system, address, internal=found.direction is not Direction.INCOMING)
    assert isinstance(again, Placed)
    assert (again.rule, again.address, again.direction) == (found.rule, found.address, found.direction)


@given(ROUTES, DOMAINS)
def test_the_postmaster_is_taken_wherever_somebody_is(routes: Routes, domain: str) -> None:
    somebody = any(
        isinstance(place(routes, Address(local, domain), internal=False), Placed) for local in ("u", "v", "U", "u+tag")
    )
    if somebody:
        assert isinstance(place(routes, Address("Postmaster", domain), internal=False), Placed)


@given(st.one_of(st.text(max_size=40), st.lists(st.text(max_size=20), max_size=3), st.integers(), st.none()))
def test_any_setting_is_a_next_hop_or_a_sentence(value: object) -> None:
    try:
        hop = parse_next_hop(value)
    except ValueError as wrong:
        assert str(wrong).strip()
    else:
        assert lane(hop, "dest.example")


LISTED = st.builds(
    Listed,
    name=st.sampled_from(["a", "b", "c", "me"]),
    port=st.sampled_from([25, 26]),
    preference=st.integers(0, 3),
    weight=st.integers(0, 5),
    ips=st.lists(st.sampled_from(["192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8::2"]), max_size=4).map(tuple),
)
POOLS = st.lists(
    st.builds(
        Pool,
        hosts=st.lists(LISTED, max_size=4).map(tuple),
        rank=st.integers(0, 2),
        weight=st.integers(1, 5),
        by_mx=st.booleans(),
        theirs=st.booleans(),
    ),
    max_size=3,
)
ME = Ourselves(names=frozenset({"me"}), endpoints=frozenset({("192.0.2.1", 25)}))


@given(
    POOLS,
    st.dictionaries(st.tuples(st.sampled_from(["192.0.2.2", "2001:db8::1"]), st.just(25)), st.floats(0, 10)),
    st.integers(0, 2**64),
)
def test_an_order_has_every_server_once_the_living_first_and_never_ourselves(
    pools: list[Pool], dead: dict[tuple[str, int], float], seed: int
) -> None:
    found = order(pools, ourselves=ME, dead=dead, now=5.0, seed=seed)
    assert found == order(pools, ourselves=ME, dead=dead, now=5.0, seed=seed)
    match found:
        case Unroutable(response=response):
            assert response.code >= 400
            assert response.text
        case servers:
            assert len(set(servers)) == len(servers) > 0
            assert not any(server.ip == "192.0.2.1" and server.port == 25 for server in servers)
            lives = [dead.get((server.ip, server.port), 0.0) <= 5.0 for server in servers]
            assert lives == sorted(lives, reverse=True)
            if not any(pool.by_mx for pool in pools):
                others = {
                    (host.name, ip, host.port)
                    for pool in pools
                    for host in pool.hosts
                    for ip in host.ips
                    if not ME.are(host)
                }
                assert {(server.name, server.ip, server.port) for server in servers} == others


@given(
    st.builds(
        Schedule,
        first=st.floats(1, 1000),
        factor=st.floats(1, 10),
        maximum=st.floats(1000, 10_000),
        jitter=st.floats(0, 1),
        lifetime=st.floats(0, 1e6),
        warn_after=st.one_of(st.none(), st.floats(0, 1e6)),
    ),
    st.integers(0, 10_000),
    st.floats(0, 2e6),
    st.floats(0, 0.999),
    st.booleans(),
)
def test_every_failure_is_followed_by_a_later_try_or_an_end(
    schedule: Schedule, tries: int, now: float, chance: float, warned: bool
) -> None:
    found = after_failure(schedule, accepted_at=0.0, tries=tries, now=now, chance=chance, warned=warned)
    if isinstance(found, Again):
        assert now < found.at <= schedule.lifetime
        assert found.at - now <= schedule.maximum * 2
        assert not (found.warn and warned)
    else:
        assert now >= schedule.lifetime


@given(st.lists(st.tuples(st.floats(-5, 60), st.floats(0, 3)), max_size=60), st.integers(1, 20), st.floats(0.1, 100))
def test_no_sequence_takes_more_than_burst_and_rate(
    steps: list[tuple[float, float]], amount: int, seconds: float
) -> None:
    rate = Rate(amount, seconds)
    bucket, now, latest, taken = Bucket(float(amount), 0.0), 0.0, 0.0, 0.0
    for step, cost in steps:
        now += step
        latest = max(latest, now)
        bucket, allowed = allow(rate, bucket, now, cost)
        taken += cost * allowed
        assert 0.0 <= bucket.tokens <= amount
    assert taken <= amount + latest * amount / seconds + 1e-6
