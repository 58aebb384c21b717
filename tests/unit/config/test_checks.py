"""What no single setting can say of itself: contradictions are refused, and what deserves a look is warned of."""

import pytest

from mailock.config.load import load
from mailock.config.mistakes import Mistakes

SCAN_ONLY = '[[mta.forwarding]]\nnext_hop = "0.0.0.0"\n'
INCOMING = '[[mta.forwarding]]\ndomain = "example.com"\nnext_hop = "mail.internal"\n'
OUTGOING = '[[mta.forwarding]]\ndirection = "outgoing"\nnext_hop = "mx:"\n'


def said(text: str) -> tuple[list[str], list[str]]:
    """Mistakes and warnings of a text, one line each."""
    try:
        return [], [str(warning) for warning in load(text, name="f").warnings]
    except Mistakes as wrong:
        return [str(mistake) for mistake in wrong.mistakes], [str(warning) for warning in wrong.warnings]


def the_mistake(text: str) -> str:
    mistakes, _ = said(text)
    assert len(mistakes) == 1, mistakes
    return mistakes[0]


def the_warning(text: str) -> str:
    mistakes, warnings = said(text)
    assert not mistakes
    assert len(warnings) == 1, warnings
    return warnings[0]


def test_incoming_and_outgoing_rules_are_all_that_is_needed() -> None:
    assert said(INCOMING + OUTGOING) == ([], [])


def test_a_policy_without_rules_accepts_nothing_and_says_so() -> None:
    assert "there is no forwarding rule" in the_warning("")


def test_our_own_notices_need_a_route() -> None:
    assert the_mistake(INCOMING).startswith("f:1: [[mta.forwarding]]: our own notices have no route")


def test_our_own_notices_need_a_route_from_every_virtual_system() -> None:
    system = '[[virtual_system.acme.mta.forwarding]]\ndomain = "acme.example"\nnext_hop = "a.internal"\n'
    assert said(INCOMING + OUTGOING + system) == ([], [])
    mistakes, _ = said(system)
    assert any("[[virtual_system.acme.mta.forwarding]]: our own notices" in mistake for mistake in mistakes)


def test_a_route_for_our_own_notices_that_scans_only_is_warned_of() -> None:
    text = INCOMING + '[[mta.forwarding]]\ndirection = "outgoing"\nnext_hop = "0.0.0.0"\n'
    assert "our own notices end in rule #2" in the_warning(text)


def test_monitoring_is_stated_and_needs_no_route_for_notices() -> None:
    warning = the_warning(SCAN_ONLY + '[[mta.forwarding]]\ndirection = "outgoing"\nnext_hop = "0.0.0.0"\n')
    assert "every rule scans only, so nothing is delivered and nothing is enforced" in warning


def test_a_rule_that_would_relay_for_everybody_is_refused() -> None:
    text = '[[mta.forwarding]]\nnext_hop = "mx:"\n'
    assert the_mistake(text).startswith("f:2: [[mta.forwarding]] next_hop: would relay for the whole Internet")
    assert "would relay" in the_mistake(text + 'verification = "callout"\n')
    assert said(text + 'verification = "list"\nrecipients = ["a@example.com"]\n')[0] == []


def test_a_rule_for_everybody_is_warned_of_unless_recipients_are_verified() -> None:
    text = '[[mta.forwarding]]\nnext_hop = "mail.internal"\n'
    assert "accepts every recipient of every domain" in the_warning(text)
    assert said(text + 'verification = "callout"\n') == ([], [])


@pytest.mark.parametrize(
    ("settings", "at", "what"),
    [
        ('verification = "list"', "verification", "the list is empty: set recipients"),
        ('recipients = ["a@example.com"]', "recipients", 'is not used: set verification = "list"'),
        ('recipients_file = "/etc/list"\nverification = "callout"', "recipients_file", "is not used"),
        ('name = "mail"\n' + OUTGOING + 'name = "mail"', "name", 'the name "mail" is taken'),
    ],
)
def test_rules_that_contradict_themselves(settings: str, at: str, what: str) -> None:
    found = the_mistake(OUTGOING + INCOMING + settings)
    assert f"[[mta.forwarding]] {at}: {what}" in found


def test_nobody_can_be_asked_where_nothing_is_forwarded() -> None:
    assert "there is no next hop to ask" in the_mistake(SCAN_ONLY + 'verification = "callout"')


