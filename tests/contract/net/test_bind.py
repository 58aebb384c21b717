"""Binding: which sockets come of which addresses, and what is said where none comes."""

import socket

import pytest

from mailock.net.listener import Listener, bind
from mailock.ports.transport import Peer
from tests.contract.net.parties import Party
from tests.parts.ports import free_port


def test_ipv4_and_ipv6_share_a_port() -> None:
    port = free_port()
    bound = bind(["0.0.0.0", "::"], port)
    try:
        assert [(one.family, one.getsockname()[1]) for one in bound] == [
            (socket.AF_INET, port),
            (socket.AF_INET6, port),
        ]
    finally:
        for one in bound:
            one.close()


def test_a_port_in_use_is_named_with_the_mend_and_nothing_stays_bound() -> None:
    with socket.create_server(("127.0.0.2", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match=rf"on 127\.0\.0\.2:{port}: another program has that port; stop it"):
            bind(["127.0.0.1", "127.0.0.2"], port)
        for one in bind(["127.0.0.1"], port):
            one.close()


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("192.0.2.77", r"cannot listen on 192\.0\.2\.77:2525: this machine has no such address"),
        ("2001:db8::77", r"cannot listen on \[2001:db8::77\]:2525: this machine has no such address"),
        ("eth-zero", "cannot listen on eth-zero: that is not an IP address"),
    ],
)
def test_an_address_that_is_not_here_is_named(address: str, why: str) -> None:
    with pytest.raises(OSError, match=why):
        bind([address], 2525)


def test_implicit_tls_without_a_certificate_is_refused_when_it_is_set_up() -> None:
    def admit(peer: Peer) -> Party:
        return Party()

    with pytest.raises(ValueError, match="certificate"):
        Listener([], admit, None, True)
