"""The pytest fixtures made from the parts beside this file; every test sees them by name.

Those named `start_…` hand out a function that starts as many instances as the test wants, with the arguments of the
context manager of the same name; all of them end with the test.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.parts.certificates import Authority
from tests.parts.data import unpack
from tests.parts.dns_server import DnsServer, dns_server
from tests.parts.dovecot import Dovecot, dovecot_lmtp
from tests.parts.mailock import Mailock, mailock
from tests.parts.postfix import Postfix, next_hop, previous_hop
from tests.parts.smtp_sink import SmtpSink, smtp_sink


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """A certificate authority for the session; `authority.issue("name", "127.0.0.1")` makes a certificate."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def test_data(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """`test_data("spf-rfc7208")` unpacks that archive once for the session and gives its folder."""
    into = tmp_path_factory.getbasetemp() / "data"
    return lambda name: unpack(name, into)


@pytest.fixture
def dns_parts() -> Iterator[DnsServer]:
    """A DNS that knows nothing yet: fill `.zone`, then `.publish()`."""
    with dns_server() as server:
        yield server


@pytest.fixture
def postfix_next_hop() -> Iterator[Postfix]:
    """A Postfix that takes everything and delivers it into a Maildir."""
    with next_hop() as hop:
        yield hop


@pytest.fixture
def start_next_hop() -> Iterator[Callable[..., Postfix]]:
    """Like `postfix_next_hop`, any number, with arguments."""
    with ExitStack() as ending:
        yield lambda **options: ending.enter_context(next_hop(**options))


@pytest.fixture
def start_previous_hop() -> Iterator[Callable[..., Postfix]]:
    """`start_previous_hop((host, port))`: a Postfix that relays everything there."""
    with ExitStack() as ending:
        yield lambda to, **options: ending.enter_context(previous_hop(to, **options))


@pytest.fixture
def start_sink() -> Iterator[Callable[..., SmtpSink]]:
    """smtp-sink, any number, with arguments."""
    with ExitStack() as ending:
        yield lambda **options: ending.enter_context(smtp_sink(**options))


@pytest.fixture
def start_lmtp() -> Iterator[Callable[..., Dovecot]]:
    """Dovecot's LMTP server, any number, with arguments."""
    with ExitStack() as ending:
        yield lambda **options: ending.enter_context(dovecot_lmtp(**options))


@pytest.fixture
def start_mailock() -> Iterator[Callable[..., Mailock]]:
    """`start_mailock(policy_text)`: a running Mailock, any number; all of them end with the test."""
    with ExitStack() as ending:
        yield lambda policy, **options: ending.enter_context(mailock(policy, **options))
