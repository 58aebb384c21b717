"""Mutated messages, keys, policies and zones: no exception escapes, nothing passes that was not signed, time stays
bounded, and what leaves the jail can be read again.

    python tests/fuzz/fuzz_auth.py --seconds 3600 --seed 1
    python tests/fuzz/fuzz_auth.py --rounds 20000 --seed 2

The targets take turns: a signed and sealed message whose octets are changed, which is judged, and signed and sealed
again; every parser of records, of signature fields and of the jail's answers, on changed ones; and From values. A
failure prints what reproduces it.
"""

import argparse
import asyncio
import random
import sys
import time
from pathlib import Path
from typing import Final

if __name__ == "__main__":
    ROOT = Path(__file__).resolve().parents[2]
    sys.path[:0] = [str(ROOT), str(ROOT / "src")]

import msgspec

from mailock.core.authentication import (
    arc_bytes,
    canonical,
    dkim_key,
    dmarc_record,
    documents,
    mailbox,
    results,
    sealing,
    signature,
    spf_macros,
    spf_record,
    tags,
)
from mailock.core.authentication.canonical import Way
from mailock.core.authentication.dkim_check import DkimResult
from mailock.core.authentication.fields import Field, as_crlf, split
from mailock.core.authentication.spf_macros import BadSyntax
from mailock.core.authentication.zone import Zone, read
from mailock.engines.authentication import digests
from mailock.engines.authentication.answers import FromZone
from mailock.engines.authentication.findings import findings
from mailock.engines.authentication.online import AuthenticationEngine, Source
from tests.parts.signing import IDENTIFIER, NOW, key, sealed, signed, zone

SLOW: Final = 2.0
"""Seconds that one round may take, on a machine that does other things too."""
PIECES: Final = (
    b"\r\n",
    b"\n",
    b"\r",
    b"\0",
    b" ",
    b"\t",
    b":",
    b";",
    b"=",
    b",",
    b"<",
    b">",
    b"@",
    b'"',
    b"\\",
    b"(",
    b")",
    b"%",
    b"%{d}",
    b"From: <x@y.test>\r\n",
    b"=?utf-8?q?=40?=",
    b"DKIM-Signature: v=1; a=rsa-sha256; b=",
    b"ARC-Seal: i=1;",
    b"l=0;",
    b"\xff",
    b"v=spf1 include:%{d} ",
    b"redirect=",
    b"v=DMARC1; p=reject;",
    b"ip4:1.2.3.4/33",
    b"exists:%{ir}.x.test ",
    b"a//129 ",
    b"\xe2\x80\x8b",
)
BODY: Final = b"Hello.\r\nThis is what was signed.\r\n"
MESSAGE: Final = b"From: Ann <ann@sender.example>\r\nTo: bob@dest.example\r\nSubject: hello\r\n\r\n" + BODY
SHOWN: Final = [[b"Ann", b"<ann@sender.example>"], [b"bob@dest.example"], [b"hello"]]
RSA: Final = key("sender.example")
HERE: Final = key("receiver.example")


class Failure(AssertionError):
    """A law that was broken."""


def whole() -> bytes:
    """The message that is mutated: signed, and sealed twice."""
    frozen = f"Authentication-Results: {IDENTIFIER}; dkim=pass; arc=%s\r\n"
    once = sealed(signed(MESSAGE, RSA), HERE, (frozen % "none").encode())
    assert isinstance(once, bytes)
    twice = sealed(once, HERE, (frozen % "pass").encode())
    assert isinstance(twice, bytes)
    return twice


def mutate(chance: random.Random, octets: bytes, *, times: int = 4) -> bytes:
    """Octets with pieces flipped, dropped, doubled or put in."""
    made = bytearray(octets)
    for _ in range(chance.randint(1, times)):
        at = chance.randrange(len(made) + 1)
        to = min(len(made), at + chance.choice((1, 2, 8, 40)))
        match chance.randrange(5):
            case 0:
                made[at:to] = bytes(chance.randrange(256) for _ in range(to - at))
            case 1:
                del made[at:to]
            case 2:
                made[at:at] = made[at:to] * chance.randint(1, 50)
            case _:
                made[at:at] = chance.choice(PIECES) * chance.choice((1, 1, 1, 2, 60))
    return bytes(made)


