"""The views that are shipped, as data: each widget says what it counts, of which messages, and how it is shown."""

from typing import Final

from mailock.console.figures import Kind, View, Widget

_PROBLEMS: Final = "status:deferred status:bounced status:hold"

VIEWS: Final[dict[str, View]] = {
    "overview": View(
        title="MTA Overview",
        says="What came, what it was, and what became of it.",
        widgets=(
            Widget(name="messages", title="Messages", kind=Kind.NUMBER),
            Widget(name="delivered", title="Delivered", kind=Kind.NUMBER, only="status:delivered"),
            Widget(name="quarantined", title="Quarantined", kind=Kind.NUMBER, only="status:quarantined"),
            Widget(name="malicious", title="Malicious", kind=Kind.NUMBER, only="verdict:malicious"),
            Widget(name="volume", title="Messages over time, by status", kind=Kind.SERIES, by="status", wide=4),
            Widget(name="verdicts", title="Verdicts", kind=Kind.PIE, by="verdict", wide=2),
            Widget(name="classes", title="Classes of mail", kind=Kind.PIE, by="class", wide=2),
            Widget(name="senders", title="Top senders", kind=Kind.BAR, by="sender", wide=2),
            Widget(name="recipients", title="Top recipients", kind=Kind.BAR, by="recipient", wide=2),
            Widget(name="sources", title="Top sources", kind=Kind.BAR, by="source", wide=2),
            Widget(name="hops", title="Next hops", kind=Kind.BAR, by="hop", wide=2),
            Widget(name="sizes", title="Sizes", kind=Kind.BAR, by="size", wide=2),
            Widget(name="delays", title="From acceptance to delivery", kind=Kind.BAR, by="delay", wide=2),
            Widget(name="rules", title="Rules that decided", kind=Kind.BAR, by="rule", wide=2),
            Widget(name="encryption", title="Encryption on the way in", kind=Kind.BAR, by="tls", wide=2),
        ),
    ),
    "live": View(
        title="MTA Live Monitoring",
        says="What is where at this moment. It changes while you look.",
        frame="1h",
        widgets=(
            Widget(name="waiting", title="Being examined", kind=Kind.STATE, by="waiting"),
            Widget(name="ready", title="Being delivered", kind=Kind.STATE, by="ready"),
            Widget(name="deferred", title="Deferred", kind=Kind.STATE, by="deferred"),
            Widget(name="held", title="On hold", kind=Kind.STATE, by="held"),
            Widget(name="kept", title="In quarantine", kind=Kind.STATE, by="quarantined"),
            Widget(name="shunted", title="Shunted", kind=Kind.STATE, by="shunted"),
            Widget(name="sessions", title="Clients connected", kind=Kind.STATE, by="sessions"),
            Widget(name="connections", title="Connections out", kind=Kind.STATE, by="connections"),
            Widget(name="rate", title="Messages a minute, by status", kind=Kind.SERIES, by="status", wide=4),
            Widget(name="newest", title="Newest messages", kind=Kind.NEWEST, wide=4),
        ),
    ),
    "troubleshooting": View(
        title="MTA Troubleshooting",
        says="What does not go as it should, and why.",
        widgets=(
            Widget(name="deferred", title="Deferred", kind=Kind.NUMBER, only="status:deferred"),
            Widget(name="bounced", title="Bounced", kind=Kind.NUMBER, only="status:bounced"),
            Widget(name="skipped", title="Skipped", kind=Kind.NUMBER, only="status:skipped"),
            Widget(name="refused", title="Refused", kind=Kind.NUMBER, only="status:rejected"),
            Widget(name="trouble", title="Trouble over time", kind=Kind.SERIES, by="status", only=_PROBLEMS, wide=4),
            Widget(
                name="reasons",
                title="Deferred and bounced, by reason",
                kind=Kind.BAR,
                by="reason",
                only=_PROBLEMS,
                wide=4,
            ),
            Widget(name="hops", title="By next hop", kind=Kind.BAR, by="hop", only=_PROBLEMS, wide=2),
            Widget(
                name="refusals", title="Refused, by reason", kind=Kind.BAR, by="reason", only="status:rejected", wide=2
            ),
            Widget(
                name="sources", title="Refused, by source", kind=Kind.BAR, by="source", only="status:rejected", wide=2
            ),
            Widget(
                name="unknown",
                title="Could not be examined fully, by rule",
                kind=Kind.BAR,
                by="rule",
                only="verdict:unknown",
                wide=2,
            ),
            Widget(name="newest", title="Newest with trouble", kind=Kind.NEWEST, only=_PROBLEMS, wide=4),
        ),
    ),
}
