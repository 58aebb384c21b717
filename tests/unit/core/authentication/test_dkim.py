"""DKIM: what a signature, a key and a message may look like, and what none of them gets away with."""

import base64
import hashlib
from collections.abc import Callable

import pytest

from mailock.core.authentication import canonical, dkim_bytes, dkim_key, tags
from mailock.core.authentication.canonical import Way
from mailock.core.authentication.dkim_check import Dkim, DkimResult
from mailock.core.authentication.fields import Field, as_crlf, split
from mailock.core.authentication.questions import KeyType
from tests.contract.authentication.worlds import authenticated
from tests.parts.signing import NOW, key, signed, zone

RSA = key("sender.example")
SHORT = key("sender.example", bits=1024)
MESSAGE = b"From: ann@sender.example\r\nTo: bob@dest.example\r\nSubject: hello\r\n\r\nOne.\r\nTwo.\r\n"


def checked(message: bytes, record: str | None = None, *, now: float = NOW) -> list[Dkim]:
    """What each signature is worth, with another key record where one is given."""
    names = zone(RSA) if record is None else {RSA.name: [["TXT", record]]}
    return list(authenticated(message, names, now=now).dkim)


def with_tag(change: Callable[[bytes], bytes]) -> DkimResult:
    """The result for a signature whose field was changed."""
    field, colon, rest = signed(MESSAGE, RSA).partition(b"\r\nFrom:")
    return checked(change(field) + colon + rest)[0].result


def test_a_signature_of_ours_passes() -> None:
    (one,) = checked(signed(MESSAGE, RSA))
    assert (one.result, one.domain, one.bits) == (DkimResult.PASS, "sender.example", 1024)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"v=1", b"v=2"),
        (b"v=1", b"v=1; v=1"),
        (b"a=rsa-sha256", b"a=rsa-md5"),
        (b"a=rsa-sha256", b"a=ed25519-sha256"),
        (b"c=relaxed/relaxed", b"c=nowsp"),
        (b"d=sender.example", b"d=sender.example.\0.other.example"),
        (b"d=sender.example", b"d=sender.example'a.other.example"),
        (b"d=sender.example", b"d="),
        (b"d=sender.example", b"d=sender..example"),
        (b"s=s1024-rsa", b"s=s1024-rsa._domainkey.sender.example.\0.x"),
        (b"s=s1024-rsa", b"s=not/a/name"),
        (b"t=1700000000", b"t=yesterday"),
        (b"t=1700000000", b"t=1700000000; x=1600000000"),
        (b"t=1700000000", b"t=1700000000; i=ann@other.example"),
        (b"t=1700000000", b"t=1700000000; i=ann@xsender.example"),
        (b"t=1700000000", b"t=1700000000; l=999999"),
        (b"t=1700000000", b"t=1700000000; l=-1"),
        (b"t=1700000000", b"t=1700000000; q=dns/other"),
        (b"bh=", b"bh=!"),
        (b"h=from:from:", b"h=subject:"),
        (b"h=from:from:", b"h=from::from:"),
        (b"b=", b"b=\0"),
        (b"v=1", b"nonsense"),
    ],
)
def test_a_field_that_is_wrong_is_a_permerror_and_nobody_is_asked(old: bytes, new: bytes) -> None:
    assert with_tag(lambda field: field.replace(old, new, 1)) is DkimResult.PERMERROR


@pytest.mark.parametrize("tag", [b"v=1", b"a=rsa-sha256", b"d=sender.example", b"s=s1024-rsa"])
def test_a_tag_that_is_missing_never_passes(tag: bytes) -> None:
    assert with_tag(lambda field: field.replace(tag, b"z=1", 1)) is not DkimResult.PASS


