"""What authentication has to ask the world, and what it gets to hear.

Every check here is a generator: it yields questions and is sent the replies, so the same code runs over the DNS, over a
zone written in a file, and in tests that lie. There are two questions: the records of a name, and whether a signature
fits a key. A name that could not be learnt about (`Unlearnt`) is never read as a name without records: each check makes
temperror of it (RFC 7208 section 2.6.6, RFC 8601 section 2.7).
"""

from collections.abc import Generator
from dataclasses import dataclass
from enum import Enum
from typing import TypeVar


class RecordType(Enum):
    """The types of records that are asked for."""

    A = "A"
    AAAA = "AAAA"
    MX = "MX"
    TXT = "TXT"
    PTR = "PTR"


@dataclass(frozen=True, slots=True)
class Ask:
    """What records has a name? It is ASCII, without a final dot; for PTR the reverse name."""

    name: str
    type: RecordType


@dataclass(frozen=True, slots=True)
class Found:
    """What the DNS says. Texts are joined from their strings; mail exchangers are host names, the most preferred first.

    Empty: there are none; `exists` says whether the name does.
    """

    untrusted_values: tuple[str, ...]
    exists: bool = True


@dataclass(frozen=True, slots=True)
class Unlearnt:
    """It could not be learnt: SERVFAIL, a time-out, or the budget for a message is used up."""

    why: str


class KeyType(Enum):
    """The kinds of keys that DKIM knows (RFC 6376 section 3.3, RFC 8463)."""

    RSA = "rsa"
    ED25519 = "ed25519"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """Does a signature fit a digest under a key? Ed25519 signs the digest itself (RFC 8463 section 3)."""

    key_type: KeyType
    untrusted_key: bytes
    """RSA: DER of a SubjectPublicKeyInfo or an RSAPublicKey. Ed25519: 32 octets."""
    hash_name: str
    """`sha256` or `sha1`."""
    digest: bytes
    untrusted_signature: bytes


class Fit(Enum):
    """Whether a signature fits."""

    GOOD = "good"
    BAD = "bad"
    NO_KEY = "no key"
    """The key cannot be read, or nobody can be asked to compute with it."""


@dataclass(frozen=True, slots=True)
class Checked:
    """The outcome of a Check."""

    fit: Fit
    bits: int = 0
    """Of the key."""
    why: str = ""


Question = Ask | Check
Reply = Found | Unlearnt | Checked
T = TypeVar("T")
Steps = Generator[Question, Reply, T]


def records(name: str, type_: RecordType) -> Steps[Found | Unlearnt]:
    """Asks for records. A name that cannot stand in the DNS has none, and nobody is asked."""
    if not is_name(name):
        return Found((), exists=False)
    reply = yield Ask(name, type_)
    assert isinstance(reply, Found | Unlearnt), "a question for records is answered with records"
    return reply


def fits(check: Check) -> Steps[Checked]:
    """Asks whether a signature fits."""
    reply = yield check
    assert isinstance(reply, Checked), "a question for a signature is answered with its fit"
    return reply


def is_name(name: str) -> bool:
    """Whether a name can be asked for: ASCII, at most 253 octets, labels of 1 to 63 (RFC 1035 section 2.3.4)."""
    return len(name) <= 253 and name.isascii() and all(0 < len(label) <= 63 for label in name.split("."))
