"""The order of servers: preference, weight, health, and never ourselves."""

from collections import Counter
from collections.abc import Sequence

import pytest

from mailock.core.routing.nexthop import Host, Protocol
from mailock.core.routing.servers import (
    Listed,
    Ourselves,
    Pool,
    Unroutable,
    hosts_of,
    hosts_of_mx,
    hosts_of_srv,
    order,
)

NOBODY = Ourselves()
ME = Ourselves(names=frozenset({"me.example"}), endpoints=frozenset({("192.0.2.1", 25), ("::1", 25)}))


def listed(name: str, preference: int = 0, weight: int = 1, ips: Sequence[str] = (), port: int = 25) -> Listed:
    return Listed(
        name=name, port=port, preference=preference, weight=weight, ips=tuple(ips or (f"203.0.113.{ord(name[0])}",))
    )


def names(pools: Sequence[Pool], seed: int = 1, ourselves: Ourselves = NOBODY) -> list[str]:
    """The hosts in the order in which they would be tried."""
    found = order(pools, ourselves=ourselves, dead={}, now=0.0, seed=seed)
    assert isinstance(found, tuple), found
    return [server.name for server in found]


def refusal(pools: Sequence[Pool], ourselves: Ourselves = NOBODY) -> str:
    found = order(pools, ourselves=ourselves, dead={}, now=0.0, seed=1)
    assert isinstance(found, Unroutable), found
    assert found.permanent is found.response.enhanced.startswith("5")
    return f"{found.response.code} {found.response.enhanced}"


def test_an_endpoint_that_listens_everywhere_is_every_address_of_the_machine() -> None:
    everywhere = Ourselves(endpoints=frozenset({("0.0.0.0", 25)}), local_ips=frozenset({"192.0.2.1", "2001:db8::1"}))
    for ip in ("192.0.2.1", "127.0.0.1", "127.9.9.9", "0.0.0.0"):
        assert everywhere.are(listed("a", ips=[ip])), ip
        assert not everywhere.are(listed("a", ips=[ip], port=26)), ip
    # The other family has its own endpoint.
    for ip in ("192.0.2.2", "2001:db8::1", "::1"):
        assert not everywhere.are(listed("a", ips=[ip])), ip


def test_a_host_lists_itself_and_an_address_needs_no_look_up() -> None:
    assert hosts_of(Host(name="mail.internal", port=26)) == (Listed(name="mail.internal", port=26),)
    (one,) = hosts_of(Host(name="2001:db8::1", protocol=Protocol.LMTP))
    assert (one.ips, one.protocol) == (("2001:db8::1",), Protocol.LMTP)


def test_mx_records_become_hosts() -> None:
    hosts = hosts_of_mx("dest.example", [(20, "B.dest.example."), (10, "a.dest.example")], exists=True, theirs=True)
    assert hosts == (Listed(name="b.dest.example", preference=20), Listed(name="a.dest.example", preference=10))


def test_a_domain_without_mx_is_its_own() -> None:
    assert hosts_of_mx("dest.example", [], exists=True, theirs=True, port=26) == (Listed(name="dest.example", port=26),)


@pytest.mark.parametrize(
    ("records", "exists", "theirs", "code"),
    [
        ([(0, ".")], True, True, "556 5.1.10"),
        ([(0, "")], True, True, "556 5.1.10"),
        ([(0, ".")], True, False, "450 4.4.4"),
        ([], False, True, "550 5.1.2"),
        ([], False, False, "450 4.4.4"),
    ],
)
def test_what_dns_denies_is_final_only_for_the_recipients_own_domain(
    records: list[tuple[int, str]], exists: bool, theirs: bool, code: str
) -> None:
    found = hosts_of_mx("dest.example", records, exists=exists, theirs=theirs)
    assert isinstance(found, Unroutable)
    assert f"{found.response.code} {found.response.enhanced}" == code
    assert found.permanent is theirs


def test_a_null_mx_beside_real_ones_is_passed_over() -> None:
    assert hosts_of_mx("d.example", [(0, "."), (5, "a")], exists=True, theirs=True) == (Listed(name="a", preference=5),)


def test_srv_records_become_hosts() -> None:
    assert hosts_of_srv([(10, 60, 2525, "A.example."), (20, 0, 26, "b.example")]) == (
        Listed(name="a.example", port=2525, preference=10, weight=60),
        Listed(name="b.example", port=26, preference=20, weight=0),
    )
    for records in ([], [(0, 0, 0, ".")]):
        found = hosts_of_srv(records)
        assert isinstance(found, Unroutable)
        assert not found.permanent


def test_lower_preference_comes_first_and_equals_are_shuffled() -> None:
    pool = Pool(hosts=(listed("c", 20), listed("a", 10), listed("b", 10)), by_mx=True)
    orders = Counter(tuple(names([pool], seed)) for seed in range(200))
    assert set(orders) == {("a", "b", "c"), ("b", "a", "c")}
    assert min(orders.values()) > 60


