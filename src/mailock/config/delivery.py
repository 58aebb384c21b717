"""The settings of mail that is ours: how it is sent, how late it may be, how long it is kept."""

from dataclasses import dataclass
from enum import Enum

from mailock.config.outward import LogForward
from mailock.config.setting import setting
from mailock.config.units import Duration, Percent, Size
from mailock.config.userside import Recipients
from mailock.core.policy.installed import WhenExceeded
from mailock.core.policy.track import Track


class LateAction(Enum):
    """What Block does with a message that is late."""

    QUARANTINE = "quarantine"
    RETURN = "return"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """How mail is sent, and when it is given up."""

    paused: bool = setting(False, "Whether nothing is sent: mail is accepted and examined, and waits.")
    retry_first: Duration = setting(Duration(60), "How long after a failed try the next one comes.")
    retry_factor: float = setting(2.0, "How much longer every further wait is.", minimum=1, maximum=10)
    retry_maximum: Duration = setting(Duration(3600), "The longest wait between two tries.")
    retry_jitter: Percent = setting(Percent(20), "By how much a wait is varied, so that retries do not come in step.")
    queue_lifetime: Duration = setting(Duration(432_000), "After this time mail is returned to its sender.")
    delay_warning: Duration = setting(
        Duration(14_400), 'After this time a sender is told, once, that his mail is late; "0s" for never.'
    )
    concurrency: int = setting(20, "Connections to one destination at once.", minimum=1, maximum=10_000)
    rate: int = setting(0, "Messages to one destination in a minute; 0 means: no limit.", minimum=0, maximum=10_000_000)
    recipients: int = setting(100, "Recipients in one outgoing transaction.", minimum=1, maximum=50_000)
    idle: Duration = setting(
        Duration(5), 'How long an open connection is kept for more mail; "0s" for a connection for each message.'
    )
    reuse: Duration = setting(
        Duration(300),
        "How long one connection is used; then a new one is opened, which shares the load anew and finds a server that "
        "has come back.",
    )
    connect_timeout: Duration = setting(Duration(30), "How long a connection may take to open.")
    suspend_after: int = setting(
        3, "Failed connections in a row until a destination is left alone for a while.", minimum=1, maximum=1000
    )
    suspend_for: Duration = setting(Duration(60), "How long it is left alone.")
    dead_for: Duration = setting(
        Duration(60),
        "How long one of several servers comes behind all others after it could not be reached.",
    )
    dsn_rate: int = setting(
        20,
        "Notices in an hour to one domain whose mail proved nothing about its sender; what is over is quarantined.",
        minimum=1,
        maximum=1_000_000,
    )
    return_size: Size = setting(
        Size(50_000), "A failure notice carries whole messages up to this size, and the header of larger ones."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class MailSettings:
    """How late mail may be and how much may wait; the first limit that is reached counts."""

    maximum_delay: Duration = setting(
        Duration(3600),
        'How long a message may take from acceptance until it is ready to be delivered; "0s" for as long as it takes.',
    )
    storage_percent: Percent = setting(
        Percent(20), "The share of the file system that waiting mail may take; 100 for all of it."
    )
    storage: Size | None = setting(
        None, "How much waiting mail may take; without it, only the percentage counts.", example='"20GB"'
    )
    when_exceeded: WhenExceeded = setting(
        WhenExceeded.BLOCK,
        "What happens then: late mail goes out unexamined (allow) or is kept from its recipients (block); with full "
        "storage, block accepts nothing more.",
    )
    late_action: LateAction = setting(LateAction.QUARANTINE, "What block does with a late message.")
    track: Track = setting(Track.ALERT, "Whether somebody is told.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Troubleshooting:
    """An early warning about mail that is late, once a message."""

    delayed_more_than: Duration = setting(Duration(600), 'How late a message must be to be named; "0s" for never.')
    track: Track = setting(Track.LOG, "Whether somebody is told.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How long quarantined mail is kept, class by class; a class that is not set takes `default`."""

    default: Duration = setting(Duration(2_592_000), "Every class that is not named.")
    spam: Duration | None = setting(None, "Spam.", example='"14d"')
    malware: Duration | None = setting(None, "Malicious mail.", example='"90d"')
    policy: Duration | None = setting(None, "Mail that a rule kept.", example='"30d"')
    undeliverable: Duration | None = setting(
        None, "Mail that could neither be delivered nor returned.", example='"30d"'
    )
    late: Duration | None = setting(None, "Mail that exceeded the maximum delay.", example='"30d"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantine:
    """Mail that is kept from its recipients until somebody releases or deletes it, or its time is over."""

    retention: Retention = setting(Retention())
    recipients: Recipients = setting(Recipients())


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """The log of messages."""

    retention: Duration = setting(Duration(90 * 86_400), "How long a record is kept.")
    forward: tuple[LogForward, ...] = setting(())
