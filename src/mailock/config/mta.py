"""The settings of the gateway itself, [mta] and what is beneath it: who may come in, and where mail goes."""

from dataclasses import dataclass
from enum import Enum

from mailock.config.changes import Banner, Signature
from mailock.config.delivery import Delivery, MailSettings, Troubleshooting
from mailock.config.names import (
    HopText,
    InterfaceChoice,
    Interfaces,
    Patterns,
    Source,
    absolute_path,
    address,
    interface,
    plain_name,
    separator,
)
from mailock.config.setting import required, setting
from mailock.config.units import Duration, Size
from mailock.core.mail.envelope import Direction
from mailock.core.routing.pattern import Breadth, Pattern
from mailock.core.routing.rules import EightBit, TlsDemand, Verification
from mailock.core.smtp.settings import BareNewlines


class Action(Enum):
    """What an access rule does."""

    ALLOW = "allow"
    DENY = "deny"


class TlsVersion(Enum):
    """A version of TLS."""

    TLS_1_2 = "1.2"
    TLS_1_3 = "1.3"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """One more place to listen, besides `port` on the `interfaces`."""

    name: str = required("The name of the listener, as the log shows it.", parse=plain_name, example='"submission"')
    port: int = setting(587, "The TCP port.", minimum=0, maximum=65_535)
    address: str = setting("all", 'The interface or the address to listen on; "all" for every one.', parse=interface)
    implicit_tls: bool = setting(False, "Whether TLS starts with the first byte, as on port 465.")
    auth_required: bool = setting(False, "Whether a client must authenticate before MAIL; needs [mta.submission].")
    proxy_protocol: bool = setting(
        False, "Whether every connection begins with a PROXY header (v1 or v2) from one of the `trusted_proxies`."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Forwarding:
    """A forwarding rule. The first rule that takes a recipient, for its direction, says where its mail goes."""

    name: str | None = setting(
        None, "What the log calls the rule; without it, its place in the list.", parse=plain_name, shown_default="#1 …"
    )
    domain: Patterns = setting(
        Patterns((Pattern(breadth=Breadth.ANY),)),
        'Whose mail the rule takes: "*", "example.com", "*.example.com", an address, or a list of them.',
    )
    direction: Direction = setting(
        Direction.INCOMING,
        "Which way the mail goes; a rule for incoming mail takes internal mail that no other rule takes.",
    )
    next_hop: HopText = required(
        'Where the mail goes: "host", "host:port", an object, "lmtp:host", "mx:domain", "srv:name", "mx:" for the '
        'recipient\'s own servers, "0.0.0.0" to scan only, or a list such as ["a", "b backup"] or ["a weight=3", "b"].',
        example='"mail.example.net"',
    )
    tls: TlsDemand = setting(
        TlsDemand.OPPORTUNISTIC,
        "What the connection to the next hop must have.",
        later={
            "dane": 'DANE is not part of this version: write "verified" or "opportunistic"',
            "mta-sts": 'MTA-STS is not part of this version: write "verified" or "opportunistic"',
        },
    )
    verification: Verification = setting(
        Verification.NONE,
        'How recipients are checked before they are accepted: not at all, by a "list", or by asking the next hop.',
        later={"ldap": 'LDAP is not part of this version: write "list" or "callout"'},
    )
    recipients: tuple[str, ...] = setting(
        (), 'The addresses that exist, for verification = "list".', parse=address, example='["anna@example.com"]'
    )
    recipients_file: str | None = setting(
        None,
        "A file with one address a line that adds to `recipients`; `#` starts a comment. It is read when the policy is "
        "installed and at SIGHUP.",
        parse=absolute_path,
        example='"/etc/mailock/recipients"',
    )
    eight_bit: EightBit = setting(
        EightBit.SEND,
        "What happens with 8-bit mail where the next hop does not announce 8BITMIME: it is sent as it is, converted to "
        "7bit where that breaks no signature or encryption of its content and otherwise returned, or returned.",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ImpliedRule:
    """The access rule on top, which opens the port."""

    enabled: bool = setting(True, "Whether the rule is there.")
    sources: tuple[Source, ...] = setting(
        (Source("any"),), 'Whom it lets in: "any", networks, or names of objects.', shown_default='["any"]'
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """An access rule. They follow the implied rule, in order; who is taken by none is denied, and that is logged."""

    name: str | None = setting(
        None,
        "What the log calls the rule; without it, its place in the list.",
        parse=plain_name,
        example='"no partners"',
    )
    action: Action = required('Whether the sources may speak to us: "allow" or "deny".', example='"deny"')
    sources: tuple[Source, ...] = required(
        'Whom the rule is for: "any", networks, or names of objects.', example='["198.51.100.0/24"]'
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one client, one message and one source may take."""

    message_size: Size = setting(Size(50_000_000), "The largest message that is accepted; announced with SIZE.")
    recipients: int = setting(
        1000, "Recipients of one message; RFC 5321 wants at least 100.", minimum=1, maximum=50_000
    )
    connections: int = setting(12_000, "Connections at once, from everybody.", minimum=1, maximum=1_000_000)
    connections_per_source: int = setting(200, "Connections at once from one address.", minimum=1, maximum=1_000_000)
    connection_rate: int = setting(6000, "New connections from one address in a minute.", minimum=1, maximum=10_000_000)
    message_rate: int = setting(60_000, "Messages from one outside address in a minute.", minimum=1, maximum=10_000_000)
    internal_message_rate: int = setting(
        3600, "Messages of one internal sender in an hour: what a stolen account can do.", minimum=1, maximum=10_000_000
    )
    received_fields: int = setting(
        50, "A message with more Received fields than this is in a loop and is refused.", minimum=10, maximum=1000
    )
    errors: int = setting(20, "Errors in one connection until it is closed.", minimum=1, maximum=10_000)
    transactions: int = setting(
        100_000, "Messages in one connection until it is closed.", minimum=1, maximum=10_000_000
    )
    command_timeout: Duration = setting(
        Duration(300), "How long a client may take for one command; RFC 5321 wants 5 minutes at least."
    )
    data_timeout: Duration = setting(
        Duration(300),
        "How long a client may be silent within message data; RFC 5321 wants 5 minutes at least. After a fifth of that "
        "time it must have sent 100 bytes a second on the average.",
    )
    bare_newlines: BareNewlines = setting(
        BareNewlines.REFUSE, "What happens with a bare CR or LF in message data; in commands it is always refused."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Tls:
    """TLS for those who come to us. STARTTLS is offered once a certificate has been imported."""

    enabled: bool = setting(True, "Whether STARTTLS is offered.")
    minimum_version: TlsVersion = setting(TlsVersion.TLS_1_2, "The oldest version of TLS that is spoken.")
    required_from: tuple[Source, ...] = setting(
        (), 'Who must start TLS before MAIL: "any", networks, or names of objects.', example='["any"]'
    )
    certificates: str | None = setting(
        None,
        "The folder of imported certificates and keys.",
        parse=absolute_path,
        shown_default="`certificates` in the data folder",
        example='"/etc/mailock/certificates"',
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """AUTH for internal submitters. Who has authenticated counts as internal. Offered on encrypted connections only."""

    enabled: bool = setting(False, "Whether AUTH is offered.")
    users_file: str | None = setting(
        None,
        "A file of accounts, one `name:hash` a line; needed when AUTH is offered.",
        parse=absolute_path,
        example='"/etc/mailock/users"',
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class InSession:
    """The verdict before the reply: the client waits until its message is examined, so that `reject` can refuse it.
    What policy does not reject for all of its recipients is accepted, and kept from those for whom it does.
    """

    incoming: bool = setting(False, "Whether clients wait whose mail is incoming for all of its recipients.")
    outgoing: bool = setting(False, "The same for outgoing mail.")
    internal: bool = setting(False, "The same for mail that stays inside.")
    deadline: Duration = setting(
        Duration(30), "How long a client waits at most: then its message is accepted, and judged afterwards."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Mta:
    """The gateway: where it listens, who counts as internal, who gets mail for the postmaster."""

    enabled: bool = setting(
        True,
        "Whether mail is accepted. Installing `false` follows the steps of `mailock disable`: drain first, then off.",
    )
    interfaces: Interfaces = setting(
        Interfaces(InterfaceChoice.ALL),
        'Where the gateway listens: "all", "external" (all but the internal ones), or a list of interfaces and '
        "addresses.",
    )
    internal_interfaces: tuple[str, ...] = setting(
        (),
        "Interfaces (or their addresses) that lead inside; who comes by them counts as internal.",
        parse=interface,
        example='["eth1"]',
    )
    internal_networks: tuple[Source, ...] = setting(
        (),
        "Networks, or names of objects, that count as internal: they may send mail out through us.",
        example='["10.0.0.0/8"]',
    )
    trusted_proxies: tuple[Source, ...] = setting(
        (),
        "Who may name the true client, by the PROXY protocol or XCLIENT: networks, or names of objects.",
        example='["192.0.2.10"]',
    )
    port: int = setting(25, "The TCP port on those interfaces.", minimum=0, maximum=65_535)
    postmaster: str | None = setting(
        None,
        "Who gets mail for <postmaster> without a domain and for postmaster at our own name.",
        parse=address,
        shown_default="whoever takes it at the first next hop for incoming mail",
        example='"postmaster@example.com"',
    )
    sub_address_separator: str = setting(
        "+",
        'What stands between user and detail in an address such as user+news@example.com; "" for nothing.',
        parse=separator,
    )
    listener: tuple[Listener, ...] = setting(())
    forwarding: tuple[Forwarding, ...] = setting(())
    implied_rule: ImpliedRule = setting(ImpliedRule())
    access: tuple[Access, ...] = setting(())
    limits: Limits = setting(Limits())
    tls: Tls = setting(Tls())
    submission: Submission = setting(Submission())
    in_session: InSession = setting(InSession())
    delivery: Delivery = setting(Delivery())
    mail_settings: MailSettings = setting(MailSettings())
    troubleshooting: Troubleshooting = setting(Troubleshooting())
    signature: Signature = setting(Signature())
    banner: Banner = setting(Banner())
