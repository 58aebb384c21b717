"""Hostile messages, keys and answers: bounded in time and questions, explained, and never a pass."""

import asyncio
import base64
import time
from collections.abc import Mapping

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from mailock.core.authentication import documents
from mailock.core.authentication.dkim_check import DkimResult
from mailock.core.authentication.dmarc import DmarcResult
from mailock.core.authentication.fields import as_crlf
from mailock.core.authentication.questions import Ask, Check, Fit, Found, KeyType, Unlearnt
from mailock.core.authentication.zone import read
from mailock.engines.authentication import arithmetic
from mailock.engines.authentication.answers import FromZone
from mailock.engines.authentication.online import AuthenticationEngine, Source
from tests.contract.authentication.worlds import authenticated
from tests.parts.signing import IDENTIFIER, NOW, key, sealed, signed, zone

MESSAGE = b"From: Ann <ann@sender.example>\r\nTo: bob@dest.example\r\nSubject: hello\r\n\r\nHello.\r\n"
RSA = key("sender.example")
POLICY = {"_dmarc.sender.example": [["TXT", "v=DMARC1; p=reject"]]}
SIGNED = signed(MESSAGE, RSA)
FIELD = SIGNED.removesuffix(MESSAGE)
BROKEN = FIELD.replace(b"bh=", b"bh=AAAA")
SET = (
    b"ARC-Seal: i=%d; a=rsa-sha256; cv=pass; d=sender.example; s=s; t=1; b=AAAA\r\n"
    b"ARC-Message-Signature: i=%d; a=rsa-sha256; d=sender.example; s=s; h=from; bh=AAAA; b=AAAA\r\n"
    b"ARC-Authentication-Results: i=%d; x.test; dmarc=pass\r\n"
)
MEBI = 1 << 20
SECONDS = 2.0
"""What reading one such message may take, on a machine that does other things too."""
HOSTILE = {
    "a thousand signatures that are broken": BROKEN * 1000 + MESSAGE,
    "a thousand signatures before the one that fits": BROKEN * 1000 + SIGNED,
    "a hundred From fields": b"".join(b"From: x%d@other.example\r\n" % n for n in range(100)) + SIGNED,
    "a hundred From fields behind": SIGNED.replace(b"\r\n\r\n", b"\r\n" + b"From: x@y.test\r\n" * 100 + b"\r\n", 1),
    "a hundred authors in one field": MESSAGE.replace(
        b"Ann <", b"".join(b"x%d@y.test, " % n for n in range(100)) + b"<"
    ),
    "a From of a mebibyte": MESSAGE.replace(b"Ann", b"Ann " * (MEBI // 4)),
    "a From of a mebibyte of brackets": MESSAGE.replace(b"Ann", b"<" * MEBI),
    "a From of a mebibyte of comments": MESSAGE.replace(b"Ann", b"(" * MEBI),
    "a From of a mebibyte of quotes": MESSAGE.replace(b"Ann", b'"\\' * (MEBI // 2)),
    "a From of a mebibyte of encoded words": MESSAGE.replace(b"Ann", b"=?utf-8?q?=40?= " * (MEBI // 16)),
    "a From that is folded a hundred thousand times": MESSAGE.replace(b"Ann", b"\r\n " * 100_000 + b"Ann"),
    "a signature of a mebibyte": FIELD.replace(b"h=", b"h=" + b"x:" * (MEBI // 2)) + MESSAGE,
    "a signature of a mebibyte of tags": b"DKIM-Signature: " + b"a=b;" * (MEBI // 4) + b"\r\n" + MESSAGE,
    "a signature of a mebibyte of base64": FIELD.replace(b"b=", b"b=" + b"A" * MEBI) + MESSAGE,
    "a thousand sealed sets": b"".join(SET % (n, n, n) for n in range(1000, 0, -1)) + MESSAGE,
    "a hundred sets of one number": SET % (1, 1, 1) * 100 + MESSAGE,
    "a thousand results in our name": f"Authentication-Results: {IDENTIFIER}; dmarc=pass\r\n".encode() * 1000 + MESSAGE,
    "results of a mebibyte in our name": f"Authentication-Results: {IDENTIFIER}; ".encode()
    + b"(" * MEBI
    + b"\r\n"
    + MESSAGE,
    "a hundred thousand fields": b"X: y\r\n" * 100_000 + SIGNED,
    "a header that does not end": b"X: " + b"y" * (4 * MEBI),
    "a mebibyte of NUL": bytes(MEBI),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_message_is_read_in_time_and_never_passes(name: str) -> None:
    message = as_crlf(HOSTILE[name])[0]
    began = time.process_time()
    document = documents.write(documents.evidence(message, IDENTIFIER))
    spent = time.process_time() - began
    assert spent < SECONDS, f"{spent:.1f} s"
    assert len(document) <= documents.LONGEST
    documents.read(document)
    found = authenticated(message, zone(RSA) | POLICY, now=NOW)
    assert found.dmarc.result is not DmarcResult.PASS
    assert found.dmarc.reason or found.author.odd
    assert not found.proven and not found.vouched_by
    assert all(one.reason for one in found.dkim if one.result is not DkimResult.PASS)


def record(public: bytes, tags: str = "k=rsa") -> str:
    """A key record."""
    return f"v=DKIM1; {tags}; p={base64.b64encode(public).decode()}"


def der(bits: int) -> bytes:
    """A sound key of another size."""
    made = rsa.generate_private_key(65537, bits).public_key()
    return made.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


GOOD = base64.b64decode(RSA.record.partition("p=")[2])
ELLIPTIC = ec.generate_private_key(ec.SECP256R1()).public_key()
KEYS = {
    "nothing": "",
    "no tags": "hello",
    "revoked": "v=DKIM1; p=",
    "no p": "v=DKIM1; k=rsa",
    "two p": f"{RSA.record}; p=AAAA",
    "of DKIM2": RSA.record.replace("DKIM1", "DKIM2"),
    "the version last": RSA.record.partition("; ")[2] + "; v=DKIM1",
    "of a kind that nobody knows": RSA.record.replace("k=rsa", "k=dsa"),
    "Ed25519 for RSA": record(bytes(range(32)), "k=ed25519"),
    "for another hash": record(GOOD, "h=sha512"),
    "for SHA-1 alone": record(GOOD, "h=sha1"),
    "not for mail": record(GOOD, "s=tlsrpt"),
    "for another address": record(GOOD, "g=bob"),
    "no base64": "v=DKIM1; p=!!!!",
    "cut off": record(GOOD[:-20]),
    "no DER": record(b"x" * 200),
    "DER of another kind": record(
        ELLIPTIC.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    ),
    "another key": record(der(1024)),
    "a modulus of 16 kibibytes": record(GOOD[:20] + b"\xff" * 12_000),
    "64 kibibytes": RSA.record + "; n=" + "x" * 65_536,
    "a thousand tags": RSA.record + ";" + ";".join(f"x{n}=y" for n in range(1000)),
    "a tag twice": RSA.record + "; n=a; n=b",
    "control characters": RSA.record.replace("p=", "p=\0"),
    "no ASCII": RSA.record.replace("p=", "p=\u00e9"),
}


@pytest.mark.parametrize("name", KEYS)
def test_a_broken_key_is_explained_and_never_passes(name: str) -> None:
    names = POLICY | {RSA.name: [["TXT", KEYS[name]]]}
    found = authenticated(SIGNED, names, now=NOW)
    assert found.dkim[0].result in (DkimResult.PERMERROR, DkimResult.FAIL)
    assert found.dkim[0].reason
    assert found.dmarc.result is DmarcResult.FAIL


def number(value: int) -> bytes:
    """An INTEGER of DER."""
    octets = value.to_bytes(value.bit_length() // 8 + 1, "big")
    return wrapped(2, octets)


def wrapped(tag: int, content: bytes) -> bytes:
    """Tag, length, content."""
    size = len(content)
    length = bytes([size]) if size < 128 else bytes([0x82, size >> 8, size & 255])
    return bytes([tag]) + length + content


@pytest.mark.parametrize("exponent", [0, 1, 2, 65_536, (1 << 40) + 1])
def test_an_exponent_with_which_anybody_could_sign_is_none(exponent: int) -> None:
    modulus = rsa.generate_private_key(65537, 1024).public_key().public_numbers().n
    algorithm = wrapped(0x30, bytes.fromhex("06092a864886f70d010101") + b"\x05\x00")
    public = wrapped(0x30, algorithm + wrapped(3, b"\0" + wrapped(0x30, number(modulus) + number(exponent))))
    info = bytes.fromhex("3031300d060960864801650304020105000420")
    padded = b"\0\1" + b"\xff" * (128 - 3 - len(info) - 32) + b"\0" + info + bytes(32)
    question = Check(
        key_type=KeyType.RSA, untrusted_key=public, hash_name="sha256", digest=bytes(32), untrusted_signature=padded
    )
    assert arithmetic.check(question).fit is Fit.NO_KEY


@pytest.mark.parametrize("sign", [0, 0x80])
@pytest.mark.parametrize(
    "y",
    [
        bytes([1]) + bytes(31),
        bytes(32),
        bytes.fromhex("ec" + "ff" * 30 + "7f"),
        bytes.fromhex("ed" + "ff" * 30 + "7f"),
        bytes.fromhex("ee" + "ff" * 30 + "7f"),
        bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
        bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
    ],
)
def test_a_key_of_small_order_is_none(y: bytes, sign: int) -> None:
    point = y[:31] + bytes([y[31] | sign])
    for digest in range(16):
        for first in (y, bytes([1]) + bytes(31)):
            question = Check(
                key_type=KeyType.ED25519,
                untrusted_key=point,
                hash_name="sha256",
                digest=bytes([digest]) * 32,
                untrusted_signature=first + bytes(32),
            )
            assert arithmetic.check(question).fit is Fit.NO_KEY


HUGE = "v=spf1 " + " ".join(f"include:i{n}.sender.example" for n in range(1000)) + " -all"
LYING: Mapping[str, Mapping[str, object]] = {
    "includes without end": {"sender.example": [["TXT", "v=spf1 include:sender.example -all"]]},
    "redirects in a circle": {
        "sender.example": [["TXT", "v=spf1 redirect=a.example"]],
        "a.example": [["TXT", "v=spf1 redirect=sender.example"]],
    },
    "a record of a thousand includes": {"sender.example": [["TXT", HUGE]]},
    "ten thousand records": {"sender.example": [["TXT", "v=spf1 +all"]] * 10_000},
    "a thousand keys": {RSA.name: [["TXT", record(der(1024))]] * 1000},
    "a record of a mebibyte": {"sender.example": [["TXT", "v=spf1 " + "a " * (MEBI // 2)]]},
    "macros without end": {"sender.example": [["TXT", "v=spf1 exists:" + "%{l}" * 2000 + ".x.test -all"]]},
    "policies without number": {"_dmarc.sender.example": [["TXT", "v=DMARC1; p=none"]] * 1000},
    "a thousand names of the address": {"9.2.0.192.in-addr.arpa": [["PTR", f"h{n}.test"] for n in range(1000)]},
    "servers that do not answer": {"sender.example": [["TXT", "TIMEOUT"]], RSA.name: [["TXT", "SERVFAIL"]]},
}


@pytest.mark.parametrize("name", LYING)
def test_hostile_answers_cost_little_and_never_make_a_pass(name: str) -> None:
    questions = 0

    class Counting(FromZone):
        """A zone that counts what it is asked."""

        async def records(self, ask: Ask) -> Found | Unlearnt:
            """One answer."""
            nonlocal questions
            questions += 1
            return await super().records(ask)

    names: dict[str, object] = {**POLICY, **LYING[name]}
    evidence = documents.evidence(MESSAGE if RSA.name not in names else SIGNED, IDENTIFIER)
    engine = AuthenticationEngine(Counting(read(names)), receiver=IDENTIFIER, now=lambda: NOW)
    source = Source(ip="192.0.2.9", untrusted_helo="mx.sender.example", untrusted_sender="l" * 60 + "@sender.example")
    began = time.process_time()
    found = asyncio.run(engine.judge(source, evidence))
    assert time.process_time() - began < SECONDS
    assert 0 < questions <= 100
    assert found.dmarc.result is not DmarcResult.PASS
    assert found.spf is not None and (found.spf.reason or found.spf.result.value)


def test_a_seal_of_a_hostile_chain_is_bounded() -> None:
    results = f"Authentication-Results: {IDENTIFIER}; arc=fail\r\n".encode()
    began = time.process_time()
    made = sealed(HOSTILE["a thousand sealed sets"], RSA, results)
    assert time.process_time() - began < SECONDS
    assert not isinstance(made, bytes) or b"cv=fail" in made
