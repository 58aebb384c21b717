"""What a service says that it can do (RFC 3507 section 4.10.2), and for how long that holds."""

from dataclasses import dataclass
from typing import Final

from mailock.core.evidence.report import Unfinished, Why
from mailock.core.mail.shown import cleaned
from mailock.engines.icap.wire import Head, Method, nonsense

SHORTEST: Final = 60.0
LONGEST: Final = 3600.0
LARGEST_PREVIEW: Final = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a service can do."""

    method: Method
    preview: int | None
    """Octets that it wants to see before it says whether it wants more; None where it does not ask for that."""
    may_204: bool
    connections: int | None
    seconds: float
    """How long this holds."""
    version: str
    """Its name and its ISTag, which changes with whatever changes its answers (section 4.7)."""


def read_options(head: Head) -> Options:
    """The answer to OPTIONS. Raises Unfinished where there is no such service, or it can do nothing for us."""
    if head.status == 404:
        raise Unfinished(Why.UNREACHABLE, "the ICAP server knows no such service: correct its URL in [anti_virus] icap")
    if head.status != 200:
        raise Unfinished(Why.UNREACHABLE, f"the ICAP server answers OPTIONS with {head.status} {cleaned(head.reason)}")
    methods = head.tokens("methods")
    method = next((one for one in Method if one.value.lower() in methods), None)
    if method is None:
        what = cleaned(head.field("methods")[:80])
        raise Unfinished(Why.UNREACHABLE, f'the ICAP service knows neither RESPMOD nor REQMOD, but "{what}"')
    preview = _number(head, "preview")
    ttl = _number(head, "options-ttl")
    return Options(
        method=method,
        preview=min(preview, LARGEST_PREVIEW) if preview is not None else None,
        may_204="204" in head.tokens("allow"),
        connections=_number(head, "max-connections") or None,
        seconds=LONGEST if ttl is None else min(max(float(ttl), SHORTEST), LONGEST),
        version=version_of(head),
    )


def version_of(head: Head) -> str:
    """The version that a response carries; empty where it carries none."""
    tag = head.field("istag").strip('"')
    service = head.field("service") or head.field("server")
    return cleaned(f"{service[:100].strip()} {tag[:100]}".strip()) if tag else ""


def tag_of(head: Head) -> str:
    """The ISTag alone."""
    return head.field("istag").strip('"')[:100]


def _number(head: Head, name: str) -> int | None:
    text = head.field(name)
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise nonsense(f"{name}: {text}")
    return int(text)
