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
_FIELD: Final = (1 << 255) - 19
"""The prime of Curve25519."""
_ORDER_8: Final = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7
_SMALL_ORDER: Final = frozenset({0, 1, _FIELD - 1, _ORDER_8, _FIELD - _ORDER_8})
"""The y coordinates of the points whose order divides eight."""
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
    if _is_of_small_order(question.untrusted_key):
        return Checked(Fit.NO_KEY, 256, "anybody can make signatures that fit it: a point of small order")
    try:
        key.verify(question.untrusted_signature, question.digest)
    except InvalidSignature:
        return Checked(Fit.BAD, 256)
    return Checked(Fit.GOOD, 256)


def _is_of_small_order(key: bytes) -> bool:
    """Whether signatures that fit can be made without a private key: libraries check the equation of RFC 8032 section
    5.1.7 and not that, so the eight points, and spellings of a coordinate that nobody writes, are named here.
    """
    y = int.from_bytes(key, "little") & ((1 << 255) - 1)
    return y >= _FIELD or y in _SMALL_ORDER


PrivateKey = rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey


def sign(key: PrivateKey, digest: bytes) -> bytes:
    """The signature of a SHA-256 digest."""
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(digest, padding.PKCS1v15(), utils.Prehashed(hashes.SHA256()))
    return key.sign(digest)
