"""A key record of DKIM (RFC 6376 section 3.6.1), and what it says of a signature."""

import base64
import binascii
from dataclasses import dataclass
from typing import Final

from mailock.core.authentication import tags
from mailock.core.authentication.questions import KeyType

LONGEST: Final = 16 << 10
"""Octets of a record."""


class BadKey(ValueError):
    """The record gives no key for this signature; the sentence says why. Always permanent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRecord:
    """A record that holds a key."""

    key_type: KeyType
    key: bytes
    hashes: tuple[str, ...]
    """Those that it allows; empty for all."""
    testing: bool
    """t=y: the domain only tries it out."""
    strict: bool
    """t=s: i= and d= have to be the same domain."""
    granularity: str | None
    """The g= tag of RFC 4871, which later went: whose mail the key is for."""


def read(untrusted_text: str) -> KeyRecord:
    """The key of a record. Raises BadKey."""
    if len(untrusted_text) > LONGEST:
        raise BadKey(f"the key record has more than {LONGEST} octets")
    try:
        found = tags.read(untrusted_text.encode("utf-8", "surrogateescape"))
    except tags.BadTags as error:
        raise BadKey(f"the key record is broken: {error}") from None
    if "v" in found and (found["v"] != "DKIM1" or next(iter(found)) != "v"):
        raise BadKey("the key record is not of DKIM1")
    if "p" not in found:
        raise BadKey("the key record holds no key (p=)")
    value = tags.without_spaces(found["p"])
    if not value:
        raise BadKey("the key is revoked")
    services = _words(found.get("s", "*"))
    if not {"*", "email"}.intersection(services):
        raise BadKey("the key is not meant for mail (s=)")
    kind = found.get("k", "rsa").lower()
    try:
        key_type = KeyType(kind)
    except ValueError:
        raise BadKey(f"keys of type {kind[:20]!r} are not known here") from None
    flags = _words(found.get("t", ""))
    return KeyRecord(
        key_type=key_type,
        key=_octets(value),
        hashes=_words(found["h"]) if "h" in found else (),
        testing="y" in flags,
        strict="s" in flags,
        granularity=found.get("g"),
    )


def allow(record: KeyRecord, key_type: KeyType, hash_name: str, identity: str, domain: str) -> None:
    """Raises BadKey where a record does not speak for a signature with this i= (perhaps empty) and d=."""
    if record.key_type is not key_type:
        raise BadKey(f"the key is of type {record.key_type.value}, the signature of type {key_type.value}")
    if record.hashes and hash_name not in record.hashes:
        raise BadKey(f"the key is not meant for {hash_name} (h=)")
    local, _, of_domain = identity.rpartition("@")
    if record.strict and identity and of_domain.lower() != domain:
        raise BadKey(f"the key is only for addresses of {domain} itself (t=s)")
    if record.granularity is not None and not _granted(record.granularity, local):
        raise BadKey(f"the key is only for {record.granularity[:40]!r} (g=)")


def _granted(pattern: str, local: str) -> bool:
    """RFC 4871 section 3.6.1: one `*` stands for anything; an empty pattern for nobody."""
    before, star, after = pattern.partition("*")
    if not star:
        return bool(pattern) and local == pattern
    return len(local) >= len(before) + len(after) and local.startswith(before) and local.endswith(after)


def _words(value: str) -> tuple[str, ...]:
    return tuple(word.strip().lower() for word in value.split(":") if word.strip())


def _octets(value: str) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise BadKey("the key (p=) is not base64") from None
