"""Certificates for tests: an authority of our own, and what it issues, as files."""

import datetime
import ipaddress
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_LIFE = datetime.timedelta(days=30)


@dataclass(frozen=True, kw_only=True)
class Certificate:
    """A certificate and its key, each in a PEM file; `chain` is the certificate followed by its issuer's."""

    certificate: Path
    key: Path
    chain: Path


class Authority:
    """A certificate authority that nobody else trusts. `root` is the PEM file that a client under test is to trust."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _name("Mailock test authority")
        self._certificate = (
            _builder(self._name, self._name, self._key.public_key(), life=_LIFE)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .sign(self._key, hashes.SHA256())
        )
        self.root = folder / "authority.pem"
        self.root.write_bytes(self._certificate.public_bytes(serialization.Encoding.PEM))

    def issue(self, *names: str, life: datetime.timedelta = _LIFE) -> Certificate:
        """One for these host names and addresses. A negative `life` makes one that has expired."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = (
            _builder(_name(names[0]), self._name, key.public_key(), life=life)
            .add_extension(x509.SubjectAlternativeName([_alternative(name) for name in names]), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        stem = f"{names[0].replace('*', 'any').replace(':', '-')}-{certificate.serial_number:x}"
        made = Certificate(
            certificate=self._folder / f"{stem}.pem",
            key=self._folder / f"{stem}.key",
            chain=self._folder / f"{stem}.chain.pem",
        )
        pem = certificate.public_bytes(serialization.Encoding.PEM)
        made.certificate.write_bytes(pem)
        made.chain.write_bytes(pem + self.root.read_bytes())
        made.key.touch(mode=0o600)
        made.key.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        return made


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, *, life: datetime.timedelta
) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    start = min(now, now + life) - datetime.timedelta(days=1)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(now + life)
    )


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
