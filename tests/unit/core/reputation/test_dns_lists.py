"""What an answer of a list means: whatever else a DNS server says lists nobody."""

import pytest

from mailock.core.reputation.dns_lists import DnsList, NoAnswer, is_stranger, listing, question, read_code

LIST = DnsList(zone="bl.test", weight=4.0)


@pytest.mark.parametrize(
    ("ip", "name"),
    [
        ("192.0.2.99", "99.2.0.192.bl.test"),
        ("::ffff:192.0.2.99", "99.2.0.192.bl.test"),
        ("2001:db8:1:2:3:4:567:89ab", "b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.8.b.d.0.1.0.0.2.bl.test"),
    ],
)
def test_the_question_of_an_address_is_its_reverse(ip: str, name: str) -> None:
    assert question(ip, "bl.test") == name


@pytest.mark.parametrize(
    "ip",
    ["127.0.0.1", "10.1.2.3", "192.168.7.7", "169.254.1.1", "100.64.0.1", "::1", "fe80::1%eth0", "fd00::1", "", "x"],
)
def test_nobody_is_asked_about_addresses_that_are_nobodys(ip: str) -> None:
    assert question(ip, "bl.test") is None
    assert not is_stranger(ip.partition("%")[0]) or ip == "x"


@pytest.mark.parametrize(
    "answers",
    [
        ("192.0.2.1",),
        ("127.0.0.2", "203.0.113.9"),
        ("127.0.0.1",),
        ("127.255.255.254",),
        ("127.255.255.252", "127.0.0.2"),
        ("0.0.0.0",),
        ("255.255.255.255",),
        ("::1",),
        ("rubbish",),
        tuple(f"127.0.0.{number}" for number in range(2, 60)),
    ],
)
def test_what_no_list_says_is_no_answer(answers: tuple[str, ...]) -> None:
    with pytest.raises(NoAnswer, match=r"bl\.test"):
        listing(LIST, "192.0.2.99", answers)


def test_no_address_means_that_nobody_is_listed() -> None:
    assert listing(LIST, "192.0.2.99", ()) is None


def test_answers_weigh_as_their_codes_say_and_others_do_not_count() -> None:
    one = DnsList(
        zone="bl.test",
        weight=4.0,
        codes=(read_code("127.0.0.[2;4..8]=6.5", 4.0), read_code("127.0.0.10", 4.0), read_code("127.0.1.2=-2", 4.0)),
    )

    def weight(*answers: str) -> float | None:
        found = listing(one, "192.0.2.99", answers)
        return None if found is None else found.weight

    assert [weight(f"127.0.0.{last}") for last in (2, 3, 4, 8, 9, 10)] == [6.5, None, 6.5, 6.5, None, 4.0]
    assert weight("127.0.1.2") == -2
    assert weight("127.0.0.10", "127.0.0.4", "127.0.0.3") == 6.5


@pytest.mark.parametrize(
    "text",
    [
        "",
        "127.0.0",
        "10.0.0.2",
        "127.0.0.256",
        "127.0.0.[",
        "127.0.0.[8..2]",
        "127.0.0.[]",
        "127.0.0.2=",
        "127.0.0.2=x",
        "127.0.0.2.3",
        "127.0.0.[1;;2]",
        "127.0.0.\u00b2",
        "[127;128].0.0.1",
        "127.0.0.2=99999",
    ],
)
def test_a_code_that_is_none_is_said(text: str) -> None:
    with pytest.raises(ValueError, match="no answer of a list"):
        read_code(text, 1.0)
