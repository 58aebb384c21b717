"""A server's TLS identity: a certificate, its chain and its key, read from what people have, and checked before it is
used.

Every fault is one sentence that says what is wrong with the file and what to do. Order in a file does not matter: the
certificate is the one that the key belongs to, and the chain is put into order from there.
"""

import ssl
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes, PublicKeyTypes
from cryptography.hazmat.primitives.serialization import pkcs12

SMALLEST_RSA: Final = 2048
SMALLEST_EC: Final = 256

_PEM: Final = b"-----BEGIN "


class Unusable(Exception):
    """Why a file gives no usable identity: one sentence, with the mend."""


class NeedsPassword(Unusable):
    """The file is encrypted, and no password was given."""


@dataclass(frozen=True, slots=True)
class Material:
    """What a file held: a key, its certificate, and the intermediate ones from the nearest issuer to the furthest."""

    key: PrivateKeyTypes
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The host names and addresses that the certificate is made out for, in lower case."""
        return names_of(self.certificate)

    def pem(self) -> bytes:
        """All of it in one PEM text, the key unencrypted."""
        blocks = [one.public_bytes(serialization.Encoding.PEM) for one in (self.certificate, *self.chain)]
        key = self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return key + b"".join(blocks)


def read_material(what: str, content: bytes, *, key: bytes | None = None, password: bytes | None = None) -> Material:
    """Reads PKCS#12 or PEM; `key` is a separate PEM file's content, `what` names the file. Raises Unusable."""
    if _PEM in content:
        return _read_pem(what, content if key is None else content + b"\n" + key, password)
    if content[:1] != b"\x30":
        raise Unusable(f"{what} is neither PKCS#12 nor PEM: export the certificate with its key in one of these forms")
    return _read_pkcs12(what, content, password)


def check(what: str, material: Material, *, now: datetime, host: str | None) -> list[str]:
    """Raises Unusable where nobody should serve this; returns sentences on what merely deserves a thought."""
    certificate = material.certificate
    _check_key(what, material.key)
    for one in (certificate, *material.chain):
        _check_dates(what, one, now, "it" if one is certificate else f"its issuer's certificate ({_common_name(one)})")
    digest = certificate.signature_hash_algorithm
    if digest is not None and digest.name in ("md5", "sha1"):
        raise Unusable(f"{what} is signed with {digest.name.upper()}, which clients reject: have it issued again")
    if not material.names:
        raise Unusable(
            f"{what} names no host (it has no subjectAltName, and clients ignore the common name): have it issued again"
        )
    if host is not None and not covers(material.names, host):
        raise Unusable(f"{what} is made out for {', '.join(material.names)}, not for {host}")
    _check_with_openssl(what, material)
    notes = []
    if certificate.issuer == certificate.subject:
        notes.append("it is self-signed: senders that verify certificates will not trust it")
    elif not material.chain:
        notes.append("no intermediate certificate comes with it: senders that lack its issuer cannot verify it")
    return notes


def covers(names: Sequence[str], host: str) -> bool:
    """Whether a certificate for these names is good for a host: `*.` is exactly one label (RFC 9525 section 6.3)."""
    host = host.lower().rstrip(".")
    label, _, parent = host.partition(".")
    return host in names or bool(label and parent and f"*.{parent}" in names)


def names_of(certificate: x509.Certificate) -> tuple[str, ...]:
    """The host names and addresses in the subjectAltName, in lower case, as they stand."""
    try:
        value = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        return ()
    hosts = [name.lower() for name in value.get_values_for_type(x509.DNSName)]
    return (*hosts, *(str(ip) for ip in value.get_values_for_type(x509.IPAddress)))


def describe_key(certificate: x509.Certificate) -> str:
    """The kind and size of a certificate's key: `RSA 2048`, `EC secp256r1`."""
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        return f"RSA {key.key_size}"
    if isinstance(key, ec.EllipticCurvePublicKey):
        return f"EC {key.curve.name}"
    return type(key).__name__.removesuffix("PublicKey")


def _read_pkcs12(what: str, content: bytes, password: bytes | None) -> Material:
    try:
        key, certificate, others = pkcs12.load_key_and_certificates(content, password)
    except UnsupportedAlgorithm:
        raise Unusable(
            f"{what} is encrypted in a way that is no longer supported (RC2, most often): convert it with"
            " `openssl pkcs12 -legacy -nodes -in OLD -out NEW.pem` and import NEW.pem"
        ) from None
    except ValueError:
        if not _looks_like_pkcs12(content):
            raise Unusable(f"{what} is neither PKCS#12 nor PEM, or it is damaged") from None
        if password is None:
            raise NeedsPassword(f"{what} needs its password: give a file that holds it with --password-file") from None
        raise Unusable(f"the password does not open {what}, or the file is damaged") from None
    if key is None:
        raise Unusable(f"{what} holds no private key: export it again, together with its key")
    certificates = ([certificate] if certificate is not None else []) + list(others)
    return _put_in_order(what, key, certificates)


def _looks_like_pkcs12(content: bytes) -> bool:
    # PFX ::= SEQUENCE { version INTEGER (3), … } (RFC 7292 section 4): the version stands behind the outer length.
    return b"\x02\x01\x03" in content[:12]


