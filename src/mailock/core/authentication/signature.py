"""A signature field, read: DKIM-Signature (RFC 6376 section 3.5) and ARC-Message-Signature (RFC 8617 section 4.1.2)."""

import base64
import binascii
from dataclasses import dataclass, replace
from typing import Final

from mailock.core.authentication import tags
from mailock.core.authentication.canonical import Way, Ways
from mailock.core.authentication.fields import Field
from mailock.core.authentication.questions import KeyType
from mailock.core.smtp.domain import read_domain

NAMES: Final = 1024
"""Names in an h= tag."""
IDENTITY: Final = 500
"""Characters of an i= tag."""
SIGNATURE: Final = 1024
"""Octets of a signature or a hash; one by a key of 8192 bits has as many."""
_ALGORITHMS: Final = {
    "rsa-sha256": (KeyType.RSA, "sha256"),
    "rsa-sha1": (KeyType.RSA, "sha1"),
    "ed25519-sha256": (KeyType.ED25519, "sha256"),
}
_DRAFT: Final = "0.5"
_BASE64: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=")


class Broken(ValueError):
    """The field is no signature that can be checked; the sentence says why. Always permanent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a signature says. All of it comes from the message."""

    algorithm: str
    key_type: KeyType
    hash_name: str
    domain: str
    selector: str
    identity: str
    """The i= tag of DKIM; empty where there is none."""
    ways: Ways
    names: tuple[str, ...]
    """The h= tag, in lower case."""
    body_hash: bytes
    signature: bytes
    length: int | None
    """The l= tag: how many octets of the body it covers."""
    timestamp: int | None
    expires: int | None
    draft: bool = False
    """Whether it was made by a draft from before RFC 4871, which wrote no version, or `0.5`."""


def read_tags(field: Field) -> dict[str, str]:
    """The tags of a field. Raises Broken."""
    try:
        return tags.read(field.value)
    except tags.BadTags as error:
        raise Broken(str(error)) from None


def read_dkim(found: dict[str, str]) -> Told:
    """A DKIM-Signature. Raises Broken."""
    version = found.get("v", _DRAFT)
    if version not in ("1", _DRAFT):
        raise Broken(f"v={version[:20]!r} is not version 1")
    told = read(found)
    if not all(told.names):
        raise Broken("h= is missing" if not found.get("h") else "h= holds an empty name")
    if "from" not in told.names:
        raise Broken("h= leaves out From")
    if version == _DRAFT:
        told = replace(told, draft=True)
    if told.identity:
        _, at, domain = told.identity.rpartition("@")
        name = read_domain(domain)
        if not at or name is None or not (name == told.domain or name.endswith("." + told.domain)):
            raise Broken(f"i={told.identity[:80]!r} is not of the domain {told.domain}")
    return told


def read_arc(found: dict[str, str]) -> Told:
    """An ARC-Message-Signature. Raises Broken.

    It has to cover From, as one of DKIM has (RFC 8617 section 4.1.2), or whoever sends it on may put another author in.
    The published suite takes a missing c= for relaxed, and a list without any names, which vouches for nobody here.
    """
    if "h" not in found:
        raise Broken("h= is missing")
    told = read({"c": "relaxed/relaxed"} | found)
    if "arc-seal" in told.names:
        raise Broken("the message signature covers ARC-Seal")
    names = tuple(name for name in told.names if name)
    if names and "from" not in names:
        raise Broken("h= leaves out From")
    return replace(told, names=names)


def read(found: dict[str, str]) -> Told:
    """What DKIM and ARC signatures have in common. Raises Broken."""
    for name in ("a", "b", "bh", "d", "s"):
        if not found.get(name):
            raise Broken(f"{name}= is missing")
    key_type, hash_name = algorithm(found["a"])
    names = tuple(name.strip().lower() for name in found.get("h", "").split(":"))
    if len(names) > NAMES:
        raise Broken(f"h= names more than {NAMES} fields")
    methods = {"dns/txt", "dns"} if found.get("v", _DRAFT) == _DRAFT else {"dns/txt"}
    if "q" in found and methods.isdisjoint(tags.without_spaces(found["q"]).lower().split(":")):
        raise Broken(f"q={found['q'][:20]!r} is not dns/txt")
    if len(found.get("i", "")) > IDENTITY:
        raise Broken(f"i= has more than {IDENTITY} characters")
    timestamp, expires = number(found, "t"), number(found, "x")
    if timestamp is not None and expires is not None and expires <= timestamp:
        raise Broken("it expires before it was made")
    return Told(
        algorithm=found["a"].lower(),
        key_type=key_type,
        hash_name=hash_name,
        domain=name_of(found, "d"),
        selector=name_of(found, "s"),
        identity=_unquoted(found.get("i", "")),
        ways=ways(found.get("c")),
        names=names,
        body_hash=octets(found, "bh"),
        signature=octets(found, "b"),
        length=number(found, "l"),
        timestamp=timestamp,
        expires=expires,
    )


def algorithm(told: str) -> tuple[KeyType, str]:
    """The key and the hash of an a= tag. Raises Broken."""
    known = _ALGORITHMS.get(told.lower())
    if known is None:
        raise Broken(f"a={told[:30]!r} is no algorithm that is known here")
    return known


def name_of(found: dict[str, str], tag: str) -> str:
    """A domain or a selector, in its one spelling (RFC 8616). Raises Broken."""
    name = read_domain(found.get(tag, ""))
    if name is None:
        raise Broken(f"{tag}={found.get(tag, '')[:80]!r} is no name of the DNS")
    return name


def octets(found: dict[str, str], tag: str) -> bytes:
    """A value in base64, white space aside. Raises Broken."""
    value = tags.without_spaces(found.get(tag, ""))
    if not value or not _BASE64.issuperset(value):
        raise Broken(f"{tag}= is not base64")
    if len(value) > SIGNATURE * 4 // 3 + 4:
        raise Broken(f"{tag}= has more than {SIGNATURE} octets")
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise Broken(f"{tag}= is not base64") from None


def number(found: dict[str, str], tag: str) -> int | None:
    """A value in digits; None where there is none. Raises Broken."""
    value = found.get(tag)
    if value is None:
        return None
    if not value.isascii() or not value.isdigit() or len(value) > 76:
        raise Broken(f"{tag}={value[:30]!r} is no number")
    return int(value)


def ways(told: str | None) -> Ways:
    """The c= tag; simple where it says nothing. Raises Broken."""
    header, _, body = (told or "simple/simple").lower().partition("/")
    try:
        return Ways(Way(header.strip()), Way(body.strip() or "simple"))
    except ValueError:
        raise Broken(f"c={(told or '')[:30]!r} is no canonicalisation") from None


def _unquoted(value: str) -> str:
    """A value without its quoted-printable (RFC 6376 section 2.11)."""
    if "=" not in value:
        return value
    octets_ = binascii.a2b_qp(tags.without_spaces(value).encode("utf-8", "surrogateescape"))
    return octets_.decode("utf-8", "replace")
