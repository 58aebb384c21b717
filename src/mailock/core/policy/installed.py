"""One installed revision, ready to act on: the settings of the policy file, compiled.

`config.compile` makes it, wiring hands it to the stations, and an install swaps the whole value at once, so each
message meets one revision at each station. Durations are seconds, sizes bytes, rates per the unit that their name
says.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum

from mailock.core.mail.envelope import Direction
from mailock.core.mail.message import Message
from mailock.core.policy.lists import Lists
from mailock.core.policy.rulebase import Rulebase
from mailock.core.policy.signing import Signing
from mailock.core.policy.track import Track
from mailock.core.reputation.rules import NOTHING, Reputation
from mailock.core.routing.access import Access, Inside, Networks, Sources
from mailock.core.routing.lanes import Pressure
from mailock.core.routing.limits import Rate
from mailock.core.routing.rules import Routes
from mailock.core.routing.schedule import Schedule
from mailock.core.smtp.settings import BareNewlines


class WhenExceeded(Enum):
    """What is done when a mail setting is exceeded."""

    ALLOW = "allow"
    """Delivered without processing; tagged, and `skipped` in the log."""
    BLOCK = "block"
    """Late mail is returned or quarantined; with full storage nothing more is accepted."""


class Timeliness(Enum):
    """Whether a message is judged in time and in its turn, and what becomes of it if not."""

    IN_TIME = "in time"
    SKIP = "skip"
    """Late, and goes on without processing."""
    CROWDED = "crowded"
    """In time, and goes on without processing, since the storage limit is reached."""
    QUARANTINE = "quarantine"
    """Late, and is kept from its recipients."""
    RETURN = "return"
    """Late, and goes back to its sender."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one client, one message, one source may take."""

    message_size: int = 50_000_000
    recipients: int = 1000
    connections: int = 12_000
    connections_per_source: int = 200
    connection_rate: Rate = field(default_factory=lambda: Rate(6000, 60.0))
    """New connections per outside source."""
    message_rate: Rate = field(default_factory=lambda: Rate(60_000, 60.0))
    """Messages per outside source."""
    internal_message_rate: Rate = field(default_factory=lambda: Rate(3600, 3600.0))
    """Messages per internal sender address: what a stolen account can do."""
    received_fields: int = 50
    """A message with more Received fields than this is in a loop (RFC 5321 section 6.3)."""
    errors: int = 20
    transactions: int = 100_000
    """Messages in one connection."""
    command_seconds: float = 300.0
    """How long a command line may take."""
    data_seconds: float = 300.0
    """How long message data may be silent."""
    bare_newlines: BareNewlines = BareNewlines.REFUSE


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemLimits:
    """What messages to recipients of one virtual system may take; rates are None where only the gateway's count."""

    message_size: int
    recipients: int
    message_rate: Rate | None = None
    """Messages per outside source."""
    internal_message_rate: Rate | None = None
    """Messages per internal sender address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailSettings:
    """The maximum delay and the storage limits (DECISIONS 8 and 9). None: not limited."""

    maximum_delay: float | None = 3600.0
    storage_percent: int | None = 20
    storage: int | None = None
    when_exceeded: WhenExceeded = WhenExceeded.BLOCK
    late_action: Timeliness = Timeliness.QUARANTINE
    """What Block does with a late message: QUARANTINE or RETURN."""
    track: Track = Track.ALERT


@dataclass(frozen=True, slots=True, kw_only=True)
class Troubleshooting:
    """The early warning about mail that is late."""

    delayed_more_than: float | None = 600.0
    track: Track = Track.LOG


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverySettings:
    """How send tries, and when it gives up."""

    paused: bool = False
    """Accept and examine, and send nothing: for the hours in which the mail server is being rebuilt."""
    schedule: Schedule = field(default_factory=Schedule)
    pressure: Pressure = field(default_factory=Pressure)
    rate: Rate | None = None
    """Messages to one destination."""
    recipients: int = 100
    """Recipients in one outgoing transaction."""
    idle: float = 5.0
    """How long an open connection is kept for more mail."""
    reuse: float = 300.0
    """How long one connection is used at most."""
    connect_seconds: float = 30.0
    dead_for: float = 60.0
    """How long a server that could not be reached is passed over while another of its destination lives."""
    notice_rate: Rate = field(default_factory=lambda: Rate(20, 3600.0))
    """Notices to one domain whose mail proved nothing about its sender."""
    return_size: int = 50_000
    """A failure notice carries whole messages up to this size, only the header of larger ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantineSettings:
    """How long each class is kept; `""` stands for every class that is not named."""

    retention: Mapping[str, float] = field(default_factory=lambda: {"": 30 * 86_400.0})
    systems: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    """The same of virtual systems that have times of their own, by name."""

    def kept(self, system: str, quarantine_class: str | None) -> float:
        """How long mail of a class is kept for a system."""
        retention = self.systems.get(system, self.retention)
        return retention.get(quarantine_class or "", retention[""])

    @property
    def soonest(self) -> float:
        """The shortest of all these times."""
        return min(seconds for retention in (self.retention, *self.systems.values()) for seconds in retention.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnQuarantine:
    """What recipients may do with what is kept from them, and when they are told of it."""

    release: frozenset[str] = frozenset()
    """Classes of quarantine that they may let go."""
    request: frozenset[str] = frozenset()
    """Classes of which they may ask an administrator."""
    digest: tuple[int, ...] = ()
    """When digests are sent: seconds of the week by the local clock, from Monday at 0:00, in order; none: never."""
    lifetime: float = 7 * 86_400.0
    """Seconds for which the links of a digest hold."""

    @property
    def shown(self) -> frozenset[str]:
        """Classes that they are told of: those with which they can do something."""
        return self.release | self.request


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsSettings:
    """TLS for those who come to us."""

    enabled: bool = True
    required_from: Sources = field(default_factory=Sources)
    """Clients that must encrypt before MAIL."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InSession:
    """Whose clients wait for the verdict (DECISIONS 12)."""

    directions: frozenset[Direction] = frozenset()
    """Of all recipients of such a message."""
    seconds: float = 30.0
    """How long a client waits at most."""

    def is_for(self, message: Message) -> bool:
        """Whether the client of a message waits."""
        return all(recipient.direction in self.directions for recipient in message.envelope.recipients)


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """A compiled revision."""

    revision: int
    hostname: str
    enabled: bool
    routes: Routes
    access: Access = field(default_factory=Access)
    inside: Inside = field(default_factory=Inside)
    trusted_proxies: Networks = field(default_factory=Networks)
    """Who may speak for others: PROXY and XCLIENT."""
    limits: Limits = field(default_factory=Limits)
    system_limits: Mapping[str, SystemLimits] = field(default_factory=dict)
    """Of virtual systems that have some of their own, by name."""
    system_schedules: Mapping[str, Schedule] = field(default_factory=dict)
    """When mail of virtual systems is tried again and given up, where that is their own, by name."""
    mail_settings: MailSettings = field(default_factory=MailSettings)
    troubleshooting: Troubleshooting = field(default_factory=Troubleshooting)
    delivery: DeliverySettings = field(default_factory=DeliverySettings)
    quarantine: QuarantineSettings = field(default_factory=QuarantineSettings)
    own_quarantine: OwnQuarantine = field(default_factory=OwnQuarantine)
    tls: TlsSettings = field(default_factory=TlsSettings)
    rulebase: Rulebase = field(default_factory=Rulebase)
    """What decides about mail that was examined."""
    reputation: Reputation = NOTHING
    remembers: bool = False
    """Whether it is learnt with whom people correspond."""
    """What is asked of sources, and what it does."""
    signing: Signing = field(default_factory=Signing)
    """Whether mail of ours is signed, where there is a key for it, and for whom."""
    in_session: InSession = field(default_factory=InSession)
    opens_unchecked: bool = True
    """Whether a rewritten link may be followed whose target could not be looked up."""

    @property
    def needs_country(self) -> bool:
        """Whether a rule names a country, so that it has to be known where an address is."""
        return self.access.needs_country or bool(self.tls.required_from.countries) or self.rulebase.needs_country

    def schedule(self, system: str) -> Schedule:
        """When mail of a virtual system is tried again and given up."""
        return self.system_schedules.get(system, self.delivery.schedule)

    def with_lists(self, added: Lists) -> "Installed":
        """This revision with entries of the allow and block lists besides its own."""
        if not added.allowed and not added.blocked:
            return self
        lists = self.rulebase.lists
        both = replace(lists, allowed=lists.allowed + added.allowed, blocked=lists.blocked + added.blocked)
        return replace(self, rulebase=replace(self.rulebase, lists=both))
