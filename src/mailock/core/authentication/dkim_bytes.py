"""The half of DKIM that reads bytes and runs in the jail: it canonicalises and hashes, and asks nobody anything.

What comes out is a value for each signature, with the hash of the body beside the one that the signature tells, and the
digest that has to fit the signature under a key which this half never sees. `dkim_check` is the other half.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from mailock.core.authentication import canonical, signature
from mailock.core.authentication.canonical import Way
from mailock.core.authentication.fields import Field, Split
from mailock.core.authentication.signature import Broken, Told

MOST: Final = 10
"""Signatures of one message that are looked at; what stands below them is told and not checked."""
TOLD: Final = 50
"""Signatures of one message that are told at all."""
NAME: Final = "dkim-signature"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hashed:
    """A signature, hashed. Plain values only, for it leaves the jail as a document; octets are hexadecimal."""

    broken: str
    """Empty, or why it cannot be checked."""
    skipped: bool = False
    """Whether it was not looked at because there were too many."""
    draft: bool = False
    """Whether a draft from before RFC 4871 made it."""
    domain: str = ""
    selector: str = ""
    identity: str = ""
    algorithm: str = ""
    body_told: str = ""
    body_hash: str = ""
    digest: str = ""
    signature: str = ""
    length: int = -1
    """How many octets of the body are covered where not all are said to be; -1 for all."""
    body_length: int = 0
    """Octets of the canonical body."""
    timestamp: int = -1
    expires: int = -1


@dataclass(slots=True)
class Bodies:
    """The body of a message in each canonical form, made once; and the hashes of it."""

    content: bytes
    _forms: dict[Way, bytes] = field(default_factory=dict)
    _hashes: dict[tuple[Way, str, int | None], bytes] = field(default_factory=dict)

    def form(self, way: Way) -> bytes:
        """A canonical form."""
        if way not in self._forms:
            self._forms[way] = canonical.body(self.content, way)
        return self._forms[way]

    def hash(self, way: Way, name: str, length: int | None) -> bytes:
        """The hash of a form, or of so many of its first octets."""
        key = way, name, length
        if key not in self._hashes:
            form = self.form(way)
            self._hashes[key] = hash_of(name, form if length is None else memoryview(form)[:length])
        return self._hashes[key]


def hashed(message: Split) -> tuple[Hashed, ...]:
    """Every DKIM signature of a message, from the top."""
    found: list[Hashed] = []
    bodies = Bodies(message.body)
    for one in message.fields:
        if one.lower != NAME:
            continue
        if len(found) >= TOLD:
            break
        found.append(_hashed(message, one, bodies, too_many=len(found) >= MOST))
    return tuple(found)


def _hashed(message: Split, one: Field, bodies: Bodies, *, too_many: bool) -> Hashed:
    found: dict[str, str] = {}
    try:
        found = signature.read_tags(one)
        if too_many:
            raise Broken(f"only the first {MOST} signatures are checked")
        if message.too_long:
            raise Broken(message.too_long)
        told = signature.read_dkim(found)
        return digest(told, one, message.fields, bodies)
    except Broken as error:
        return Hashed(
            broken=str(error),
            skipped=too_many,
            domain=_printable(found.get("d", "")),
            selector=_printable(found.get("s", "")),
            algorithm=_printable(found.get("a", "")),
        )


def digest(told: Told, one: Field, fields: Sequence[Field], bodies: Bodies) -> Hashed:
    """What has to be known of one signature to check it. Raises Broken."""
    form = bodies.form(told.ways.body)
    if told.length is not None and told.length > len(form):
        raise Broken(f"l={told.length} is more than the {len(form)} octets of the body")
    others = [other for other in fields if other is not one]
    return Hashed(
        broken="",
        draft=told.draft,
        domain=told.domain,
        selector=told.selector,
        identity=told.identity,
        algorithm=told.algorithm,
        body_told=told.body_hash.hex(),
        body_hash=bodies.hash(told.ways.body, told.hash_name, told.length).hex(),
        digest=header_digest(told, one, others).hex(),
        signature=told.signature.hex(),
        length=-1 if told.length is None else told.length,
        body_length=len(form),
        timestamp=-1 if told.timestamp is None else told.timestamp,
        expires=-1 if told.expires is None else told.expires,
    )


def header_digest(told: Told, one: Field, others: Sequence[Field]) -> bytes:
    """The digest of the fields that are signed, and of the signature's own field without its value (section 3.7)."""
    way = told.ways.header
    signed = [canonical.header(chosen, way) for chosen in canonical.select(others, told.names)]
    signed.append(canonical.header(canonical.without_signature(one), way).removesuffix(b"\r\n"))
    return hash_of(told.hash_name, b"".join(signed))


def hash_of(name: str, octets: bytes | memoryview) -> bytes:
    """The hash by its name; SHA-1 only to say what an old signature is worth."""
    if name == "sha1":
        return hashlib.sha1(octets, usedforsecurity=False).digest()
    return hashlib.sha256(octets).digest()


def _printable(text: str) -> str:
    """A value of a broken signature, for people only."""
    return "".join(character if character.isprintable() else "?" for character in text[:100])
