"""Every setting there is, as one value: what belongs to this machine, and the policy, which has revisions."""

from dataclasses import dataclass
from typing import Final

from mailock.config.antivirus import AntiVirus
from mailock.config.askings import Span, pattern_text
from mailock.config.delivery import Log, Quarantine
from mailock.config.impersonation import Impersonation
from mailock.config.judgement import AntiSpam, Golden, Judgement, MaliciousMail, Pin, Profile, Scan
from mailock.config.mta import Forwarding, Mta
from mailock.config.names import Patterns, domain_object, plain_name, server
from mailock.config.node import Console, Node
from mailock.config.outward import Alerts
from mailock.config.portal import Portal
from mailock.config.reputation import Listings, Reputation
from mailock.config.rules import Rule
from mailock.config.sender import Authentication
from mailock.config.setting import required, setting
from mailock.config.units import Duration, Network, Size
from mailock.config.userside import ClickTime

ABSENT_PARTS: Final = {
    "threat_emulation": "Threat Emulation",
    "threat_extraction": "Threat Extraction",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Object:
    """A name for something that other settings mention: hosts, a domain, networks, a group or times, one of these."""

    name: str = required("The name.", parse=plain_name)
    host: tuple[str, ...] = setting(
        (),
        "Servers, as `next_hop` takes them; a rule that names the object means them all.",
        parse=server,
        example='["mail1.internal", "mail2.internal"]',
    )
    domain: str | None = setting(
        None,
        'A DNS name that stands for several servers: its addresses, or with "mx:" or "srv:" what those records list.',
        parse=domain_object,
        example='"mail.internal"',
    )
    network: tuple[Network, ...] = setting(
        (), "Addresses and networks, for access rules and the like.", example='["198.51.100.0/24"]'
    )
    group: tuple[str, ...] = setting(
        (),
        "Addresses and domains of people, for rules.",
        parse=pattern_text,
        example='["anna@example.com", "*@board.example.com"]',
    )
    time: tuple[Span, ...] = setting(
        (), "Days and hours, for rules, by the clock of the gateway.", example='["mo-fr 08:00-18:00"]'
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemLimits:
    """What messages to recipients of one virtual system may take, where that is less than [mta.limits] allow."""

    message_size: Size | None = setting(
        None,
        "The largest message; a transaction with recipients of several systems is held to the least of theirs.",
        shown_default="as in [mta.limits]",
        example='"10MB"',
    )
    recipients: int | None = setting(
        None,
        "Recipients of this system in one message; the sender is told to send the rest in another.",
        minimum=1,
        maximum=50_000,
        shown_default="as in [mta.limits]",
        example="100",
    )
    message_rate: int | None = setting(
        None,
        "Messages to this system from one outside address in a minute.",
        minimum=1,
        maximum=10_000_000,
        shown_default="as in [mta.limits]",
        example="600",
    )
    internal_message_rate: int | None = setting(
        None,
        "Messages to this system from one internal sender in an hour.",
        minimum=1,
        maximum=10_000_000,
        shown_default="as in [mta.limits]",
        example="100",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemDelivery:
    """How long mail of one virtual system is tried."""

    queue_lifetime: Duration | None = setting(
        None,
        "After this time mail is returned to its sender.",
        shown_default="as in [mta.delivery]",
        example='"2d"',
    )
    delay_warning: Duration | None = setting(
        None,
        'After this time a sender is told, once, that his mail is late; "0s" for never.',
        shown_default="as in [mta.delivery]",
        example='"1h"',
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemRetention:
    """How long quarantined mail of one virtual system is kept; a class that is not set takes the system's `default`,
    and without one what [quarantine.retention] says of the class.
    """

    default: Duration | None = setting(None, "Every class that is not named.", example='"30d"')
    spam: Duration | None = setting(None, "Spam.", example='"14d"')
    malware: Duration | None = setting(None, "Malicious mail.", example='"90d"')
    policy: Duration | None = setting(None, "Mail that a rule kept.", example='"30d"')
    undeliverable: Duration | None = setting(
        None, "Mail that could neither be delivered nor returned.", example='"30d"'
    )
    late: Duration | None = setting(None, "Mail that exceeded the maximum delay.", example='"30d"')


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemQuarantine:
    """The quarantine of one virtual system."""

    retention: SystemRetention = setting(SystemRetention())


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemMta:
    """The gateway of one virtual system. Everything that does not stand here is as in [mta]."""

    forwarding: tuple[Forwarding, ...] = setting(())
    limits: SystemLimits = setting(SystemLimits())
    delivery: SystemDelivery = setting(SystemDelivery())


@dataclass(frozen=True, slots=True, kw_only=True)
class VirtualSystem:
    """One tenant. A recipient belongs to the system of the listener, or else to that which names its domain best."""

    name: str = required("The name.", parse=plain_name)
    domains: Patterns | None = setting(
        None,
        "The domains of the system, besides those that its rules for incoming and internal mail name.",
        example='["example.net"]',
    )
    listeners: tuple[str, ...] = setting(
        (), "Names of [[mta.listener]] that belong to this system alone.", parse=plain_name, example='["submission"]'
    )
    mta: SystemMta = setting(SystemMta())
    quarantine: SystemQuarantine = setting(SystemQuarantine())


def _later(section: str) -> dict[str, str]:
    part = ABSENT_PARTS[section]
    return {"true": f"{part} is not part of this version: remove the section, or set enabled = false"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreatEmulation:
    """Threat Emulation. It is not part of this version, so only `enabled = false` is possible."""

    enabled: bool = setting(False, "Whether it is on.", later=_later("threat_emulation"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreatExtraction:
    """Threat Extraction. It is not part of this version, so only `enabled = false` is possible."""

    enabled: bool = setting(False, "Whether it is on.", later=_later("threat_extraction"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What a revision holds: everything but [node], [console] and [portal]."""

    mta: Mta = setting(Mta())
    quarantine: Quarantine = setting(Quarantine())
    click_time: ClickTime = setting(ClickTime())
    log: Log = setting(Log())
    alerts: Alerts = setting(Alerts())
    object: tuple[Object, ...] = setting((), keyed=True)
    virtual_system: tuple[VirtualSystem, ...] = setting((), keyed=True)
    scan: Scan = setting(Scan())
    authentication: Authentication = setting(Authentication())
    anti_virus: AntiVirus = setting(AntiVirus())
    judgement: Judgement = setting(Judgement())
    malicious_mail: MaliciousMail = setting(MaliciousMail())
    anti_spam: AntiSpam = setting(AntiSpam())
    impersonation: Impersonation = setting(Impersonation())
    threat_emulation: ThreatEmulation = setting(ThreatEmulation())
    threat_extraction: ThreatExtraction = setting(ThreatExtraction())
    profile: tuple[Profile, ...] = setting((), keyed=True)
    rule: tuple[Rule, ...] = setting(())
    reputation: Reputation = setting(Reputation())
    list_: Listings = setting(Listings())
    pin: tuple[Pin, ...] = setting(())
    golden: tuple[Golden, ...] = setting(())


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The whole of a file."""

    node: Node = setting(Node())
    console: Console = setting(Console())
    portal: Portal = setting(Portal())
    policy: Policy = setting(Policy())
    """Its sections stand at the top of the file, beside [node], [console] and [portal]."""
