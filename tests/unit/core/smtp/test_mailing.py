"""A transaction as the client runs it."""

import pytest

from mailock.core.mail.address import Address
from mailock.core.mail.envelope import Direction, Envelope, Notify, Recipient, Ret
from mailock.core.smtp.client_effects import Lack, Stage
from mailock.core.smtp.extensions import NONE, Extensions
from mailock.core.smtp.mailing import Mailing, lack, needs_smtputf8, write_commands
from mailock.core.smtp.reply import Outcome, Reply

ALL = Extensions(pipelining=True, size=100, eight_bit=True, smtputf8=True, dsn=True)


def to(local: str, notify: frozenset[Notify] = frozenset(), orcpt: str | None = None) -> Recipient:
    """A recipient."""
    return Recipient(Address(local, "y.example"), Direction.OUTGOING, notify, orcpt)


def envelope(*recipients: Recipient, sender: Address | None = None, smtputf8: bool = False) -> Envelope:
    """An envelope with DSN wishes."""
    return Envelope(sender=sender, recipients=recipients, smtputf8=smtputf8, ret=Ret.HDRS, envid="e")


def test_commands_with_everything_and_with_nothing() -> None:
    wanted = envelope(to("b", frozenset({Notify.DELAY, Notify.SUCCESS}), "rfc822;b"), to("ü", orcpt="utf-8;ü"))
    assert write_commands(wanted, 5, eight_bit=True, extensions=ALL) == [
        b"MAIL FROM:<> SIZE=5 BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=e\r\n",
        b"RCPT TO:<b@y.example> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;b\r\n",
        "RCPT TO:<ü@y.example> ORCPT=utf-8;ü\r\n".encode(),
    ]
    plain = envelope(to("b", frozenset({Notify.NEVER}), "rfc822;b"))
    assert write_commands(plain, 5, eight_bit=True, extensions=NONE) == [
        b"MAIL FROM:<>\r\n",
        b"RCPT TO:<b@y.example>\r\n",
    ]


def test_an_orcpt_in_utf8_stays_here_without_smtputf8() -> None:
    commands = write_commands(envelope(to("b", orcpt="utf-8;ü")), 5, eight_bit=False, extensions=Extensions(dsn=True))
    assert commands[1] == b"RCPT TO:<b@y.example>\r\n"


@pytest.mark.parametrize("local", ["a\r\nDATA", "a\nb", "a\rb"])
def test_an_envelope_cannot_hold_a_command(local: str) -> None:
    with pytest.raises(ValueError, match="line end"):
        write_commands(envelope(to(local)), 5, eight_bit=False, extensions=ALL)


def test_what_is_lacking() -> None:
    assert lack(envelope(to("b")), 100, ALL) is None
    assert lack(envelope(to("b")), 101, ALL) is Lack.SIZE
    assert lack(envelope(to("b")), 101, Extensions(size=0)) is None
    assert lack(envelope(to("ü")), 1, NONE) is Lack.SMTPUTF8
    assert needs_smtputf8(envelope(to("b"), smtputf8=True))
    assert needs_smtputf8(envelope(to("b"), sender=Address("ü", "x")))
    assert not needs_smtputf8(envelope(to("b"), sender=Address("u", "x")))


def test_words_are_given_once() -> None:
    mailing = Mailing(envelope(to("b"), to("c"), to("d")), 5, eight_bit=False, extensions=ALL)
    assert mailing.take_mail(Reply.of(250, "", "ok"))
    mailing.take_rcpt(0, Reply.of(250, "", "ok"))
    mailing.take_rcpt(1, Reply.of(550, "5.1.1", "no"))
    mailing.take_rcpt(2, Reply.of(250, "", "ok"))
    assert mailing.accepted == 2
    mailing.take_first(Reply.of(250, "", "kept"))
    mailing.take_rest(Reply.of(452, "4.2.2", "full"), Stage.BODY, ours=True)
    done = mailing.done(in_doubt=True)
    assert [answer.outcome for answer in done.answers] == [Outcome.SENT, Outcome.FAILED, Outcome.DEFERRED]
    assert [answer.stage for answer in done.answers] == [Stage.BODY, Stage.RCPT, Stage.BODY]
    assert [answer.ours for answer in done.answers] == [False, False, True]
    assert done.dsn_passed_on
    assert done.in_doubt


def test_a_refused_sender_is_the_word_on_everybody() -> None:
    mailing = Mailing(envelope(to("b"), to("c")), 5, eight_bit=False, extensions=NONE)
    assert not mailing.take_mail(Reply.of(550, "5.7.1", "no"))
    mailing.take_rcpt(0, Reply.of(250, "", "what"))
    assert mailing.accepted == 0
    assert {answer.stage for answer in mailing.done().answers} == {Stage.MAIL}
