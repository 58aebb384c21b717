"""A DNS of our own on loopback: NSD serves a `Zone` as if it were the whole world, and Unbound validates it.

NSD is authoritative for the root itself; so whatever a test did not write down is NXDOMAIN, and no query leaves the
machine. Unbound stands in front at one address, as the resolver that Mailock is configured with; its trust anchor is
the key that signed the tree. It keeps nothing in its cache, so that a published change holds from the next query on.
"""

import itertools
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import dns.dnssec
import dns.message
import dns.name
import dns.node
import dns.query
import dns.rcode
import dns.rdatatype
import dns.zone
from cryptography.hazmat.primitives.asymmetric import ec
from dns.dnssectypes import Algorithm

from tests.parts.ports import LOOPBACK, free_port
from tests.parts.programs import Running, private_dir, program
from tests.parts.zone import Zone

_SERIAL_NAME = "serial.mailock."
# Names that a resolver answers by itself (RFC 6761, RFC 6303), unless told to ask for them like for any other.
_SPECIAL = ("test.", "invalid.", "localhost.", "onion.", "home.arpa.", "127.in-addr.arpa.")

_UNBOUND = """\
server:
  verbosity: 1
  use-syslog: no
  logfile: ""
  log-servfail: yes
  do-daemonize: no
  username: ""
  chroot: ""
  directory: "{folder}"
  pidfile: "{folder}/unbound.pid"
  interface: {host}@{port}
  port: {port}
  outgoing-interface: {host}
  do-ip6: no
  do-not-query-localhost: no
  access-control: 127.0.0.0/8 allow
  module-config: "validator iterator"
  trust-anchor: "{anchor}"
  cache-max-ttl: 0
  cache-max-negative-ttl: 0
  val-bogus-ttl: 0
  infra-host-ttl: 0
  qname-minimisation: no
  aggressive-nsec: no
  unblock-lan-zones: yes
  num-threads: 1
  outgoing-range: 512
  so-rcvbuf: 0
{zones}
remote-control:
  control-enable: no
"""
_NSD = """\
server:
  ip-address: {host}@{port}
  username: ""
  chroot: ""
  zonesdir: "{folder}"
  pidfile: "{folder}/nsd.pid"
  database: ""
  xfrdfile: "{folder}/xfrd.state"
  zonelistfile: "{folder}/zone.list"
  xfrdir: "{folder}"
  server-count: 1
  rrl-ratelimit: 0
remote-control:
  control-enable: no
{zones}
"""


@dataclass(kw_only=True)
class DnsServer:
    """The running pair. `address` is the resolver; `authority` answers unvalidated and without recursion."""

    folder: Path
    host: str
    port: int
    authority: tuple[str, int]
    zone: Zone
    _key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    _serial: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    _nsd: Running | None = None
    _unbound: Running | None = None

    @property
    def address(self) -> tuple[str, int]:
        """Where the resolver listens, with UDP and TCP."""
        return self.host, self.port

    def publish(self, zone: Zone | None = None) -> None:
        """Serve `zone`, or the one that is there and was changed; it holds when this returns."""
        self.zone = zone if zone is not None else self.zone
        serial = next(self._serial)
        self._write(serial)
        if self._nsd is not None:
            self._nsd.stop()
        self._nsd = Running(
            [program("nsd", package="nsd"), "-d", "-c", f"{self.folder}/nsd.conf"], output=self.folder / "nsd.out"
        )
        self._nsd.wait_for(lambda: _serial_at(self.authority) == serial)
        if self._unbound is None:
            self._unbound = Running(
                [program("unbound", package="unbound"), "-d", "-p", "-c", f"{self.folder}/unbound.conf"],
                output=self.folder / "unbound.out",
            )
        else:
            self._unbound.signal(signal.SIGHUP)
        self._unbound.wait_for(lambda: _serial_at(self.address) == serial)

    def stop(self) -> None:
        """End both."""
        for process in (self._unbound, self._nsd):
            if process is not None:
                process.stop()

    def log(self) -> str:
        """What both have printed so far."""
        return "".join(process.printed() for process in (self._nsd, self._unbound) if process is not None)

    def _write(self, serial: int) -> None:
        zones = _zone_texts(self.zone, serial, self._key)
        for index, (_, text) in enumerate(zones):
            if text is not None:
                (self.folder / f"{serial}.{index}.zone").write_text(text)
        served = "".join(
            f'zone:\n  name: "{name}"\n  zonefile: "{serial}.{index}.zone"\n' for index, (name, _) in enumerate(zones)
        )
        (self.folder / "nsd.conf").write_text(
            _NSD.format(host=self.authority[0], port=self.authority[1], folder=self.folder, zones=served)
        )
        asked = [f'  local-zone: "{name}" nodefault' for name in _SPECIAL]
        asked += [f'  local-zone: "{name}" deny' for name in sorted(self.zone.silent)]
        stubs = "".join(
            f'stub-zone:\n  name: "{name}"\n  stub-addr: {self.authority[0]}@{self.authority[1]}\n' for name, _ in zones
        )
        public = dns.dnssec.make_dnskey(self._key.public_key(), Algorithm.ECDSAP256SHA256, flags=257)
        (self.folder / "unbound.conf").write_text(
            _UNBOUND.format(
                host=self.host,
                port=self.port,
                folder=self.folder,
                anchor=f". DNSKEY {public.to_text()}",
                zones="\n".join(asked) + "\n" + stubs,
            )
        )


