"""Amounts, networks and secrets: what is read, how it is written back, and what is said of what cannot be read."""

from ipaddress import ip_address

import pytest

from mailock.config.filters import RspamdAddress, SpamdAddress
from mailock.config.names import Endpoint, HopText, Interfaces, Source, address, domain
from mailock.config.units import Duration, Network, Percent, Secret, Size, shown


@pytest.mark.parametrize(
    ("text", "seconds", "written"),
    [
        ("30s", 30, "30s"),
        ("60m", 3600, "1h"),
        ("5d", 432_000, "5d"),
        ("1h30m", 5400, "1h30m"),
        ("1h 30m", 5400, "1h30m"),
        ("250ms", 0.25, "250ms"),
        ("1.5h", 5400, "1h30m"),
        ("2w", 1_209_600, "14d"),
        ("0s", 0, "0s"),
    ],
)
def test_durations(text: str, seconds: float, written: str) -> None:
    assert Duration.read(text) == Duration(seconds)
    assert str(Duration.read(text)) == written
    assert Duration.read(written) == Duration.read(text)


@pytest.mark.parametrize(
    "raw", [60, "60", "m", "1x", "", "-5m", "1h30", "1 hour", True, [], "1000000d", "9" * 30 + "s"]
)
def test_what_is_no_duration(raw: object) -> None:
    with pytest.raises(ValueError, match="write"):
        Duration.read(raw)


@pytest.mark.parametrize(
    ("raw", "count", "written"),
    [
        ("20GB", 20_000_000_000, "20GB"),
        ("64KiB", 65_536, "64KiB"),
        ("64 kib", 65_536, "64KiB"),
        ("1.5GB", 1_500_000_000, "1500MB"),
        ("0", 0, "0B"),
        (4096, 4096, "4KiB"),
        ("1025B", 1025, "1025B"),
        ("1TiB", 1024**4, "1TiB"),
    ],
)
def test_sizes(raw: object, count: int, written: str) -> None:
    assert Size.read(raw) == Size(count)
    assert str(Size.read(raw)) == written
    assert Size.read(written) == Size.read(raw)


@pytest.mark.parametrize("raw", ["20 parrots", "-1", -1, 2**64, "GB", "", "1e3", 1.5, True, None, "9999999PB"])
def test_what_is_no_size(raw: object) -> None:
    with pytest.raises(ValueError, match="write"):
        Size.read(raw)


def test_percentages() -> None:
    assert Percent.read(20) == Percent.read("20%") == Percent.read(" 20 %") == Percent(20)
    assert Percent(20).of(1999) == 399
    for raw in (101, -1, "x", 1.5, True, "200%"):
        with pytest.raises(ValueError, match="0 to 100"):
            Percent.read(raw)


def test_a_network_with_host_bits_is_asked_back() -> None:
    with pytest.raises(ValueError, match=r'write "10\.0\.0\.0/8" for the network, or "10\.0\.0\.1" for the address'):
        Network.read("10.0.0.1/8")


def test_networks_hold_addresses_of_their_own_family() -> None:
    network = Network.read("10.0.0.0/8")
    assert ip_address("10.1.2.3") in network
    assert ip_address("11.0.0.0") not in network
    assert ip_address("::1") not in network
    assert str(network) == "10.0.0.0/8"
    assert str(Network.read("192.0.2.7/32")) == "192.0.2.7"


@pytest.mark.parametrize("raw", ["10.0.0.0/33", "fe80::1%eth0/64", "example.com", "", 10, "10.0.0.0/8/8"])
def test_what_is_no_network(raw: object) -> None:
    with pytest.raises(ValueError, match="is not a network"):
        Network.read(raw)


def test_a_secret_is_a_reference_and_what_stands_in_its_place_is_never_repeated() -> None:
    assert Secret.read("env:HOOK").fetch({"HOOK": "s3cret"}) == "s3cret"
    with pytest.raises(OSError, match="HOOK, which should hold a secret, is not set"):
        Secret.read("env:HOOK").fetch({})
    for raw in ("hunter2", "file:relative", "env:", "env:a-b", 5, "http://hook.example/hunter2"):
        with pytest.raises(ValueError, match="is not a reference to a secret") as wrong:
            Secret.read(raw)
        assert "hunter2" not in str(wrong.value)


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("127.0.0.1:8080", "127.0.0.1", 8080),
        ("[::1]:53", "::1", 53),
        ("[::1]", "::1", None),
        ("::1", "::1", None),
        ("192.0.2.1", "192.0.2.1", None),
    ],
)
def test_endpoints(text: str, host: str, port: int | None) -> None:
    assert Endpoint.read(text) == Endpoint(host, port)
    assert Endpoint.read(str(Endpoint.read(text))) == Endpoint(host, port)


