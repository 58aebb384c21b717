"""The policies that the crash tests run under: what fails comes again within seconds, and no limit is in the way."""

from tests.parts.mailock import forwarding

SOON = """\
[mta.limits]
connections_per_source = 1000
connection_rate = 1000000
message_rate = 1000000
[mta.mail_settings]
storage_percent = 100
maximum_delay = "1d"
[mta.delivery]
retry_first = "1s"
retry_maximum = "2s"
suspend_for = "1s"
dead_for = "1s"
"""


def one_system(hop: str) -> str:
    """Everything goes to one next hop."""
    return forwarding(("a.test", hop), ("b.test", hop), ("*", hop, "outgoing")) + SOON


def two_systems(first: str, second: str, *, rest: str = "") -> str:
    """a.test belongs to the default system, b.test to another, each with its own next hop."""
    return f"""\
{forwarding(("a.test", first), ("*", first, "outgoing"))}
{rest}
{SOON}
[virtual_system.other]
domains = ["b.test"]
[[virtual_system.other.mta.forwarding]]
domain = "b.test"
next_hop = "{second}"
[[virtual_system.other.mta.forwarding]]
direction = "outgoing"
next_hop = "{second}"
"""
