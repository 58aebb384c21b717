"""The parameters of MAIL and RCPT, beside those that the playbooks tell of."""

import pytest

from mailock.core.mail.address import Address
from mailock.core.mail.envelope import BodyType, Notify, Ret
from mailock.core.smtp import phrases
from mailock.core.smtp.effects import MailGiven, RcptGiven
from mailock.core.smtp.extensions import ALL, Extension
from mailock.core.smtp.grammar import Path
from mailock.core.smtp.parameters import read_mail, read_rcpt
from mailock.core.smtp.reply import Reply

A = Address("a", "x.example")


def mail(parameters: bytes, offered: frozenset[Extension] = ALL) -> MailGiven | Reply:
    """MAIL with these."""
    return read_mail(Path(A, parameters, ascii=True), offered)


def rcpt(parameters: bytes, *, smtputf8: bool = False) -> RcptGiven | Reply:
    """RCPT with these."""
    return read_rcpt(Path(A, parameters, ascii=True), ALL, smtputf8)


def test_all_of_mail() -> None:
    given = mail(b"SIZE=5 BODY=8bitmime SMTPUTF8 RET=full ENVID=e+2B AUTH=<>")
    assert given == MailGiven(A, 5, BodyType.EIGHT_BIT, True, Ret.FULL, "e+2B", "<>")


@pytest.mark.parametrize(
    ("parameters", "reply"),
    [
        (b"SIZE=" + b"9" * 21, phrases.BAD_PARAMETER),
        ("SIZE=²".encode(), phrases.BAD_PARAMETER),
        (b"BODY=BINARYMIME", phrases.BAD_PARAMETER),
        (b"BODY", phrases.BAD_PARAMETER),
        (b"RET", phrases.BAD_PARAMETER),
        (b"ENVID=" + b"e" * 101, phrases.BAD_PARAMETER),
        (b"ENVID=\xff", phrases.BAD_PARAMETER),
        (b"ENVID=\x01", phrases.BAD_PARAMETER),
        (b"AUTH", phrases.BAD_PARAMETER),
        (b"ENVID=", phrases.SYNTAX),
        (b"-X=1", phrases.SYNTAX),
        ("Ü=1".encode(), phrases.SYNTAX),
        (b"X=1", phrases.UNKNOWN_PARAMETER),
    ],
)
def test_refused_of_mail(parameters: bytes, reply: Reply) -> None:
    assert mail(parameters) == reply


def test_what_is_not_offered_is_unknown() -> None:
    for parameters in (b"SIZE=1", b"BODY=7BIT", b"SMTPUTF8", b"RET=HDRS", b"ENVID=e"):
        assert mail(parameters, frozenset()) == phrases.UNKNOWN_PARAMETER
    assert mail(b"AUTH=<>", frozenset()) == MailGiven(A, auth="<>")


def test_addresses() -> None:
    assert read_mail(Path(None, b"", ascii=True), ALL) == MailGiven(None)
    assert read_mail(Path(A, b"", ascii=False), ALL) == phrases.NEEDS_SMTPUTF8
    assert read_mail(Path(A, b"SIZE=1", ascii=False), ALL) == phrases.NEEDS_SMTPUTF8
    assert read_mail(Path(Address("postmaster", ""), b"", ascii=True), ALL) == phrases.BAD_SENDER
    assert read_rcpt(Path(None, b"", ascii=True), ALL, smtputf8=False) == phrases.BAD_RECIPIENT
    assert read_rcpt(Path(A, b"", ascii=False), ALL, smtputf8=False) == phrases.NEEDS_SMTPUTF8
    assert read_rcpt(Path(A, b"", ascii=False), ALL, smtputf8=True) == RcptGiven(A)


def test_all_of_rcpt() -> None:
    given = rcpt(b"NOTIFY=success,FAILURE,DELAY ORCPT=rfc822;a+2Bb@c")
    assert given == RcptGiven(A, frozenset({Notify.SUCCESS, Notify.FAILURE, Notify.DELAY}), "rfc822;a+2Bb@c")


@pytest.mark.parametrize(
    "parameters",
    [
        b"NOTIFY=NEVER,DELAY",
        b"NOTIFY=,",
        b"NOTIFY",
        b"ORCPT=x",
        b"ORCPT=;x",
        b"ORCPT=rfc822;" + b"x" * 500,
        b"ORCPT=rfc822;a=b",
    ],
)
def test_refused_of_rcpt(parameters: bytes) -> None:
    assert rcpt(parameters) == phrases.BAD_PARAMETER


def test_utf8_in_orcpt_needs_smtputf8() -> None:
    assert rcpt("ORCPT=utf-8;ü".encode()) == phrases.BAD_PARAMETER
    assert rcpt("ORCPT=utf-8;ü".encode(), smtputf8=True) == RcptGiven(A, orcpt="utf-8;ü")
    assert rcpt(b"SIZE=1") == phrases.UNKNOWN_PARAMETER
