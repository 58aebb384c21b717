"""Signatures, computed with `cryptography`: whether one fits, and making one.

Keys come from whoever sent the mail, so what they may cost is bounded: RSA up to 8192 bits with an ordinary exponent.
"""

from typing import Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa, utils

from mailock.core.authentication.questions import Check, Checked, Fit, KeyType

LARGEST_RSA: Final = 8192
"""Bits."""
_LARGEST_EXPONENT: Final = 32
"""Bits; nearly every key in the world has 65537."""
_LARGEST_KEY: Final = 4096
"""Octets of a key as it is encoded."""
_HASHES: Final[dict[str, hashes.HashAlgorithm]] = {"sha256": hashes.SHA256(), "sha1": hashes.SHA1()}


def check(question: Check) -> Checked:
    """Whether a signature fits. Never raises."""
    if len(question.untrusted_key) > _LARGEST_KEY:
        return Checked(Fit.NO_KEY, why="it is too long")
    match question.key_type:
        case KeyType.RSA:
            return _check_rsa(question)
        case KeyType.ED25519:
            return _check_ed25519(question)


def _check_rsa(question: Check) -> Checked:
    try:
        key = serialization.load_der_public_key(question.untrusted_key)
    except (ValueError, UnsupportedAlgorithm):
        return Checked(Fit.NO_KEY, why="it is not an RSA key in DER")
    if not isinstance(key, rsa.RSAPublicKey):
        return Checked(Fit.NO_KEY, why="it is not an RSA key")
    if key.key_size > LARGEST_RSA or key.public_numbers().e.bit_length() > _LARGEST_EXPONENT:
        return Checked(Fit.NO_KEY, key.key_size, "it is larger than anybody needs")
    try:
        key.verify(
            question.untrusted_signature,
            question.digest,
            padding.PKCS1v15(),
            utils.Prehashed(_HASHES[question.hash_name]),
        )
    except InvalidSignature:
        return Checked(Fit.BAD, key.key_size)
    except (ValueError, UnsupportedAlgorithm) as error:
        return Checked(Fit.NO_KEY, key.key_size, f"{error}"[:100])
    return Checked(Fit.GOOD, key.key_size)


def _check_ed25519(question: Check) -> Checked:
    try:
        key = ed25519.Ed25519PublicKey.from_public_bytes(question.untrusted_key)
    except (ValueError, UnsupportedAlgorithm):
        return Checked(Fit.NO_KEY, why="it is not the 32 octets of an Ed25519 key")
    try:
        key.verify(question.untrusted_signature, question.digest)
    except InvalidSignature:
        return Checked(Fit.BAD, 256)
    return Checked(Fit.GOOD, 256)


PrivateKey = rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey


def sign(key: PrivateKey, digest: bytes) -> bytes:
    """The signature of a SHA-256 digest."""
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(digest, padding.PKCS1v15(), utils.Prehashed(hashes.SHA256()))
    return key.sign(digest)
