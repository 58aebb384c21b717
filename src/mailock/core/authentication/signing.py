"""DKIM signatures of our own (RFC 6376 section 5, RFC 8463): relaxed, over everything a reader sees, and oversigned.

In three steps, for the key is not where the bytes are (DECISIONS 25): `unsigned` reads the message and gives the field
without its signature, and the digest; whoever has the key signs the digest; `finished` puts the signature in.
"""

import base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from mailock.core.authentication import canonical, dkim_bytes
from mailock.core.authentication.canonical import Way, Ways
from mailock.core.authentication.fields import Field, Split
from mailock.core.authentication.questions import KeyType
from mailock.core.authentication.signature import Told

ALWAYS: Final = (
    "from",
    "sender",
    "reply-to",
    "to",
    "cc",
    "subject",
    "date",
    "message-id",
    "mime-version",
    "content-type",
    "content-transfer-encoding",
)
"""Named once more than they stand there, so that none can be added afterwards (RFC 6376 section 8.15)."""
WHERE_THERE: Final = (
    "in-reply-to",
    "references",
    "resent-from",
    "resent-to",
    "resent-date",
    "list-id",
    "list-unsubscribe",
    "list-unsubscribe-post",
    "list-post",
    "content-id",
    "content-description",
    "autocrypt",
)
RELAXED: Final = Ways(Way.RELAXED, Way.RELAXED)
LINE: Final = 72
"""Characters of a folded line of names."""
UNFOLDED: Final = 900
"""Characters of base64 on one line: unfolded where a line may be so long (RFC 5322 section 2.1.1), as the published
suite for sealing has it.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKey:
    """What is public of a key: who signs, where the key is published, and what kind it is."""

    domain: str
    selector: str
    key_type: KeyType

    @property
    def algorithm(self) -> str:
        """The a= tag."""
        return f"{self.key_type.value}-sha256"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsigned:
    """A field that lacks its signature: what stands before and behind it, and what has to be signed."""

    before: bytes
    after: bytes
    digest: bytes


def unsigned(message: Split, key: SigningKey, *, now: int) -> Unsigned:
    """A DKIM-Signature for a message whose lines end with CRLF."""
    names = oversigned(message.fields)
    body_hash = dkim_bytes.hash_of("sha256", canonical.body(message.body, Way.RELAXED))
    tags = [
        ("v", "1"),
        ("a", key.algorithm),
        ("c", str(RELAXED)),
        ("d", key.domain),
        ("s", key.selector),
        ("t", str(now)),
        ("bh", base64.b64encode(body_hash).decode()),
        ("h", ":\r\n  ".join(_folded_names(names))),
        ("b", ""),
    ]
    before = "DKIM-Signature: " + ";\r\n ".join(f"{name}={value}" for name, value in tags)
    one = Field(before.encode() + b"\r\n")
    digest = field_digest(message.fields, one, names, key)
    return Unsigned(before=before.encode(), after=b"\r\n", digest=digest)


def finished(prepared: Unsigned, signature: bytes) -> bytes:
    """The whole field, with its CRLF."""
    text = base64.b64encode(signature).decode()
    lines = [text[start : start + UNFOLDED] for start in range(0, len(text), UNFOLDED)]
    return prepared.before + "\r\n  ".join(lines).encode() + prepared.after


def oversigned(fields: Iterable[Field]) -> list[str]:
    """The names for an h= tag: each as often as it stands there, and those of ALWAYS once more."""
    there: dict[str, int] = {}
    for field in fields:
        there[field.lower] = there.get(field.lower, 0) + 1
    names = [name for name in ALWAYS for _ in range(min(there.get(name, 0), 10) + 1)]
    return names + [name for name in WHERE_THERE for _ in range(min(there.get(name, 0), 10))]


def _folded_names(names: Sequence[str]) -> list[str]:
    """Names joined to lines."""
    lines: list[str] = []
    for name in names:
        if lines and len(lines[-1]) + len(name) < LINE:
            lines[-1] += ":" + name
        else:
            lines.append(name)
    return lines


def field_digest(fields: Sequence[Field], one: Field, names: Sequence[str], key: SigningKey) -> bytes:
    """What a signature over these names of these fields has to fit; `one` is its own field, with an empty b= tag."""
    told = Told(
        algorithm=key.algorithm,
        key_type=key.key_type,
        hash_name="sha256",
        domain=key.domain,
        selector=key.selector,
        identity="",
        ways=RELAXED,
        names=tuple(names),
        body_hash=b"",
        signature=b"",
        length=None,
        timestamp=None,
        expires=None,
    )
    return dkim_bytes.header_digest(told, one, fields)
