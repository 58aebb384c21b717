"""Next hops: every form that may be written, every mistake with its mend, and the lane that a form leads to."""

import re

import pytest

from mailock.core.routing.nexthop import (
    Choice,
    DomainObject,
    HopList,
    Host,
    Lookup,
    NextHop,
    NoForward,
    OwnMx,
    Protocol,
    destination,
    lane,
    parse_next_hop,
)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("mail.internal", Host(name="mail.internal")),
        ("  Mail.Internal.  ", Host(name="mail.internal")),
        ("mail.internal:2525", Host(name="mail.internal", port=2525)),
        ("a:mail.internal:26", Host(name="mail.internal", port=26)),
        ("bücher.example", Host(name="xn--bcher-kva.example")),
        ("192.0.2.1", Host(name="192.0.2.1")),
        ("192.0.2.1:26", Host(name="192.0.2.1", port=26)),
        ("2001:DB8:0::1", Host(name="2001:db8::1")),
        ("[2001:db8::1]", Host(name="2001:db8::1")),
        ("[2001:db8::1]:26", Host(name="2001:db8::1", port=26)),
        ("lmtp:store", Host(name="store", port=24, protocol=Protocol.LMTP)),
        ("LMTP:[::1]:2003", Host(name="::1", port=2003, protocol=Protocol.LMTP)),
        ("lmtp:inet:store:24", Host(name="store", port=24, protocol=Protocol.LMTP)),
        ("mx:", OwnMx()),
        ("mx::2525", OwnMx(port=2525)),
        ("mx:example.com", DomainObject(lookup=Lookup.MX, name="example.com")),
        ("mx:example.com:26", DomainObject(lookup=Lookup.MX, name="example.com", port=26)),
        ("srv:_smtp._tcp.example.com", DomainObject(lookup=Lookup.SRV, name="_smtp._tcp.example.com")),
        ("0.0.0.0", NoForward()),
    ],
)
def test_every_form_is_read(written: str, meant: NextHop) -> None:
    assert parse_next_hop(written) == meant


@pytest.mark.parametrize(
    ("written", "ranks_and_weights"),
    [
        (["a", "b", "c"], [("a", 0, 1), ("b", 1, 1), ("c", 2, 1)]),
        (["a weight=3", "b"], [("a", 0, 3), ("b", 0, 1)]),
        (["a", "spare backup", "b"], [("a", 0, 1), ("spare", 4, 1), ("b", 2, 1)]),
        (["a weight=2", "b weight=1", "c backup", "d backup"], [("a", 0, 2), ("b", 0, 1), ("c", 6, 1), ("d", 7, 1)]),
        ([{"host": "a", "weight": 3}, {"host": "b", "backup": True}], [("a", 0, 3), ("b", 3, 1)]),
        (("a",), [("a", 0, 1)]),
        ({"host": "a"}, [("a", 0, 1)]),
    ],
)
def test_a_list_is_an_order_unless_an_entry_has_a_weight(
    written: object, ranks_and_weights: list[tuple[str, int, int]]
) -> None:
    hop = parse_next_hop(written)
    assert isinstance(hop, HopList)
    assert [(choice.hop.name, choice.rank, choice.weight) for choice in hop.choices] == ranks_and_weights


def test_a_table_gives_the_port_beside_the_host() -> None:
    hop = parse_next_hop([{"host": "2001:db8::1", "port": 2525}])
    assert hop == HopList(choices=(Choice(hop=Host(name="2001:db8::1", port=2525)),))


def test_a_host_called_like_a_scheme_is_a_host_without_a_colon() -> None:
    assert parse_next_hop("mx") == Host(name="mx")
    assert parse_next_hop(["a", "b"]) == HopList(
        choices=(Choice(hop=Host(name="a"), rank=0), Choice(hop=Host(name="b"), rank=1))
    )


