"""Keys in their folder, and the signer: what it signs, for whom, and what it refuses to sign."""

import asyncio
import os
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from mailock.core.authentication.arc_check import ArcResult
from mailock.core.authentication.authentication import Authentication
from mailock.core.authentication.dkim_check import DkimResult
from mailock.core.authentication.questions import KeyType
from mailock.core.authentication.signing import Unsigned
from mailock.core.lifecycle.copies import Copy, Disposition
from mailock.core.lifecycle.stages import CopyStage
from mailock.core.mail.address import Address
from mailock.core.mail.envelope import Envelope
from mailock.core.mail.message import BodyRef, Glimpse, Message, OwnMail, QueueId
from mailock.core.mail.origin import Origin
from mailock.core.policy.signing import Reserved, Signing
from mailock.core.routing.access import read_networks
from mailock.engines.authentication import digests
from mailock.engines.authentication.digests import NotWhatWasAsked
from mailock.engines.authentication.keys import Keyring, State, UnusableKey, new_key
from mailock.engines.authentication.signer import MailSigner
from mailock.ports.bodies import in_memory
from mailock.ports.jail import End, Ended, Job, NoJail
from mailock.ports.signer import CannotSign, Leaving
from tests.contract.authentication.worlds import authenticated
from tests.parts.signing import IDENTIFIER, NOW, key, zone

BODY = b"From: Ann <ann@sender.example>\r\nTo: bob@dest.example\r\nSubject: hello\r\n\r\nHello.\r\n"
RESULTS = f"Authentication-Results: {IDENTIFIER}; spf=pass; dkim=none; arc=none\r\n".encode()


COPY = Copy(
    queue_id=QueueId(1),
    number=0,
    stage=CopyStage.PLANNED,
    body=BodyRef(1, "", len(BODY), inline=True),
    prefix=RESULTS,
    disposition=Disposition.DELIVER,
    because=(),
    rule="mta",
)


class Here:
    """Does the jail's task in this process; `spoil` changes what comes out of it."""

    def __init__(self, spoil: digests.Answer | None = None, end: End = End.DONE) -> None:
        self.spoil = spoil
        self.end = end

    async def run(self, job: Job) -> Ended:
        """The task."""
        assert job.task == digests.TASK
        frames: list[bytes] = []
        digests.digest_task(lambda body: os.pread(body, 1 << 20, 0))(job.order, job.body, None, frames.append)
        if self.spoil is not None:
            frames = [msgspec.msgpack.encode(self.spoil)]
        return Ended(end=self.end, untrusted_frames=tuple(frames))


class Shut:
    """A jail that cannot be entered."""

    async def run(self, job: Job) -> Ended:
        """Never."""
        raise NoJail("no namespaces here")


def leaving(body: int, *, internal: bool, changed: bool, prefix: bytes = RESULTS) -> Leaving:
    """A copy that is ready but for its seal."""
    origin = Origin(ip="192.0.2.1", port=25, untrusted_helo="h", protocol="ESMTP", listener="smtp", internal=internal)
    message = Message(
        queue_id=QueueId(1),
        session_id="s",
        ordinal=1,
        virtual_system="default",
        node="n",
        origin=origin,
        envelope=Envelope(sender=Address("ann", "sender.example"), recipients=()),
        body=BodyRef(1, "", len(BODY), inline=True),
        trace=b"",
        glimpse=Glimpse(from_="Ann <ann@sender.example>"),
        accepted_at=NOW,
        revision=1,
    )
    return Leaving(message=message, copy=COPY, prefix=prefix, body=body, changed=changed)


@pytest.fixture
def ring(tmp_path: Path) -> Keyring:
    """One active key for the sender's domain, and one for ours."""
    keyring = Keyring(tmp_path / "keys")
    for domain in ("sender.example", "receiver.example"):
        keyring.put(replace(key(domain), state=State.ACTIVE))
    return keyring


def signer(ring: Keyring, jail: Here | Shut) -> MailSigner:
    """With our name and clock."""
    return MailSigner(keyring=ring, jail=jail, identifier=IDENTIFIER, now=lambda: NOW)


def signed(ring: Keyring, jail: Here | Shut, *, internal: bool, changed: bool) -> bytes:
    """The fields that go on top."""
    body = in_memory(BODY)
    signer = MailSigner(keyring=ring, jail=jail, identifier=IDENTIFIER, now=lambda: NOW)
    try:
        return asyncio.run(signer.sign(leaving(body, internal=internal, changed=changed)))
    finally:
        os.close(body)


