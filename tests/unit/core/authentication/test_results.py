"""Our field: nothing that a sender chose breaks out of its place; and fields that pretend to be ours are found."""

from dataclasses import replace

import pytest

from mailock.core.authentication import results
from mailock.core.authentication.arc_check import Arc, ArcResult
from mailock.core.authentication.authentication import Authentication, as_document
from mailock.core.authentication.author import Author
from mailock.core.authentication.dkim_check import Dkim, DkimResult
from mailock.core.authentication.dmarc import Dmarc, DmarcResult
from mailock.core.authentication.dmarc_record import Policy
from mailock.core.authentication.fields import Field, split
from mailock.core.authentication.spf import Spf
from mailock.core.authentication.spf_run import SpfResult
from mailock.core.rewriting.edits import RemoveHeader
from mailock.core.rewriting.fields import change_fields

OURS = "mx.receiver.example"


def found(*, domain: str = "sender.example", selector: str = "s1", reason: str = "fine") -> Authentication:
    """An outcome with these words of the sender in it."""
    spf = Spf(result=SpfResult.PASS, identity="mailfrom", untrusted_domain=domain, reason=reason)
    dkim = Dkim(
        result=DkimResult.PERMERROR,
        domain=domain,
        selector=selector,
        algorithm="rsa-sha256",
        identity="",
        reason=reason,
    )
    return Authentication(
        ip="2001:db8::1",
        spf=spf,
        dkim=(dkim,),
        arc=Arc(result=ArcResult.NONE, reason=""),
        dmarc=Dmarc(result=DmarcResult.FAIL, reason=reason, domain=domain, policy=Policy.REJECT),
        iprev=None,
        author=Author(address="", addresses=()),
    )


def test_an_ordinary_field() -> None:
    assert results.text(found(), OURS) == (
        "mx.receiver.example; spf=pass (fine) smtp.mailfrom=sender.example;"
        " dkim=permerror (fine) header.d=sender.example header.s=s1 header.a=rsa-sha256;"
        " dmarc=fail (p=reject) header.from=sender.example; arc=none"
    )


@pytest.mark.parametrize(
    "evil",
    [
        "a.example; dmarc=pass header.from=bank.example",
        'a.example" ; dmarc=pass',
        "a.example\r\nSubject: injected",
        "a.example) ; dmarc=pass (",
        "a.example'; dmarc=pass; x='",
        "a.example\\",
        "a.example\0; dmarc=pass",
        'x\\"; dmarc=pass; "',
    ],
)
def test_no_word_of_a_sender_breaks_out(evil: str) -> None:
    written = results.text(found(domain=evil, selector=evil, reason=evil), OURS)
    field = Field(f"Authentication-Results: {written}\r\n".encode())
    assert written.isprintable()
    methods = results.methods([field], OURS)
    assert [method.partition("=")[0] for method in methods] == ["spf", "dkim", "dmarc", "arc"]
    assert "dmarc=fail" in methods[2]