@pytest.mark.parametrize(
    "record",
    [
        "",
        "v=DKIM1",
        "v=DKIM1; p=",
        "v=DKIM1; p=!!!",
        "v=DKIM1; k=rsa; p=AAAA",
        "v=DKIM2; p=AAAA",
        "p",
        "v=DKIM1; k=dsa; p=AAAA",
        "v=DKIM1; s=tlsrpt; " + RSA.record[9:],
        "v=DKIM1; h=sha1; " + RSA.record[9:],
        "k=rsa; v=DKIM1; " + RSA.record[16:],
        "v=DKIM1; g=other; " + RSA.record[9:],
        RSA.record + "; p=again",
        "v=DKIM1; k=ed25519; p=" + "A" * 44,
        "x" * 20_000,
        "v=DKIM1; p=" + "A" * 9000,
        "\x00",
        "v=DKIM1; p=" + base64.b64encode(bytes(300)).decode(),
    ],
)
def test_a_key_that_is_broken_never_passes(record: str) -> None:
    assert checked(signed(MESSAGE, RSA), record)[0].result is DkimResult.PERMERROR


@pytest.mark.parametrize(
    "record",
    [
        RSA.record,
        RSA.record + ";",
        RSA.record[9:],
        "v=DKIM1;" + RSA.record[9:].replace(" ", ""),
        RSA.record + "; n=words; x=y",
        "v=DKIM1; s=*; h=sha1:sha256; t=y; " + RSA.record[9:],
        "v=DKIM1; s=email:other; " + RSA.record[9:],
        "v=DKIM1; g=*; " + RSA.record[9:],
        RSA.record.replace("p=MI", "p=M I"),
    ],
)
def test_a_key_as_people_write_them_passes(record: str) -> None:
    assert checked(signed(MESSAGE, RSA), record)[0].result is DkimResult.PASS


def test_a_key_that_cannot_be_learnt_is_temporary() -> None:
    found = authenticated(signed(MESSAGE, RSA), {RSA.name: ["SERVFAIL"]}, now=NOW)
    assert found.dkim[0].result is DkimResult.TEMPERROR
    assert found.dmarc.result.value == "none"


def test_the_first_key_of_several_that_fits_counts() -> None:
    other = key("other.example")
    names = {RSA.name: [["TXT", "rubbish"], ["TXT", other.record], ["TXT", RSA.record]]}
    assert authenticated(signed(MESSAGE, RSA), names, now=NOW).dkim[0].result is DkimResult.PASS


def test_an_expired_signature_and_one_from_the_future_do_not_pass() -> None:
    assert checked(signed(MESSAGE, RSA), now=NOW - 100_000)[0].result is DkimResult.FAIL
    assert checked(signed(MESSAGE, RSA), now=NOW - 1000)[0].result is DkimResult.PASS


def test_a_second_field_of_a_signed_name_breaks_it_wherever_it_stands() -> None:
    message = signed(MESSAGE, RSA)
    for name in (b"From", b"Subject", b"To", b"Reply-To", b"Content-Type", b"Sender"):
        assert checked(name + b": x@other.example\r\n" + message)[0].result is DkimResult.FAIL
        assert checked(message.replace(b"\r\n\r\n", b"\r\n" + name + b": x\r\n\r\n", 1))[0].result is DkimResult.FAIL
    assert checked(b"Received: by us\r\n" + message)[0].result is DkimResult.PASS


def test_ten_signatures_are_checked_and_fifty_told_of_a_thousand() -> None:
    field = signed(MESSAGE, RSA).partition(b"\r\nFrom:")[0] + b"\r\n"
    results = [one.result for one in checked(field * 1000 + MESSAGE)]
    assert len(results) == dkim_bytes.TOLD
    assert results[: dkim_bytes.MOST] == [DkimResult.PASS] * dkim_bytes.MOST
    assert set(results[dkim_bytes.MOST :]) == {DkimResult.POLICY}


def test_a_body_that_is_covered_in_part_does_not_pass() -> None:
    body = hashlib.sha256(b"One.\r\n").digest()
    parts = split(MESSAGE)
    field = Field(b"DKIM-Signature: l=6; b=\r\n")
    assert dkim_bytes.Bodies(parts.body).hash(Way.SIMPLE, "sha256", 6) == body
    assert canonical.header(field, Way.RELAXED) == b"dkim-signature:l=6; b=\r\n"