def judged(message: bytes) -> Authentication:
    """What the next one finds."""
    return authenticated(message, zone(key("sender.example"), key("receiver.example")), now=NOW)


def test_mail_of_ours_is_signed_for_its_author(ring: Keyring) -> None:
    found = judged(signed(ring, Here(), internal=True, changed=False) + RESULTS + BODY)
    assert [(one.result, one.domain) for one in found.dkim] == [(DkimResult.PASS, "sender.example")]


def test_only_mail_of_ours_is_signed_where_nothing_was_changed_and_only_with_a_key(ring: Keyring) -> None:
    for internal in (True, False):
        assert signer(ring, Here()).signs(leaving(0, internal=internal, changed=False).message) is internal
    other = replace(leaving(0, internal=True, changed=False).message, glimpse=Glimpse(from_="x@elsewhere.example"))
    assert not signer(ring, Here()).signs(other)
    off = MailSigner(
        keyring=ring, jail=Here(), identifier=IDENTIFIER, now=lambda: NOW, signing=lambda: Signing(enabled=False)
    )
    assert not off.signs(leaving(0, internal=True, changed=False).message)


@pytest.mark.parametrize(
    ("domain", "ip", "user", "is_signed"),
    [
        ("sender.example", "10.0.1.9", None, True),
        ("sender.example", "10.0.2.9", "billing", True),
        ("sender.example", "10.0.2.9", "anna", False),
        ("sender.example", "10.0.2.9", None, False),
        ("SUB.sender.example", "10.0.2.9", None, False),
        ("receiver.example", "10.0.2.9", None, True),
    ],
)
def test_a_reserved_domain_is_signed_for_those_alone_for_whom_it_is_reserved(
    ring: Keyring, domain: str, ip: str, user: str | None, is_signed: bool
) -> None:
    reserved = Reserved(
        domains=frozenset({"sender.example"}), networks=read_networks(["10.0.1.0/24"]), users=frozenset({"billing"})
    )
    some = MailSigner(
        keyring=ring, jail=Here(), identifier=IDENTIFIER, now=lambda: NOW, signing=lambda: Signing(reserved=(reserved,))
    )
    body = in_memory(BODY)
    ready = leaving(body, internal=True, changed=False)
    origin = replace(ready.message.origin, ip=ip, authenticated_as=user)
    message = replace(ready.message, origin=origin, glimpse=Glimpse(from_=f"Ann <ann@{domain}>"))
    try:
        assert some.signs(message) is is_signed
        assert bool(asyncio.run(some.sign(replace(ready, message=message)))) is is_signed
    finally:
        os.close(body)
    assert some.signs(replace(message, own=OwnMail.DSN))
    assert not some.signs(replace(message, own=OwnMail.ARCHIVE)), "it is in the words of whoever wrote it"


def test_mail_of_others_that_was_changed_is_sealed_and_what_was_not_is_left_alone(ring: Keyring) -> None:
    top = signed(ring, Here(), internal=False, changed=True)
    assert top.startswith(b"ARC-Seal: ")
    found = judged(top + RESULTS + BODY)
    assert (found.arc.result, found.arc.sealers) == (ArcResult.PASS, ("receiver.example",))
    assert signed(ring, Here(), internal=False, changed=False) == b""


def test_without_a_key_nothing_is_signed(tmp_path: Path) -> None:
    for changed in (True, False):
        for internal in (True, False):
            assert signed(Keyring(tmp_path / "none"), Shut(), internal=internal, changed=changed) == b""


def test_a_key_that_cannot_be_read_lets_the_copy_wait(ring: Keyring, tmp_path: Path) -> None:
    (tmp_path / "keys" / "x.key").write_text("rubbish")
    with pytest.raises(OSError, match="no signing key"):
        signed(ring, Here(), internal=True, changed=False)


@pytest.mark.parametrize("end", [End.DIED, End.LATE, End.OVERFULL])
def test_a_message_that_the_jail_cannot_read_is_not_signed(ring: Keyring, end: End) -> None:
    with pytest.raises(CannotSign, match="the jail could not read it"):
        signed(ring, Here(end=end), internal=True, changed=False)


def test_a_jail_that_cannot_be_entered_lets_the_copy_wait(ring: Keyring) -> None:
    with pytest.raises(OSError, match="no namespaces"):
        signed(ring, Shut(), internal=True, changed=False)


GOOD = b"DKIM-Signature: v=1;\r\n d=sender.example;\r\n s=s1024-rsa;\r\n b="


