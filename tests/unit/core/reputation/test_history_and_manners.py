"""History fades and weighs little; manners are told from a name; a triplet passes when it is old enough."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailock.core.reputation import greylist, history
from mailock.core.reputation.greylist import Grey, Greylisting, Seen
from mailock.core.reputation.history import Record, counted
from mailock.core.reputation.manners import Sign, of_hello

NOW = 1_800_000_000.0


def sent(good: int, bad: int) -> Record | None:
    record = None
    for number in range(good + bad):
        record = counted(record, NOW, bad=number >= good)
    return record


def test_a_stranger_weighs_nothing_and_the_known_little() -> None:
    assert history.weight(None, NOW) == 0
    assert history.weight(sent(2, 2), NOW) == 0
    assert -1.0 <= history.weight(sent(100, 0), NOW) < -0.9
    assert 2.0 < history.weight(sent(0, 100), NOW) <= 2.5
    assert abs(history.weight(sent(50, 50), NOW)) < 0.1


def test_what_was_long_ago_is_forgotten() -> None:
    record = sent(0, 20)
    assert record is not None
    assert history.is_bad(record, NOW)
    assert history.is_bad(record, NOW + history.HALF_LIFE)
    assert not history.is_bad(record, NOW + 3 * history.HALF_LIFE)
    assert history.weight(record, NOW + 3 * history.HALF_LIFE) == 0
    assert history.is_forgotten(record, NOW + 10 * history.HALF_LIFE)


@given(st.lists(st.tuples(st.booleans(), st.floats(-1e9, 1e9)), max_size=60))
def test_no_history_weighs_more_than_it_may(events: list[tuple[bool, float]]) -> None:
    record = None
    for bad, at in events:
        record = counted(record, NOW + at, bad=bad)
        assert history.FOR <= history.weight(record, NOW + at) <= history.AGAINST
        assert record.good >= 0
        assert record.bad >= 0


@pytest.mark.parametrize(
    ("ip", "network"),
    [
        ("192.0.2.99", "192.0.2.0/24"),
        ("::ffff:192.0.2.99", "192.0.2.0/24"),
        ("2001:db8:1:2:3::9", "2001:db8:1:2::/64"),
        ("", None),
    ],
)
def test_a_source_is_its_network(ip: str, network: str | None) -> None:
    assert history.network_of(ip) == network


@pytest.mark.parametrize(
    ("name", "sign"),
    [
        ("mail.source.test", None),
        ("[192.0.2.7]", None),
        ("[IPv6:2001:db8::7]", None),
        ("192.0.2.7", Sign.HELO_ADDRESS),
        ("2001:db8::7", Sign.HELO_ADDRESS),
        ("MX.gateway.test.", Sign.HELO_OURS),
        ("desktop", Sign.HELO_UNQUALIFIED),
        ("a..b", Sign.HELO_UNQUALIFIED),
    ],
)
def test_a_name_in_ehlo_says_something_of_its_client(name: str, sign: Sign | None) -> None:
    assert of_hello(name, "mx.gateway.test") is sign


def test_a_triplet_passes_when_it_is_old_enough_and_not_too_old() -> None:
    rules = Greylisting(enabled=True, delay=300, window=1000)
    said = {age: greylist.judge(rules, Seen(NOW), NOW + age) for age in (-5, 0, 299, 300, 1000, 1001)}
    assert [age for age, grey in said.items() if grey is Grey.PASS] == [300, 1000]
    assert greylist.judge(rules, None, NOW) is Grey.WAIT
    assert [greylist.begins_anew(rules, Seen(NOW), NOW + age) for age in (-5, 10, 1001)] == [False, False, True]
    assert greylist.is_known(Seen(NOW), NOW + greylist.KEEP)
    assert not greylist.is_known(Seen(NOW), NOW + greylist.KEEP + 1)