@pytest.mark.parametrize(
    ("body", "simple", "relaxed"),
    [
        (b"", b"\r\n", b""),
        (b"\r\n", b"\r\n", b""),
        (b"\r\n\r\n\r\n", b"\r\n", b""),
        (b" C \r\nD \t E\r\n\r\n\r\n", b" C \r\nD \t E\r\n", b" C\r\nD E\r\n"),
        (b"no end", b"no end\r\n", b"no end\r\n"),
        (b" \t\r\n \r\n", b" \t\r\n \r\n", b""),
        (b"a\r\n\r", b"a\r\n\r\r\n", b"a\r\n\r\r\n"),
        (b"a\n\n\r\n", b"a\n\n\r\n", b"a\n\n\r\n"),
        (b"a\r\r\n\r\n", b"a\r\r\n", b"a\r\r\n"),
    ],
)
def test_bodies_in_both_forms(body: bytes, simple: bytes, relaxed: bytes) -> None:
    assert canonical.body(body, Way.SIMPLE) == simple
    assert canonical.body(body, Way.RELAXED) == relaxed


def test_a_field_in_both_forms() -> None:
    field = Field(b"SubJect : \t a  b\r\n\t c \t\r\n")
    assert canonical.header(field, Way.SIMPLE) == field.raw
    assert canonical.header(field, Way.RELAXED) == b"subject:a b c\r\n"


def test_fields_are_taken_from_the_bottom() -> None:
    fields = split(b"A: 1\r\nB: 2\r\na: 3\r\n\r\n").fields
    assert [one.value.strip() for one in canonical.select(fields, ["a", "A", "a", "b", "c"])] == [b"3", b"1", b"2"]


@pytest.mark.parametrize(
    ("octets", "expected", "mixed"),
    [
        (b"a\nb\n", b"a\r\nb\r\n", False),
        (b"a\r\nb\r\n", b"a\r\nb\r\n", False),
        (b"a\r\nb\n", b"a\r\nb\r\n", True),
        (b"a\rb", b"a\rb", False),
        (b"", b"", False),
    ],
)
def test_a_file_with_lf_is_read_as_crlf(octets: bytes, expected: bytes, mixed: bool) -> None:
    assert as_crlf(octets) == (expected, mixed)


def test_a_header_of_a_mebibyte_and_more_is_not_believed() -> None:
    long = MESSAGE.replace(b"Subject: hello", b"Subject: " + b"x" * (1 << 21))
    found = authenticated(signed(long, RSA), zone(RSA), now=NOW)
    assert found.dkim[0].result is DkimResult.PERMERROR
    assert found.author.odd
    many = b"X: y\r\n" * 100_000 + MESSAGE
    assert authenticated(many, zone(RSA), now=NOW).author.odd


def test_lists_of_tags() -> None:
    assert tags.read(b" a = 1 ;\r\n b=x\r\n y ; ") == {"a": "1", "b": "x\r\n y"}
    for broken in (
        b"a",
        b"a=1;;b=2",
        b"=1",
        b"a=1;a=2",
        b"1=1",
        b"a b=1",
        b"a=\0",
        b"x=;" * 101,
        b"a=" + b"x" * 100_000,
    ):
        with pytest.raises(tags.BadTags):
            tags.read(broken)


@pytest.mark.parametrize(
    ("pattern", "local", "granted"),
    [
        ("*", "anybody", True),
        ("jl*g", "jlong", True),
        ("jl*g", "jlg", True),
        ("jl*g", "jl", False),
        ("ab*ba", "aba", False),
        ("", "anybody", False),
        ("ann", "ann", True),
        ("ann", "bob", False),
    ],
)
def test_the_old_granularity_of_keys(pattern: str, local: str, granted: bool) -> None:
    record = dkim_key.read(f"g={pattern}; p=AAAA")
    try:
        dkim_key.allow(record, KeyType.RSA, "sha256", f"{local}@a.test", "a.test")
        assert granted
    except dkim_key.BadKey:
        assert not granted
