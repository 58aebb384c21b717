"""What is odd about a link by itself: what findings say, at the severity that it deserves in ordinary mail.

Newsletters wrap their links, show one domain and lead to another, and use bare addresses; none of that is a danger by
itself, so most remarks are notes. What hides where it leads, or opens something else than a page, is suspicious.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from mailock.core.evidence.finding import Confidence, Severity
from mailock.core.evidence.links.target import SCRIPTS, SHARES, WEB, Oddity, Target, target
from mailock.core.evidence.links.written import Site, trimmed

KINDS: Final = {
    "url.userinfo": "A URL with a user before its host (http://user@host/), which readers take for the host.",
    "url.address_host": "A URL whose host is an address, not a name.",
    "url.hidden_address": "A URL whose host is an address in a form that hides it: hexadecimal, octal, one number.",
    "url.backslash": "A URL with backslashes, or with too few or too many slashes, before its host.",
    "url.broken": "A URL with tabs, line ends or characters that nobody sees inside.",
    "url.mixed_script": "A host name that mixes scripts within a label.",
    "url.lookalike": "A host name of letters of other scripts that look like ASCII letters.",
    "url.other_domain": "A link whose text names another domain than the one that it leads to.",
    "url.nested": "A link that leads through more than two redirects.",
    "url.script": "A link that runs script (javascript:, vbscript:).",
    "url.data": "A link that opens content of its own (data:).",
    "url.share": "A link to a file share: Windows sends the reader's credentials there.",
    "url.handler": "A link that starts a program on the reader's machine (ms-msdt:, search-ms: …).",
    "url.program": "A link to a file that runs: .exe, .js, .iso, .lnk …",
    "url.disarmed": "A URL written so that no program follows it (hxxp, [.]); people do that with dangerous ones.",
}
_MALICIOUS_HANDLERS: Final = frozenset({"ms-msdt"})
_HANDLERS: Final = frozenset(
    {"search-ms", "search", "ms-officecmd", "ms-appinstaller", "ms-cxh", "ms-cxh-full", "ms-word", "ms-excel", "shell"}
    | {"ms-powerpoint", "ms-access", "ms-project", "ms-publisher", "ms-visio", "ms-infopath", "intent", "ldap", "jar"}
    | {
        "ms-screenclip",
        "ms-quick-assist",
        "ms-rd",
        "rdp",
        "ssh",
        "telnet",
        "mk",
        "ms-its",
        "its",
        "hcp",
        "mhtml",
        "wsl",
    }
)
_PROGRAM: Final = re.compile(
    r"\.(?:exe|scr|pif|cpl|msi|msix|appx|appinstaller|bat|cmd|ps1|vbs|vbe|jse?|wsf|hta|lnk|iso|img|vhdx?|jar|apk|xll|"
    r"docm|xlsm|xlam|pptm|one|application|settingcontent-ms|library-ms|search-ms|chm|reg|url)$",
    re.IGNORECASE,
)
_LOUD: Final = re.compile(
    r"eval|atob|unescape|decodeuri|fromcharcode|document\.(?:write|cookie|domain)|https?:|%[0-9a-f]{2}.{0,200}%|\\\\?x[0-9a-f]|"
    r"activexobject|xmlhttp|fetch\(|\.innerhtml|createelement|import\(",
    re.IGNORECASE,
)
"""What a link's script has in it that does more than call a page's own function."""
_NAMED: Final = re.compile(r"(?:https?://)?(?:[\w-]{1,63}\.){1,10}[a-z]{2,24}(?![\w@-])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Remark:
    """Something to say about a link; `says` goes on behind "A link"."""

    kind: str
    severity: Severity
    confidence: Confidence
    says: str
    weight: float = 0.0


_ODDITIES: Final = {
    Oddity.USERINFO: ("url.userinfo", Severity.NOTE, Confidence.MEDIUM, "has a user before its host", 0.5),
    Oddity.HOST_AS_USER: (
        "url.userinfo",
        Severity.SUSPICIOUS,
        Confidence.LOW,
        "shows one host and leads to another",
        1.0,
    ),
    Oddity.ODD_ADDRESS: ("url.hidden_address", Severity.SUSPICIOUS, Confidence.MEDIUM, "hides an address", 1.5),
    Oddity.BACKSLASH: ("url.backslash", Severity.SUSPICIOUS, Confidence.LOW, "has backslashes before its host", 0.5),
    Oddity.SLASHES: ("url.backslash", Severity.NOTE, Confidence.LOW, "has another number of slashes than two", 0.2),
    Oddity.BREAKS: ("url.broken", Severity.NOTE, Confidence.LOW, "has tabs or line ends inside", 0.0),
    Oddity.HIDDEN: ("url.broken", Severity.SUSPICIOUS, Confidence.LOW, "has characters that nobody sees", 1.0),
    Oddity.ESCAPED_HOST: ("url.broken", Severity.SUSPICIOUS, Confidence.LOW, "has its host in percent signs", 1.0),
    Oddity.MIXED: ("url.mixed_script", Severity.SUSPICIOUS, Confidence.MEDIUM, "mixes scripts in its host", 1.0),
    Oddity.LOOKALIKE: ("url.lookalike", Severity.SUSPICIOUS, Confidence.LOW, "has a host of lookalike letters", 1.0),
}


def about(found: Target, *, opened: bool = True) -> Iterator[Remark]:
    """What is odd about a target by itself. `opened` is false for what is loaded with a page."""
    where = f": {found.untrusted_url[:120]}"
    for oddity in found.oddities:
        kind, severity, confidence, says, weight = _ODDITIES[oddity]
        if oddity is Oddity.LOOKALIKE and found.lookalike:
            says += f" (read as {found.lookalike})"
        yield Remark(kind, severity, confidence, says + where, weight)
    if found.address and found.scheme in WEB:
        yield Remark("url.address_host", Severity.NOTE, Confidence.HIGH, "leads to a bare address" + where, 1.0)
    if found.scheme in WEB:
        if opened and _PROGRAM.search(found.path):
            level = Severity.SUSPICIOUS if found.address else Severity.NOTE
            yield Remark("url.program", level, Confidence.LOW, "leads to a file that runs" + where, 0.3)
    else:
        yield from _other_scheme(found, where, opened)


def _other_scheme(found: Target, where: str, opened: bool) -> Iterator[Remark]:
    scheme = found.scheme
    if scheme in SCRIPTS:
        # Pages call their own functions so, and mail programs run none of it.
        ordinary = scheme == "javascript" and not _LOUD.search(found.untrusted_tail)
        level = Severity.NOTE if ordinary else Severity.SUSPICIOUS
        yield Remark("url.script", level, Confidence.LOW, "runs script" + where, 0.0 if ordinary else 0.5)
    elif scheme == "data":
        media = found.untrusted_tail.partition(",")[0].lower()
        pictures = media.startswith("image/") and "svg" not in media
        level, sure = (Severity.NOTE, Confidence.LOW) if pictures else (Severity.SUSPICIOUS, Confidence.MEDIUM)
        yield Remark("url.data", level, sure, "opens content of its own" + where, 0.5)
    elif scheme in SHARES:
        sure = Confidence.LOW if opened else Confidence.MEDIUM
        yield Remark("url.share", Severity.SUSPICIOUS, sure, "leads to a file share" + where, 0.5)
    elif scheme in _MALICIOUS_HANDLERS:
        yield Remark("url.handler", Severity.MALICIOUS, Confidence.MEDIUM, "starts a diagnostic tool" + where, 1.0)
    elif scheme in _HANDLERS or scheme.startswith("ms-"):
        yield Remark("url.handler", Severity.SUSPICIOUS, Confidence.MEDIUM, "starts a program" + where, 0.5)


def displayed(untrusted_text: str, last: Target, site: Site) -> Remark | None:
    """A remark where the text of a link names another domain than its target has."""
    text = trimmed(untrusted_text.strip())
    if last.scheme not in WEB or len(text) > 200 or "." not in text or not _NAMED.match(text):
        return None
    named = target(text if "//" in text[:9] else "http://" + text.partition(" ")[0])
    if named is None or not named.host or named.address:
        return None
    theirs, ours = site(named.host), site(last.host)
    if theirs is None or theirs == ours:
        return None
    hidden = last.address or last.oddities & {Oddity.ODD_ADDRESS, Oddity.HOST_AS_USER, Oddity.LOOKALIKE, Oddity.MIXED}
    level = Severity.SUSPICIOUS if hidden else Severity.NOTE
    says = f"shows {named.host} and leads to {last.host}"
    return Remark(
        "url.other_domain", level, Confidence.MEDIUM if hidden else Confidence.LOW, says, 0.7 if hidden else 0.1
    )
