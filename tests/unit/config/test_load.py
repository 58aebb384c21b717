"""A file with many mistakes: all of them come together, each with its exact line, what is wrong, and the mend."""

from textwrap import dedent

import pytest

from mailock.config.load import load
from mailock.config.mistakes import Mistakes
from mailock.config.units import Duration, Size

TRICKY = dedent('''\
    # line 1
    hostname = "mx1.example.com"
    [node]
    workers = "two"
    wrokers = 3
    store = "postgresql://db/mailock"

    [mta]
    interfaces = "al"
    internal_networks = [
        "10.0.0.0/8",
        "10.0.0.1/8",  # ] not the end
        "partner",
    ]
    signature = { enabled = true, text = """
    [mta.limits]
    errors = 0
    """ }

    [[mta.forwarding]]
    domain = "example.com"
    next_hop = "mail.internal:99999"
    tls = "dane"

    [[mta.forwarding]]
    domain = [
      "*.example.org",
      "exa mple.org"]

    [mta.limits]
    message_size = "50 parrots"
    errors = 0
    recipients = [
      1,
    ]
    bare_newlines = "normalize"
    [mta."delivery"]
    "retry_first" = 60
    retry.maximum = "1h"

    [anti_spam]
    enabled = "yes"
    threshold = 5
    [[rule]]
    naem = "x"
    [mta.acess]
    x = 1
    [object.partner]
    host = ["a.example", "b example"]
    [virtual_system.acme.mta.delivery]
    concurrency = 4
    [alerts]
    webhook = "https://hook.example/T0P-S3CRET"
    mail_to = "postmaster@example.com"
''')

EXPECTED = """\
2: hostname: stands in the wrong section: it belongs to [node]
4: [node] workers: "two" is not a whole number: write one without quotes
5: [node] wrokers: there is no such setting: did you mean workers?
6: [node] store: "postgresql://db/mailock" is not a store of this version: write "sqlite"
9: [mta] interfaces: "al" names no interfaces: write "all", "external" or a list such as ["eth0"]
12: [mta] internal_networks: "10.0.0.1/8" names one address and a whole network: write "10.0.0.0/8" for the \
network, or "10.0.0.1" for the address
22: [[mta.forwarding]] next_hop: 'mail.internal:99999': '99999' is not a port; one is a number from 1 to 65535
23: [[mta.forwarding]] tls: DANE is not part of this version: write "verified" or "opportunistic"
25: [[mta.forwarding]]: next_hop is missing: where the mail goes
26: [[mta.forwarding]] domain: 'exa mple.org' is no domain of a rule; write "*", "example.com", "*.example.com" or \
"user@example.com"
31: [mta.limits] message_size: "50 parrots" is not a size: write one such as "50MB", "20GB" or "64KiB"
32: [mta.limits] errors: 0 is out of range: write a number from 1 to 10000
33: [mta.limits] recipients: a list is not a whole number: write one without quotes
36: [mta.limits] bare_newlines: "normalize" is not one of its values: did you mean "normalise"?
38: [mta.delivery] retry_first: 60 has no unit: write a duration such as "30s", "60m" or "5d"
39: [mta.delivery.retry]: there is no such section: did you mean retry_first?
42: [anti_spam] enabled: "yes" is not a switch: write true or false, without quotes
43: [anti_spam] threshold: there is no such setting: what stands here is enabled, detect_only, suspected_from, \
spam_from, suspected, spam, phishing, bulk
44: [[rule]]: name is missing: what the log calls the rule
45: [[rule]] naem: there is no such setting: did you mean name?
46: [mta.acess]: there is no such section: did you mean access?
49: [object.partner] host: 'b example': 'example' is unknown; behind a host may stand "weight=3" and "backup"
51: [virtual_system.acme.mta.delivery] concurrency: a virtual system cannot set this in this version: remove it; \
what stands at the top holds
53: [alerts] webhook: is not a reference to a secret: write "file:/path/of/a/file" or "env:NAME_OF_A_VARIABLE"
54: [alerts] mail_to: "postmaster@example.com" stands where a list belongs: write ["postmaster@example.com"]
"""


def mistakes_of(text: str, **environment: str) -> list[str]:
    """What is wrong with a text, one line each."""
    with pytest.raises(Mistakes) as raised:
        load(text, environment=environment, name="f")
    return [str(mistake) for mistake in raised.value.mistakes]


def test_all_mistakes_come_together_with_their_lines() -> None:
    found = mistakes_of(TRICKY)
    expected = [f"f:{line}" for line in EXPECTED.splitlines()]
    assert [line[: len(want)] for line, want in zip(found, expected, strict=True)] == expected