def _read_pem(what: str, content: bytes, password: bytes | None) -> Material:
    blocks = _pem_blocks(content)
    keys = [block for label, block in blocks if b"PRIVATE KEY" in label]
    if not keys:
        raise Unusable(f"{what} holds no private key: name the file that does with --key")
    if len(keys) > 1:
        raise Unusable(f"{what} holds {len(keys)} private keys: leave the one that belongs to the certificate")
    key = _read_pem_key(what, keys[0], password)
    try:
        certificates = [x509.load_pem_x509_certificate(block) for label, block in blocks if b"CERTIFICATE" in label]
    except ValueError:
        raise Unusable(f"a certificate in {what} cannot be read: the file is damaged") from None
    return _put_in_order(what, key, certificates)


def _read_pem_key(what: str, block: bytes, password: bytes | None) -> PrivateKeyTypes:
    encrypted = b"ENCRYPTED" in block
    if encrypted and password is None:
        raise NeedsPassword(f"the key in {what} needs its password: give a file that holds it with --password-file")
    try:
        return serialization.load_pem_private_key(block, password if encrypted else None)
    except UnsupportedAlgorithm:
        raise Unusable(f"the key in {what} is of a kind that is not supported: use an RSA or EC key") from None
    except (ValueError, TypeError):
        if encrypted:
            raise Unusable(f"the password does not open the key in {what}, or the file is damaged") from None
        raise Unusable(f"the key in {what} cannot be read: the file is damaged") from None


def _pem_blocks(content: bytes) -> list[tuple[bytes, bytes]]:
    """The blocks of a PEM text (RFC 7468), each with its first line; what stands between them is commentary."""
    blocks: list[tuple[bytes, bytes]] = []
    lines: list[bytes] | None = None
    for line in content.splitlines():
        if line.startswith(_PEM):
            lines = []
        if lines is not None:
            lines.append(line)
            if line.startswith(b"-----END "):
                blocks.append((lines[0], b"\n".join(lines) + b"\n"))
                lines = None
    return blocks


def _put_in_order(what: str, key: PrivateKeyTypes, certificates: Sequence[x509.Certificate]) -> Material:
    if not certificates:
        raise Unusable(f"{what} holds a key but no certificate: export both together")
    public = _public_bytes(key.public_key())
    own = [one for one in certificates if _public_bytes(one.public_key()) == public]
    if not own:
        raise Unusable(
            f"the key in {what} does not belong to any certificate in it: take the key it was requested with"
        )
    # Of several for one key (a renewal appended to the old one), the one that lasts longest.
    certificate = max(own, key=lambda one: one.not_valid_after_utc)
    chain: list[x509.Certificate] = []
    last, left = certificate, [one for one in certificates if one not in own]
    while last.issuer != last.subject:
        issuer = next((one for one in left if _issued(one, last)), None)
        if issuer is None:
            break
        left.remove(issuer)
        # A root at the end is known to those who trust it, and of no use to the others.
        if issuer.issuer != issuer.subject:
            chain.append(issuer)
        last = issuer
    return Material(key, certificate, tuple(chain))


def _issued(issuer: x509.Certificate, certificate: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def _check_key(what: str, key: PrivateKeyTypes) -> None:
    if isinstance(key, rsa.RSAPrivateKey) and key.key_size < SMALLEST_RSA:
        raise Unusable(f"{what} has an RSA key of {key.key_size} bits, which is too weak: use {SMALLEST_RSA} or more")
    if isinstance(key, ec.EllipticCurvePrivateKey) and key.key_size < SMALLEST_EC:
        raise Unusable(f"{what} has an EC key of {key.key_size} bits, which is too weak: use {SMALLEST_EC} or more")
    if isinstance(key, dsa.DSAPrivateKey):
        raise Unusable(f"{what} has a DSA key, which no client accepts any more: use an RSA or EC key")


def _check_dates(what: str, certificate: x509.Certificate, now: datetime, which: str) -> None:
    if certificate.not_valid_after_utc < now:
        raise Unusable(f"{what} cannot be used: {which} expired on {certificate.not_valid_after_utc:%Y-%m-%d}")
    if certificate.not_valid_before_utc > now:
        raise Unusable(
            f"{what} cannot be used: {which} is valid only from {certificate.not_valid_before_utc:%Y-%m-%d %H:%M} UTC"
            " (or this machine's clock is wrong)"
        )


def _check_with_openssl(what: str, material: Material) -> None:
    """The last word: whether the library that will serve it takes it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.NamedTemporaryFile() as file:
        file.write(material.pem())
        file.flush()
        try:
            context.load_cert_chain(Path(file.name))
        except ssl.SSLError as error:
            reason = (error.reason or str(error)).replace("_", " ").lower()
            raise Unusable(f"{what} is refused by OpenSSL: {reason}") from None


def _public_bytes(key: PublicKeyTypes) -> bytes:
    return key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def _common_name(certificate: x509.Certificate) -> str:
    return certificate.subject.rfc4514_string() or "without a name"