@pytest.mark.parametrize(
    ("written", "mend"),
    [
        ("", '"0.0.0.0"'),
        ("mx:25", "needs its full name"),
        ("a:", '"a:name"'),
        ("lmtp:", '"lmtp:name"'),
        ("lmtp:/run/lmtp", "not supported; use TCP"),
        ("lmtp:unix:/run/lmtp", "not supported; use TCP"),
        ("smtp:mail.internal", 'such as "mail.internal"'),
        ("smtps:mail.internal:465", "write the host alone"),
        ("::", '"0.0.0.0"'),
        ("lmtp:0.0.0.0", '"0.0.0.0"'),
        ("1.2.3.400", "neither a host name nor an IP address"),
        ("[mail.internal]:25", "a name needs none"),
        ("[::1", "brackets hold an IPv6 address"),
        ("mail.internal:smtp", "from 1 to 65535"),
        ("mail.internal:0", "from 1 to 65535"),
        ("mail.internal:65536", "from 1 to 65535"),
        ("mail.internal:" + "9" * 5000, "from 1 to 65535"),
        ("srv:example.com", '"srv:_smtp._tcp.example.com"'),
        ("srv:_smtp._tcp.example.com:25", 'write "srv:_smtp._tcp.example.com"'),
        ("mx:192.0.2.1", "write '192.0.2.1' alone"),
        ("mail internal", "neither a host name"),
        ("-mail", "neither a host name"),
        (None, "none of these"),
        (25, "none of these"),
        ([], "empty list"),
        (["a backup"], "take `backup` from"),
        (["mx:"], "the whole of next_hop"),
        (["0.0.0.0", "a"], "the whole of next_hop"),
        (["a weight=0"], "from 1 to 65535"),
        (["a weight=x"], "is unknown"),
        (["a spare"], "is unknown"),
        ([""], "strings or tables"),
        ([["a"]], "strings or tables"),
        ([{"host": "a", "wieght": 3}], "the keys host, port, weight and backup"),
        ([{"port": 25}], "the keys host, port, weight and backup"),
        ([{"host": "a", "weight": True}], "from 1 to 65535"),
        ([{"host": "a", "weight": "3"}], "from 1 to 65535"),
        ([{"host": "a", "backup": "yes"}], "true or false"),
        ([{"host": "a", "port": 0}], "from 1 to 65535"),
    ],
)
def test_a_mistake_is_refused_with_its_mend(written: object, mend: str) -> None:
    with pytest.raises(ValueError, match=re.escape(mend)) as refused:
        parse_next_hop(written)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("mail.internal", "mail.internal:25"),
        ("a:mail.internal", "mail.internal:25"),
        ("[2001:db8::1]:26", "[2001:db8::1]:26"),
        ("lmtp:store", "lmtp:store:24"),
        ("mx:relay.example", "mx:relay.example"),
        ("mx:relay.example:26", "mx:relay.example:26"),
        ("srv:_smtp._tcp.relay.example", "srv:_smtp._tcp.relay.example"),
        ("mx:", "mx:dest.example"),
        ("mx::2525", "mx:dest.example:2525"),
        ("0.0.0.0", "0.0.0.0"),
        (["a", "b"], "a:25 then b:25"),
        (["a weight=3", "b", "c backup"], "a:25 weight=3, b:25 then c:25"),
    ],
)
def test_a_lane_names_the_servers(written: object, name: str) -> None:
    assert lane(parse_next_hop(written), "dest.example") == name


def test_the_mx_of_a_domain_is_one_lane_whoever_named_it() -> None:
    assert lane(OwnMx(), "example.com") == lane(parse_next_hop("mx:example.com"), "dest.example")


@pytest.mark.parametrize(("domain", "ip"), [("[192.0.2.1]", "192.0.2.1"), ("[IPv6:2001:db8::1]", "2001:db8::1")])
def test_an_address_literal_is_its_own_mx(domain: str, ip: str) -> None:
    place = destination(OwnMx(), domain)
    assert place == Host(name=ip)
    assert isinstance(place, Host)
    assert place.is_address


@pytest.mark.parametrize(
    "written",
    ["mail.internal:2525", "[2001:db8::1]:25", "lmtp:store:24", "mx:", "mx::26", "mx:relay.example:26", "0.0.0.0"],
)
def test_what_is_shown_is_read_back(written: str) -> None:
    hop = parse_next_hop(written)
    assert parse_next_hop(str(hop)) == hop