@pytest.mark.parametrize(
    "value",
    [
        b"mx.receiver.example; dmarc=pass",
        b" MX.Receiver.Example ; dmarc=pass",
        b"mx.receiver.example 1; dmarc=pass",
        b"\r\n mx.receiver.example;\r\n dmarc=pass",
        b"(x (y)) mx.receiver.example; dmarc=pass",
        b'"mx.receiver.example"; dmarc=pass',
        b"mx.receiver.example",
        b"mx.receiver.example(x); dmarc=pass",
        b"(mx.receiver.example; dmarc=pass",
        b"a b mx.receiver.example; dmarc=pass",
        b"\xffmx.receiver.example; dmarc=pass",
        b"=?utf-8?q?mx.receiver.example?=; dmarc=pass",
        b"=?utf-8?q?=3Bmx.receiver.example?=; dmarc=pass",
        b"\xc3\xa4 mx.receiver.example; \xff",
        b"(x; y) mx.receiver.example; dmarc=pass",
        b'"x; y" mx.receiver.example; dmarc=pass',
        b'"mx.rec\\eiver.example"; dmarc=pass',
        b"mx.receiver.example.; dmarc=pass",
        b"mx.receiver.example/1; dmarc=pass",
        b"mx.receiver.example,1; dmarc=pass",
        b"mx.(x)receiver.example; dmarc=pass",
        b"(" + b"x" * 5000 + b") mx.receiver.example; dmarc=pass",
        "mx.rec\u200beiver.example; dmarc=pass".encode(),
        "ｍx.receiver.example; dmarc=pass".encode(),
        b"\r\n\tmx.receiver.example\r\n\t; a=b",
    ],
)
@pytest.mark.parametrize(
    "name",
    [
        b"Authentication-Results:",
        b"AUTHENTICATION-RESULTS :",
        b"Authentication-Results\t:",
        b"Authentication-Results\r\n :",
        b"Authentication-Results\0:",
        b"\0Authentication-Results:",
        b"Authentication-Results\xa0:",
    ],
)
def test_a_field_that_bears_our_name_is_forged(name: bytes, value: bytes) -> None:
    block = b"Subject: x\r\n" + name + value + b"\r\nAuthentication-Results: mx.other.example; spf=pass\r\n"
    (beginning,) = results.forged(split(block + b"\r\n"), OURS)
    # What removes them reads the field its own way: the beginning has to fit there.
    made = change_fields(block, [RemoveHeader(name=results.NAME, beginning=beginning)])
    assert [len(one.octets) for one in made.replacements] == [0]


def test_a_forged_field_on_top_that_begins_with_a_blank_or_stands_below_five_thousand_others_goes() -> None:
    for block in (
        b" Authentication-Results: mx.receiver.example; dmarc=pass\r\nSubject: x\r\n",
        b"X: y\r\n" * 6000 + b"Authentication-Results: mx.receiver.example; dmarc=pass\r\n",
    ):
        (beginning,) = results.forged(split(block + b"\r\n"), OURS)
        assert change_fields(block, [RemoveHeader(name=results.NAME, beginning=beginning)]).replacements


def test_a_name_of_ours_that_is_not_ascii_is_known_in_both_spellings() -> None:
    for ours in ("mx.müller.example", "mx.xn--mller-kva.example"):
        for theirs in ("mx.müller.example", "mx.xn--mller-kva.example"):
            assert results.forged(split(f"Authentication-Results: {theirs}; dmarc=pass\r\n\r\n".encode()), ours)


@pytest.mark.parametrize(
    "value",
    [b"mx.other.example; dmarc=pass", b"x.mx.receiver.example; a=b", b"smx.receiver.example; spf=pass", b"", b";"],
)
def test_the_fields_of_others_stay(value: bytes) -> None:
    assert results.forged(split(b"Authentication-Results: " + value + b"\r\n\r\n"), OURS) == ()


def test_too_many_forgeries_take_all_along() -> None:
    block = b"".join(b"Authentication-Results: mx.receiver.example %d; a=b\r\n" % number for number in range(60))
    assert results.forged(split(block + b"\r\n"), OURS) == ("",)


def test_our_field_is_one_field_and_reads_back() -> None:
    written = results.field(replace(found(domain='a";\r\nX: y'), receiver=OURS))
    (one,) = split(written + b"\r\n").fields
    assert results.methods([one], OURS) == results.text(found(domain='a";\r\nX: y'), OURS).split("; ")[1:]


def test_a_document_has_the_words_that_scripts_look_for() -> None:
    document = as_document(found())
    assert document["spf"] == "pass"
    assert document["arc"] == "none"
    assert document["dmarc"] == {
        "result": "fail",
        "policy": "reject",
        "aligned": False,
        "aligned_by": [],
        "domain": "sender.example",
        "reason": "fine",
    }
