"""Importing certificates: what is taken, what is refused in one sentence, and that the old one stays."""

import datetime
import os
import shutil
import ssl
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

from mailock.net.certificates import Broken, Certificates
from mailock.net.identity import Material, Unusable, covers, read_material
from mailock.net.selfsigned import self_signed
from mailock.net.tls import ServerTls

NOW = datetime.datetime.now(datetime.UTC)
DAY = datetime.timedelta(days=1)


def make(
    *names: str,
    key: PrivateKeyTypes | None = None,
    issuer: Material | None = None,
    start: datetime.datetime = NOW - DAY,
    end: datetime.datetime = NOW + 90 * DAY,
    ca: bool = False,
) -> Material:
    """A certificate as somebody may have it; issued by `issuer`, or by itself."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0] if names else "nobody")])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())  # type: ignore[arg-type]  # every key that these tests make can stand in one
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    )
    if names and not ca:
        builder = builder.add_extension(
            x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), critical=False
        )
    signer = issuer.key if issuer else key
    assert isinstance(signer, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | dsa.DSAPrivateKey)
    certificate = builder.sign(signer, hashes.SHA256())
    chain = (issuer.certificate, *issuer.chain) if issuer else ()
    return Material(key, certificate, chain)


def pem_key(key: PrivateKeyTypes, password: bytes | None = None) -> bytes:
    encryption: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if password:
        encryption = serialization.BestAvailableEncryption(password)
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)


def pem(*certificates: x509.Certificate) -> bytes:
    return b"".join(one.public_bytes(serialization.Encoding.PEM) for one in certificates)


def pfx(material: Material, password: bytes | None) -> bytes:
    encryption: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if password:
        encryption = serialization.BestAvailableEncryption(password)
    key = material.key
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return pkcs12.serialize_key_and_certificates(b"mx", key, material.certificate, material.chain, encryption)


@pytest.fixture(scope="module")
def ladder() -> Material:
    """A server certificate under an intermediate one under a root."""
    root = make("root", ca=True)
    middle = make("middle", issuer=root, ca=True)
    return make("mx.test", "*.in.test", issuer=middle)


@pytest.fixture
def store(tmp_path: Path) -> Certificates:
    return Certificates(tmp_path / "certificates")


def test_pkcs12_with_its_password_is_taken_and_served(store: Certificates, ladder: Material) -> None:
    material = read_material("mx.pfx", pfx(ladder, b"open sesame"), password=b"open sesame")
    stored, notes = store.put("mx.pfx", material, now=NOW, host="mx.test")
    assert notes == []
    assert (stored.name, stored.names, stored.key) == ("mx.test", ("mx.test", "*.in.test"), "EC secp256r1")
    assert 89 < stored.days_left(NOW) < 91
    assert stored.path.stat().st_mode & 0o777 == 0o600
    # The root is left out: who trusts it has it.
    assert len(x509.load_pem_x509_certificates(stored.path.read_bytes())) == 2
    ServerTls(store.identities("mx.test"))


@pytest.mark.parametrize("mixed", [False, True], ids=["in order", "mixed up"])
def test_pem_in_one_file_or_two_is_put_in_order(ladder: Material, mixed: bool) -> None:
    middle, root = ladder.chain
    certificates = (root, middle, ladder.certificate) if mixed else (ladder.certificate, middle, root)
    together = read_material("mx.pem", pem(*certificates) + pem_key(ladder.key))
    apart = read_material("mx.pem", pem(*certificates), key=pem_key(ladder.key))
    locked = read_material("mx.pem", pem(*certificates), key=pem_key(ladder.key, b"pw"), password=b"pw")
    for material in (together, apart, locked):
        assert (material.certificate, material.chain) == (ladder.certificate, (middle,))


def test_of_a_renewal_with_the_same_key_the_longer_lasting_counts() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    old, new = make("mx.test", key=key, end=NOW + DAY), make("mx.test", key=key, end=NOW + 99 * DAY)
    assert read_material("f", pem(old.certificate, new.certificate) + pem_key(key)).certificate == new.certificate


def content_of(case: str, ladder: Material) -> tuple[bytes, bytes | None]:
    """What is in a file that nobody can use, and the password that is given with it."""
    stranger = pem_key(ec.generate_private_key(ec.SECP256R1()))
    match case:
        case "wrong password":
            return pfx(ladder, b"right"), b"wrong"
        case "no password":
            return pfx(ladder, b"right"), None
        case "wrong pem password":
            return pem(ladder.certificate) + pem_key(ladder.key, b"right"), b"wrong"
        case "no pem password":
            return pem(ladder.certificate) + pem_key(ladder.key, b"right"), None
        case "text":
            return b"this is a letter", None
        case "der certificate":
            return ladder.certificate.public_bytes(serialization.Encoding.DER), None
        case "cut pkcs12":
            return pfx(ladder, b"right")[:200], b"right"
        case "no key":
            return pem(ladder.certificate), None
        case "no certificate":
            return pem_key(ladder.key), None
        case "two keys":
            return pem(ladder.certificate) + pem_key(ladder.key) + stranger, None
        case "stranger's key":
            return pem(ladder.certificate) + stranger, None
        case "broken certificate":
            return pem(ladder.certificate).replace(b"M", b"!") + pem_key(ladder.key), None
        case "broken key":
            return pem(ladder.certificate) + stranger.replace(b"M", b"!"), None
        case _:
            raise AssertionError(case)


@pytest.mark.parametrize(
    ("case", "why"),
    [
        ("wrong password", "the password does not open f, or the file is damaged"),
        ("no password", "f needs its password: give a file that holds it with --password-file"),
        ("wrong pem password", "the password does not open the key in f, or the file is damaged"),
        ("no pem password", "the key in f needs its password: give a file that holds it with --password-file"),
        ("text", "f is neither PKCS#12 nor PEM: export the certificate with its key in one of these forms"),
        ("der certificate", "f is neither PKCS#12 nor PEM, or it is damaged"),
        ("cut pkcs12", "the password does not open f, or the file is damaged"),
        ("no key", "f holds no private key: name the file that does with --key"),
        ("no certificate", "f holds a key but no certificate: export both together"),
        ("two keys", "f holds 2 private keys: leave the one that belongs to the certificate"),
        ("stranger's key", "the key in f does not belong to any certificate in it: take the key it was requested with"),
        ("broken key", "the key in f cannot be read: the file is damaged"),
        ("broken certificate", "a certificate in f cannot be read: the file is damaged"),
    ],
)
def test_what_cannot_be_read_is_refused_in_a_sentence(case: str, why: str, ladder: Material) -> None:
    content, password = content_of(case, ladder)
    with pytest.raises(Unusable) as raised:
        read_material("f", content, password=password)
    assert str(raised.value) == why


def test_pkcs12_in_the_old_encryption_names_the_conversion(tmp_path: Path, ladder: Material) -> None:
    (tmp_path / "in.pem").write_bytes(ladder.pem())
    made = subprocess.run(
        ["openssl", "pkcs12", "-export", "-legacy", "-in", "in.pem", "-out", "old.pfx", "-passout", "pass:x"],
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    if made.returncode != 0:
        pytest.skip(f"this openssl has no legacy provider: {made.stderr.decode()[:80]}")
    content = (tmp_path / "old.pfx").read_bytes()
    try:
        material = read_material("old.pfx", content, password=b"x")
    except Unusable as why:
        assert "openssl pkcs12 -legacy" in str(why)
    else:
        assert material.certificate == ladder.certificate


def unusable(case: str, ladder: Material) -> Material:
    """A readable identity that nobody should serve."""
    match case:
        case "expired":
            return make("mx.test", start=NOW - 9 * DAY, end=NOW - DAY)
        case "not yet valid":
            return make("mx.test", start=NOW + DAY)
        case "expired issuer":
            root = make("root", ca=True)
            old = make("middle", issuer=root, ca=True, start=NOW - 9 * DAY, end=NOW - DAY)
            return make("mx.test", issuer=replace(old, chain=()))
        case "weak rsa":
            return make("mx.test", key=rsa.generate_private_key(65537, 1024))
        case "weak ec":
            return make("mx.test", key=ec.generate_private_key(ec.SECP224R1()))
        case "dsa":
            return make("mx.test", key=dsa.generate_private_key(2048))
        case "other name":
            return make("other.test", "*.in.test")
        case "no name":
            return make()
        case _:
            raise AssertionError(case)


@pytest.mark.parametrize(
    ("case", "why"),
    [
        ("expired", "f cannot be used: it expired on "),
        ("not yet valid", "f cannot be used: it is valid only from "),
        ("expired issuer", "f cannot be used: its issuer's certificate (CN=middle) expired on "),
        ("weak rsa", "f has an RSA key of 1024 bits, which is too weak: use 2048 or more"),
        ("weak ec", "f has an EC key of 224 bits, which is too weak: use 256 or more"),
        ("dsa", "f has a DSA key, which no client accepts any more: use an RSA or EC key"),
        ("other name", "f is made out for other.test, *.in.test, not for mx.test"),
        ("no name", "f names no host (it has no subjectAltName"),
    ],
)
def test_what_nobody_should_serve_is_refused_and_the_old_one_stays(
    case: str, why: str, store: Certificates, ladder: Material
) -> None:
    store.put("old", ladder, now=NOW, host="mx.test")
    before = store.stored()
    with pytest.raises(Unusable) as raised:
        store.put("f", unusable(case, ladder), now=NOW, host="mx.test", name="mx.test")
    assert str(raised.value).startswith(why)
    assert store.stored() == before


def test_a_signature_with_sha1_is_refused(tmp_path: Path, store: Certificates) -> None:
    subprocess.run(
        [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-sha1",
            "-days",
            "9",
            "-subj",
            "/CN=mx.test",
            "-addext",
            "subjectAltName=DNS:mx.test",
            "-keyout",
            "key.pem",
            "-out",
            "certificate.pem",
        ],
        cwd=tmp_path,
        check=True,
        capture_output=True,
    )
    content = (tmp_path / "certificate.pem").read_bytes() + (tmp_path / "key.pem").read_bytes()
    with pytest.raises(Unusable, match="f is signed with SHA1, which clients reject"):
        store.put("f", read_material("f", content), now=datetime.datetime.now(datetime.UTC))


def test_a_full_disk_leaves_the_old_one(store: Certificates, ladder: Material, monkeypatch: pytest.MonkeyPatch) -> None:
    store.put("old", ladder, now=NOW)
    before = store.stored()

    def fails(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fails)
    with pytest.raises(OSError, match="No space"):
        store.put("new", make("mx.test"), now=NOW)
    assert store.stored() == before
    assert [one.name for one in before[0][0].path.parent.iterdir()] == ["identity.pem"]


def test_what_deserves_a_thought_is_said(store: Certificates, ladder: Material) -> None:
    _, notes = store.put("f", self_signed(["a.test"], now=NOW), now=NOW)
    assert notes == ["it is self-signed: senders that verify certificates will not trust it"]
    _, notes = store.put("f", replace(ladder, chain=()), now=NOW)
    assert notes == ["no intermediate certificate comes with it: senders that lack its issuer cannot verify it"]


def test_a_certificate_is_called_after_its_host_or_as_one_says(store: Certificates) -> None:
    assert store.put("f", make("*.wild.test"), now=NOW)[0].name == "_.wild.test"
    assert store.put("f", make("a.test"), now=NOW, name="front")[0].name == "front"
    for name in ("../../etc", ".hidden", "A", "a/b"):
        with pytest.raises(Unusable, match="cannot name a certificate"):
            store.put("f", make("a.test"), now=NOW, name=name)


def test_stored_ones_are_listed_removed_and_told_when_broken(store: Certificates, tmp_path: Path) -> None:
    assert store.stored() == ([], [])
    store.put("f", make("b.test", end=NOW + 3 * DAY), now=NOW)
    store.put("f", make("a.test"), now=NOW)
    assert [one.name for one in store.stored()[0]] == ["a.test", "b.test"]
    assert [one.name for one in store.expiring(NOW, 10)] == ["b.test"]
    broken = tmp_path / "certificates" / "c.test"
    broken.mkdir()
    (broken / "identity.pem").write_bytes(pem(make("c.test").certificate) + pem_key(make("c.test").key))
    stored, bad = store.stored()
    assert [one.name for one in stored] == ["a.test", "b.test"]
    assert [(type(one), one.name) for one in bad] == [(Broken, "c.test")]
    assert store.remove("c.test")
    assert store.remove("b.test")
    assert not store.remove("b.test")
    assert not store.remove("../certificates")
    assert [one.name for one in store.stored()[0]] == ["a.test"]
    assert sorted(one.name for one in (tmp_path / "certificates").iterdir()) == ["a.test"]


def test_clients_that_name_no_host_get_the_certificate_of_this_host(store: Certificates) -> None:
    store.put("f", make("a.test", end=NOW + 300 * DAY), now=NOW)
    store.put("f", make("mx.test"), now=NOW)
    store.put("f", make("mx.test", end=NOW + 200 * DAY), now=NOW, name="newer")
    assert [one.names[0] for one in store.identities("mx.test")] == ["mx.test", "mx.test", "a.test"]
    assert store.identities("mx.test")[0].chain.parent.name == "newer"


def test_what_root_imports_belongs_to_the_owner_of_the_folder_above(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root gives files away")
    shutil.chown(tmp_path, 65534, 65534)
    stored, _ = Certificates(tmp_path / "certificates").put("f", make("a.test"), now=NOW)
    for path in (stored.path, stored.path.parent, stored.path.parent.parent):
        assert path.stat().st_uid == 65534


@pytest.mark.parametrize(
    ("host", "good"),
    [
        ("mx.test", True),
        ("MX.test.", True),
        ("a.in.test", True),
        ("a.b.in.test", False),
        ("in.test", False),
        (".in.test", False),
        ("test", False),
    ],
)
def test_a_star_is_exactly_one_label(host: str, good: bool) -> None:
    assert covers(("mx.test", "*.in.test"), host) is good


def test_two_kinds_of_key_for_one_name_are_both_served(store: Certificates, tmp_path: Path) -> None:
    store.put("f", make("mx.test", key=rsa.generate_private_key(65537, 2048)), now=NOW, name="rsa")
    store.put("f", make("mx.test"), now=NOW, name="ec")
    tls = ServerTls(store.identities())
    assert {shown(tls, "ECDHE-RSA-AES128-GCM-SHA256"), shown(tls, "ECDHE-ECDSA-AES128-GCM-SHA256")} == {"rsa", "ec"}


def shown(tls: ServerTls, cipher: str) -> str:
    """Which kind of key a client with one cipher is shown."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(cipher)
    near, far = ssl.MemoryBIO(), ssl.MemoryBIO()
    client, server = context.wrap_bio(near, far, server_hostname="mx.test"), tls.channel()
    for _ in range(6):
        try:
            client.do_handshake()
        except ssl.SSLWantReadError:
            server.feed(far.read())
            server.handshake()
            near.write(server.outgoing())
    der = client.getpeercert(binary_form=True)
    assert der is not None
    return "ec" if isinstance(x509.load_der_x509_certificate(der).public_key(), ec.EllipticCurvePublicKey) else "rsa"
