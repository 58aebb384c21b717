"""What we sign and seal holds for dkimpy, and what dkimpy signs and seals holds for us, whatever the message."""

from typing import Any

import dkim  # type: ignore[import-untyped]  # dkimpy ships no types
from hypothesis import given, settings
from hypothesis import strategies as st

from mailock.core.authentication.arc_check import ArcResult
from mailock.core.authentication.dkim_check import DkimResult
from mailock.core.authentication.questions import KeyType
from mailock.engines.authentication.keys import StoredKey
from tests.contract.authentication.worlds import authenticated
from tests.parts import signing
from tests.parts.signing import IDENTIFIER, key, private_pem, sealed, signed, zone

RSA = key("sender.example")
ED25519 = key("sender.example", KeyType.ED25519)
FORWARDER = key("forwarder.example")
HERE = key("receiver.example")

_VISIBLE = st.characters(min_codepoint=33, max_codepoint=126)
_WORDS = st.lists(st.text(_VISIBLE, min_size=1, max_size=12), min_size=1, max_size=6)
_FOLDS = st.sampled_from([" ", "  ", "\t", "\r\n ", "\r\n\t"])


@st.composite
def messages(draw: Any) -> bytes:
    """Messages with odd white space, folds, duplicates, and every kind of ending."""
    lines = ["From: Ann <ann@sender.example>\r\n"]
    names = st.sampled_from(["Subject", "To", "Cc", "Received", "X-Odd", "Message-ID", "List-Id", "Content-Type"])
    for name in draw(st.lists(names, max_size=8)):
        value = draw(_FOLDS).join(draw(_WORDS))
        lines.append(f"{name}:{draw(st.sampled_from(['', ' ', '  ', chr(9)]))}{value}\r\n")
    order = draw(st.permutations(lines))
    pieces = draw(
        st.lists(st.sampled_from(["a", " ", "\t", "  b", "\r\n", "\r\n\r\n", ".", "\xe9", " \r\n", "=?"]), max_size=30)
    )
    # SMTP ends every message with CRLF; what a last line without one comes to, implementations do not agree on.
    return ("".join(order) + "\r\n" + "".join([*pieces, "\r\n"])).encode("latin-1")


def txt(*keys: StoredKey) -> Any:
    """A dkimpy look-up in the zone of these keys."""
    records = {f"{one.name}.".encode(): one.record.encode() for one in keys}
    return lambda name, timeout=5: records.get(name)


def forwarding(message: bytes) -> list[bytes]:
    """An ARC set of somebody else's, made by dkimpy."""
    pem, name = private_pem(FORWARDER), b"mx.forwarder.example"
    made: list[bytes] = dkim.arc_sign(message, b"s1024-rsa", b"forwarder.example", pem, name, timestamp=signing.NOW)
    return made


@settings(max_examples=60)
@given(messages())
def test_dkimpy_verifies_what_we_sign(message: bytes) -> None:
    assert dkim.verify(signed(message, RSA), dnsfunc=txt(RSA))


@settings(max_examples=60)
@given(messages(), st.sampled_from([RSA, ED25519]))
def test_we_verify_what_we_sign_and_nothing_that_was_changed(message: bytes, one: StoredKey) -> None:
    found = authenticated(signed(message, one), zone(one), now=signing.NOW)
    assert [own.result for own in found.dkim] == [DkimResult.PASS]
    changed = signed(message, one) + b"x\r\n"
    assert [own.result for own in authenticated(changed, zone(one), now=signing.NOW).dkim] == [DkimResult.FAIL]
    added = signed(message, one).replace(b"From:", b"Subject: another\r\nFrom:", 1)
    assert [own.result for own in authenticated(added, zone(one), now=signing.NOW).dkim] == [DkimResult.FAIL]


@settings(max_examples=60)
@given(messages(), st.sampled_from([b"simple", b"relaxed"]), st.sampled_from([b"simple", b"relaxed"]))
def test_we_verify_what_dkimpy_signs(message: bytes, header: bytes, body: bytes) -> None:
    field = dkim.sign(message, b"s1024-rsa", b"sender.example", private_pem(RSA), canonicalize=(header, body))
    found = authenticated(field + message, zone(RSA), now=4e9)
    assert [one.result for one in found.dkim] == [DkimResult.PASS], found.dkim


@settings(max_examples=40)
@given(messages())
def test_the_chain_of_a_changed_message_holds_for_dkimpy_and_for_us(message: bytes) -> None:
    """The sender's signature breaks, as it may; the chain that vouches for it holds (DECISIONS 25)."""
    results = f"Authentication-Results: {IDENTIFIER}; dkim=pass header.d=sender.example; arc=none\r\n".encode()
    changed = signed(message, RSA) + b"\r\nscanned\r\n"
    made = sealed(changed, HERE, results)
    assert isinstance(made, bytes)
    assert dkim.arc_verify(made, dnsfunc=txt(HERE))[0] == b"pass"
    found = authenticated(made, zone(HERE, RSA), now=signing.NOW)
    assert found.arc.result is ArcResult.PASS
    assert found.arc.sealers == ("receiver.example",)
    assert [one.result for one in found.dkim] == [DkimResult.FAIL]


@settings(max_examples=40)
@given(messages())
def test_a_chain_that_came_in_goes_on(message: bytes) -> None:
    forwarded = b"Authentication-Results: mx.forwarder.example; spf=pass; arc=none\r\n" + message
    fields = forwarding(forwarded)
    came = b"".join(fields) + forwarded
    before = authenticated(came, zone(FORWARDER), now=signing.NOW)
    assert before.arc.result is ArcResult.PASS, before.arc
    results = f"Authentication-Results: {IDENTIFIER}; spf=pass; arc=pass\r\n".encode()
    made = sealed(came + b"changed\r\n", HERE, results)
    assert isinstance(made, bytes)
    assert dkim.arc_verify(made, dnsfunc=txt(HERE, FORWARDER))[0] == b"pass"
    after = authenticated(made, zone(HERE, FORWARDER), now=signing.NOW)
    assert after.arc.result is ArcResult.PASS
    assert after.arc.sealers == ("receiver.example", "forwarder.example")


@settings(max_examples=20)
@given(messages())
def test_a_broken_chain_is_sealed_as_broken_over_our_own_set_only_and_then_never_again(message: bytes) -> None:
    forwarded = b"Authentication-Results: mx.forwarder.example; spf=pass; arc=none\r\n" + message
    fields = forwarding(forwarded)
    came = b"".join(fields) + forwarded + b"changed on the way\r\n"
    assert authenticated(came, zone(FORWARDER), now=signing.NOW).arc.result is ArcResult.FAIL
    results = f"Authentication-Results: {IDENTIFIER}; spf=pass; arc=fail\r\n".encode()
    made = sealed(came, HERE, results)
    assert isinstance(made, bytes)
    assert b"; cv=fail; d=receiver.example; i=2;" in made
    after = authenticated(made, zone(HERE, FORWARDER), now=signing.NOW)
    assert after.arc.result is ArcResult.FAIL
    assert after.arc.broken_before
    assert not isinstance(sealed(made, HERE, results), bytes)
