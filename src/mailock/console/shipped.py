"""The views that are shipped, as data: each widget says what it sums and how it is shown."""

from typing import Final

from mailock.console.figures import Kind, Unit, View, Widget
from mailock.core.lifecycle.measures import Measure

TAKEN: Final = (
    *("new", "scan_started", "hold", "deferred", "quarantined", "released", "scan_ended"),
    *("bounced", "discarded", "skipped", "delivered"),
)
"""Every status but `rejected`, which means that no message was taken."""
TROUBLE: Final = ("deferred", "bounced", "hold", "skipped")

VIEWS: Final[dict[str, View]] = {
    "overview": View(
        title="MTA Overview",
        says="What came, what it was, and what became of it.",
        widgets=(
            Widget(name="messages", title="Messages", kind=Kind.NUMBER, keys=TAKEN),
            Widget(name="delivered", title="Delivered", kind=Kind.NUMBER, keys=("delivered",)),
            Widget(name="quarantined", title="Quarantined", kind=Kind.NUMBER, keys=("quarantined",)),
            Widget(name="malicious", title="Malicious", kind=Kind.NUMBER, by=Measure.VERDICT, keys=("malicious",)),
            Widget(name="volume", title="Messages over time, by status", kind=Kind.SERIES, wide=4),
            Widget(name="verdicts", title="Verdicts", kind=Kind.PIE, by=Measure.VERDICT, wide=2),
            Widget(name="classes", title="Classes of mail", kind=Kind.PIE, by=Measure.CLASS, wide=2),
            Widget(name="flow", title="Where it went", kind=Kind.FLOW, wide=2),
            Widget(name="hours", title="Hours of each day", kind=Kind.HEAT, wide=2),
            Widget(name="traffic", title="Traffic", kind=Kind.NUMBER, by=Measure.SIZE, unit=Unit.OCTETS),
            Widget(name="refused", title="Refused", kind=Kind.NUMBER, keys=("rejected",)),
            Widget(name="delay", title="Mean time to delivery", kind=Kind.NUMBER, by=Measure.DELAY, unit=Unit.SECONDS),
            Widget(
                name="examined", title="Mean time to examine", kind=Kind.NUMBER, by=Measure.EXAMINED, unit=Unit.SECONDS
            ),
            Widget(name="senders", title="Top senders", kind=Kind.BAR, by=Measure.SENDER, wide=2),
            Widget(name="recipients", title="Top recipients", kind=Kind.BAR, by=Measure.RECIPIENT, wide=2),
            Widget(name="sources", title="Top sources", kind=Kind.BAR, by=Measure.SOURCE, wide=2),
            Widget(name="hops", title="Delivered to", kind=Kind.BAR, by=Measure.HOP, wide=2),
            Widget(name="detections", title="Detections", kind=Kind.BAR, by=Measure.DETECTION, wide=2),
            Widget(name="content", title="Content", kind=Kind.BAR, by=Measure.CONTENT, wide=2),
            Widget(name="sizes", title="Sizes, up to", kind=Kind.BAR, by=Measure.SIZE, wide=2),
            Widget(name="delays", title="Delivered within", kind=Kind.BAR, by=Measure.DELAY, wide=2),
            Widget(name="rules", title="Rules that decided", kind=Kind.BAR, by=Measure.RULE, wide=2),
            Widget(name="directions", title="Directions", kind=Kind.BAR, by=Measure.DIRECTION, wide=2),
        ),
    ),
    "live": View(
        title="MTA Live Monitoring",
        says="What is where at this moment. It changes while you look.",
        frame="1h",
        widgets=(
            Widget(name="waiting", title="Being examined", kind=Kind.STATE, state="waiting"),
            Widget(name="ready", title="Being delivered", kind=Kind.STATE, state="ready"),
            Widget(name="deferred", title="Deferred", kind=Kind.STATE, state="deferred"),
            Widget(name="held", title="On hold", kind=Kind.STATE, state="held"),
            Widget(name="kept", title="In quarantine", kind=Kind.STATE, state="quarantined"),
            Widget(name="shunted", title="Shunted", kind=Kind.STATE, state="shunted"),
            Widget(name="sessions", title="Clients connected", kind=Kind.STATE, state="sessions"),
            Widget(name="connections", title="Connections out", kind=Kind.STATE, state="connections"),
            Widget(name="came", title="Coming in", kind=Kind.NUMBER, by=Measure.STATUS, keys=TAKEN, unit=Unit.RATE),
            Widget(
                name="gone",
                title="Going out",
                kind=Kind.NUMBER,
                by=Measure.OUTCOME,
                keys=("delivered",),
                unit=Unit.RATE,
            ),
            Widget(name="turned", title="Refused", kind=Kind.NUMBER, keys=("rejected",), unit=Unit.RATE),
            Widget(name="oldest", title="Oldest that waits", kind=Kind.STATE, state="oldest", unit=Unit.SECONDS),
            Widget(name="rate", title="Messages over time, by status", kind=Kind.SERIES, wide=4),
            Widget(name="newest", title="Newest messages", kind=Kind.NEWEST, wide=4),
        ),
    ),
    "troubleshooting": View(
        title="MTA Troubleshooting",
        says="What does not go as it should, and why.",
        widgets=(
            Widget(name="deferred", title="Deferred now", kind=Kind.NUMBER, keys=("deferred",)),
            Widget(name="bounced", title="Bounced", kind=Kind.NUMBER, keys=("bounced",)),
            Widget(name="skipped", title="Skipped", kind=Kind.NUMBER, keys=("skipped",)),
            Widget(name="refused", title="Refused", kind=Kind.NUMBER, keys=("rejected",)),
            Widget(name="trouble", title="Trouble over time", kind=Kind.SERIES, keys=TROUBLE, wide=4),
            Widget(name="why_deferred", title="Deferred, by reason", kind=Kind.BAR, by=Measure.DEFERRED, wide=2),
            Widget(name="who_deferred", title="Deferred, by next hop", kind=Kind.BAR, by=Measure.HOP_DEFERRED, wide=2),
            Widget(name="why_bounced", title="Bounced, by reason", kind=Kind.BAR, by=Measure.BOUNCED, wide=2),
            Widget(name="who_bounced", title="Bounced, by next hop", kind=Kind.BAR, by=Measure.HOP_BOUNCED, wide=2),
            Widget(name="why_refused", title="Refused, by reason", kind=Kind.BAR, by=Measure.REFUSED, wide=2),
            Widget(name="who_refused", title="Refused, by source", kind=Kind.BAR, by=Measure.REFUSED_SOURCE, wide=2),
            Widget(
                name="unfinished", title="Engines that could not look", kind=Kind.BAR, by=Measure.UNFINISHED, wide=2
            ),
            Widget(name="slow", title="Examined within", kind=Kind.BAR, by=Measure.EXAMINED, wide=2),
            Widget(
                name="newest",
                title="Newest with trouble",
                kind=Kind.NEWEST,
                only=" ".join(f"status:{one}" for one in TROUBLE),
                wide=4,
            ),
        ),
    ),
}
