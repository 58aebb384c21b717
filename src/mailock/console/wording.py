"""How pages and pictures write amounts, times and addresses of pages."""

from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlencode

from markupsafe import Markup, escape

from mailock.ports.people import Right

RIGHTS: Final = {
    Right.OWN: "keep one's own account",
    Right.TRACK: "search messages",
    Right.VIEWS: "see and order views",
    Right.SEE_QUEUE: "see the queue",
    Right.ACT_QUEUE: "act on the queue",
    Right.SEE_QUARANTINE: "see quarantine",
    Right.ACT_QUARANTINE: "release, report, delete",
    Right.RELEASE_MALWARE: "release malware",
    Right.READ_CONTENT: "read content",
    Right.SEE_POLICY: "see the policy",
    Right.INSTALL_POLICY: "install policies",
    Right.SEE_HEALTH: "see health and alerts",
    Right.SEE_AUDIT: "see the audit log",
    Right.MANAGE_PEOPLE: "manage people",
}
"""What each right lets somebody do, in words."""
_UNITS: Final = ("B", "KB", "MB", "GB", "TB")
_SPANS: Final = ((86_400, "d"), (3600, "h"), (60, "m"), (1, "s"))


def link(path: str, **query: object) -> str:
    """A path with a query; what is empty is left out."""
    told = {name.rstrip("_"): value for name, value in query.items() if value not in (None, "")}
    return f"{path}?{urlencode(told)}" if told else path


def when(at: float | str | None) -> str:
    """A moment by the clock of this machine, to the second; of Unix seconds, or of a moment that JSON carries."""
    return "" if at is None else _local(at).strftime("%Y-%m-%d %H:%M:%S")


def clock(at: float | str | None) -> str:
    """A moment's time of day alone."""
    return "" if at is None else _local(at).strftime("%H:%M:%S")


def size(octets: float) -> str:
    """An amount of data, for people."""
    amount, unit = float(octets), 0
    while amount >= 1000 and unit < len(_UNITS) - 1:
        amount, unit = amount / 1000, unit + 1
    return f"{amount:.0f} {_UNITS[unit]}" if unit == 0 or amount >= 100 else f"{amount:.1f} {_UNITS[unit]}"


def span(seconds: float | None) -> str:
    """A length of time, for people: its two largest units."""
    if seconds is None:
        return ""
    if 0 < seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    left = round(seconds)
    out: list[str] = []
    for length, unit in _SPANS:
        count, left = divmod(left, length)
        if count or out:
            out.append(f"{count}{unit}")
    return " ".join(out[:2]) or "0s"


def rate(a_minute: float) -> str:
    """Messages a minute, for people."""
    amount = number(a_minute) if a_minute >= 100 or not a_minute else f"{a_minute:.2g}"
    return f"{amount} /\N{NO-BREAK SPACE}min"


def number(count: float) -> str:
    """A number with its thousands apart."""
    return f"{count:,.0f}".replace(",", "\N{NARROW NO-BREAK SPACE}")


def words(name: str) -> str:
    """A name of ours as words: `scan_ended` as "scan ended"."""
    return name.replace("_", " ")


def marked(text: str) -> Markup:
    """A sentence of the documentation, with what stands between grave accents as code."""
    code = Markup("<code>{}</code>")
    parts = [code.format(part) if n % 2 else escape(part) for n, part in enumerate(text.split("`"))]
    return Markup("").join(parts)


def _local(at: float | str) -> datetime:
    moment = datetime.fromisoformat(at) if isinstance(at, str) else datetime.fromtimestamp(at, UTC)
    return moment.astimezone()