def test_shadowed_patterns_are_named_with_the_rule_that_hides_them() -> None:
    rules = (
        '[[mta.forwarding]]\nname = "all below"\ndomain = "*.example.org"\nnext_hop = "a.internal"\n'
        '[[mta.forwarding]]\ndomain = ["example.org", "deep.er.example.org", "x@mail.example.org"]\nnext_hop = "b.c"\n'
        '[[mta.forwarding]]\ndomain = "*.er.example.org"\nnext_hop = "c.internal"\n'
    )
    mistakes, warnings = said(INCOMING + OUTGOING + rules)
    assert not mistakes
    assert [warning.partition(": ")[0] for warning in warnings] == ["f:12", "f:12", "f:15"]
    hidden = [warning.partition("domain: ")[2].split()[0] for warning in warnings]
    assert hidden == ["deep.er.example.org", "x@mail.example.org", "*.er.example.org"]
    assert all("rule all below above takes it" in warning for warning in warnings)


def test_rules_of_another_direction_hide_nothing() -> None:
    internal = '[[mta.forwarding]]\ndirection = "internal"\ndomain = "example.com"\nnext_hop = "mail.internal"\n'
    assert said(INCOMING + OUTGOING + internal) == ([], [])


def test_objects_are_one_thing_and_serve_for_one_thing() -> None:
    both = '[object.x]\nhost = ["a.example"]\nnetwork = ["192.0.2.0/24"]\n'
    assert the_mistake(SCAN_ONLY + both).startswith("f:3: [object.x]: an object is one thing")
    assert "an object is one thing" in the_mistake(SCAN_ONLY + "[object.x]\n")
    network = '[object.x]\nnetwork = ["192.0.2.0/24"]\n'
    used = INCOMING.replace("mail.internal", "x") + OUTGOING
    assert 'f:3: [[mta.forwarding]] next_hop: the object "x" holds networks' in the_mistake(used + network)
    host = '[object.x]\nhost = ["a.example"]\n'
    assert 'the object "x" holds no networks' in the_mistake(SCAN_ONLY + '[mta]\ninternal_networks = ["x"]\n' + host)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (
            '[[authentication.signing.only]]\ndomains = ["a.test"]\nnetworks = ["any"]',
            '[[authentication.signing.only]] networks: "any" would trust the whole Internet',
        ),
        ('[mta]\ninternal_networks = ["any"]', '[mta] internal_networks: "any" would trust the whole Internet'),
        ('[mta]\ntrusted_proxies = ["::/0"]', '[mta] trusted_proxies: "::/0" would trust the whole Internet'),
        ('[mta.tls]\nrequired_from = ["nobody"]', 'required_from: there is no object "nobody"'),
        ("[mta.submission]\nenabled = true", "[mta.submission]: AUTH needs accounts"),
        ('[[mta.listener]]\nname = "a"\nauth_required = true', "auth_required: nobody can authenticate"),
        ('[[mta.listener]]\nname = "a"\nproxy_protocol = true', "proxy_protocol: nobody may speak for others"),
        ('[[mta.listener]]\nname = "a"\nport = 25', "port: port 25 is in use by another listener"),
        ('[[mta.listener]]\nname = "mta"', 'name: the name "mta" is taken'),
        ('[mta.delivery]\nretry_first = "2h"', "retry_maximum: is shorter than retry_first"),
        ('[mta.limits]\nmessage_size = "1KB"', "message_size: is less than every server must take"),
        ('[mta.mail_settings]\nstorage = "1MB"', "storage: holds fewer than two messages"),
        ("[mta.mail_settings]\nstorage_percent = 0", "storage_percent: lets nothing in"),
        ('[quarantine.retention]\nspam = "0s"', "[quarantine.retention] spam: is too short for anybody"),
        ('[virtual_system.default]\ndomains = "a.example"', "[virtual_system.default]: default is what stands"),
        (
            '[virtual_system.a]\ndomains = "a.example"\nmta.limits.message_rate = 70_000',
            "[virtual_system.a.mta.limits] message_rate: is more than the 60000 of [mta.limits]",
        ),
        (
            '[virtual_system.a]\ndomains = "a.example"\nmta.delivery.queue_lifetime = "0s"',
            "[virtual_system.a.mta.delivery] queue_lifetime: is shorter than a second",
        ),
        (
            '[virtual_system.a]\ndomains = "a.example"\nquarantine.retention.spam = "1m"',
            "[virtual_system.a.quarantine.retention] spam: is too short for anybody",
        ),
        ('[virtual_system.a]\nlisteners = ["x"]', 'listeners: there is no listener "x"'),
        (
            '[virtual_system.a]\ndomains = "x.example"\n[virtual_system.b]\ndomains = ["x.example"]',
            "[virtual_system.b] domains: domain x.example belongs to the virtual system a already",
        ),
    ],
)
def test_contradictions(text: str, what: str) -> None:
    assert what in the_mistake(SCAN_ONLY + text)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ('[[mta.access]]\naction = "deny"\nsources = ["192.0.2.7"]', "is never asked, since [mta.implied_rule]"),
        ("[mta.implied_rule]\nenabled = false", "nobody may connect"),
        ('[mta.delivery]\ndelay_warning = "6d"', "delay_warning: is never reached"),
        ("[virtual_system.a]", "nothing belongs to it"),
        ('[alerts]\nkinds = []\nsyslog = "udp://192.0.2.1"', "kinds: names nothing"),
        ('[alerts]\nkinds = []\nmail_to = ["a@b.example"]', "kinds: names nothing"),
    ],
)
def test_what_deserves_a_look(text: str, what: str) -> None:
    assert what in the_warning(INCOMING + OUTGOING + text)


