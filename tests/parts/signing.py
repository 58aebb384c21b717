"""Keys for tests, a signer that has both halves in one place, and the zone that publishes what it signs with."""

from dataclasses import dataclass
from functools import cache

from cryptography.hazmat.primitives import serialization

from mailock.core.authentication import sealing, signing
from mailock.core.authentication.fields import split
from mailock.core.authentication.questions import KeyType
from mailock.engines.authentication import arithmetic
from mailock.engines.authentication.keys import StoredKey, new_key

NOW = 1_700_000_000
IDENTIFIER = "mx.receiver.example"


@cache
def key(domain: str, key_type: KeyType = KeyType.RSA, *, bits: int = 1024) -> StoredKey:
    """A key, the same one each time; short, so that tests are."""
    return new_key(domain, f"s{bits}-{key_type.value}", key_type, now=NOW, bits=bits)


def zone(*keys: StoredKey) -> dict[str, object]:
    """The names that publish them."""
    return {one.name: [["TXT", one.record]] for one in keys}


def private_pem(one: StoredKey) -> bytes:
    """The private half as dkimpy reads it."""
    return one.private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )


def signed(message: bytes, one: StoredKey, *, now: int = NOW) -> bytes:
    """The message with a DKIM-Signature of ours on top."""
    prepared = signing.unsigned(split(message), one.public, now=now)
    return signing.finished(prepared, arithmetic.sign(one.private, prepared.digest)) + message


@dataclass(frozen=True)
class Refused:
    """No set was made."""

    why: str


def sealed(message: bytes, one: StoredKey, results: bytes, *, now: int = NOW) -> bytes | Refused:
    """The message with an ARC set of ours on top; `results` is our Authentication-Results field, with its CRLF."""
    whole = split(results + message)
    try:
        prepared = sealing.prepare(whole, split(results + b"\r\n").fields, IDENTIFIER, one.public, now=now)
    except sealing.NoSeal as why:
        return Refused(str(why))
    own = signing.finished(prepared.message, arithmetic.sign(one.private, prepared.message.digest))
    seal = sealing.seal(prepared, own, one.public, now=now)
    top = signing.finished(seal, arithmetic.sign(one.private, seal.digest)) + own + prepared.results
    return top + results + message
