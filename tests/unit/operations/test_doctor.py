"""What the doctor thinks of what is found: each trouble has its level and its mend."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from mailock.core.mail.address import Address
from mailock.core.policy.disabling import Seen
from mailock.core.routing.nexthop import parse_next_hop
from mailock.core.routing.pattern import read_pattern
from mailock.core.routing.rules import ForwardingRule, Routes, TlsDemand, Verification
from mailock.operations.doctor import (
    GIBIBYTE,
    Check,
    Folder,
    Held,
    Level,
    Named,
    Running,
    Tried,
    failed,
    judge_certificates,
    judge_clock,
    judge_folder,
    judge_hop,
    judge_jail,
    judge_listener,
    judge_mailflow,
    judge_mx,
    judge_name,
    judge_own_servers,
    judge_relay,
    judge_versions,
)
from tests.unit.operations.hands import IN, INSTALLED

OK, WARNING, ERROR = Level.OK, Level.WARNING, Level.ERROR
STRANGER = Address("probe", "example.com")
FOLDER = Folder(
    path="/data",
    owner=900,
    wanted_owner=900,
    open_to_others=False,
    networked="",
    free=90 * GIBIBYTE,
    total=100 * GIBIBYTE,
    floor=GIBIBYTE,
)


def found(checks: Sequence[Check]) -> list[tuple[Level, bool]]:
    """The levels, and whether something is to be done."""
    return [(check.level, bool(check.mend)) for check in checks]


@pytest.mark.parametrize(
    ("folder", "level", "text"),
    [
        (FOLDER, OK, "90.0 GiB of 100.0 GiB are free"),
        (replace(FOLDER, owner=0), ERROR, "belongs to uid 0, and the gateway runs as uid 900"),
        (replace(FOLDER, open_to_others=True), WARNING, "everybody on this machine"),
        (replace(FOLDER, networked="nfs4"), ERROR, "network file system (nfs4)"),
        (replace(FOLDER, free=GIBIBYTE - 1), ERROR, "below 1.0 GiB no mail is accepted"),
        (replace(FOLDER, free=3 * GIBIBYTE), WARNING, "below 1.0 GiB no mail is accepted"),
    ],
)
def test_the_data_folder(folder: Folder, level: Level, text: str) -> None:
    (check,) = judge_folder(folder)
    assert check.level is level
    assert text in check.text
    assert bool(check.mend) is (level is not OK)


@pytest.mark.parametrize(
    ("named", "level", "text"),
    [
        (
            Named(hostname="mx.a.test", ips=("192.0.2.1",), pointers={"192.0.2.1": ("mx.a.test",)}),
            OK,
            "name each other",
        ),
        (
            Named(hostname="mx.a.test", ips=("192.0.2.1",), pointers={"192.0.2.1": ("pool.isp.test",)}),
            WARNING,
            "says pool.isp.test, not mx.a.test",
        ),
        (Named(hostname="mx.a.test", ips=("192.0.2.1",), pointers={"192.0.2.1": ()}), WARNING, "is missing"),
        (Named(hostname="mx.a.test", ips=("192.0.2.1",), pointers={"192.0.2.1": None}), WARNING, "could not be looked"),
        (Named(hostname="mx.a.test", ips=(), pointers={}), ERROR, "no A or AAAA"),
        (Named(hostname="mx.a.test", ips=None, pointers={}), WARNING, "could not be looked up"),
        (Named(hostname="localhost", ips=(), pointers={}), ERROR, "no full host name"),
    ],
)
def test_our_name(named: Named, level: Level, text: str) -> None:
    (check,) = judge_name(named)
    assert (check.level, bool(check.mend)) == (level, level is not OK)
    assert text in check.text


def test_where_the_mx_points() -> None:
    assert found(judge_mx((), Seen())) == [(OK, False)]
    assert found(judge_mx(("a.test",), Seen(pointing=("a.test",)))) == [(OK, False)]
    assert found(judge_mx(("a.test",), Seen(unknown=("a.test",)))) == [(WARNING, True)]
    both = judge_mx(("a.test", "b.test"), Seen(pointing=("a.test",)))
    assert found(both) == [(WARNING, True), (OK, False)]
    assert "b.test" in both[0].text


@pytest.mark.parametrize(
    ("held", "broken", "offered", "levels"),
    [
        ([Held(name="a", days_left=90, covers_us=True)], {}, True, [OK]),
        ([Held(name="a", days_left=5, covers_us=True)], {}, True, [WARNING]),
        ([Held(name="a", days_left=-1, covers_us=True)], {}, True, [ERROR]),
        ([Held(name="a", days_left=90, covers_us=False)], {}, True, [WARNING]),
        ([], {}, True, [WARNING]),
        ([], {"b": "damaged"}, True, [ERROR, WARNING]),
        ([Held(name="a", days_left=90, covers_us=True)], {}, False, [WARNING]),
    ],
)
def test_certificates(held: list[Held], broken: dict[str, str], offered: bool, levels: list[Level]) -> None:
    checks = judge_certificates("mx.a.test", held, broken, offered=offered)
    assert [check.level for check in checks] == levels


def test_the_clock_and_the_versions() -> None:
    assert [judge_clock(kept).level for kept in (True, False, None)] == [OK, WARNING, WARNING]
    assert found(judge_versions((3, 11, 2), "3.54.1", (3, 5, 0))) == [(OK, False)]
    assert found(judge_versions((3, 10, 9), "3.51.2", (1, 1, 1))) == [(ERROR, True), (ERROR, True), (WARNING, True)]
    assert found(judge_versions((4, 0, 0), "3.51.3", (3, 0, 0))) == [(OK, False)]


@pytest.mark.parametrize(
    ("tried", "levels"),
    [
        ([Tried(where="a", tls="TLSv1.3 X", starttls=True)], [OK]),
        ([Tried(where="a")], [OK]),
        ([Tried(where="a", starttls=True)], [WARNING]),
        ([Tried(where="a", why="refused")], [ERROR]),
        ([Tried(where="a", why="refused"), Tried(where="b")], [WARNING, OK]),
        ([Tried(where="a", foreign="probe@example.com")], [ERROR]),
    ],
)
def test_next_hops(tried: list[Tried], levels: list[Level]) -> None:
    assert [check.level for check in judge_hop(IN, tried, "")] == levels


def test_a_next_hop_in_the_clear_is_fine_where_the_rule_says_so_and_none_at_all_is_not() -> None:
    clear = replace(IN, tls=TlsDemand.NONE)
    assert [check.level for check in judge_hop(clear, [Tried(where="a", starttls=True)], "")] == [OK]
    assert found(judge_hop(IN, [], "450 4.4.4 DNS lists no server")) == [(ERROR, True)]


def test_our_own_listeners() -> None:
    assert judge_listener(Tried(where="a", starttls=True), closed="", tls_expected=True).level is OK
    assert judge_listener(Tried(where="a"), closed="", tls_expected=True).level is WARNING
    assert judge_listener(Tried(where="a", why="refused"), closed="", tls_expected=True).level is ERROR
    shut = judge_listener(Tried(where="a", why="421"), closed="drained", tls_expected=True)
    assert (shut.level, shut.mend) == (WARNING, "mailock enable")


def test_the_process_itself() -> None:
    fine = Running(closed="", full="", shunted=0, revision=3)
    assert found(judge_mailflow(fine, 3)) == [(OK, False)]
    assert found(judge_mailflow(None, 3)) == [(ERROR, True)]
    assert found(judge_mailflow(replace(fine, shunted=1), 3)) == [(WARNING, True)]
    assert found(judge_mailflow(replace(fine, full="the disk"), 3)) == [(ERROR, True)]
    assert found(judge_mailflow(fine, 4)) == [(WARNING, True)]


def routes(*rules: ForwardingRule) -> Routes:
    """The routes of some rules."""
    return Routes(rules=rules)


@pytest.mark.parametrize(
    ("rules", "level"),
    [
        ([IN], OK),
        ([replace(IN, patterns=(read_pattern("*"),))], WARNING),
        ([replace(IN, patterns=(read_pattern("*"),), verification=Verification.CALLOUT)], OK),
        ([replace(IN, patterns=(read_pattern("example.com"),))], ERROR),
        ([replace(IN, patterns=(read_pattern("*"),), next_hop=parse_next_hop("0.0.0.0"))], OK),
    ],
)
def test_whether_we_relay_for_strangers(rules: list[ForwardingRule], level: Level) -> None:
    checks = judge_relay(replace(INSTALLED, routes=routes(*rules)), STRANGER)
    assert [check.level for check in checks] == [level]


def test_only_an_error_is_a_failure_and_what_servers_say_is_harmless() -> None:
    assert failed([Check("a", OK, ""), Check("a", ERROR, "")])
    assert not failed([Check("a", OK, ""), Check("a", WARNING, "")])
    assert "\x1b" not in Check("a", ERROR, "it said \x1b[2J").table()["text"]


def test_the_jail_is_whole_or_its_lacks_are_named() -> None:
    assert found(judge_jail("", {}, reduced=False)) == [(OK, False)]
    assert found(judge_jail("", {}, reduced=True)) == [(WARNING, True)]
    (lacking,) = judge_jail("", {"landlock": "the kernel has none"}, reduced=True)
    assert (lacking.level, lacking.text) == (WARNING, "it has not 'landlock': the kernel has none")
    (refused,) = judge_jail("content cannot be opened safely: …", {}, reduced=False)
    assert (refused.level, refused.text) == (ERROR, "content cannot be opened safely: …")


DOWN = Tried(where="mx.a.test (192.0.2.1:25)", why="timed out")
UP = Tried(where="mx.b.test (192.0.2.2:25)", tls="TLSv1.3 X", starttls=True)


@pytest.mark.parametrize(
    ("theirs", "levels", "said"),
    [
        ({}, [Level.OK], "none was tried"),
        ({"b.test": ([UP], "")}, [Level.OK], "b.test: mx.b.test (192.0.2.2:25) answers; TLSv1.3 X"),
        ({"b.test": ([DOWN, UP], "")}, [Level.OK], "answers"),
        ({"a.test": ([DOWN], ""), "b.test": ([UP], "")}, [Level.OK, Level.WARNING], "nobody answers for a.test"),
        ({"a.test": ([DOWN], "")}, [Level.ERROR], "no server of any recipient domain"),
        ({"a.test": ([], "556 5.1.10 null MX")}, [Level.WARNING], "a.test has no server"),
        ({"a.test": ([DOWN], ""), "c.test": ([], "no MX")}, [Level.WARNING, Level.ERROR], "timed out"),
    ],
)
def test_recipients_own_servers(theirs: dict[str, tuple[list[Tried], str]], levels: list[Level], said: str) -> None:
    checks = judge_own_servers("out", theirs)
    assert [one.level for one in checks] == levels
    assert any(said in one.text for one in checks)
    assert all(one.mend for one in checks if one.level is not Level.OK)
