"""ARC sets of our own (RFC 8617 section 5.1): what we found before we changed a message, and our seal over it.

Two signatures are made, and the second covers the first: `prepare` reads the message and gives the results, and the
message signature but for its signature; `seal` is the seal but for its signature, once the other one is there. Tags
stand in the order of the alphabet, which is how the published suite for sealing writes them.

A chain that was found broken is sealed with cv=fail over our own set only (section 5.1.2). One whose newest seal says
that already is not sealed again, and neither is one that could not be judged.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from mailock.core.authentication import arc_bytes, canonical, dkim_bytes, results, signing
from mailock.core.authentication.arc_bytes import AAR, AMS, MOST, SEAL
from mailock.core.authentication.canonical import Way
from mailock.core.authentication.fields import Field, Split, split
from mailock.core.authentication.signature import Broken, read_tags
from mailock.core.authentication.signing import SigningKey, Unsigned

STATUSES: Final = frozenset({"none", "pass", "fail"})
_OURS: Final = frozenset({AAR, AMS, SEAL})
_SEALING: Final = _OURS | {"dkim-signature"}


class NoSeal(Exception):
    """The message is not to be sealed; the sentence says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A set that lacks its signatures."""

    instance: int
    status: str
    """The cv= tag."""
    results: bytes
    """The ARC-Authentication-Results field, whole."""
    message: Unsigned
    """The ARC-Message-Signature field."""
    before: bytes
    """The sets below ours as the seal covers them; empty where it covers ours only."""


def prepare(
    message: Split,
    frozen: Sequence[Field],
    identifier: str,
    key: SigningKey,
    *,
    now: int,
    names: Sequence[str] | None = None,
) -> Prepared:
    """A set for a message whose lines end with CRLF.

    `frozen` are fields that we wrote; our results are read from those among them that are Authentication-Results by
    `identifier`. Raises NoSeal.
    """
    methods = results.methods(frozen, identifier)
    status = next((word for name, word in map(_method, methods) if name == "arc"), "")
    if not methods:
        raise NoSeal("there are no results of ours that could be sealed")
    chain = [field for field in message.fields if field.lower in _OURS]
    instance, before, status = _place(chain, status)
    written = f"ARC-Authentication-Results: i={instance}; {identifier};\r\n " + ";\r\n ".join(methods) + "\r\n"
    chosen = list(names) if names is not None else signing.oversigned(message.fields)
    body_hash = dkim_bytes.hash_of("sha256", canonical.body(message.body, Way.RELAXED))
    head = f"ARC-Message-Signature: a={key.algorithm};\r\n b="
    rest = [
        ("bh", base64.b64encode(body_hash).decode()),
        ("c", str(signing.RELAXED)),
        ("d", key.domain),
        ("h", ":".join(chosen)),
        ("i", str(instance)),
        ("s", key.selector),
        ("t", str(now)),
    ]
    tail = ";\r\n " + ";\r\n ".join(f"{name}={value}" for name, value in rest) + "\r\n"
    aar, one = Field(written.encode()), Field((head + tail).encode())
    digest = signing.field_digest([aar, *message.fields], one, chosen, key)
    return Prepared(
        instance=instance,
        status=status,
        results=aar.raw,
        message=Unsigned(before=head.encode(), after=tail.encode(), digest=digest),
        before=before,
    )


def seal(prepared: Prepared, signed_message: bytes, key: SigningKey, *, now: int) -> Unsigned:
    """The seal over a set whose message signature is there. Touches nothing but fields that we wrote."""
    head = f"ARC-Seal: a={key.algorithm};\r\n b=".encode()
    tags = (("cv", prepared.status), ("d", key.domain), ("i", prepared.instance), ("s", key.selector), ("t", now))
    tail = ("".join(f"; {name}={value}" for name, value in tags) + "\r\n").encode()
    covered = [canonical.header(Field(raw), Way.RELAXED) for raw in (prepared.results, signed_message, head + tail)]
    octets = prepared.before + b"".join(covered).removesuffix(b"\r\n")
    return Unsigned(before=head, after=tail, digest=dkim_bytes.hash_of("sha256", octets))


def without_seal(prefix: bytes) -> bytes:
    """The fields that go before a body, less the signature or the seal that we put on top of them before."""
    fields = split(prefix + b"\r\n").fields
    sealed = 0
    while sealed < len(fields) and fields[sealed].lower in _SEALING:
        sealed += 1
    return b"".join(field.raw for field in fields[sealed:]) if sealed else prefix


def _place(chain: Sequence[Field], status: str) -> tuple[int, bytes, str]:
    """Our instance, what our seal covers below it, and its status. Raises NoSeal."""
    if not chain:
        return 1, b"", "none"
    newest, sound = 0, True
    for field in chain:
        try:
            newest = max(newest, arc_bytes.instance(field))
            if field.lower == SEAL and read_tags(field).get("cv", "").lower() == "fail":
                raise NoSeal("the chain was broken before it came here, and says so")
        except Broken:
            sound = False
    if status not in STATUSES:
        raise NoSeal("the chain below could not be judged")
    if newest >= MOST:
        raise NoSeal(f"the chain has {newest} sets already")
    if not sound or status != "pass":
        return newest + 1, b"", "fail"
    try:
        sets = arc_bytes.gather(chain)
    except Broken:
        return newest + 1, b"", "fail"
    before = [canonical.header(field, Way.RELAXED) for one in sets for field in (one.results, one.message, one.seal)]
    return newest + 1, b"".join(before), "pass"


def _method(text: str) -> tuple[str, str]:
    """The method and the result that a piece of results begins with."""
    name, _, rest = text.partition("=")
    word = rest.split(maxsplit=1)[0] if rest.split() else ""
    return name.strip().lower(), word.partition("(")[0].lower()