def judge(message: bytes, names: Zone) -> None:
    """A whole message, as the gateway judges it: whatever passes has to hold what was signed."""
    octets = as_crlf(message)[0]
    written = documents.write(documents.evidence(octets, IDENTIFIER))
    engine = AuthenticationEngine(FromZone(names), receiver=IDENTIFIER, now=lambda: NOW)
    source = Source(ip="192.0.2.9", untrusted_helo="x.test", untrusted_sender="ann@sender.example")
    found = asyncio.run(engine.judge(source, documents.read(written)))
    assert all(one.evidence.isprintable() for one in findings(found))
    assert results.text(found, IDENTIFIER).isprintable()
    for one in found.dkim:
        if one.result is DkimResult.PASS and one.domain == "sender.example":
            parts = split(octets)
            body = canonical.body(parts.body, Way.RELAXED)
            shown = [field.value.split() for field in parts.fields if field.lower in ("from", "to", "subject")]
            if body != BODY or shown != SHOWN:
                raise Failure("a signature passes over a message that nobody signed")
    if found.authenticated_author and found.authenticated_author != "ann@sender.example":
        raise Failure(f"{found.authenticated_author} passes, and nobody signed for it")


def read_records(octets: bytes) -> None:
    """Every parser of records: it reads, or says what is wrong in its own word."""
    text = octets.decode("utf-8", "replace")
    for parser, wrong in ((spf_record.read, BadSyntax), (dkim_key.read, dkim_key.BadKey)):
        try:
            parser(text)
        except wrong:
            pass
    try:
        tags.read(octets)
    except tags.BadTags:
        pass
    dmarc_record.select("a.test", [text])
    results.methods([Field(b"Authentication-Results: " + octets + b"\r\n")], IDENTIFIER)
    try:
        documents.read(text)
    except documents.BadDocument:
        pass


def read_fields(octets: bytes) -> None:
    """Every parser of signature fields, of macros, and of what the jail answers to a signer."""
    for name, reader in ((b"DKIM-Signature:", signature.read_dkim), (b"ARC-Message-Signature:", signature.read_arc)):
        try:
            reader(signature.read_tags(Field(name + octets + b"\r\n")))
        except signature.Broken:
            pass
    try:
        arc_bytes.instance(Field(b"ARC-Seal:" + octets + b"\r\n"))
    except signature.Broken:
        pass
    text = octets.decode("utf-8", "replace")
    for read_macros in (spf_macros.read, spf_macros.read_domain_spec):
        try:
            spf_macros.as_domain(spf_macros.expand(read_macros(text), VALUES))
        except BadSyntax:
            pass
    results.split_methods(results.without_comments(text))
    try:
        digests.heard(ORDER, octets)
    except digests.NotWhatWasAsked:
        pass


def sign_again(octets: bytes) -> None:
    """Whatever the message: our signature on it holds, and our seal is one field after the other."""
    message = as_crlf(octets)[0]
    if split(message).too_long:
        return
    mine = signed(message, RSA)
    first = documents.evidence(mine, IDENTIFIER).dkim[0]
    if first.broken or first.body_hash != first.body_told:
        raise Failure(f"a signature of our own does not fit: {first.broken}")
    made = sealed(message, HERE, f"Authentication-Results: {IDENTIFIER}; arc=none\r\n".encode())
    if isinstance(made, bytes):
        top = made.removesuffix(message)
        assert sealing.without_seal(top).startswith(b"Authentication-Results: ")


