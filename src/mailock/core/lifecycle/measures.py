"""What the sums of the log are sums of: the measures, and how their keys are cut."""

from bisect import bisect_left
from enum import StrEnum
from typing import Final


class Measure(StrEnum):
    """What is summed, by which key. The amount beside the number is octets of messages where nothing else is said."""

    STATUS = "status"
    """By arrival: messages and refusals, by what they show now."""
    VERDICT = "verdict"
    """By arrival: judged messages."""
    CLASS = "class"
    """By arrival: examined messages, by mail class."""
    DIRECTION = "direction"
    """By arrival: accepted messages; one with recipients of two directions stands in both."""
    CONTENT = "content"
    """By arrival: examined messages, by what they consist of (docs/log.md)."""
    SIZE = "size"
    """By arrival: accepted messages, each once, by the size that they do not exceed."""
    DETECTION = "detection"
    """By arrival: messages in which something suspicious or malicious was found, by the kind of finding."""
    UNFINISHED = "unfinished"
    """By arrival: messages of which an engine could not look at everything, by engine."""
    SENDER = "sender"
    """By arrival: accepted messages, by the envelope's sender."""
    RECIPIENT = "recipient"
    """By arrival: accepted messages, by recipient."""
    SOURCE = "source"
    """By arrival: accepted messages, by the IP address that they came from."""
    REFUSED = "refused"
    """When it happened: refusals before custody, by what the peer was told. The amount is 0."""
    REFUSED_SOURCE = "refused_source"
    """When it happened: refusals before custody, by IP address. The amount is 0."""
    OUTCOME = "outcome"
    """When it happened: changes of a recipient's status, by the new one."""
    HOP = "hop"
    """When it happened: recipients whose mail was delivered, by next hop."""
    HOP_DEFERRED = "hop_deferred"
    """When it happened: tries that are to be made again, a recipient each, by next hop."""
    HOP_BOUNCED = "hop_bounced"
    """When it happened: recipients who were given up, by the next hop that refused."""
    DEFERRED = "deferred"
    """When it happened: tries that are to be made again, a recipient each, by reason."""
    BOUNCED = "bounced"
    """When it happened: recipients who were given up or returned, by reason."""
    QUARANTINED = "quarantined"
    """When it happened: recipients from whom mail was kept, by quarantine class."""
    RULE = "rule"
    """When it happened: recipients who were decided on, by rule."""
    DELAY = "delay"
    """When it happened: delivered recipients, by the seconds since arrival that were not exceeded; the amount is
    milliseconds.
    """
    EXAMINED = "examined"
    """When it happened: examined messages, by the seconds that were not exceeded; the amount is milliseconds."""


UNBOUNDED: Final = frozenset(
    {
        Measure.SENDER,
        Measure.RECIPIENT,
        Measure.SOURCE,
        Measure.REFUSED_SOURCE,
        Measure.REFUSED,
        Measure.HOP,
        Measure.HOP_DEFERRED,
        Measure.HOP_BOUNCED,
        Measure.DEFERRED,
        Measure.BOUNCED,
    }
)
"""Measures whose keys come from outside: only the largest of them are kept for long."""

_SIZE_BOUNDS: Final = (1 << 10, 10 << 10, 100 << 10, 1 << 20, 10 << 20, 100 << 20)
SIZES: Final = ("1 KiB", "10 KiB", "100 KiB", "1 MiB", "10 MiB", "100 MiB", "more")
"""The keys of SIZE, in order."""
_SECOND_BOUNDS: Final = (0.1, 1.0, 5.0, 30.0, 60.0, 300.0, 900.0, 3600.0, 14400.0, 86400.0)
SECONDS: Final = ("0.1 s", "1 s", "5 s", "30 s", "1 min", "5 min", "15 min", "1 h", "4 h", "1 d", "more")
"""The keys of DELAY and EXAMINED, in order."""


def size_key(octets: int) -> str:
    """The key of SIZE that a message of so many octets has."""
    return SIZES[bisect_left(_SIZE_BOUNDS, octets)]


def seconds_key(seconds: float) -> str:
    """The key of DELAY and EXAMINED that so many seconds have."""
    return SECONDS[bisect_left(_SECOND_BOUNDS, seconds)]