def test_a_secret_in_the_file_is_not_repeated() -> None:
    assert "S3CRET" not in "\n".join(mistakes_of(TRICKY))


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("[mta]\nport = 25\nport = 26\n", 3, "is not TOML: cannot overwrite a value: the key stands twice"),
        ("[mta]\nport = mail\n", 2, "is not TOML: invalid value: put text in quotes"),
        ("[mta\n", 1, "is not TOML: expected ']'"),
        ("[mta]\n\nport\n", 3, "is not TOML: expected '=' after a key"),
        ('[mta]\ntext = """\nno end\n', 3, "is not TOML: "),
        ("[mta]\n[node]\n[mta]\n", 3, "is not TOML: cannot declare ('mta',) twice"),
        ("a = " + "[" * 5000, 1, "has lists or tables inside each other"),
        ("a = " + "9" * 5000, 0, "holds a value that cannot be read"),
        ("[mta]\nport = \udc80\n", 2, "holds half of a character"),
    ],
)
def test_what_is_no_toml(text: str, line: int, what: str) -> None:
    (found,) = mistakes_of(text)
    assert found.startswith(f"f:{line}: {what}" if line else f"f: {what}")


def test_a_file_with_one_rule_is_enough() -> None:
    loaded = load('[[mta.forwarding]]\nnext_hop = "mail.internal:25"\n')
    (rule,) = loaded.settings.policy.mta.forwarding
    assert str(rule.domain) == "*"
    assert rule.next_hop.entries == ("mail.internal:25",)


def test_values_take_the_place_of_defaults_and_settings_can_be_compared() -> None:
    text = '[[mta.forwarding]]\nnext_hop = "0.0.0.0"\n[mta.limits]\nmessage_size = "1GB"\n[mta.delivery]\nidle = "1m"\n'
    first, second = load(text).settings, load(text + "# nothing\n").settings
    assert first.policy.mta.limits.message_size == Size(10**9)
    assert first.policy.mta.delivery.idle == Duration(60)
    assert first == second
    assert hash(first) == hash(second)
    assert first != load(text.replace("1m", "2m")).settings


def test_the_outline_of_every_section_that_comes_later_is_taken_when_it_is_off() -> None:
    sections = ["threat_emulation", "threat_extraction"]
    off = "".join(f"[{section}]\nenabled = false\n" for section in sections)
    load('[[mta.forwarding]]\nnext_hop = "0.0.0.0"\n' + off)
    assert len(mistakes_of(off.replace("false", "true"))) == len(sections)


def test_the_environment_overrides_the_node_and_nothing_else() -> None:
    environment = {
        "MAILOCK_NODE__HOSTNAME": "MX2.example.com",
        "MAILOCK_NODE__WORKERS": "4",
        "MAILOCK_NODE__RESOLVERS": "127.0.0.1, [::1]:53",
        "MAILOCK_CONSOLE__LISTEN": "127.0.0.1:9090",
        "MAILOCK_REQUIRE_DATA": "1",
        "PATH": "/bin",
    }
    text = '[node]\nhostname = "mx1.example.com"\n[[mta.forwarding]]\nnext_hop = "0.0.0.0"\n'
    loaded = load(text, environment=environment)
    assert loaded.settings.node.hostname == "mx2.example.com"
    assert loaded.settings.node.workers == 4
    assert [str(one) for one in loaded.settings.node.resolvers] == ["127.0.0.1", "[::1]:53"]
    assert loaded.settings.console.listen.port == 9090
    assert loaded.policy_text == load(text).policy_text


def test_what_is_wrong_in_the_environment_names_the_variable() -> None:
    ours = "[node], [console] and [portal]"
    assert mistakes_of(
        '[[mta.forwarding]]\nnext_hop = "0.0.0.0"\n',
        MAILOCK_NODE__WROKERS="1",
        MAILOCK_NODE__WORKERS="none",
        MAILOCK_MTA__PORT="26",
        MAILOCK_NODE__RESOLVERS="127.0.0.1,x",
    ) == [
        f"MAILOCK_MTA__PORT: the environment reaches {ours} only: write it into the file and install it",
        'MAILOCK_NODE__RESOLVERS: "x" is not an address with a port: write one such as "127.0.0.1:8080"',
        'MAILOCK_NODE__WORKERS: "none" is not a whole number: write one without quotes',
        "MAILOCK_NODE__WROKERS: there is no such setting: did you mean MAILOCK_NODE__WORKERS?",
    ]
