"""A policy record of DMARC (RFC 9989 section 4.7), read as generously as it says: what is broken in it is as good as
left out, except its version, and its policies. The old tags `pct`, `rf` and `ri` (RFC 7489) are read and mean nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

LONGEST: Final = 8 << 10
"""Characters of a record that are read."""
_BLANKS: Final = " \t"


class Policy(IntEnum):
    """What the owner of a domain wants done with mail that fails, from mild to strict."""

    NONE = 0
    QUARANTINE = 1
    REJECT = 2

    @property
    def word(self) -> str:
        """As records write it."""
        return self.name.lower()


_POLICIES: Final = {policy.word: policy for policy in Policy}


@dataclass(frozen=True, slots=True, kw_only=True)
class DmarcRecord:
    """A record."""

    domain: str
    """Where it was found, without `_dmarc.`."""
    policy: Policy
    subdomains: Policy
    """For domains below that exist."""
    nonexistent: Policy
    """For domains below that do not."""
    valid: bool
    """Whether its policies can be read, or a report address stands in for them (section 4.7)."""
    strict_dkim: bool
    strict_spf: bool
    suffix: str
    """The psd tag: `y` a public suffix, `n` an organisation, `u` unknown."""
    testing: bool
    reports: tuple[str, ...]
    """Where aggregate reports go (rua)."""
    old: tuple[tuple[str, str], ...] = ()
    """The tags of RFC 7489 that went, as they stand."""


def select(domain: str, untrusted_texts: Sequence[str]) -> DmarcRecord | None:
    """The one record among the texts of a name; None where there is none, or more than one (section 4.10)."""
    found = [tags for text in untrusted_texts if (tags := _tags(text)) is not None]
    return _record(domain, found[0]) if len(found) == 1 else None


def _tags(text: str) -> dict[str, str] | None:
    """The tags of a record, names in lower case; None where the version does not stand first, or is another."""
    pieces = text[:LONGEST].split(";")
    name, equals, value = pieces[0].partition("=")
    if not equals or name.strip(_BLANKS).lower() != "v" or value.strip(_BLANKS) != "DMARC1":
        return None
    tags: dict[str, str] = {}
    for piece in pieces[1:]:
        name, equals, value = piece.partition("=")
        if equals:
            tags.setdefault(name.strip(_BLANKS).lower(), value.strip(_BLANKS))
    return tags


def _record(domain: str, tags: dict[str, str]) -> DmarcRecord:
    def word(name: str, allowed: str, default: str) -> str:
        value = tags.get(name, default).lower()
        return value if value in allowed.split() else default

    reports = tuple(uri for one in tags.get("rua", "").split(",") if (uri := one.strip(_BLANKS)) and _is_uri(uri))
    told = [_POLICIES.get(tags[name].lower()) for name in ("p", "sp", "np") if name in tags]
    sound = "p" in tags and None not in told
    policy = _POLICIES[tags["p"].lower()] if sound else Policy.NONE
    subdomains = _POLICIES[tags["sp"].lower()] if sound and "sp" in tags else policy
    return DmarcRecord(
        domain=domain,
        policy=policy,
        subdomains=subdomains,
        nonexistent=_POLICIES[tags["np"].lower()] if sound and "np" in tags else subdomains,
        valid=sound or bool(reports),
        strict_dkim=word("adkim", "r s", "r") == "s",
        strict_spf=word("aspf", "r s", "r") == "s",
        suffix=word("psd", "y n u", "u"),
        testing=word("t", "y n", "n") == "y",
        reports=reports,
        old=tuple((name, tags[name]) for name in ("pct", "rf", "ri") if name in tags),
    )


def _is_uri(text: str) -> bool:
    scheme, colon, rest = text.partition(":")
    return bool(colon and rest) and scheme.isascii() and scheme.replace("+", "").replace("-", "").isalnum()