@pytest.mark.parametrize(
    ("before", "after", "digest"),
    [
        (GOOD.replace(b"d=sender", b"d=bank"), b"\r\n", bytes(32)),
        (GOOD.replace(b"s=s1024-rsa", b"s=other"), b"\r\n", bytes(32)),
        (GOOD.replace(b"v=1;", b"v=1;\r\nSubject: injected;"), b"\r\n", bytes(32)),
        (GOOD, b"\r\nSubject: injected\r\n", bytes(32)),
        (GOOD, b"\r\n\r\n", bytes(32)),
        (GOOD, b"", bytes(32)),
        (GOOD, b"\r\n", bytes(20)),
        (GOOD + b"x", b"\r\n", bytes(32)),
        (b"X" + GOOD, b"\r\n", bytes(32)),
        (GOOD.replace(b"v=1", b"v=\xe9"), b"\r\n", bytes(32)),
        (GOOD.replace(b"v=1", b"v=" + b"1" * 20_000), b"\r\n", bytes(32)),
    ],
)
def test_a_jail_that_was_taken_over_gets_no_other_field_signed(
    ring: Keyring, before: bytes, after: bytes, digest: bytes
) -> None:
    spoilt = digests.Answer(signatures=(Unsigned(before=before, after=after, digest=digest),))
    with pytest.raises(CannotSign, match="cannot be trusted"):
        signed(ring, Here(spoil=spoilt), internal=True, changed=False)
    right = digests.Answer(signatures=(Unsigned(before=GOOD, after=b"\r\n", digest=bytes(32)),))
    assert signed(ring, Here(spoil=right), internal=True, changed=False).startswith(GOOD)


def test_rubbish_of_the_jail_is_not_what_was_asked() -> None:
    order = digests.Order(prefix=b"", identifier="", keys=(), seal=None, now=0)
    no_text = msgspec.msgpack.encode({"signatures": [], "prepared": None, "refused": "xyz"}).replace(b"xyz", b"x\xffz")
    for frame in (b"", b"\xc0", b"rubbish", msgspec.msgpack.encode({"signatures": 1}), no_text):
        with pytest.raises(NotWhatWasAsked):
            digests.heard(order, frame)
    with pytest.raises(NotWhatWasAsked):
        digests.heard(
            order, msgspec.msgpack.encode(digests.Answer(signatures=(Unsigned(before=b"", after=b"", digest=b""),)))
        )


def test_a_key_is_kept_for_its_owner_alone_and_comes_back_the_same(tmp_path: Path) -> None:
    keyring = Keyring(tmp_path / "keys")
    for key_type in KeyType:
        made = new_key("a.test", f"s-{key_type.value}", key_type, now=1.0, bits=1024)
        keyring.put(made)
        (stored,) = [one for one in Keyring(tmp_path / "keys").stored() if one.public.key_type is key_type]
        assert (stored.record, stored.name, stored.state) == (made.record, made.name, State.WAITING)
        assert made.is_published(["rubbish", stored.record.replace("; ", ";")])
        assert not made.is_published([new_key("a.test", "t", key_type, now=1.0, bits=1024).record])
    assert [file.stat().st_mode & 0o777 for file in (tmp_path / "keys").iterdir()] == [0o600, 0o600]
    assert (tmp_path / "keys").stat().st_mode & 0o777 == 0o700


def test_a_waiting_key_signs_nothing_and_the_nearest_domain_above_signs(tmp_path: Path) -> None:
    keyring = Keyring(tmp_path / "keys")
    waiting = key("sender.example")
    keyring.put(waiting)
    assert keyring.active("sender.example") == []
    active = keyring.move(waiting, State.ACTIVE, now=2.0)
    keyring.put(replace(key("sender.example", KeyType.ED25519), state=State.ACTIVE))
    assert {one.public.key_type for one in keyring.active("a.b.sender.example")} == set(KeyType)
    assert keyring.active("notsender.example") == []
    keyring.move(active, State.RETIRED, now=3.0)
    assert [one.public.key_type for one in keyring.active("sender.example")] == [KeyType.ED25519]
    keyring.remove(active)
    assert len(keyring.stored()) == 1


def test_a_record_fits_into_a_zone_file() -> None:
    line = key("sender.example", bits=2048).zone_line
    strings = line.partition("( ")[2].removesuffix(" )").split('" "')
    assert len(strings) == 2
    assert all(len(one.strip('"')) <= 255 for one in strings)


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.key").write_text('{"key": 5}')
    with pytest.raises(UnusableKey, match=r"a\.key is no signing key"):
        Keyring(tmp_path).stored()
