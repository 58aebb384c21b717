"""Settings become what the stations act on, each in the unit that its place demands."""

from dataclasses import replace

from mailock.config.compile import compile_policy
from mailock.config.load import load
from mailock.core.mail.address import Address
from mailock.core.mail.envelope import Direction
from mailock.core.policy.installed import Installed, Timeliness
from mailock.core.routing.access import Allowed, Denied, is_internal, may_connect
from mailock.core.routing.limits import Rate
from mailock.core.routing.nexthop import HopList, Host
from mailock.core.routing.rules import TlsDemand

TEXT = """
[mta]
internal_networks = ["10.0.0.0/8", "branch"]
trusted_proxies = ["192.0.2.10"]
postmaster = "anna@example.com"
sub_address_separator = "-"
[mta.implied_rule]
sources = ["branch"]
[[mta.access]]
action = "deny"
sources = ["198.51.100.7"]
[[mta.access]]
name = "the rest"
action = "allow"
sources = ["198.51.100.0/24"]
[mta.tls]
required_from = ["any"]
[mta.limits]
message_size = "1MB"
internal_message_rate = 10
[mta.mail_settings]
maximum_delay = "0s"
storage_percent = 100
storage = "3MB"
late_action = "return"
[mta.troubleshooting]
delayed_more_than = "5m"
[mta.delivery]
retry_first = "2m"
retry_jitter = 50
delay_warning = "0s"
concurrency = 3
rate = 60
[quarantine.retention]
default = "1d"
spam = "2d"
[[mta.forwarding]]
domain = "example.com"
next_hop = ["pair weight=2", "third.internal:26"]
tls = "verified"
[[mta.forwarding]]
direction = "outgoing"
next_hop = "smart"
[[virtual_system.acme.mta.forwarding]]
name = "all"
domain = "acme.example"
next_hop = "acme.internal"
[virtual_system.acme]
domains = ["also.example"]
[object.branch]
network = ["203.0.113.0/24", "2001:db8::/32"]
[object.pair]
host = ["one.internal", "two.internal:27"]
[object.smart]
domain = "mx:smart.example"
"""


def compiled(text: str) -> Installed:
    policy = load(text).settings.policy
    return compile_policy(policy, revision=7, hostname="mx.example.com", inside_ips=["10.9.9.9"])


def test_who_may_come_and_who_is_inside() -> None:
    installed = compiled(TEXT)
    assert isinstance(may_connect(installed.access, "203.0.113.5"), Allowed)
    assert isinstance(may_connect(installed.access, "2001:db8::5"), Allowed)
    assert may_connect(installed.access, "198.51.100.8") == Allowed("the rest")
    denied = may_connect(installed.access, "198.51.100.7")
    assert isinstance(denied, Denied)
    assert denied.rule == "#1"
    assert isinstance(may_connect(installed.access, "8.8.8.8"), Denied)
    assert is_internal(installed.inside, "10.1.1.1", "192.0.2.1")
    assert is_internal(installed.inside, "203.0.113.9", "192.0.2.1")
    assert is_internal(installed.inside, "8.8.8.8", "10.9.9.9")
    assert not is_internal(installed.inside, "8.8.8.8", "192.0.2.1")
    assert "192.0.2.10" in installed.trusted_proxies
    assert installed.tls.required_from.any


def test_where_mail_goes() -> None:
    routes = compiled(TEXT).routes
    first, outgoing, acme = routes.rules
    assert isinstance(first.next_hop, HopList)
    assert [(str(choice.hop), choice.weight) for choice in first.next_hop.choices] == [
        ("one.internal:25", 2),
        ("two.internal:27", 2),
        ("third.internal:26", 1),
    ]
    assert (first.name, first.tls, first.direction) == ("#1", TlsDemand.VERIFIED, Direction.INCOMING)
    assert str(outgoing.next_hop) == "mx:smart.example"
    assert (acme.name, acme.virtual_system) == ("acme all", "acme")
    assert acme.next_hop == Host(name="acme.internal")
    assert routes.owned("acme").domains.keys() == {"also.example", "acme.example"}
    assert routes.postmaster == Address("anna", "example.com")
    assert routes.separator == "-"
    assert routes.hostnames == {"mx.example.com"}


def test_amounts() -> None:
    installed = compiled(TEXT)
    assert installed.revision == 7
    assert installed.limits.message_size == 1_000_000
    assert installed.limits.internal_message_rate == Rate(10, 3600.0)
    assert installed.mail_settings.maximum_delay is None
    assert installed.mail_settings.storage_percent is None
    assert installed.mail_settings.storage == 3_000_000
    assert installed.mail_settings.late_action is Timeliness.RETURN
    assert installed.troubleshooting.delayed_more_than == 300
    assert installed.delivery.schedule.first == 120
    assert installed.delivery.schedule.jitter == 0.5
    assert installed.delivery.schedule.warn_after is None
    assert installed.delivery.pressure.limit == installed.delivery.pressure.start == 3
    assert installed.delivery.rate == Rate(60, 60.0)
    assert installed.quarantine.retention == {"": 86_400, "spam": 172_800}


def test_a_system_has_rates_and_lifetimes_of_its_own() -> None:
    own = """
[virtual_system.a.mta.limits]
message_rate = 10
[virtual_system.a.mta.delivery]
queue_lifetime = "2d"
[virtual_system.b.mta.delivery]
delay_warning = "0s"
[virtual_system.a.quarantine.retention]
malware = "5d"
[virtual_system.b.quarantine.retention]
default = "9d"
"""
    systems = '[virtual_system.a]\ndomains = "a.test"\n[virtual_system.b]\ndomains = "b.test"\n'
    retention = '[quarantine.retention]\ndefault = "1d"\nspam = "2d"\n'
    installed = compiled('[[mta.forwarding]]\nnext_hop = "0.0.0.0"\n' + retention + systems + own)
    assert installed.system_limits["a"].message_rate == Rate(10, 60.0)
    assert installed.system_limits["a"].internal_message_rate is None
    whole = installed.delivery.schedule
    assert installed.schedule("a") == replace(whole, lifetime=172_800)
    assert installed.schedule("b") == replace(whole, warn_after=None)
    assert installed.schedule("default") == whole
    day = 86_400
    kept = {
        system: [installed.quarantine.kept(system, kind) / day for kind in (None, "spam", "malware")]
        for system in ("default", "a", "b")
    }
    assert kept == {"default": [1, 2, 1], "a": [1, 2, 5], "b": [9, 9, 9]}
    assert installed.quarantine.soonest == day


def test_a_domain_is_reserved_for_networks_of_objects_and_for_users() -> None:
    only = '[[authentication.signing.only]]\ndomains = ["Example.com"]\nnetworks = ["branch"]\nusers = ["billing"]\n'
    (reserved,) = compiled(TEXT + only).signing.reserved
    assert reserved.domains == {"example.com"}
    assert reserved.users == {"billing"}
    assert reserved.networks.networks


def test_the_defaults_of_the_file_are_those_of_the_stations() -> None:
    installed = compiled('[[mta.forwarding]]\nnext_hop = "0.0.0.0"\n')
    plain = Installed(revision=7, hostname="mx.example.com", enabled=True, routes=installed.routes)
    for name in ("access", "limits", "mail_settings", "troubleshooting", "delivery", "quarantine", "tls", "signing"):
        assert getattr(installed, name) == getattr(plain, name), name
    assert installed.routes.monitor_only
