"""Where to listen: what the three ways of saying it mean."""

import pytest

from mailock.net.interfaces import Interface, everywhere, external, internal_addresses, listed, present_interfaces


def interface(name: str, *addresses: str, up: bool = True) -> Interface:
    return Interface(name=name, addresses=addresses, up=up, loopback=name == "lo")


LO = interface("lo", "127.0.0.1", "::1")
OUT = interface("eth0", "192.0.2.1", "2001:db8::1", "fe80::1%eth0")
IN = interface("eth1", "10.0.0.1", "fe80::2%eth1")
DOWN = interface("eth2", "192.0.2.200", up=False)
LOCAL_ONLY = interface("eth3", "fe80::3%eth3")
EMPTY = interface("eth4")
ALL = (LO, OUT, IN, DOWN, LOCAL_ONLY, EMPTY)


def test_all_covers_addresses_that_come_later() -> None:
    assert everywhere(ALL) == ("0.0.0.0", "::")
    assert everywhere((interface("lo", "127.0.0.1"), interface("eth0", "192.0.2.1"))) == ("0.0.0.0",)


def test_external_is_everything_up_that_is_not_internal() -> None:
    assert external(ALL, ["eth1", "eth3"]) == ("192.0.2.1", "2001:db8::1")
    assert external(ALL, ["10.0.0.1", "2001:db8::1", "eth3"]) == ("192.0.2.1",)
    with pytest.raises(ValueError, match="internal_interfaces"):
        external((LO, IN), ["eth1"])


def test_a_list_names_interfaces_and_addresses() -> None:
    assert listed(ALL, ["eth1", "192.0.2.1", "eth0"]) == ("10.0.0.1", "192.0.2.1", "2001:db8::1")
    assert listed(ALL, ["eth3"]) == ("fe80::3%eth3",)
    assert listed(ALL, ["198.51.100.1"]) == ("198.51.100.1",)
    with pytest.raises(ValueError, match=r"no interface 'eth9' .* lo, eth0, eth1"):
        listed(ALL, ["eth9"])
    with pytest.raises(ValueError, match="eth4 has no address"):
        listed(ALL, ["eth4"])


def test_a_peer_came_by_an_internal_interface_where_its_local_address_is_one() -> None:
    assert internal_addresses(ALL, ["eth1", "192.0.2.1", "eth9"]) == {"10.0.0.1", "fe80::2", "192.0.2.1"}


def test_this_machine_has_a_loopback() -> None:
    (lo,) = [one for one in present_interfaces() if one.loopback]
    assert "127.0.0.1" in lo.addresses
    assert lo.up