@contextmanager
def dns_server(zone: Zone | None = None) -> Iterator[DnsServer]:
    """Start one that serves `zone`; change `server.zone` and call `server.publish()` while it runs."""
    program("nsd", package="nsd")
    program("unbound", package="unbound")
    with private_dir("dns") as folder, ExitStack() as ending:
        server = DnsServer(
            folder=folder,
            host=LOOPBACK,
            port=free_port(),
            authority=(LOOPBACK, free_port()),
            zone=zone if zone is not None else Zone(),
        )
        ending.callback(server.stop)
        server.publish()
        yield server


def _zone_texts(zone: Zone, serial: int, key: ec.EllipticCurvePrivateKey) -> list[tuple[str, str | None]]:
    """What NSD is to serve: (origin, zone file), the signed root first. No file: the zone cannot be loaded."""
    apart: dict[str, list[str]] = {name: _head(name, serial, zone.ttl) for name in zone.insecure}
    root = [*_head(".", serial, zone.ttl), f'{_SERIAL_NAME} 0 IN TXT "{serial}"']
    for name, kind, value in zone.records:
        cut = _closest(name, zone.insecure)
        (root if cut is None else apart[cut]).append(f"{name} {zone.ttl} IN {kind} {value}")
    root += [f"{name} {zone.ttl} IN NS ns.mailock." for name in zone.insecure]
    signed = _sign(root, zone, key)
    broken: list[tuple[str, str | None]] = [(name, None) for name in sorted(zone.failing)]
    return [(".", signed), *((name, "\n".join(lines) + "\n") for name, lines in sorted(apart.items())), *broken]


def _head(origin: str, serial: int, ttl: int) -> list[str]:
    start = [
        f"{origin} {ttl} IN SOA ns.mailock. hostmaster.mailock. {serial} 3600 600 86400 {ttl}",
        f"{origin} {ttl} IN NS ns.mailock.",
    ]
    return [*start, f"ns.mailock. {ttl} IN A {LOOPBACK}"] if origin == "." else start


def _sign(lines: list[str], zone: Zone, key: ec.EllipticCurvePrivateKey) -> str:
    tree = dns.zone.from_text("\n".join(lines) + "\n", origin=dns.name.root, relativize=False)
    public = dns.dnssec.make_dnskey(key.public_key(), Algorithm.ECDSAP256SHA256, flags=257)
    dns.dnssec.sign_zone(tree, keys=[(key, public)], lifetime=7 * 86400, dnskey_ttl=zone.ttl)
    for name, node in tree.nodes.items():
        if _closest(name.to_text(), zone.bogus) is not None:
            _spoil(node)
    text: str = tree.to_text(relativize=False)
    return text


def _spoil(node: dns.node.Node) -> None:
    for rdataset in node.rdatasets:
        if rdataset.rdtype == dns.rdatatype.RRSIG:
            for signature in list(rdataset):
                rdataset.remove(signature)
                rdataset.add(signature.replace(signature=bytes(64)))


def _closest(name: str, domains: set[str]) -> str | None:
    """The longest of `domains` that `name` is, or lies below."""
    whole = dns.name.from_text(name)
    over = [domain for domain in domains if whole.is_subdomain(dns.name.from_text(domain))]
    return max(over, key=len, default=None)


def _serial_at(address: tuple[str, int]) -> int | None:
    query = dns.message.make_query(_SERIAL_NAME, "TXT")
    try:
        reply = dns.query.udp(query, address[0], port=address[1], timeout=0.2)
    except (OSError, dns.exception.DNSException):
        return None
    if reply.rcode() != dns.rcode.NOERROR or not reply.answer:
        return None
    return int(reply.answer[0][0].to_text().strip('"'))