def read_author(octets: bytes) -> None:
    """A From value: what is plainly shown is one address with one @, and stands in the value."""
    shown = mailbox.read(octets)
    if shown.odd:
        assert not shown.address
        return
    local, _, domain = shown.address.rpartition("@")
    assert local and domain and shown.addresses[0] == shown.address
    if octets.count(b"@") > 1 and not shown.addresses[1:]:
        others = [one for one in mailbox.every(octets) if one.lower() != shown.address.lower() and "." in one]
        plain = [one for one in others if one.rpartition("@")[0] and one.rpartition("@")[2] not in ("", domain)]
        if plain:
            raise Failure(f"{plain} may be shown, and {shown.address} was taken")


ORDER: Final = digests.Order(prefix=b"", identifier=IDENTIFIER, keys=(RSA.public,), seal=HERE.public, now=int(NOW))
RECORDS: Final = (
    b"v=spf1 include:_spf.%{d2} a:%{h}/24//64 mx ptr ip4:192.0.2.0/24 exists:%{ir}.%{v}._spf.%{o} exp=e.%{d} -all",
    b"v=spf1 ip6:2001:db8::/32 a mx/24 redirect=_spf.%{d}",
    RSA.record.encode(),
    b"v=DMARC1; p=reject; sp=none; np=quarantine; rua=mailto:a@b.test; psd=n; t=y; adkim=s",
    f"{IDENTIFIER}; spf=pass (x) smtp.mailfrom=a; dkim=pass header.d=b; arc=none".encode(),
    documents.write(documents.evidence(MESSAGE, IDENTIFIER)).encode(),
    signed(MESSAGE, RSA).partition(b":")[2].partition(b"\r\nFrom")[0],
    digests.answer(msgspec.msgpack.encode(ORDER), MESSAGE),
)
VALUES: Final = {letter: f"{letter}.a-b.test" for letter in "slodiphcrtv"}
"""What every macro stands for."""
AUTHORS: Final = (
    b"Ann <ann@sender.example>",
    b'"Ann, of (x)" (c) <ann@sender.example> (d)',
    b"=?utf-8?q?A=40b?= <ann@sender.example>",
    b"ann@sender.example (Ann)",
    b"<@a.test:ann@sender.example>",
    b'"a b"@sender.example',
)


def fuzz(rounds: int, seed: int, *, seconds: float = float("inf")) -> int:
    """Goes on until so many rounds, or seconds, are spent. How many rounds it were."""
    message, end, count = whole(), time.monotonic() + seconds, 0
    names = {**zone(RSA, HERE), "_dmarc.sender.example": [["TXT", "v=DMARC1; p=reject"]]}
    steady = read(names)
    while count < rounds and time.monotonic() < end:
        chance = random.Random(f"{seed}:{count}")
        octets = mutate(chance, chance.choice((message, *RECORDS, *AUTHORS)), times=8)
        began = time.monotonic()
        try:
            judge(mutate(chance, message), steady)
            record = mutate(chance, chance.choice(RECORDS)).decode("utf-8", "replace")
            spoilt = read(names | {"sender.example": [["TXT", record]], RSA.name: [["TXT", record]]})
            judge(message, spoilt)
            read_records(octets)
            read_fields(octets)
            sign_again(mutate(chance, message))
            read_author(mutate(chance, chance.choice(AUTHORS)))
            read_author(octets)
        except Exception as error:
            error.add_note(f"round {seed}:{count}: {octets[:2000]!r}")
            raise
        if time.monotonic() - began > SLOW:
            raise Failure(f"round {seed}:{count} took more than {SLOW} s")
        count += 1
    return count


def main() -> None:
    """Runs from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=float("inf"))
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    start = time.monotonic()
    unbounded = options.seconds < float("inf")
    rounds = options.rounds or (sys.maxsize if unbounded else 20_000)
    count = fuzz(rounds, options.seed, seconds=options.seconds)
    print(f"{count:,} rounds, {time.monotonic() - start:.0f} s: no exception escaped, every law held")


if __name__ == "__main__":
    main()