def test_an_access_rule_behind_one_that_takes_everybody_is_never_asked() -> None:
    rules = '[[mta.access]]\naction = "{}"\nsources = ["{}"]\n'
    text = "[mta.implied_rule]\nenabled = false\n" + rules.format("deny", "192.0.2.7") + rules.format("allow", "any")
    assert said(INCOMING + OUTGOING + text) == ([], [])
    assert "since rule #2 takes everybody" in the_warning(
        INCOMING + OUTGOING + text + rules.format("deny", "192.0.2.8")
    )


def test_alerts_need_a_route_too() -> None:
    text = '[[mta.forwarding]]\ndomain = "example.com"\nnext_hop = "0.0.0.0"\n' + INCOMING.replace(".com", ".org")
    mistakes, _ = said(text + '[alerts]\nmail_to = ["a@b.example", "x@example.org"]\n')
    assert any("[alerts] mail_to: no rule takes mail for a@b.example" in mistake for mistake in mistakes)
    assert not any("x@example.org" in mistake for mistake in mistakes)


def test_the_postmaster_needs_a_next_hop() -> None:
    assert "mail for our postmaster has no next hop" in the_warning(OUTGOING)
    named = '[mta]\npostmaster = "anna@example.com"\n'
    assert said(INCOMING + OUTGOING + named) == ([], [])


def test_nothing_is_concluded_from_what_is_wrong_itself() -> None:
    assert the_mistake('[[mta.forwarding]]\nnext_hop = 5\n[mta]\npostmaster = "a@b.example"').startswith("f:2:")
    assert the_mistake(SCAN_ONLY + '[[mta.forwarding]]\ndomain = "x.example"\n').startswith("f:3:")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            '[alerts]\nsyslog = "logs.example.com"',
            '[alerts] syslog: "logs.example.com" is not the address of a syslog server',
        ),
        ('[alerts]\nsyslog = "http://logs"', "is not the address of a syslog server"),
        ('[[log.forward]]\nto = "tcp://logs:99999"', "is not the address of a syslog server"),
        ('[[log.forward]]\nto = "tcp://logs/path"', "is not the address of a syslog server"),
        ('[[log.forward]]\nformat = "cef"', "[[log.forward]]: to is missing"),
        ('[alerts.snmp]\nto = "traps:0"', "is not a host with a port"),
        ('[alerts.snmp]\nto = "traps"\nuser = "u"', "version 3 needs authentication and privacy: set it"),
        ('[alerts]\nscript = ["../bin/sh"]', "is no file of the folder `scripts`: write its name"),
        ('[alerts]\nscript = [""]', "is no file of the folder `scripts`"),
    ],
)
def test_ways_out_that_lead_nowhere_are_told(text: str, sentence: str) -> None:
    mistakes, _ = said(f"{text}\n")
    assert any(sentence in mistake for mistake in mistakes), mistakes