@pytest.mark.parametrize("raw", ["localhost:80", "127.0.0.1:", "127.0.0.1:99999", "[::1]53", "[::1]:", "", 25, ":25"])
def test_what_is_no_endpoint(raw: object) -> None:
    with pytest.raises(ValueError, match="is not an address with a port"):
        Endpoint.read(raw)


def test_interfaces() -> None:
    assert str(Interfaces.read("external")) == "external"
    assert Interfaces.read(["eth0", "2001:DB8::1"]).listed == ("eth0", "2001:db8::1")
    for raw in ("eth0", [], [5], ["a b"]):
        with pytest.raises(ValueError, match="write"):
            Interfaces.read(raw)


def test_sources() -> None:
    assert Source.read("any").is_any
    assert Source.read("10.0.0.0/8").network == Network.read("10.0.0.0/8")
    assert Source.read("partners").object_name == "partners"
    assert Source.read("Country:de") == Source("country:DE", country="DE")
    assert Source.read("country:DE").object_name is None
    for raw in ("10.0.0", "country:Germany", "country:", "", "10.0.0.1/8", 5):
        with pytest.raises(ValueError, match=r".+: (write|name)"):
            Source.read(raw)


def test_next_hops_keep_what_was_written() -> None:
    assert HopText.read("mail.internal:25").entries == ("mail.internal:25",)
    listed = HopText.read([{"host": "2001:db8::1", "port": 2525, "weight": 3}, {"host": "b", "backup": True}, "c"])
    assert listed.entries == ("[2001:db8::1]:2525 weight=3", "b backup", "c")
    assert HopText.read(list(listed.entries)) == listed
    with pytest.raises(ValueError, match="next_hop"):
        HopText.read(5)


def test_names_come_out_in_one_spelling() -> None:
    assert domain("EXAMPLE.com.") == "example.com"
    assert domain("bücher.example") == "xn--bcher-kva.example"
    assert address("Anna+x@EXAMPLE.com") == "Anna+x@example.com"
    for name in ("", "a b", "192.0.2.1", "-a", "a..b"):
        with pytest.raises(ValueError, match="is not a domain name"):
            domain(name)
    for name in ("", "anna", "@b", "a b@c", "a@"):
        with pytest.raises(ValueError, match="is not a mail address"):
            address(name)


def test_values_are_shown_on_one_line_and_cut() -> None:
    assert shown("a\nb\x1b[31m") == '"a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}[31m"'
    assert shown("x" * 500) == f'"{"x" * 60}…"'
    assert shown(10**5000) == "a number that large"
    assert (shown(True), shown([1]), shown({}), shown(2.5)) == ("true", "a list", "a table", "2.5")


@pytest.mark.parametrize(
    ("raw", "written"),
    [
        ("http://127.0.0.1:11333", "http://127.0.0.1:11333"),
        ("https://rspamd.internal/", "https://rspamd.internal:11333"),
        ("http://[2001:db8::1]", "http://[2001:db8::1]:11333"),
        ("unix:/run/rspamd/worker.sock", "unix:/run/rspamd/worker.sock"),
    ],
)
def test_addresses_of_rspamd(raw: str, written: str) -> None:
    assert str(RspamdAddress.read(raw)) == written
    assert RspamdAddress.read(written) == RspamdAddress.read(raw)


@pytest.mark.parametrize(
    "raw", ["", "127.0.0.1", "http://", "http://a/b", "ftp://a", "unix:a", "http://u@a", "http://a:0", 3]
)
def test_what_is_no_address_of_rspamd(raw: object) -> None:
    with pytest.raises(ValueError, match="write one such as"):
        RspamdAddress.read(raw)


@pytest.mark.parametrize(
    ("raw", "written"), [("tcp:filter.internal", "tcp:filter.internal:783"), ("unix:/s", "unix:/s")]
)
def test_addresses_of_spamd(raw: str, written: str) -> None:
    assert str(SpamdAddress.read(raw)) == written
    with pytest.raises(ValueError, match="no address of a spamd"):
        SpamdAddress.read("filter.internal")