def test_weights_share_in_proportion() -> None:
    pool = Pool(hosts=(listed("a", weight=1), listed("b", weight=3)))
    firsts = Counter(names([pool], seed)[0] for seed in range(4000))
    assert 0.72 < firsts["b"] / 4000 < 0.78


def test_weight_nought_has_a_small_chance_and_is_never_lost() -> None:
    pool = Pool(hosts=(listed("a", weight=0), listed("b", weight=99)))
    firsts = Counter(names([pool], seed)[0] for seed in range(4000))
    assert 0 < firsts["a"] < 120
    assert sorted(names([Pool(hosts=(listed("a", weight=0), listed("b", weight=0)))])) == ["a", "b"]


def test_pools_share_by_weight_and_a_backup_waits_for_all_others() -> None:
    pools = [
        Pool(hosts=(listed("a", 5), listed("b", 10)), weight=3),
        Pool(hosts=(listed("c"),)),
        Pool(hosts=(listed("d"),), rank=9),
    ]
    orders = Counter(tuple(names(pools, seed)) for seed in range(400))
    assert set(orders) == {("a", "b", "c", "d"), ("c", "a", "b", "d")}
    assert 0.65 < orders["a", "b", "c", "d"] / 400 < 0.85


def test_addresses_of_a_host_come_by_turns_of_the_families() -> None:
    pool = Pool(hosts=(listed("a", ips=("192.0.2.7", "192.0.2.8", "192.0.2.9", "2001:db8::7", "2001:db8::8")),))
    firsts = set()
    for seed in range(50):
        found = order([pool], ourselves=NOBODY, dead={}, now=0.0, seed=seed)
        assert isinstance(found, tuple)
        sixes = [":" in server.ip for server in found]
        assert sixes in ([True, False, True, False, False], [False, True, False, True, False])
        firsts.add(found[0].ip)
    assert len(firsts) == 5


def test_the_same_seed_gives_the_same_order_and_no_server_twice() -> None:
    pools = [Pool(hosts=(listed("a", ips=("192.0.2.7", "192.0.2.8")), listed("b"))), Pool(hosts=(listed("b"),), rank=1)]
    assert names(pools, 5) == names(pools, 5)
    assert sorted(names(pools, 5)) == ["a", "a", "b"]


def test_dead_servers_come_last_until_their_time() -> None:
    hosts = (listed("a", 1, ips=("192.0.2.7",)), listed("b", 2, ips=("192.0.2.8",)), listed("c", 3, ips=("192.0.2.9",)))
    dead = {("192.0.2.7", 25): 100.0, ("192.0.2.8", 25): 90.0, ("192.0.2.9", 26): 200.0}

    def in_order(now: float) -> str:
        found = order([Pool(hosts=hosts)], ourselves=NOBODY, dead=dead, now=now, seed=1)
        assert isinstance(found, tuple)
        return "".join(server.name for server in found)

    # Of the dead ones, first the one whose time is over first.
    assert in_order(80.0) == "cba"
    assert in_order(95.0) == "bca"
    assert in_order(100.0) == "abc"


@pytest.mark.parametrize(
    "me", [listed("me.example", 10), listed("alias", 10, ips=("192.0.2.1",)), listed("six", 10, ips=("::1",))]
)
def test_we_drop_ourselves_and_all_that_is_no_more_preferred(me: Listed) -> None:
    pool = Pool(hosts=(listed("a", 5), me, listed("b", 10), listed("c", 20)), by_mx=True, theirs=True)
    assert names([pool], ourselves=ME) == ["a"]


def test_where_we_are_the_best_mx_the_mail_is_in_a_loop() -> None:
    hosts = (listed("me.example", 10), listed("b", 20))
    assert refusal([Pool(hosts=hosts, by_mx=True, theirs=True)], ME) == "554 5.4.6"
    assert refusal([Pool(hosts=hosts, by_mx=True)], ME) == "450 4.4.6"


def test_in_a_list_of_the_operators_only_we_are_dropped() -> None:
    assert names([Pool(hosts=(listed("me.example"), listed("b", 1)))], ourselves=ME) == ["b"]
    assert refusal([Pool(hosts=(listed("me.example"),))], ME) == "450 4.4.6"


def test_another_port_or_lmtp_on_our_address_is_somebody_beside_us() -> None:
    assert names([Pool(hosts=(listed("me.example", ips=("192.0.2.1",), port=2525),))], ourselves=ME) == ["me.example"]
    beside = Listed(name="x", port=25, protocol=Protocol.LMTP, ips=("192.0.2.1",))
    assert names([Pool(hosts=(beside,))], ourselves=ME) == ["x"]


def test_hosts_without_addresses_leave_nothing_to_try() -> None:
    bare = Listed(name="a")
    assert refusal([Pool(hosts=(bare,), by_mx=True, theirs=True)]) == "550 5.4.4"
    assert refusal([Pool(hosts=(bare,))]) == "450 4.4.4"
    assert names([Pool(hosts=(bare, listed("b")))]) == ["b"]
